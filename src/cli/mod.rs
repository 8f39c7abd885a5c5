//! The command line: one file a command with its arguments, one function and its output. No logic: that is in the rooms.

mod completions;
mod data;
mod feature;
mod fsck;
mod init;
mod lineage;
mod log;
mod model;
mod monitor;
mod retrain;
mod run;
mod serve;
mod status;
mod ui;

use crate::document::{Document, TestCase};
use crate::error::{Error, ErrorKind, Result};
use crate::project::Project;
use crate::store::write_atomic;
use clap::{CommandFactory, Parser, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use ui::{Color, INTERRUPTED, LogFormat, Ui, exit_code};

/// The machine-learning operations loop inside a git repository
///
/// Data versions, features, runs, models, serving, monitoring and retraining in one program. Everything is described
/// in `mlops.toml`; what was done lies in `.mlops`.
#[derive(Parser)]
#[command(name = "mlops", version, after_help = "Start with `mlops init`, then `mlops status`.", max_term_width = 100)]
struct Cli {
    /// Print one JSON document instead of text
    #[arg(long, global = true, help_heading = "Global options")]
    json: bool,
    /// Print nothing but errors
    #[arg(short, long, global = true, help_heading = "Global options")]
    quiet: bool,
    /// Say on standard error what is done, and what lies behind an error; -vv says more
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "Global options")]
    verbose: u8,
    /// Work as if started in this folder
    #[arg(short = 'C', long, global = true, value_name = "DIR", help_heading = "Global options")]
    project: Option<PathBuf>,
    /// Threads to compute with; all cores without it
    #[arg(
        long,
        global = true,
        value_name = "N",
        env = "MLOPS_THREADS",
        hide_env_values = true,
        help_heading = "Global options"
    )]
    threads: Option<usize>,
    /// When to colour
    #[arg(long, global = true, value_enum, default_value = "auto", help_heading = "Global options")]
    color: Color,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Init(init::InitArgs),
    Status(status::StatusArgs),
    Log(log::LogArgs),
    Fsck(fsck::FsckArgs),
    Lineage(lineage::LineageArgs),
    /// Record, compare and restore versions of datasets
    #[command(subcommand)]
    Data(data::DataCommand),
    /// Define, join and serve features
    #[command(subcommand)]
    Feature(feature::FeatureCommand),
    /// Train, list and compare runs
    #[command(subcommand)]
    Run(run::RunCommand),
    /// Register, point at and use models
    #[command(subcommand)]
    Model(model::ModelCommand),
    Serve(serve::ServeArgs),
    /// Watch what is served
    #[command(subcommand)]
    Monitor(monitor::MonitorCommand),
    Retrain(retrain::RetrainArgs),
    Completions(completions::CompletionsArgs),
}

/// How a command ended when nothing failed.
pub enum Outcome {
    /// Everything is as it should be.
    Done,
    /// A check did not hold.
    CheckFailed,
}

impl Outcome {
    /// `Done` if the check holds.
    fn of(holds: bool) -> Self {
        if holds { Outcome::Done } else { Outcome::CheckFailed }
    }
}

/// What every command gets: the terminal and where it was started.
pub struct Context {
    ui: Ui,
    folder: PathBuf,
}

impl Context {
    fn project(&self) -> Result<Project> {
        Project::find(&self.folder)
    }

    /// Writes what was checked as JUnit XML, if `--junit` names a file; `title` says of what.
    fn write_junit(&self, file: Option<&Path>, title: &str, cases: Vec<TestCase>) -> Result<()> {
        let Some(file) = file else { return Ok(()) };
        let document = Document { title: title.to_owned(), cases, ..Document::default() };
        write_atomic(&self.folder.join(file), document.to_junit().as_bytes())
    }
}

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => return usage(&e),
    };
    let context = match context(&cli) {
        Ok(context) => context,
        Err(e) => {
            Ui::new(cli.json, cli.quiet, cli.color).error(&e);
            return ExitCode::from(exit_code(&e));
        }
    };
    // A second Ctrl-C ends at once; nothing is left half-written.
    let _ = ctrlc::set_handler(|| {
        if INTERRUPTED.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    });
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !crate::data::panics_become_errors() {
            report(panic);
        }
    }));
    let place = cli.command.writes().then(|| cli.command.place(&context.folder));
    let result = dispatch(&context, cli.command);
    if let Some(place) = place {
        record(&place, &result);
    }
    match result {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::CheckFailed) => ExitCode::from(1),
        Err(e) => {
            context.ui.error(&e);
            ExitCode::from(exit_code(&e))
        }
    }
}

/// Prints clap's own errors. An error about a value that our types refused is shown with its hint, and with `--json`
/// all have the shape of our errors.
fn usage(error: &clap::Error) -> ExitCode {
    use std::error::Error as _;
    let json = std::env::args().any(|a| a == "--json");
    let hint = error.source().and_then(|e| e.downcast_ref::<Error>()).and_then(Error::hint_text);
    if error.use_stderr() && (json || hint.is_some()) {
        let text = error.render().to_string();
        let message = match hint {
            Some(_) => text.split("\n\nFor more information").next(),
            None => text.lines().next(),
        };
        let message = message.unwrap_or_default().trim_start_matches("error: ").trim_end();
        let color = if json { Color::Never } else { Color::Auto };
        Ui::new(json, false, color).error(&Error::invalid(message).hint(hint.unwrap_or("see `mlops --help`")));
    } else {
        // The reader may have closed the pipe; then nothing more is to be printed.
        let _ = error.print();
    }
    ExitCode::from(if error.use_stderr() { 2 } else { 0 })
}

fn context(cli: &Cli) -> Result<Context> {
    let here = std::env::current_dir().map_err(|e| Error::io("open", ".", e))?;
    let folder = cli.project.as_ref().map_or(here.clone(), |f| here.join(f));
    let folder = folder.canonicalize().map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => Error::not_found(format!("there is no folder {}", folder.display())),
        _ => Error::io("open", &folder, e),
    })?;
    if let Some(threads) = cli.threads {
        if threads == 0 {
            return Err(Error::invalid("--threads 0: at least one is needed"));
        }
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
        pool.map_err(|e| Error::new(ErrorKind::Io, format!("cannot start threads: {e}")))?;
    }
    let mut ui = Ui::new(cli.json, cli.quiet, cli.color);
    ui.start_log(cli.verbose, cli.command.log_format());
    Ok(Context { ui, folder })
}

impl Command {
    /// Whether the command changes something and so belongs in the log.
    fn writes(&self) -> bool {
        match self {
            Command::Init(_) | Command::Serve(_) | Command::Retrain(_) => true,
            Command::Data(c) => c.writes(),
            Command::Feature(c) => c.writes(),
            Command::Run(c) => c.writes(),
            Command::Model(c) => c.writes(),
            Command::Monitor(c) => c.writes(),
            _ => false,
        }
    }

    /// How a command that runs for long wants its log.
    fn log_format(&self) -> Option<LogFormat> {
        match self {
            Command::Serve(args) => args.log_format(),
            _ => None,
        }
    }

    /// A folder of the project the command is about; `init` may make one elsewhere.
    fn place(&self, folder: &Path) -> PathBuf {
        match self {
            Command::Init(args) => args.place(folder),
            _ => folder.to_owned(),
        }
    }
}

/// Appends the command to the log of the project that `place` lies in. A log that can't be written must not hide the
/// command's own result.
fn record(place: &Path, result: &Result<Outcome>) {
    let named = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
    let actor = named("MLOPS_ACTOR").or_else(|| named("USER")).unwrap_or_else(|| "unknown".to_owned());
    let command: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match result {
        Ok(Outcome::Done) => "done".to_owned(),
        Ok(Outcome::CheckFailed) => "check failed".to_owned(),
        Err(e) => format!("{}: {}", e.kind().name(), e.message()),
    };
    if let Ok(mut ledger) = Project::find(place).and_then(|p| p.ledger()) {
        let _ = ledger.record_operation(&actor, &command.join(" "), &outcome);
    }
}

fn dispatch(context: &Context, command: Command) -> Result<Outcome> {
    match command {
        Command::Init(args) => init::run(context, args),
        Command::Status(args) => status::run(context, args),
        Command::Log(args) => log::run(context, args),
        Command::Fsck(args) => fsck::run(context, args),
        Command::Lineage(args) => lineage::run(context, args),
        Command::Data(command) => data::run(context, command),
        Command::Feature(command) => feature::run(context, command),
        Command::Run(command) => run::run(context, command),
        Command::Model(command) => model::run(context, command),
        Command::Serve(args) => serve::run(context, args),
        Command::Monitor(command) => monitor::run(context, command),
        Command::Retrain(args) => retrain::run(context, args),
        Command::Completions(args) => completions::run(context, args),
    }
}

/// Whether a command line, without the program's name, changes something: what must survive a crash.
///
/// Errors: one that clap does not take.
pub fn changes(words: &[&str]) -> Result<bool, clap::Error> {
    Ok(Cli::try_parse_from([&["mlops"], words].concat())?.command.writes())
}

/// The whole command tree, for completions and the snapshot of the help.
pub fn tree() -> clap::Command {
    Cli::command()
}
