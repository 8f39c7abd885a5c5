//! `mlops.toml` as types, one file a section or two: `data` (with contracts) and `csv_form`, `feature` (`[entity]` and `[feature]`), `set`,
//! `train` (with preparation, search and folds), `serve`, `monitor`, `retrain`. The file is data: reading it runs nothing. Unknown keys
//! are refused with their place.
//!
//! A section checks itself (`check`) for what its types can't say; `file` reads the whole and has each section checked;
//! `append` adds tables at the end of the file.
//!
//! For example, `[data.loans]` with `path = "loans.csv"` and `expect = [{ column = "amount", between = [0, 50000] }]` becomes a
//! `DataDef` with one `Expectation` of severity `Block`; `betwen = …` is refused with "mlops.toml line 3" and the key's name, and
//! a contract with two rules by `check`.

mod append;
mod csv_form;
mod data;
mod feature;
mod file;
mod monitor;
mod retrain;
#[cfg(test)]
mod schema_tests;
mod serve;
mod set;
mod train;

pub use append::{quoted_key, text_with_tables, write_definitions};
pub use csv_form::{CellType, CsvForm, KnownColumn};
pub use data::{DataDef, Expectation, Format, Severity};
pub use feature::{Agg, AsOf, EntityDef, FeatureDef, Online, WindowDef};
pub use file::{Definitions, ProjectDef};
pub use monitor::{MonitorDef, PerformanceDef};
pub use retrain::{Gate, RetrainDef, Triggers};
pub use serve::ServeDef;
pub use set::{SetDef, Split};
pub use train::{Cv, PrepDef, Search, Threshold, ThresholdChoice, TrainDef};
