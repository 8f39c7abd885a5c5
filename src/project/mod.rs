//! The project on disk: where its root is, what `mlops.toml` defines, what `mlops.lock` pins, who holds which lock.

mod definitions;
mod identity;
mod init;
mod lock_file;
mod locks;
mod name;
mod reference;
mod root;
mod span;
mod text;

pub use definitions::{
    Agg, AsOf, Cv, DataDef, Definitions, EntityDef, Expectation, FeatureDef, Format, Gate, MonitorDef, Online,
    PerformanceDef, PrepDef, ProjectDef, RetrainDef, Search, ServeDef, SetDef, Severity, Split, TrainDef, Triggers,
    WindowDef,
};
pub use identity::{canonical, identity};
pub use init::{InitOutcome, init};
pub use lock_file::LockFile;
pub use locks::Lock;
pub use name::Name;
pub use reference::{Reference, Selector};
pub use root::Project;
pub use span::{Span, day_text, now_micros, parse_time, time_text};
