
use builtin;
use str;

set edit:completion:arg-completer[mlops] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'mlops'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'mlops'= {
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand init 'Make a folder a project'
            cand status 'Show in one screen what changed, what is stale, what runs, and what to do next'
            cand log 'List what was done, newest first'
            cand fsck 'Verify every blob and the ledger'
            cand lineage 'Show what a thing was made of, and what was made of it'
            cand data 'Record, compare and restore versions of datasets'
            cand feature 'Define, join and serve features'
            cand run 'Train, list and compare runs'
            cand model 'Register, point at and use models'
            cand serve 'Serve models over HTTP'
            cand monitor 'Watch what is served'
            cand retrain 'Decide, train, compare, release'
            cand completions 'Print completions for a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'mlops;init'= {
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'mlops;status'= {
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'mlops;log'= {
            cand -n 'How many operations'
            cand --limit 'How many operations'
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'mlops;fsck'= {
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'mlops;lineage'= {
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'mlops;data'= {
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand add 'Record a new version of datasets'
            cand status 'Show how the workspace differs from the recorded versions'
            cand checkout 'Put a version''s files into the workspace'
            cand list 'List the datasets and the versions the project stands on'
            cand log 'List the versions of a dataset, newest first'
            cand diff 'Compare two versions of a dataset: files, columns, rows'
            cand validate 'Check the contracts of datasets against the workspace'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'mlops;data;add'= {
            cand -m 'What to say of the version'
            cand --message 'What to say of the version'
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'mlops;data;status'= {
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --exit-code 'Exit with 1 if anything differs'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'mlops;data;checkout'= {
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand -f 'Overwrite local changes'
            cand --force 'Overwrite local changes'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'mlops;data;list'= {
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'mlops;data;log'= {
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'mlops;data;diff'= {
            cand --keys 'Columns that name a row'
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'mlops;data;validate'= {
            cand --junit 'Also write what was checked to this file as JUnit XML, for a CI system'
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'mlops;data;help'= {
            cand add 'Record a new version of datasets'
            cand status 'Show how the workspace differs from the recorded versions'
            cand checkout 'Put a version''s files into the workspace'
            cand list 'List the datasets and the versions the project stands on'
            cand log 'List the versions of a dataset, newest first'
            cand diff 'Compare two versions of a dataset: files, columns, rows'
            cand validate 'Check the contracts of datasets against the workspace'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'mlops;data;help;add'= {
        }
        &'mlops;data;help;status'= {
        }
        &'mlops;data;help;checkout'= {
        }
        &'mlops;data;help;list'= {
        }
        &'mlops;data;help;log'= {
        }
        &'mlops;data;help;diff'= {
        }
        &'mlops;data;help;validate'= {
        }
        &'mlops;data;help;help'= {
        }
        &'mlops;feature'= {
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand plan 'Show what changed in the definitions of views since they were applied'
            cand apply 'Record the definitions of views as they are now'
            cand materialize 'Fill the online store from the data'
            cand join 'Join a training set: the rows of its spine with the features as known at each row''s time'
            cand get 'Look features up in the online store'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'mlops;feature;plan'= {
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --exit-code 'Exit with 1 if anything is to be applied'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'mlops;feature;apply'= {
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'mlops;feature;materialize'= {
            cand --to 'Only rows up to this time, or as far as the store was filled already; all without it'
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'mlops;feature;join'= {
            cand -i 'Join the set''s features to the rows of this table: a file, or a dataset and version'
            cand --input 'Join the set''s features to the rows of this table: a file, or a dataset and version'
            cand -o 'Write the rows to a file (.parquet, .csv, .jsonl)'
            cand --output 'Write the rows to a file (.parquet, .csv, .jsonl)'
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'mlops;feature;get'= {
            cand --at 'As of this time; now without it'
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'mlops;feature;help'= {
            cand plan 'Show what changed in the definitions of views since they were applied'
            cand apply 'Record the definitions of views as they are now'
            cand materialize 'Fill the online store from the data'
            cand join 'Join a training set: the rows of its spine with the features as known at each row''s time'
            cand get 'Look features up in the online store'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'mlops;feature;help;plan'= {
        }
        &'mlops;feature;help;apply'= {
        }
        &'mlops;feature;help;materialize'= {
        }
        &'mlops;feature;help;join'= {
        }
        &'mlops;feature;help;get'= {
        }
        &'mlops;feature;help;help'= {
        }
        &'mlops;run'= {
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand train 'Train a recipe'
            cand list 'List runs, newest first'
            cand show 'Show one run: parameters, metrics, what it was made of, what it keeps'
            cand compare 'Put runs side by side: metrics, and the parameters in which they differ'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'mlops;run;train'= {
            cand --seed 'Another seed than the project''s'
            cand --tag 'A tag, KEY=VALUE'
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'mlops;run;list'= {
            cand -n 'How many runs'
            cand --limit 'How many runs'
            cand --offset 'Pass over so many'
            cand --recipe 'Only runs of this recipe'
            cand --filter 'Only runs for which this holds: "metrics.test.auc > 0.8 and params.model = ''boosting''"'
            cand --sort 'Best of this metric first (log_loss and brier: smallest first)'
            cand --order-by 'Sort by a field, "metrics.test.auc desc"; again for runs that are equal in the first'
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'mlops;run;show'= {
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'mlops;run;compare'= {
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'mlops;run;help'= {
            cand train 'Train a recipe'
            cand list 'List runs, newest first'
            cand show 'Show one run: parameters, metrics, what it was made of, what it keeps'
            cand compare 'Put runs side by side: metrics, and the parameters in which they differ'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'mlops;run;help;train'= {
        }
        &'mlops;run;help;list'= {
        }
        &'mlops;run;help;show'= {
        }
        &'mlops;run;help;compare'= {
        }
        &'mlops;run;help;help'= {
        }
        &'mlops;model'= {
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand register 'Register the model of a run under a name'
            cand list 'List registered models and their aliases'
            cand show 'Show one model: what it takes, what it gives, what it was made of'
            cand alias 'Point an alias at a version of a model'
            cand predict 'Predict the rows of a table, here or by a running server'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'mlops;model;register'= {
            cand --alias 'Aliases to point at the version'
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'mlops;model;list'= {
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'mlops;model;show'= {
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'mlops;model;alias'= {
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --delete 'Remove the alias'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'mlops;model;predict'= {
            cand -i 'A file, or a dataset and version'
            cand --input 'A file, or a dataset and version'
            cand -o 'The file to write (.parquet, .csv, .jsonl); JSON Lines to standard output without it'
            cand --output 'The file to write (.parquet, .csv, .jsonl); JSON Lines to standard output without it'
            cand --url 'A running server'
            cand --rows-per-request 'Rows a request, with --url'
            cand --connections 'Connections at once, with --url'
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'mlops;model;help'= {
            cand register 'Register the model of a run under a name'
            cand list 'List registered models and their aliases'
            cand show 'Show one model: what it takes, what it gives, what it was made of'
            cand alias 'Point an alias at a version of a model'
            cand predict 'Predict the rows of a table, here or by a running server'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'mlops;model;help;register'= {
        }
        &'mlops;model;help;list'= {
        }
        &'mlops;model;help;show'= {
        }
        &'mlops;model;help;alias'= {
        }
        &'mlops;model;help;predict'= {
        }
        &'mlops;model;help;help'= {
        }
        &'mlops;serve'= {
            cand -p 'The port; 0 takes a free one'
            cand --port 'The port; 0 takes a free one'
            cand --host 'The address to listen on'
            cand --name 'The deployment''s name; the model''s without it. For one model only'
            cand --timeout 'How long a request may take to arrive and be answered: 5s, 1m'
            cand --allow-host 'Answer calls by this name too, without a token: only names of this machine are taken otherwise. May be repeated'
            cand --body-memory 'Memory, in MiB, that the bodies of all requests may take together'
            cand --connections-per-peer 'Connections that one address may have at once; more of them are told about the server''s health only'
            cand --log-format 'How the log on standard error is written; json with --json, else text'
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --no-token 'Listen beyond this machine without a token, behind a gateway that decides who may ask'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'mlops;monitor'= {
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand labels 'Join labels that came late to logged predictions'
            cand drift 'Test whether data has drifted'
            cand performance 'Measure a deployment by the labels that came, by chunks of time'
            cand report 'Write a report on a deployment'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'mlops;monitor;labels'= {
            cand -i 'A file, or a dataset and version'
            cand --input 'A file, or a dataset and version'
            cand --id 'The column of prediction ids'
            cand --key 'Columns that labels and requests both have'
            cand --label 'A SQL expression for the label'
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'mlops;monitor;drift'= {
            cand --reference 'The table to compare with: a file, or a dataset and version'
            cand --current 'The table to look at'
            cand --columns 'Only these columns'
            cand --test 'A column''s test, COLUMN=TEST'
            cand --share 'Share of drifted columns from which the whole is drifted'
            cand --model 'The model whose rows are looked at; the one that answers now or answered last without it'
            cand --from 'Only predictions of rows from this time on'
            cand --to 'Only predictions of rows before this time'
            cand --junit 'Also write what was checked to this file as JUnit XML, for a CI system'
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --allow-untested 'Let columns that could not be tested (gone, empty, of another type) pass: the exit code follows the drift alone'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'mlops;monitor;performance'= {
            cand --model 'The model whose answers are measured; the one that answers now or answered last without it'
            cand --chunk 'Length of a chunk: 1d, 7d'
            cand --from 'Only rows from this time on'
            cand --to 'Only rows before this time'
            cand --junit 'Also write what was checked to this file as JUnit XML, for a CI system'
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --all-models 'Measure every other model that answered too, each by itself'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'mlops;monitor;report'= {
            cand -o 'The file to write; one under .mlops/reports without it'
            cand --output 'The file to write; one under .mlops/reports without it'
            cand --format 'What to write; by the ending of --output without it (.html, .md, .txt, .xml), else html'
            cand --model 'The model that is reported on; the one that answers now or answered last without it'
            cand --from 'Only rows from this time on'
            cand --to 'Only rows before this time'
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'mlops;monitor;help'= {
            cand labels 'Join labels that came late to logged predictions'
            cand drift 'Test whether data has drifted'
            cand performance 'Measure a deployment by the labels that came, by chunks of time'
            cand report 'Write a report on a deployment'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'mlops;monitor;help;labels'= {
        }
        &'mlops;monitor;help;drift'= {
        }
        &'mlops;monitor;help;performance'= {
        }
        &'mlops;monitor;help;report'= {
        }
        &'mlops;monitor;help;help'= {
        }
        &'mlops;retrain'= {
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --dry-run 'Train and compare, and leave everything as it was'
            cand --force 'Retrain whether a trigger fired or not'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'mlops;completions'= {
            cand -C 'Work as if started in this folder'
            cand --project 'Work as if started in this folder'
            cand --threads 'Threads to compute with; all cores without it'
            cand --color 'When to colour'
            cand --json 'Print one JSON document instead of text'
            cand -q 'Print nothing but errors'
            cand --quiet 'Print nothing but errors'
            cand -v 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand --verbose 'Say on standard error what is done, and what lies behind an error; -vv says more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'mlops;help'= {
            cand init 'Make a folder a project'
            cand status 'Show in one screen what changed, what is stale, what runs, and what to do next'
            cand log 'List what was done, newest first'
            cand fsck 'Verify every blob and the ledger'
            cand lineage 'Show what a thing was made of, and what was made of it'
            cand data 'Record, compare and restore versions of datasets'
            cand feature 'Define, join and serve features'
            cand run 'Train, list and compare runs'
            cand model 'Register, point at and use models'
            cand serve 'Serve models over HTTP'
            cand monitor 'Watch what is served'
            cand retrain 'Decide, train, compare, release'
            cand completions 'Print completions for a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'mlops;help;init'= {
        }
        &'mlops;help;status'= {
        }
        &'mlops;help;log'= {
        }
        &'mlops;help;fsck'= {
        }
        &'mlops;help;lineage'= {
        }
        &'mlops;help;data'= {
            cand add 'Record a new version of datasets'
            cand status 'Show how the workspace differs from the recorded versions'
            cand checkout 'Put a version''s files into the workspace'
            cand list 'List the datasets and the versions the project stands on'
            cand log 'List the versions of a dataset, newest first'
            cand diff 'Compare two versions of a dataset: files, columns, rows'
            cand validate 'Check the contracts of datasets against the workspace'
        }
        &'mlops;help;data;add'= {
        }
        &'mlops;help;data;status'= {
        }
        &'mlops;help;data;checkout'= {
        }
        &'mlops;help;data;list'= {
        }
        &'mlops;help;data;log'= {
        }
        &'mlops;help;data;diff'= {
        }
        &'mlops;help;data;validate'= {
        }
        &'mlops;help;feature'= {
            cand plan 'Show what changed in the definitions of views since they were applied'
            cand apply 'Record the definitions of views as they are now'
            cand materialize 'Fill the online store from the data'
            cand join 'Join a training set: the rows of its spine with the features as known at each row''s time'
            cand get 'Look features up in the online store'
        }
        &'mlops;help;feature;plan'= {
        }
        &'mlops;help;feature;apply'= {
        }
        &'mlops;help;feature;materialize'= {
        }
        &'mlops;help;feature;join'= {
        }
        &'mlops;help;feature;get'= {
        }
        &'mlops;help;run'= {
            cand train 'Train a recipe'
            cand list 'List runs, newest first'
            cand show 'Show one run: parameters, metrics, what it was made of, what it keeps'
            cand compare 'Put runs side by side: metrics, and the parameters in which they differ'
        }
        &'mlops;help;run;train'= {
        }
        &'mlops;help;run;list'= {
        }
        &'mlops;help;run;show'= {
        }
        &'mlops;help;run;compare'= {
        }
        &'mlops;help;model'= {
            cand register 'Register the model of a run under a name'
            cand list 'List registered models and their aliases'
            cand show 'Show one model: what it takes, what it gives, what it was made of'
            cand alias 'Point an alias at a version of a model'
            cand predict 'Predict the rows of a table, here or by a running server'
        }
        &'mlops;help;model;register'= {
        }
        &'mlops;help;model;list'= {
        }
        &'mlops;help;model;show'= {
        }
        &'mlops;help;model;alias'= {
        }
        &'mlops;help;model;predict'= {
        }
        &'mlops;help;serve'= {
        }
        &'mlops;help;monitor'= {
            cand labels 'Join labels that came late to logged predictions'
            cand drift 'Test whether data has drifted'
            cand performance 'Measure a deployment by the labels that came, by chunks of time'
            cand report 'Write a report on a deployment'
        }
        &'mlops;help;monitor;labels'= {
        }
        &'mlops;help;monitor;drift'= {
        }
        &'mlops;help;monitor;performance'= {
        }
        &'mlops;help;monitor;report'= {
        }
        &'mlops;help;retrain'= {
        }
        &'mlops;help;completions'= {
        }
        &'mlops;help;help'= {
        }
    ]
    $completions[$command]
}
