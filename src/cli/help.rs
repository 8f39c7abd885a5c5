//! `mlops help`: commands, and the pages of the reference, which travel with the program.

use super::{Context, Outcome, tree};
use crate::error::{Error, Result};

/// Explain a command or a topic
///
/// Topics: `toml` (every key of mlops.toml), `json` (what --json prints, errors, exit codes), one for each part of the page on
/// mlops.toml: `expressions`, `drift-tests`, `estimators`, `preparation`, `metrics`, `references` and others, and the guides:
/// `first-model`, `your-own-files`, `window-features`, `evaluation`, `ci-job`,
/// `git-branches`, `python`.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  mlops help run train\n  mlops help toml\n  mlops help drift-tests")]
pub struct HelpArgs {
    /// A command's words, or a topic
    #[arg(value_name = "COMMAND|TOPIC")]
    words: Vec<String>,
}

const TOML: &str = include_str!("../../docs/reference/mlops-toml.md");
const JSON: &str = include_str!("../../docs/reference/json.md");
const GUIDES: [(&str, &str); 7] = [
    ("first-model", include_str!("../../docs/guides/first-model.md")),
    ("your-own-files", include_str!("../../docs/guides/your-own-files.md")),
    ("window-features", include_str!("../../docs/guides/window-features.md")),
    ("evaluation", include_str!("../../docs/guides/evaluation.md")),
    ("ci-job", include_str!("../../docs/guides/ci-job.md")),
    ("git-branches", include_str!("../../docs/guides/git-branches.md")),
    ("python", include_str!("../../docs/guides/python.md")),
];

pub fn run(context: &Context, args: HelpArgs) -> Result<Outcome> {
    let text = match page(&args.words.join(" ")) {
        Some(page) => page.trim_end().to_owned(),
        None => help_of(&args.words)?,
    };
    context.ui.raw(&format!("{text}\n"))?;
    Ok(Outcome::Done)
}

/// The page, or the part of one, that a topic names.
fn page(topic: &str) -> Option<String> {
    match topic {
        "toml" => Some(TOML.to_owned()),
        "json" => Some(JSON.to_owned()),
        "expressions" => Some(["row-expressions", "sql-conditions-and-queries"].map(part).concat()),
        _ if parts().any(|(name, _)| name == topic) => Some(part(topic)),
        _ => GUIDES.into_iter().find(|(name, _)| *name == topic).map(|(_, guide)| guide.to_owned()),
    }
}

fn part(topic: &str) -> String {
    parts().filter(|(name, _)| name == topic).map(|(_, text)| format!("{}\n\n", text.trim_end())).collect()
}

/// The parts of the page on `mlops.toml` that are no command's name, by their titles as one word.
fn parts() -> impl Iterator<Item = (String, String)> {
    let texts = TOML.split("\n## ").skip(1);
    let named = texts.map(|text| {
        let title = text.lines().next().unwrap_or_default();
        (title.to_lowercase().replace(' ', "-"), format!("## {text}"))
    });
    named.filter(|(name, _)| tree().find_subcommand(name).is_none())
}

/// What `--help` of the command says.
fn help_of(words: &[String]) -> Result<String> {
    let mut command = tree();
    command.build();
    for word in words {
        command = command.find_subcommand(word).ok_or_else(|| unknown(&command, word))?.clone();
    }
    Ok(command.render_long_help().to_string())
}

/// Commands, then the topics beside them.
pub(super) fn topics() -> impl Iterator<Item = String> {
    let commands: Vec<String> = tree().get_subcommands().map(|known| known.get_name().to_owned()).collect();
    let pages = ["toml", "json", "expressions"].map(str::to_owned);
    let guides = GUIDES.map(|(name, _)| name.to_owned());
    commands.into_iter().chain(pages).chain(guides).chain(parts().map(|(name, _)| name))
}

/// The error of a word that is neither a command nor a topic. If it is the first word, the hint lists all commands and topics.
fn unknown(command: &clap::Command, word: &str) -> Error {
    let inner: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
    if command.get_name() != tree().get_name() {
        return Error::unknown("command", word, inner);
    }
    let known: Vec<String> = topics().collect();
    let all = || format!("commands and topics: {}", known.join(", "));
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    Error::not_found(format!("command or topic \"{word}\" is not known")).did_you_mean(word, &known, all)
}
