//! `mlops.toml` as types. The file is data: reading it runs nothing. Unknown keys are refused with their place.

use super::{Name, Span};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;

/// All definitions of a project.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Definitions {
    /// `[project]`
    pub project: ProjectDef,
    /// `[data.NAME]`
    pub data: BTreeMap<Name, DataDef>,
    /// `[entity.NAME]`
    pub entity: BTreeMap<Name, EntityDef>,
    /// `[feature.NAME]`
    pub feature: BTreeMap<Name, FeatureDef>,
    /// `[set.NAME]`
    pub set: BTreeMap<Name, SetDef>,
    /// `[train.NAME]`
    pub train: BTreeMap<Name, TrainDef>,
    /// `[serve.NAME]`
    pub serve: BTreeMap<Name, ServeDef>,
    /// `[monitor.NAME]`
    pub monitor: BTreeMap<Name, MonitorDef>,
    /// `[retrain.NAME]`
    pub retrain: BTreeMap<Name, RetrainDef>,
}

/// `[project]`: who it is and the seed of everything random.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProjectDef {
    /// The project's name; the folder's name without one.
    pub name: Option<String>,
    /// Seed of splits, folds, searches and learners.
    pub seed: u64,
}

/// File formats of tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Comma-separated values with a header line.
    Csv,
    /// Apache Parquet.
    Parquet,
    /// JSON Lines: one object a line.
    #[serde(alias = "ndjson")]
    Jsonl,
}

/// `[data.NAME]`: where a dataset lies and what must hold for it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataDef {
    /// A file, a folder or a glob, relative to the root.
    pub path: String,
    /// The tables' format; by the files' endings without one.
    pub format: Option<Format>,
    /// Columns that name a row.
    #[serde(default)]
    pub key: Vec<String>,
    /// Contracts checked before a version is recorded.
    #[serde(default)]
    pub expect: Vec<Expectation>,
}

/// What a broken contract does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The version is refused.
    #[default]
    Block,
    /// The version is recorded with a warning.
    Warn,
}

/// One contract: exactly one rule on a column, a set of columns or the table.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expectation {
    /// The column a rule is about.
    pub column: Option<String>,
    /// No value is null.
    pub not_null: Option<bool>,
    /// No two rows have the same values in these columns.
    pub unique: Option<Vec<String>>,
    /// Values lie in the closed interval (nulls pass).
    pub between: Option<[f64; 2]>,
    /// Values are among these (nulls pass).
    #[serde(rename = "in")]
    pub in_set: Option<Vec<Value>>,
    /// Texts match the regular expression somewhere (nulls pass).
    pub matches: Option<String>,
    /// The column's type: `integer`, `float`, `text`, `boolean`, `time`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// A SQL condition that holds for each row (null passes).
    pub condition: Option<String>,
    /// The number of rows lies in the closed interval.
    pub rows: Option<[u64; 2]>,
    /// The share of rows for which the rule must hold, above 0 and at most 1.
    pub mostly: Option<f64>,
    /// What a break does.
    pub severity: Severity,
}

impl Expectation {
    /// One rule, and a share that is one.
    fn check(&self) -> Result<()> {
        let given = [
            ("not_null", self.not_null.is_some()),
            ("unique", self.unique.is_some()),
            ("between", self.between.is_some()),
            ("in", self.in_set.is_some()),
            ("matches", self.matches.is_some()),
            ("type", self.kind.is_some()),
            ("condition", self.condition.is_some()),
            ("rows", self.rows.is_some()),
        ];
        let rules: Vec<&str> = given.iter().filter(|(_, given)| *given).map(|(name, _)| *name).collect();
        if rules.len() > 1 {
            return Err(Error::invalid(format!("{} rules in one: {}", rules.len(), rules.join(", ")))
                .hint("give each rule a contract of its own"));
        }
        match self.mostly.filter(|share| !(*share > 0.0 && *share <= 1.0)) {
            Some(share) => Err(Error::invalid(format!("mostly = {share} is no share of rows"))
                .hint("give a number above 0 and at most 1: mostly = 0.9")),
            None => Ok(()),
        }
    }
}

/// `[entity.NAME]`: the keys features belong to.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntityDef {
    /// Key columns.
    pub keys: Vec<String>,
}

/// Statistics over a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Agg {
    /// Number of values that are not null.
    Count,
    /// Their sum; null over none.
    Sum,
    /// Their mean; null over none.
    Mean,
    /// The smallest; null over none.
    Min,
    /// The largest; null over none.
    Max,
    /// Sample standard deviation (n - 1); null below two values.
    Std,
}

impl Agg {
    /// The name as written in `mlops.toml` and in the feature's name.
    pub fn name(self) -> &'static str {
        match self {
            Agg::Count => "count",
            Agg::Sum => "sum",
            Agg::Mean => "mean",
            Agg::Min => "min",
            Agg::Max => "max",
            Agg::Std => "std",
        }
    }
}

/// Windowed aggregates of one column: a feature for each aggregate and window, `COLUMN_AGG_WINDOW`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WindowDef {
    /// The column of the source.
    pub column: String,
    /// The statistics.
    pub agg: Vec<Agg>,
    /// The lengths: rows with `t - over < event_time <= t` count.
    pub over: Vec<Span>,
}

/// Whether and how much of a view the online store keeps.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Online {
    /// Kept or not.
    Flag(bool),
    /// Kept, with rows this far back so that late requests are answered as of their own time.
    Kept {
        /// How far back beyond windows and ttl.
        history: Span,
    },
}

/// `[feature.NAME]`: a view over a dataset or a query.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureDef {
    /// A dataset; or else `sql`.
    pub source: Option<Name>,
    /// A query over datasets by their names; or else `source`.
    pub sql: Option<String>,
    /// The entity its rows belong to.
    pub entity: Name,
    /// When a row became true.
    pub event_time: String,
    /// When a row became known, if later.
    pub created_time: Option<String>,
    /// `event`: ignore when a row became known except to break ties, as Feast does.
    pub as_of: Option<AsOf>,
    /// How old a row may be.
    pub ttl: Option<Span>,
    /// Columns taken as they are, of the newest row.
    #[serde(default)]
    pub columns: Vec<String>,
    /// Aggregates over sliding windows.
    #[serde(default)]
    pub windows: Vec<WindowDef>,
    /// Name → expression over this view's features.
    #[serde(default)]
    pub derive: BTreeMap<String, String>,
    /// The online store's part; kept without one.
    pub online: Option<Online>,
}

/// Which time decides whether a row is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AsOf {
    /// The event time alone.
    Event,
    /// The created time too (the default where one is declared).
    Created,
}

/// `[set.NAME]`: a training set.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetDef {
    /// The dataset whose rows are the examples.
    pub spine: Name,
    /// A SQL condition on the spine's rows.
    #[serde(rename = "where")]
    pub filter: Option<String>,
    /// The spine's time, for views, windows and splits.
    pub event_time: Option<String>,
    /// A SQL expression for what is to be predicted.
    pub label: Option<String>,
    /// Spine columns, `VIEW:COLUMN`, `VIEW:*`, or `*` for all other columns of the spine.
    pub features: Vec<String>,
    /// Name → expression over the features above, computed offline and at request alike.
    #[serde(default)]
    pub derive: BTreeMap<String, String>,
    /// How rows fall into train, validation and test.
    pub split: Option<Split>,
}

/// How rows fall into train, validation and test.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "lowercase", deny_unknown_fields)]
pub enum Split {
    /// Rows from these instants on.
    Time {
        /// Start of validation.
        validation: Option<String>,
        /// Start of test.
        test: Option<String>,
        /// End of the table: rows from here on are left out.
        end: Option<String>,
    },
    /// Shares by a stable hash of seed and key: a row never changes sides.
    Hash {
        /// Share of validation, 0 to 1.
        #[serde(default)]
        validation: f64,
        /// Share of test, 0 to 1.
        #[serde(default)]
        test: f64,
        /// The key, when it is not the dataset's.
        key: Option<Vec<String>>,
    },
    /// A column that says `train`, `validation` or `test`.
    Column {
        /// Its name.
        column: String,
    },
}

/// One step of preparation; parameters beside `op` and `columns` depend on the step.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PrepDef {
    /// The step: `impute`, `clip`, `scale`, `one_hot`, `ordinal`.
    pub op: String,
    /// `numeric`, `categorical`, `all`, one name or a list.
    #[serde(default)]
    pub columns: Value,
    /// The step's own parameters.
    #[serde(flatten)]
    pub params: Map<String, Value>,
}

/// Cross-validation on the training part.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cv {
    /// Number of folds, at least 2.
    pub folds: usize,
    /// `stratified` (the default) or `time`.
    pub by: Option<String>,
}

/// A search over parameters.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// `random` or `grid`.
    pub method: String,
    /// Candidates of a random search.
    pub trials: Option<usize>,
    /// Parameter → values or range.
    pub space: Map<String, Value>,
    /// The metric to be best at; `auc` without one.
    pub metric: Option<String>,
}

/// `[train.NAME]`: a recipe.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainDef {
    /// The training set.
    pub set: Name,
    /// Preparation; the estimator's own without one.
    pub prep: Option<Vec<PrepDef>>,
    /// `binary` (found from the label without one).
    pub task: Option<String>,
    /// The estimator.
    pub model: String,
    /// Its parameters, by scikit-learn's names.
    #[serde(default)]
    pub params: Map<String, Value>,
    /// Search.
    pub search: Option<Search>,
    /// Cross-validation.
    pub cv: Option<Cv>,
    /// Probability from which a row is called positive, 0 to 1; 0.5 without one.
    pub threshold: Option<f64>,
}

/// `[serve.NAME]`: a deployment.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServeDef {
    /// The model reference.
    pub model: String,
}

/// `[monitor.NAME]`: what is watched of a deployment.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MonitorDef {
    /// The deployment whose log is read; the monitor's own name without one.
    pub deployment: Option<Name>,
    /// `training` (the model's training rows, the default) or a dataset reference.
    pub reference: Option<String>,
    /// Columns to look at; every feature without them.
    pub columns: Option<Vec<String>>,
    /// Column → test, in place of the default.
    #[serde(default)]
    pub tests: BTreeMap<String, String>,
    /// Column → threshold, in place of the test's.
    #[serde(default)]
    pub thresholds: BTreeMap<String, f64>,
    /// Share of drifted columns from which the whole is called drifted, 0 to 1; 0.5 without one.
    pub drift_share: Option<f64>,
    /// What the realised performance must be.
    pub performance: Option<PerformanceDef>,
}

/// Realised performance by chunk.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerformanceDef {
    /// The metric.
    pub metric: String,
    /// It must be at least this.
    pub min: Option<f64>,
    /// It must be at most this (for losses).
    pub max: Option<f64>,
    /// Length of a chunk; 7 days without one.
    pub chunk: Option<Span>,
}

/// When to retrain.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Triggers {
    /// The monitor's drift verdict.
    pub drift: Option<bool>,
    /// The monitor's performance verdict.
    pub performance: Option<bool>,
    /// At least so many rows since the champion's data.
    pub new_rows: Option<u64>,
}

/// What a challenger must show.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// The metric both are compared by.
    pub metric: String,
    /// The challenger must be better by more than this.
    #[serde(default)]
    pub min_gain: f64,
}

/// `[retrain.NAME]`: the closing of the loop.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetrainDef {
    /// The recipe.
    pub train: Name,
    /// The registered model.
    pub model: Name,
    /// The monitor whose verdicts trigger.
    pub monitor: Option<Name>,
    /// When to retrain.
    #[serde(default)]
    pub triggers: Triggers,
    /// Only rows this far back from the newest; all without one.
    pub window: Option<Span>,
    /// The newest rows, held back from training, on which both models are compared.
    pub holdout: Span,
    /// What a challenger must show; a better AUC without one.
    pub gate: Option<Gate>,
    /// The alias that is moved on promotion; `champion` without one.
    pub alias: Option<Name>,
}

impl Definitions {
    /// Reads and checks the file at `path`.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|e| Error::io("read", path, e))?;
        Definitions::parse(&text)
    }

    /// Parses the text of an `mlops.toml`.
    pub fn parse(text: &str) -> Result<Self> {
        let definitions: Definitions = toml::from_str(text).map_err(|e| {
            let place = e.span().map(|span| {
                let before = &text.as_bytes()[..span.start.min(text.len())];
                before.iter().filter(|b| **b == b'\n').count() + 1
            });
            let at = place.map_or_else(|| "mlops.toml".to_owned(), |line| format!("mlops.toml line {line}"));
            Error::invalid(e.message().to_owned()).at(at).hint("docs/reference/mlops-toml.md lists every key")
        })?;
        definitions.check()?;
        Ok(definitions)
    }

    /// What the types alone can't say: names that point at other definitions.
    fn check(&self) -> Result<()> {
        for (name, data) in &self.data {
            for (at, expectation) in data.expect.iter().enumerate() {
                expectation.check().map_err(|e| e.at(format!("mlops.toml [data.{name}] contract {}", at + 1)))?;
            }
        }
        for (name, view) in &self.feature {
            let place = format!("mlops.toml [feature.{name}]");
            known("entity", &view.entity, &self.entity).map_err(|e| e.at(&place))?;
            match (&view.source, &view.sql) {
                (Some(source), None) => known("dataset", source, &self.data).map_err(|e| e.at(&place))?,
                (None, Some(_)) => {}
                _ => return Err(Error::invalid("give either source or sql").at(place)),
            }
            if view.columns.is_empty() && view.windows.is_empty() {
                return Err(Error::invalid("no features").at(place).hint("give columns or windows"));
            }
        }
        for (name, set) in &self.set {
            known("dataset", &set.spine, &self.data).map_err(|e| e.at(format!("mlops.toml [set.{name}]")))?;
        }
        for (name, train) in &self.train {
            known("set", &train.set, &self.set).map_err(|e| e.at(format!("mlops.toml [train.{name}]")))?;
        }
        for (name, retrain) in &self.retrain {
            let place = format!("mlops.toml [retrain.{name}]");
            known("recipe", &retrain.train, &self.train).map_err(|e| e.at(&place))?;
            if let Some(monitor) = &retrain.monitor {
                known("monitor", monitor, &self.monitor).map_err(|e| e.at(&place))?;
            }
        }
        Ok(())
    }

    /// The definition called `name` in one of the tables, or an error that offers the nearest.
    pub fn get<'a, T>(what: &str, table: &'a BTreeMap<Name, T>, name: &Name) -> Result<&'a T> {
        table.get(name).ok_or_else(|| Error::unknown(what, name.as_str(), table.keys().map(Name::as_str)))
    }
}

fn known<T>(what: &str, name: &Name, table: &BTreeMap<Name, T>) -> Result<()> {
    Definitions::get(what, table, name).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let e = Definitions::parse("[project]\nname = \"x\"\nsead = 7\n").unwrap_err();
        assert!(e.message().contains("line 3") && e.message().contains("sead"), "{e}");
    }

    #[test]
    fn a_contract_has_one_rule_and_a_share_that_is_one() {
        let contract = |text: &str| Definitions::parse(&format!("[data.a]\npath = 'a'\nexpect = [{{ {text} }}]\n"));
        assert!(contract("column = 'x', between = [0, 1], mostly = 0.9").is_ok());
        let e = contract("column = 'x', not_null = true, between = [0, 1]").unwrap_err();
        assert!(e.message().contains("[data.a] contract 1: 2 rules in one: not_null, between"), "{e}");
        assert!(contract("column = 'x', not_null = true, mostly = 7.0").is_err());
        assert!(contract("column = 'x', not_null = true, mostly = 0.0").is_err());
    }

    #[test]
    fn a_view_of_an_unknown_dataset_gets_the_nearest_name() {
        let text = "[data.weather]\npath='w.csv'\n[entity.airport]\nkeys=['origin']\n[feature.w]\nsource='wether'\nentity='airport'\nevent_time='t'\ncolumns=['temp']\n";
        let e = Definitions::parse(text).unwrap_err();
        assert_eq!(e.hint_text(), Some("did you mean \"weather\"?"));
    }
}
