//! `mlops completions`, and what a shell then asks: which words can stand here? Commands and flags are clap's; datasets, versions, runs,
//! recipes, models and the like are read from the project that the shell stands in.

use super::{Context, Outcome, tree};
use crate::error::Result;
use crate::evaluation::PictureKind;
use crate::learn::Task;
use crate::project::{Definitions, Name, Project};
use clap_complete::engine::{
    ArgValueCandidates, ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter,
};
use clap_complete::env::{Bash, Elvish, EnvCompleter, Fish, Powershell, Zsh};
use clap_complete::{CompleteEnv, Shell};
use std::collections::BTreeMap;
use std::ffi::OsStr;

/// How a shell says that it asks for words.
const ASKED: &str = "MLOPS_COMPLETE";
/// Versions and runs that are offered: the newest.
const OFFERED: usize = 50;

/// Bash splits words at `@`, after which it offers hosts; a version is one word.
const AT_IS_NO_BREAK: &str = "# `delay@champion` is one word.\nCOMP_WORDBREAKS=${COMP_WORDBREAKS//@/}\n";

/// Print completions for a shell
///
/// They complete commands, flags and files, and the names in the project: datasets and their versions, views, sets, recipes, runs,
/// models.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  mlops completions bash > /etc/bash_completion.d/mlops\n  mlops completions zsh > ~/.zfunc/_mlops"
)]
pub struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

pub fn run(context: &Context, args: CompletionsArgs) -> Result<Outcome> {
    let shell: &dyn EnvCompleter = match args.shell {
        Shell::Zsh => &Zsh,
        Shell::Fish => &Fish,
        Shell::PowerShell => &Powershell,
        Shell::Elvish => &Elvish,
        _ => &Bash,
    };
    let mut script = Vec::new();
    shell
        .write_registration(ASKED, "mlops", "mlops", "mlops", &mut script)
        .map_err(|e| crate::error::Error::io("write", "the script", e))?;
    let more = if matches!(args.shell, Shell::Bash) { AT_IS_NO_BREAK } else { "" };
    context.ui.raw(&format!("{}{more}", String::from_utf8_lossy(&script)))?;
    Ok(Outcome::Done)
}

/// Answers a shell that asks for words; false if none does.
pub fn answer_shell() -> bool {
    let folder = std::env::current_dir().ok();
    let shell = CompleteEnv::with_factory(with_names).var(ASKED);
    shell.try_complete(std::env::args_os(), folder.as_deref()).unwrap_or(false)
}

/// What the words of an argument are the names of.
#[derive(Clone, Copy)]
enum Named {
    /// Datasets.
    Dataset,
    /// Datasets and their versions.
    DataVersion,
    /// Datasets and files.
    DatasetOrFile,
    /// Datasets, their versions, and files.
    DataOrFile,
    View,
    Set,
    Recipe,
    /// Recipes and runs.
    Run,
    /// Recipes, runs, models and their versions.
    RunOrModel,
    Model,
    /// Aliases of models.
    Alias,
    /// Models, their versions and aliases.
    ModelVersion,
    /// Monitors, and models that are served by their own names.
    Watched,
    Retrain,
    /// Anything that has a lineage.
    Anything,
    /// Models that are served, monitors, and files.
    WatchedOrFile,
    /// Commands and topics of `mlops help`.
    Topic,
    /// Pictures of a run.
    Picture,
    /// Tasks of models.
    Task,
    File,
    /// Words that are no names.
    Nothing,
}

/// Which arguments are names. Of a command with several words in a row all are here, in their order: clap puts each at the end.
const ARGUMENTS: [(&str, &str, Named); 39] = [
    ("data add", "what", Named::DatasetOrFile),
    ("data checkout", "what", Named::DataVersion),
    ("data diff", "from", Named::DataVersion),
    ("data diff", "to", Named::DataVersion),
    ("data log", "name", Named::Dataset),
    ("data show", "data", Named::DataOrFile),
    ("data validate", "datasets", Named::DataVersion),
    ("feature get", "view", Named::View),
    ("feature get", "keys", Named::Nothing),
    ("feature join", "set", Named::Set),
    ("feature join", "input", Named::DataOrFile),
    ("feature materialize", "views", Named::View),
    ("run train", "recipe", Named::Recipe),
    ("run show", "run", Named::Run),
    ("run compare", "runs", Named::Run),
    ("run diff", "from", Named::Run),
    ("run diff", "to", Named::Run),
    ("run plot", "run", Named::Run),
    ("run plot", "picture", Named::Picture),
    ("run reproduce", "run", Named::Run),
    ("model register", "run", Named::Run),
    ("model register", "name", Named::Model),
    ("model show", "model", Named::ModelVersion),
    ("model list", "name", Named::Model),
    ("model alias", "name", Named::Model),
    ("model alias", "alias", Named::Alias),
    ("model alias", "target", Named::ModelVersion),
    ("model predict", "model", Named::RunOrModel),
    ("model predict", "input", Named::DataOrFile),
    ("predict", "input", Named::DataOrFile),
    ("serve", "models", Named::RunOrModel),
    ("monitor drift", "what", Named::WatchedOrFile),
    ("monitor performance", "name", Named::Watched),
    ("monitor report", "name", Named::Watched),
    ("retrain", "name", Named::Retrain),
    ("lineage", "what", Named::Anything),
    ("train", "file", Named::File),
    ("train", "task", Named::Task),
    ("help", "words", Named::Topic),
];

/// The tree of commands, with what the names in the project are.
fn with_names() -> clap::Command {
    ARGUMENTS.iter().fold(tree(), |tree, (path, argument, named)| {
        let named = *named;
        with_completer(tree, &mut path.split(' '), argument, named)
    })
}

fn with_completer<'a>(
    command: clap::Command,
    path: &mut impl Iterator<Item = &'a str>,
    argument: &'static str,
    named: Named,
) -> clap::Command {
    match path.next() {
        Some(next) => command.mut_subcommand(next, |inner| with_completer(inner, path, argument, named)),
        None => command.mut_arg(argument, |arg| match named {
            Named::DataOrFile | Named::DatasetOrFile | Named::WatchedOrFile | Named::File => {
                arg.add(ArgValueCompleter::new(move |current: &OsStr| {
                    let mut words = PathCompleter::any().complete(current);
                    let begins = |word: &CompletionCandidate| {
                        word.get_value().as_encoded_bytes().starts_with(current.as_encoded_bytes())
                    };
                    words.extend(words_of(named).into_iter().filter(begins));
                    words
                }))
            }
            _ => arg.add(ArgValueCandidates::new(move || words_of(named))),
        }),
    }
}

/// The names in the project around the working folder; none outside of one.
fn words_of(named: Named) -> Vec<CompletionCandidate> {
    match named {
        Named::Topic => return super::help::topics().map(CompletionCandidate::new).collect(),
        Named::Picture => return PictureKind::ALL.map(|(_, name)| CompletionCandidate::new(name)).into(),
        Named::Task => return Task::ALL.map(|task| CompletionCandidate::new(task.name())).into(),
        _ => {}
    }
    let found = std::env::current_dir().ok().and_then(|folder| Project::find(&folder).ok());
    let words = found.map(|project| names(&project, named)).unwrap_or_default();
    words.into_iter().map(CompletionCandidate::new).collect()
}

fn names(project: &Project, named: Named) -> Vec<String> {
    let defined = project.definitions();
    let (dataset, recipe) = (keys(&defined.data), keys(&defined.train));
    let together = |parts: [Vec<String>; 2]| parts.concat();
    match named {
        Named::Dataset | Named::DatasetOrFile => dataset,
        Named::DataVersion | Named::DataOrFile => together([dataset, data_versions(project, defined)]),
        Named::View => keys(&defined.feature),
        Named::Set => keys(&defined.set),
        Named::Recipe => recipe,
        Named::Run => together([recipe, runs(project)]),
        Named::RunOrModel => together([together([recipe, runs(project)]), models(project, true)]),
        Named::Model => models(project, false),
        Named::Alias => aliases(project),
        Named::ModelVersion => models(project, true),
        Named::Watched | Named::WatchedOrFile => together([keys(&defined.monitor), models(project, false)]),
        Named::Retrain => keys(&defined.retrain),
        Named::Nothing | Named::File | Named::Topic | Named::Picture | Named::Task => Vec::new(),
        Named::Anything => {
            together([together([data_versions(project, defined), models(project, true)]), runs(project)])
        }
    }
}

fn keys<T>(table: &BTreeMap<Name, T>) -> Vec<String> {
    table.keys().map(Name::to_string).collect()
}

/// The ledger, if there is one: asking for words makes none.
fn ledger(project: &Project) -> Option<crate::ledger::Ledger> {
    project.dir("ledger.db").is_file().then(|| project.ledger().ok()).flatten()
}

fn data_versions(project: &Project, defined: &Definitions) -> Vec<String> {
    let Some(ledger) = ledger(project) else { return Vec::new() };
    let versions = defined.data.keys().filter_map(|name| ledger.dataset_versions(name).ok());
    versions.flat_map(|all| all.into_iter().take(OFFERED)).map(|v| format!("{}@{}", v.name, v.version)).collect()
}

fn runs(project: &Project) -> Vec<String> {
    let runs = ledger(project).and_then(|ledger| ledger.runs(OFFERED).ok()).unwrap_or_default();
    runs.into_iter().map(|run| run.id.to_string().chars().take(8).collect()).collect()
}

fn aliases(project: &Project) -> Vec<String> {
    let rows = ledger(project).and_then(|ledger| ledger.model_versions().ok()).unwrap_or_default();
    let mut words: Vec<String> = rows.iter().flat_map(|row| row.aliases.iter().map(ToString::to_string)).collect();
    words.sort();
    words.dedup();
    words
}

/// Models by name, and by version and alias if asked.
fn models(project: &Project, versions: bool) -> Vec<String> {
    let rows = ledger(project).and_then(|ledger| ledger.model_versions().ok()).unwrap_or_default();
    let mut words = Vec::new();
    for row in rows {
        words.push(row.name.to_string());
        if versions {
            words.push(format!("{}@{}", row.name, row.version));
            words.extend(row.aliases.iter().map(|alias| format!("{}@{alias}", row.name)));
        }
    }
    words.sort();
    words.dedup();
    words
}
