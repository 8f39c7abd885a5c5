//! The command tree: global flags, every command, and which of them change something.

use super::ui::{Color, LogFormat};
use super::{Context, Outcome};
use super::{
    completions, data, feature, fsck, help, init, lineage, log, model, monitor, predict, retrain, run, serve, status,
    train,
};
use crate::error::Result;
use clap::{CommandFactory, Parser, Subcommand};
use std::path::{Path, PathBuf};

/// The machine-learning operations loop inside a git repository
///
/// Data versions, features, runs, models, serving, monitoring and retraining in one program. Everything is described
/// in `mlops.toml`; what was done lies in `.mlops`.
#[derive(Parser)]
#[command(
    name = "mlops",
    version,
    after_help = "Start with `mlops train FILE --target COLUMN`, or with `mlops init`, then `mlops status`. `mlops help toml` lists every key of mlops.toml.",
    max_term_width = 100,
    disable_help_subcommand = true
)]
pub(super) struct Cli {
    /// Print one JSON document instead of text
    #[arg(long, global = true, help_heading = "Global options")]
    pub(super) json: bool,
    /// Print nothing but errors
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub(super) quiet: bool,
    /// Say on standard error what is done, and what lies behind an error; -vv says more
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "Global options")]
    pub(super) verbose: u8,
    /// Work as if started in this folder
    #[arg(short = 'C', long, global = true, value_name = "DIR", help_heading = "Global options")]
    pub(super) project: Option<PathBuf>,
    /// Threads to compute with; all cores without it
    #[arg(
        long,
        global = true,
        value_name = "N",
        env = "MLOPS_THREADS",
        hide_env_values = true,
        help_heading = "Global options"
    )]
    pub(super) threads: Option<usize>,
    /// When to colour
    #[arg(long, global = true, value_enum, default_value = "auto", help_heading = "Global options")]
    pub(super) color: Color,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Subcommand)]
pub(super) enum Command {
    Init(init::InitArgs),
    Train(train::TrainFileArgs),
    Predict(predict::PredictFileArgs),
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
    Help(help::HelpArgs),
}

impl Command {
    /// Whether the command changes something and so belongs in the log.
    pub(super) fn writes(&self) -> bool {
        match self {
            Command::Init(_) | Command::Train(_) | Command::Serve(_) => true,
            Command::Retrain(args) => args.writes(),
            Command::Data(c) => c.writes(),
            Command::Feature(c) => c.writes(),
            Command::Run(c) => c.writes(),
            Command::Model(c) => c.writes(),
            Command::Monitor(c) => c.writes(),
            _ => false,
        }
    }

    /// How a command that runs for long wants its log.
    pub(super) fn log_format(&self) -> Option<LogFormat> {
        match self {
            Command::Serve(args) => args.log_format(),
            _ => None,
        }
    }

    /// A folder of the project the command is about; `init` may make one elsewhere.
    pub(super) fn place(&self, folder: &Path) -> PathBuf {
        match self {
            Command::Init(args) => args.place(folder),
            _ => folder.to_owned(),
        }
    }

    /// Carries the command out.
    pub(super) fn run(self, context: &Context) -> Result<Outcome> {
        match self {
            Command::Init(args) => init::run(context, args),
            Command::Train(args) => train::run(context, args),
            Command::Predict(args) => predict::run(context, args),
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
            Command::Help(args) => help::run(context, args),
        }
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
