//! The guides under `docs/guides/`: every file in them is written, every command typed, every answer compared. `…` in an answer stands
//! for anything. What needs more than a shell and this program (curl, Python packages) is in blocks of `sh`, which are not typed here;
//! `tests/peers/guides.sh` does.

use crate::common::TestProject;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a reader of a guide does next.
#[derive(Debug)]
enum Step {
    Write { file: String, text: String, at_the_end: bool },
    Type { command: String, answer: Vec<String> },
}

fn steps(guide: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut lines = guide.lines();
    let mut before = "";
    while let Some(line) = lines.next() {
        let Some(language) = line.strip_prefix("```") else {
            before = if line.is_empty() { before } else { line };
            continue;
        };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        match (language, before.strip_suffix("`:").and_then(|text| text.rsplit_once('`'))) {
            ("console", _) => steps.extend(typed(&block)),
            ("sh", _) => {}
            (_, Some((verb, file))) => {
                let text = block.join("\n") + "\n";
                steps.push(Step::Write { file: file.to_owned(), text, at_the_end: verb == "Add to " });
            }
            _ => panic!("a block of {language} that is in no file, after {before:?}"),
        }
        before = "";
    }
    steps
}

fn typed(block: &[&str]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in block {
        match (line.strip_prefix("$ "), steps.last_mut()) {
            (Some(command), _) => steps.push(Step::Type { command: command.to_owned(), answer: Vec::new() }),
            (None, Some(Step::Type { answer, .. })) => answer.push((*line).to_owned()),
            _ => panic!("an answer without a command: {line}"),
        }
    }
    steps
}

/// Whether a text is what was expected, in which `…` stands for anything, of any number of lines.
fn answers(expected: &str, text: &str) -> bool {
    let parts: Vec<String> = expected.split('…').map(regex::escape).collect();
    let pattern = parts.join("(?s:.*)");
    regex::Regex::new(&format!("^{pattern}$")).unwrap().is_match(text)
}

/// Does what a guide says, in an empty folder.
fn follow(name: &str) {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(repository.join("docs/guides").join(name)).unwrap();
    let project = TestProject::empty();
    let binary = Path::new(env!("CARGO_BIN_EXE_mlops")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    for step in steps(&text) {
        match step {
            Step::Write { file, text, at_the_end } => {
                let before = if at_the_end { project.read(&file) + "\n" } else { String::new() };
                project.write(&file, before + &text);
            }
            Step::Type { command, answer } => {
                let mut shell = Command::new("bash");
                shell.args(["-c", &format!("exec 2>&1\n{command}")]).current_dir(project.root());
                shell.env("repository", repository).env("PATH", &path).env("NO_COLOR", "1").env("USER", "tester");
                let output = shell.stdin(Stdio::null()).output().unwrap();
                let said = String::from_utf8(output.stdout).unwrap();
                let (said, expected) = (said.trim_end(), answer.join("\n"));
                assert!(answers(&expected, said), "{name}: $ {command}\n--- expected\n{expected}\n--- said\n{said}");
                let fails = expected.starts_with("error:");
                assert_eq!(output.status.success(), !fails, "{name}: $ {command}\n{said}");
            }
        }
    }
}

#[test]
fn every_guide_is_followed_by_a_test() {
    let guides = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guides")).unwrap();
    let here = include_str!("guides.rs");
    for guide in guides {
        let name = guide.unwrap().file_name().into_string().unwrap();
        let elsewhere = ["README.md", "python.md", "from-scikit-learn.md"].contains(&name.as_str());
        assert!(elsewhere || here.contains(&name), "no test follows {name}");
    }
}

/// Its recipe is one that the program takes, and its tables name estimators and steps that there are.
#[test]
fn what_is_called_otherwise_in_scikit_learn() {
    let text = include_str!("../../docs/guides/from-scikit-learn.md");
    let recipe = text.split("```toml").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let all = format!("[data.d]\npath = 'd.csv'\n[set.loans]\nspine = 'd'\nfeatures = ['*']\n{recipe}");
    let definitions = mlops::project::Definitions::parse(&all).unwrap();
    let name = mlops::project::Name::parse("loans").unwrap();
    mlops::model::Recipe::new(&name, definitions.recipe(&name).unwrap()).unwrap();
    for model in mlops::learn::estimator::models() {
        assert!(text.contains(&format!("`{model}`")), "{model} has no place in the table of estimators");
    }
}

#[test]
fn answers_are_compared_as_a_whole() {
    assert!(answers("a …\n…z", "a b\nc\nxyz") && answers("", "") && answers("…", "a\nb"));
    assert!(!answers("a …", "b a x") && !answers("a", "a\nb") && !answers("", "a"));
}

#[test]
fn a_first_model() {
    follow("first-model.md");
}

#[test]
fn files_of_ones_own() {
    follow("your-own-files.md");
}

#[test]
fn training() {
    follow("training.md");
}

#[test]
fn how_good_is_it() {
    follow("evaluation.md");
}

#[test]
fn window_features() {
    follow("window-features.md");
}

#[test]
fn git_branches_and_data() {
    follow("git-branches.md");
}

/// The steps of the job run one after the other, as the service would run them.
#[test]
fn a_ci_job() {
    let text = include_str!("../../docs/guides/ci-job.md");
    let project = TestProject::empty();
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::fs::copy(repository.join("examples/credit/german.csv"), project.path("german.csv")).unwrap();
    let mut commands = Vec::new();
    for step in steps(text) {
        let Step::Write { file, text, .. } = step else { panic!("{step:?}") };
        if file.ends_with(".yml") {
            commands = text.lines().filter_map(|line| Some(line.trim().strip_prefix("- run: ")?.to_owned())).collect();
        } else {
            project.write(&file, text);
        }
    }
    let binary = Path::new(env!("CARGO_BIN_EXE_mlops")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    let run = |command: &str| {
        let mut shell = Command::new("bash");
        shell.args(["-ec", command]).current_dir(project.root()).env("PATH", &path);
        let output = shell.env("GITHUB_STEP_SUMMARY", project.path("summary.md")).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    };
    assert!(commands.len() > 5, "the job has steps");
    for command in &commands {
        let (code, said) = run(command);
        assert_eq!(code, Some(0), "$ {command}\n{said}");
    }
    // Broken data ends it at the second step.
    let broken = project.read("german.csv").replacen(",good\r\n", ",perhaps\r\n", 1);
    project.write("german.csv", broken);
    assert_eq!(run(&commands[1]).0, Some(1));
}
