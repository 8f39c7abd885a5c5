//! The help of every command as the user reads it. A changed flag shows in review as a changed line here.

use crate::common::{TestProject, hold_equal};

const WIDTH: usize = 100;

fn write_help(command: &mut clap::Command, out: &mut String) {
    let name = command.get_bin_name().unwrap_or("mlops").to_owned();
    let lines: Vec<String> = command.render_long_help().to_string().lines().map(|l| l.trim_end().to_owned()).collect();
    out.push_str(&format!("==== {name} --help\n\n{}\n\n", lines.join("\n").trim_end()));
    for sub in command.get_subcommands_mut().filter(|c| c.get_name() != "help") {
        write_help(sub, out);
    }
}

fn each(command: &clap::Command, path: &str, work: &mut dyn FnMut(&str, &clap::Command)) {
    work(path, command);
    for sub in command.get_subcommands().filter(|c| c.get_name() != "help") {
        each(sub, &format!("{path} {}", sub.get_name()), work);
    }
}

/// The global options are shown once, at the top.
#[test]
fn help_of_the_whole_tree_is_as_recorded() {
    let mut tree = mlops::cli::tree().term_width(WIDTH);
    tree.build();
    let mut text = String::new();
    write_help(&mut tree, &mut text);
    hold_equal("tests/snapshots/help.txt", &text);
}

#[test]
fn every_command_and_flag_has_a_text_and_every_command_an_example() {
    let mut missing = Vec::new();
    each(&mlops::cli::tree(), "mlops", &mut |path, command| {
        if command.get_about().is_none() {
            missing.push(format!("{path}: no text"));
        }
        let example = command.get_after_help().is_some_and(|t| t.to_string().contains(path));
        if !command.has_subcommands() && !example {
            missing.push(format!("{path}: no example that calls it"));
        }
        for argument in command.get_arguments().filter(|a| !a.is_hide_set()) {
            if argument.get_help().is_none() {
                missing.push(format!("{path}: {} has no text", argument.get_id()));
            }
        }
    });
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// Clap takes two arguments of one id for the same: a command's own one would swallow the global option.
#[test]
fn no_argument_of_a_command_hides_a_global_option() {
    let tree = mlops::cli::tree();
    let global: Vec<&str> = tree.get_arguments().filter(|a| a.is_global_set()).map(|a| a.get_id().as_str()).collect();
    assert!(global.contains(&"json"), "{global:?}");
    let mut wrong = Vec::new();
    each(&tree, "mlops", &mut |path, command| {
        for argument in command.get_arguments().filter(|a| !a.is_global_set()) {
            if global.contains(&argument.get_id().as_str()) {
                wrong.push(format!("{path}: {}", argument.get_id()));
            }
        }
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// An example that the parser refuses teaches something wrong.
#[test]
fn every_example_is_accepted_by_the_parser() {
    let mut wrong = Vec::new();
    let tree = mlops::cli::tree();
    each(&tree, "mlops", &mut |path, command| {
        let text = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        for line in text.lines().map(str::trim).filter(|l| l.starts_with("mlops ")) {
            let words = words(line);
            if let Err(e) = tree.clone().try_get_matches_from(&words)
                && e.use_stderr()
            {
                wrong.push(format!("{path}: {words:?}: {e}"));
            }
        }
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A line of a shell, up to a comment (two blanks), a pipe or a redirection.
fn words(line: &str) -> Vec<String> {
    let code = line.split("  ").next().unwrap().split([';', '|', '>', '#']).next().unwrap();
    let mut words: Vec<String> = Vec::new();
    let mut quote = None;
    let mut open = false;
    for c in code.chars() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                if !open {
                    words.push(String::new());
                    open = true;
                }
            }
            (None, ' ') => open = false,
            (_, c) => {
                if !open {
                    words.push(String::new());
                    open = true;
                }
                words.last_mut().unwrap().push(c);
            }
        }
    }
    words
}

#[test]
fn help_and_version_end_well_and_a_wrong_flag_with_2() {
    let project = TestProject::empty();
    project.ok(&["--help"]).shows(&["init", "data", "--json"]);
    project.ok(&["--version"]).shows(&["mlops 0."]);
    project.ok(&["data", "add", "--help"]).shows(&["Examples:"]);
    project.fails(2, &["data", "add", "--nonsense"]).says(&["--nonsense"]);
    project.fails(2, &["dta"]).says(&["data"]);
    let error = project.fails(2, &["data", "add", "--nonsense", "--json"]).error();
    assert_eq!(error["kind"], "invalid");
    assert!(error["message"].as_str().unwrap().contains("--nonsense"), "{error}");
}

#[test]
fn the_reference_travels_with_the_program() {
    let project = TestProject::new();
    let says = |words: &[&str], parts: &[&str]| {
        let text = project.ok(&[&["help"], words].concat()).stdout;
        parts.iter().for_each(|part| assert!(text.contains(part), "{words:?}: {part:?} is not in {text}"));
    };
    says(&["toml"], &["# mlops.toml", "## retrain", "## References"]);
    says(&["json"], &["## Exit codes"]);
    says(&["expressions"], &["## Row expressions", "## SQL conditions and queries"]);
    says(&["drift-tests"], &["## Drift tests", "`ks`"]);
    says(&["data", "add"], &["Usage: mlops data add"]);
    says(&[], &["Usage: mlops", "lists every key"]);
    assert!(!project.ok(&["help", "drift-tests"]).stdout.contains("## Row expressions"));
    project.fails(2, &["help", "drift-test"]).says(&["\"drift-test\" is not known", "did you mean \"drift-tests\"?"]);
    project.fails(2, &["help", "data", "ad"]).says(&["\"ad\" is not known", "did you mean \"add\"?"]);
}

#[test]
fn an_argument_that_is_missing_is_named_in_json_too() {
    let error = TestProject::new().fails(2, &["run", "train", "--json"]);
    error.says(&["required arguments were not provided: <"]);
}
