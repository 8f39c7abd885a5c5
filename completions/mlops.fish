# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_mlops_global_optspecs
    string join \n json q/quiet v/verbose C/project= threads= color= h/help V/version
end

function __fish_mlops_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_mlops_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_mlops_using_subcommand
    set -l cmd (__fish_mlops_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c mlops -n "__fish_mlops_needs_command" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_needs_command" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_needs_command" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_needs_command" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_needs_command" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_needs_command" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_needs_command" -s V -l version -d 'Print version'
complete -c mlops -n "__fish_mlops_needs_command" -f -a "init" -d 'Make a folder a project'
complete -c mlops -n "__fish_mlops_needs_command" -f -a "train" -d 'From a file to a registered model'
complete -c mlops -n "__fish_mlops_needs_command" -f -a "predict" -d 'Predict the rows of a file by the project\'s champion'
complete -c mlops -n "__fish_mlops_needs_command" -f -a "status" -d 'Show in one screen what changed, what is stale, what runs, and what to do next'
complete -c mlops -n "__fish_mlops_needs_command" -f -a "log" -d 'List what was done, newest first'
complete -c mlops -n "__fish_mlops_needs_command" -f -a "fsck" -d 'Verify every blob and the ledger'
complete -c mlops -n "__fish_mlops_needs_command" -f -a "lineage" -d 'Show what a thing was made of, and what was made of it'
complete -c mlops -n "__fish_mlops_needs_command" -f -a "data" -d 'Record, compare and restore versions of datasets'
complete -c mlops -n "__fish_mlops_needs_command" -f -a "feature" -d 'Define, join and serve features'
complete -c mlops -n "__fish_mlops_needs_command" -f -a "run" -d 'Train, list and compare runs'
complete -c mlops -n "__fish_mlops_needs_command" -f -a "model" -d 'Register, point at and use models'
complete -c mlops -n "__fish_mlops_needs_command" -f -a "serve" -d 'Serve models over HTTP'
complete -c mlops -n "__fish_mlops_needs_command" -f -a "monitor" -d 'Watch what is served'
complete -c mlops -n "__fish_mlops_needs_command" -f -a "retrain" -d 'Decide, train, compare, release'
complete -c mlops -n "__fish_mlops_needs_command" -f -a "completions" -d 'Print completions for a shell'
complete -c mlops -n "__fish_mlops_needs_command" -f -a "help" -d 'Explain a command or a topic'
complete -c mlops -n "__fish_mlops_using_subcommand init" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand init" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand init" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand init" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand init" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand init" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand train" -s t -l target -d 'The column to predict' -r
complete -c mlops -n "__fish_mlops_using_subcommand train" -l task -d 'What is predicted: binary, multiclass, regression; guessed without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand train" -l name -d 'The name of set and model; the file\'s without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand train" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand train" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand train" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand train" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand train" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand train" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand train" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand predict" -s o -l output -d 'The file to write (.parquet, .csv, .jsonl); JSON Lines to standard output without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand predict" -s m -l model -d 'Another model: NAME, NAME@VERSION, NAME@ALIAS, a run or a hash' -r
complete -c mlops -n "__fish_mlops_using_subcommand predict" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand predict" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand predict" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand predict" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand predict" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand predict" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand predict" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand status" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand status" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand status" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand status" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand status" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand status" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand log" -s n -l limit -d 'How many operations' -r
complete -c mlops -n "__fish_mlops_using_subcommand log" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand log" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand log" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand log" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand log" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand log" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand log" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand fsck" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand fsck" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand fsck" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand fsck" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand fsck" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand fsck" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand fsck" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand lineage" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand lineage" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand lineage" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand lineage" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand lineage" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand lineage" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand lineage" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand data; and not __fish_seen_subcommand_from add status checkout list log diff validate" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand data; and not __fish_seen_subcommand_from add status checkout list log diff validate" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand data; and not __fish_seen_subcommand_from add status checkout list log diff validate" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand data; and not __fish_seen_subcommand_from add status checkout list log diff validate" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand data; and not __fish_seen_subcommand_from add status checkout list log diff validate" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand data; and not __fish_seen_subcommand_from add status checkout list log diff validate" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand data; and not __fish_seen_subcommand_from add status checkout list log diff validate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand data; and not __fish_seen_subcommand_from add status checkout list log diff validate" -f -a "add" -d 'Record a new version of datasets'
complete -c mlops -n "__fish_mlops_using_subcommand data; and not __fish_seen_subcommand_from add status checkout list log diff validate" -f -a "status" -d 'Show how the workspace differs from the recorded versions'
complete -c mlops -n "__fish_mlops_using_subcommand data; and not __fish_seen_subcommand_from add status checkout list log diff validate" -f -a "checkout" -d 'Put a version\'s files into the workspace'
complete -c mlops -n "__fish_mlops_using_subcommand data; and not __fish_seen_subcommand_from add status checkout list log diff validate" -f -a "list" -d 'List the datasets and the versions the project stands on'
complete -c mlops -n "__fish_mlops_using_subcommand data; and not __fish_seen_subcommand_from add status checkout list log diff validate" -f -a "log" -d 'List the versions of a dataset, newest first'
complete -c mlops -n "__fish_mlops_using_subcommand data; and not __fish_seen_subcommand_from add status checkout list log diff validate" -f -a "diff" -d 'Compare two versions of a dataset: files, columns, rows'
complete -c mlops -n "__fish_mlops_using_subcommand data; and not __fish_seen_subcommand_from add status checkout list log diff validate" -f -a "validate" -d 'Check the contracts of datasets against the workspace'
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from add" -s m -l message -d 'What to say of the version' -r
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from add" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from add" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from add" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from add" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from add" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from add" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from status" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from status" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from status" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from status" -l exit-code -d 'Exit with 1 if anything differs'
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from status" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from checkout" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from checkout" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from checkout" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from checkout" -s f -l force -d 'Overwrite local changes'
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from checkout" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from checkout" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from checkout" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from checkout" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from list" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from list" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from list" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from log" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from log" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from log" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from log" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from log" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from log" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from log" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from diff" -l keys -d 'Columns that name a row' -r
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from diff" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from diff" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from diff" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from diff" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from diff" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from diff" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from validate" -l junit -d 'Also write what was checked to this file as JUnit XML, for a CI system' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from validate" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from validate" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from validate" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from validate" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from validate" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from validate" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand data; and __fish_seen_subcommand_from validate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand feature; and not __fish_seen_subcommand_from plan apply materialize join get" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand feature; and not __fish_seen_subcommand_from plan apply materialize join get" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand feature; and not __fish_seen_subcommand_from plan apply materialize join get" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand feature; and not __fish_seen_subcommand_from plan apply materialize join get" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand feature; and not __fish_seen_subcommand_from plan apply materialize join get" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand feature; and not __fish_seen_subcommand_from plan apply materialize join get" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand feature; and not __fish_seen_subcommand_from plan apply materialize join get" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand feature; and not __fish_seen_subcommand_from plan apply materialize join get" -f -a "plan" -d 'Show what changed in the definitions of views since they were applied'
complete -c mlops -n "__fish_mlops_using_subcommand feature; and not __fish_seen_subcommand_from plan apply materialize join get" -f -a "apply" -d 'Record the definitions of views as they are now'
complete -c mlops -n "__fish_mlops_using_subcommand feature; and not __fish_seen_subcommand_from plan apply materialize join get" -f -a "materialize" -d 'Fill the online store from the data'
complete -c mlops -n "__fish_mlops_using_subcommand feature; and not __fish_seen_subcommand_from plan apply materialize join get" -f -a "join" -d 'Join a training set: the rows of its spine with the features as known at each row\'s time'
complete -c mlops -n "__fish_mlops_using_subcommand feature; and not __fish_seen_subcommand_from plan apply materialize join get" -f -a "get" -d 'Look features up in the online store'
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from plan" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from plan" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from plan" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from plan" -l exit-code -d 'Exit with 1 if anything is to be applied'
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from plan" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from plan" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from plan" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from plan" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from apply" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from apply" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from apply" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from apply" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from apply" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from apply" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from apply" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from materialize" -l to -d 'Only rows up to this time, or as far as the store was filled already; all without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from materialize" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from materialize" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from materialize" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from materialize" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from materialize" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from materialize" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from materialize" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from join" -s i -l input -d 'Join the set\'s features to the rows of this table: a file, or a dataset and version' -r
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from join" -s o -l output -d 'Write the rows to a file (.parquet, .csv, .jsonl)' -r
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from join" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from join" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from join" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from join" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from join" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from join" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from join" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from get" -l at -d 'As of this time; now without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from get" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from get" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from get" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from get" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from get" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from get" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand feature; and __fish_seen_subcommand_from get" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand run; and not __fish_seen_subcommand_from train list show compare" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand run; and not __fish_seen_subcommand_from train list show compare" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand run; and not __fish_seen_subcommand_from train list show compare" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand run; and not __fish_seen_subcommand_from train list show compare" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand run; and not __fish_seen_subcommand_from train list show compare" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand run; and not __fish_seen_subcommand_from train list show compare" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand run; and not __fish_seen_subcommand_from train list show compare" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand run; and not __fish_seen_subcommand_from train list show compare" -f -a "train" -d 'Train a recipe'
complete -c mlops -n "__fish_mlops_using_subcommand run; and not __fish_seen_subcommand_from train list show compare" -f -a "list" -d 'List runs, newest first'
complete -c mlops -n "__fish_mlops_using_subcommand run; and not __fish_seen_subcommand_from train list show compare" -f -a "show" -d 'Show one run: parameters, metrics, what it was made of, what it keeps'
complete -c mlops -n "__fish_mlops_using_subcommand run; and not __fish_seen_subcommand_from train list show compare" -f -a "compare" -d 'Put runs side by side: metrics, and the parameters in which they differ'
complete -c mlops -n "__fish_mlops_using_subcommand run; and __fish_seen_subcommand_from train" -l seed -d 'Another seed than the project\'s' -r
complete -c mlops -n "__fish_mlops_using_subcommand run; and __fish_seen_subcommand_from train" -l tag -d 'A tag, KEY=VALUE' -r
complete -c mlops -n "__fish_mlops_using_subcommand run; and __fish_seen_subcommand_from train" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand run; and __fish_seen_subcommand_from train" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand run; and __fish_seen_subcommand_from train" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand run; and __fish_seen_subcommand_from train" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand run; and __fish_seen_subcommand_from train" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand run; and __fish_seen_subcommand_from train" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand run; and __fish_seen_subcommand_from train" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand run; and __fish_seen_subcommand_from list" -s n -l limit -d 'How many runs' -r
complete -c mlops -n "__fish_mlops_using_subcommand run; and __fish_seen_subcommand_from list" -l offset -d 'Pass over so many' -r
complete -c mlops -n "__fish_mlops_using_subcommand run; and __fish_seen_subcommand_from list" -l recipe -d 'Only runs of this recipe' -r
complete -c mlops -n "__fish_mlops_using_subcommand run; and __fish_seen_subcommand_from list" -l filter -d 'Only runs for which this holds: "metrics.test.auc > 0.8 and params.model = \'boosting\'"' -r
complete -c mlops -n "__fish_mlops_using_subcommand run; and __fish_seen_subcommand_from list" -l sort -d 'Best of this metric first (the smallest of log_loss, brier, rmse and mae; the largest of the others)' -r
complete -c mlops -n "__fish_mlops_using_subcommand run; and __fish_seen_subcommand_from list" -l order-by -d 'Sort by a field, "metrics.test.auc desc"; again for runs that are equal in the first' -r
complete -c mlops -n "__fish_mlops_using_subcommand run; and __fish_seen_subcommand_from list" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand run; and __fish_seen_subcommand_from list" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand run; and __fish_seen_subcommand_from list" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand run; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand run; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand run; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand run; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand run; and __fish_seen_subcommand_from show" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand run; and __fish_seen_subcommand_from show" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand run; and __fish_seen_subcommand_from show" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand run; and __fish_seen_subcommand_from show" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand run; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand run; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand run; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand run; and __fish_seen_subcommand_from compare" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand run; and __fish_seen_subcommand_from compare" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand run; and __fish_seen_subcommand_from compare" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand run; and __fish_seen_subcommand_from compare" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand run; and __fish_seen_subcommand_from compare" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand run; and __fish_seen_subcommand_from compare" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand run; and __fish_seen_subcommand_from compare" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand model; and not __fish_seen_subcommand_from register list show alias predict" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand model; and not __fish_seen_subcommand_from register list show alias predict" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand model; and not __fish_seen_subcommand_from register list show alias predict" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand model; and not __fish_seen_subcommand_from register list show alias predict" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand model; and not __fish_seen_subcommand_from register list show alias predict" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand model; and not __fish_seen_subcommand_from register list show alias predict" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand model; and not __fish_seen_subcommand_from register list show alias predict" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand model; and not __fish_seen_subcommand_from register list show alias predict" -f -a "register" -d 'Register the model of a run under a name'
complete -c mlops -n "__fish_mlops_using_subcommand model; and not __fish_seen_subcommand_from register list show alias predict" -f -a "list" -d 'List registered models and their aliases'
complete -c mlops -n "__fish_mlops_using_subcommand model; and not __fish_seen_subcommand_from register list show alias predict" -f -a "show" -d 'Show one model: what it takes, what it gives, what it was made of'
complete -c mlops -n "__fish_mlops_using_subcommand model; and not __fish_seen_subcommand_from register list show alias predict" -f -a "alias" -d 'Point an alias at a version of a model'
complete -c mlops -n "__fish_mlops_using_subcommand model; and not __fish_seen_subcommand_from register list show alias predict" -f -a "predict" -d 'Predict the rows of a table, here or by a running server'
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from register" -l alias -d 'Aliases to point at the version' -r
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from register" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from register" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from register" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from register" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from register" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from register" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from register" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from list" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from list" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from list" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from show" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from show" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from show" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from show" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from alias" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from alias" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from alias" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from alias" -l delete -d 'Remove the alias'
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from alias" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from alias" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from alias" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from alias" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from predict" -s i -l input -d 'A file, or a dataset and version' -r
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from predict" -s o -l output -d 'The file to write (.parquet, .csv, .jsonl); JSON Lines to standard output without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from predict" -l url -d 'A running server' -r
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from predict" -l rows-per-request -d 'Rows a request, with --url' -r
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from predict" -l connections -d 'Connections at once, with --url' -r
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from predict" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from predict" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from predict" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from predict" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from predict" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from predict" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand model; and __fish_seen_subcommand_from predict" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand serve" -s p -l port -d 'The port; 0 takes a free one' -r
complete -c mlops -n "__fish_mlops_using_subcommand serve" -l host -d 'The address to listen on' -r
complete -c mlops -n "__fish_mlops_using_subcommand serve" -l name -d 'The deployment\'s name; the model\'s without it. For one model only' -r
complete -c mlops -n "__fish_mlops_using_subcommand serve" -l timeout -d 'How long a request may take to arrive and be answered: 5s, 1m' -r
complete -c mlops -n "__fish_mlops_using_subcommand serve" -l allow-host -d 'Answer calls by this name too, without a token: only names of this machine are taken otherwise. May be repeated' -r
complete -c mlops -n "__fish_mlops_using_subcommand serve" -l body-memory -d 'Memory, in MiB, that the bodies of all requests may take together' -r
complete -c mlops -n "__fish_mlops_using_subcommand serve" -l connections-per-peer -d 'Connections that one address may have at once; more of them are told about the server\'s health only' -r
complete -c mlops -n "__fish_mlops_using_subcommand serve" -l log-format -d 'How the log on standard error is written; json with --json, else text' -r -f -a "text\t'Time, level, place, message and fields'
json\t'One JSON object a line'"
complete -c mlops -n "__fish_mlops_using_subcommand serve" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand serve" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand serve" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand serve" -l no-token -d 'Listen beyond this machine without a token, behind a gateway that decides who may ask'
complete -c mlops -n "__fish_mlops_using_subcommand serve" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand serve" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand serve" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and not __fish_seen_subcommand_from labels drift performance report" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and not __fish_seen_subcommand_from labels drift performance report" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and not __fish_seen_subcommand_from labels drift performance report" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and not __fish_seen_subcommand_from labels drift performance report" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and not __fish_seen_subcommand_from labels drift performance report" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and not __fish_seen_subcommand_from labels drift performance report" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and not __fish_seen_subcommand_from labels drift performance report" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and not __fish_seen_subcommand_from labels drift performance report" -f -a "labels" -d 'Join labels that came late to logged predictions'
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and not __fish_seen_subcommand_from labels drift performance report" -f -a "drift" -d 'Test whether data has drifted'
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and not __fish_seen_subcommand_from labels drift performance report" -f -a "performance" -d 'Measure a deployment by the labels that came, by chunks of time'
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and not __fish_seen_subcommand_from labels drift performance report" -f -a "report" -d 'Write a report on a deployment'
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from labels" -s i -l input -d 'A file, or a dataset and version' -r
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from labels" -l id -d 'The column of prediction ids' -r
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from labels" -l key -d 'Columns that labels and requests both have' -r
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from labels" -l label -d 'A SQL expression for the label' -r
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from labels" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from labels" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from labels" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from labels" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from labels" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from labels" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from labels" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from drift" -l reference -d 'The table to compare with, as the first of two' -r
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from drift" -l current -d 'The table to look at, as the second of two' -r
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from drift" -l columns -d 'Of two tables: only these columns' -r
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from drift" -l test -d 'Of two tables: a column\'s test, COLUMN=TEST' -r
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from drift" -l share -d 'Of two tables: both differ as a whole when this share of columns drifted, 0 to 1' -r
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from drift" -l model -d 'Of a deployment: the model whose rows are looked at; the one that answers now or answered last without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from drift" -l from -d 'Of a deployment: only predictions of rows from this time on' -r
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from drift" -l to -d 'Of a deployment: only predictions of rows before this time' -r
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from drift" -l junit -d 'Also write what was checked to this file as JUnit XML, for a CI system' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from drift" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from drift" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from drift" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from drift" -l allow-untested -d 'Let columns that could not be tested (gone, empty, of another type) pass: the exit code follows the drift alone'
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from drift" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from drift" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from drift" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from drift" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from performance" -l model -d 'The model whose answers are measured; the one that answers now or answered last without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from performance" -l chunk -d 'Length of a chunk: 1d, 7d' -r
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from performance" -l from -d 'Only rows from this time on' -r
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from performance" -l to -d 'Only rows before this time' -r
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from performance" -l junit -d 'Also write what was checked to this file as JUnit XML, for a CI system' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from performance" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from performance" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from performance" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from performance" -l all-models -d 'Measure every other model that answered too, each by itself'
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from performance" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from performance" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from performance" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from performance" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from report" -s o -l output -d 'The file to write; one under .mlops/reports without it' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from report" -l format -d 'What to write; by the ending of --output without it (.html, .md, .txt, .xml), else html' -r -f -a "html\t'One page with pictures'
md\t'GitHub\'s Markdown'
text\t'Plain text'
junit\t'What was checked, as JUnit XML'"
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from report" -l model -d 'The model that is reported on; the one that answers now or answered last without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from report" -l from -d 'Only rows from this time on' -r
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from report" -l to -d 'Only rows before this time' -r
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from report" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from report" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from report" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from report" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from report" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from report" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand monitor; and __fish_seen_subcommand_from report" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand retrain" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand retrain" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand retrain" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand retrain" -l dry-run -d 'Train and compare, and leave everything as it was'
complete -c mlops -n "__fish_mlops_using_subcommand retrain" -l force -d 'Retrain whether a trigger fired or not'
complete -c mlops -n "__fish_mlops_using_subcommand retrain" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand retrain" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand retrain" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand retrain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand completions" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand completions" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand completions" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand completions" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand completions" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand completions" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mlops -n "__fish_mlops_using_subcommand help" -s C -l project -d 'Work as if started in this folder' -r -F
complete -c mlops -n "__fish_mlops_using_subcommand help" -l threads -d 'Threads to compute with; all cores without it' -r
complete -c mlops -n "__fish_mlops_using_subcommand help" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c mlops -n "__fish_mlops_using_subcommand help" -l json -d 'Print one JSON document instead of text'
complete -c mlops -n "__fish_mlops_using_subcommand help" -s q -l quiet -d 'Print nothing but errors'
complete -c mlops -n "__fish_mlops_using_subcommand help" -s v -l verbose -d 'Say on standard error what is done, and what lies behind an error; -vv says more'
complete -c mlops -n "__fish_mlops_using_subcommand help" -s h -l help -d 'Print help (see more with \'--help\')'
