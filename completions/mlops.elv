
set edit:completion:arg-completer[mlops] = { |@words|
    var index = (count $words)
    set index = (- $index 1)

    put (env _CLAP_IFS="\n" _CLAP_COMPLETE_INDEX=(to-string $index) MLOPS_COMPLETE="elvish" mlops -- $@words) | to-lines
}

