//! `completions/` holds what `mlops completions SHELL` prints, for packagers.

use crate::common::{Output, TestProject, hold_equal, loans};

const FILES: [(&str, &str); 5] = [
    ("bash", "mlops.bash"),
    ("zsh", "_mlops"),
    ("fish", "mlops.fish"),
    ("powershell", "_mlops.ps1"),
    ("elvish", "mlops.elv"),
];

#[test]
fn completions_in_the_repository_are_those_of_the_code() {
    let folder = TestProject::empty();
    for (shell, file) in FILES {
        hold_equal(&format!("completions/{file}"), &folder.ok(&["completions", shell]).stdout);
    }
}

/// What bash offers for the last of these words.
fn offered(project: &TestProject, words: &[&str]) -> Vec<String> {
    let mut command = project.command(&["--"]);
    command.args(words).env("MLOPS_COMPLETE", "bash").env("_CLAP_IFS", "\n");
    command.env("_CLAP_COMPLETE_INDEX", (words.len() - 1).to_string());
    let output = Output::of(&mut command);
    assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{output}");
    output.stdout.lines().map(|line| line.trim().to_owned()).collect()
}

#[test]
fn names_in_the_project_are_offered() {
    let project = loans::project();
    project.ok(&["run", "train", "late"]);
    project.ok(&["model", "register", "late", "late", "--alias", "champion"]);
    let run = project.json(&["run", "list"])["runs"][0]["run"].as_str().unwrap()[..8].to_owned();
    for (words, expected) in [
        (&["mlops", "da"][..], &["data"][..]),
        (&["mlops", "data", "log", ""], &["loans", "sales"]),
        (&["mlops", "data", "checkout", "loans@"], &["loans@1"]),
        (&["mlops", "feature", "get", "sa"], &["sales"]),
        (&["mlops", "run", "train", "l"], &["late"]),
        (&["mlops", "model", "show", "late@"], &["late@1", "late@champion"]),
        (&["mlops", "run", "show", &run[..4]], &[&run]),
        (&["mlops", "serve", "late@c"], &["late@champion"]),
        (&["mlops", "data", "add", "loans.c"], &["loans.csv"]),
        (&["mlops", "train", "x.csv", "--tar"], &["--target"]),
        (&["mlops", "train", "lo"], &["loans.csv"]),
        (&["mlops", "train", "x.csv", "--task", "b"], &["binary"]),
        (&["mlops", "monitor", "drift", "loans.c"], &["loans.csv"]),
        (&["mlops", "help", "drift"], &["drift-tests"]),
        (&["mlops", "help", "dat"], &["data"]),
    ] {
        let found = offered(&project, words);
        assert!(expected.iter().all(|word| found.iter().any(|one| one == word)), "{words:?}: {found:?}");
    }
    let nowhere = TestProject::empty();
    assert!(offered(&nowhere, &["mlops", "data", "log", "x"]).is_empty());
    assert!(nowhere.files("").is_empty(), "asking for words makes nothing");
}
