complete --keep-order --exclusive --command mlops --arguments "(MLOPS_COMPLETE=fish mlops -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token))"
