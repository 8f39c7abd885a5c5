//! The project on disk: where its root is, what `mlops.toml` defines, what `mlops.lock` pins, who holds which lock.
//!
//! - `root`: finding and opening a project; `init`: making one
//! - `definitions`: `mlops.toml` as types; `lock_file`: `mlops.lock`; `identity`: the hash of what a definition means
//! - `name`, `reference`, `time`: checked words of the command line and of `mlops.toml`; `read_time`: texts that are times without more being said, `time_format`: in a form of the person's own; `read_text`: reading the project's own files
//! - `git`: what git knows of the project; `git_ignore`: what it is told to leave alone; `reserved`: which paths can't be data
//! - `locks`: one writer at a time
//!
//! For example, in a folder with
//!
//! ```text
//! mlops.toml     [data.loans]
//!                path = "loans.csv"
//!                key = ["id"]
//! mlops.lock     loans 06ddd3…
//! ```
//!
//! `Project::find` from any folder below gives a project with one dataset. The reference `loans` means the version 06ddd3… that
//! `mlops.lock` names, `loans@1` the first one recorded, and `loans@latest` the newest.

mod definitions;
mod git;
mod git_ignore;
mod identity;
mod init;
mod lock_file;
mod locks;
mod name;
mod read_text;
mod read_time;
mod reference;
mod reserved;
mod root;
mod time;
mod time_format;

pub use definitions::{
    Agg, AsOf, CellType, CsvForm, Cv, DataDef, Definitions, EntityDef, Expectation, FeatureDef, Format, Gate,
    KnownColumn, MonitorDef, Online, PerformanceDef, PrepDef, ProjectDef, RetrainDef, Search, ServeDef, SetDef,
    Severity, Split, Threshold, ThresholdChoice, TrainDef, Triggers, WindowDef, quoted_key, text_with_tables,
    write_definitions,
};
pub use git::{GitRepository, TrackedAnywhere, git_user};
pub use git_ignore::{can_ignore, ignore, ignore_line};
pub use identity::{canonical, identity};
pub use init::{InitOutcome, init};
pub use lock_file::LockFile;
pub use locks::Lock;
pub use name::Name;
pub use read_time::TimeText;
pub use reference::{Reference, Selector};
pub use reserved::reserved;
pub use root::Project;
pub use time::{Span, day_text, minute_text, now_micros, parse_time, time_text};
pub use time_format::{TimeFormat, TimeFormatKind};
