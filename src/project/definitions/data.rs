//! `[data.NAME]`: where a dataset lies, and its contracts.

use super::CellType;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// File formats of tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DataDef {
    /// A file, a folder or a glob, relative to the root.
    pub path: String,
    /// The tables' format; by the files' endings without one.
    pub format: Option<Format>,
    /// The character between the cells of CSV files, such as `;` or a tab: recognised without it.
    pub separator: Option<char>,
    /// The character around cells that hold a separator, `"` without it; an empty text if quotes are letters like others.
    pub quote: Option<String>,
    /// The character before the decimals of CSV files, `.` or `,`: recognised without it.
    pub decimal: Option<char>,
    /// The encoding of CSV files, such as `latin1`, `windows-1252` or `utf-16`; UTF-8 without it.
    pub encoding: Option<String>,
    /// Texts of CSV files that stand for a missing value, in place of `NA` and its friends. Empty cells are always missing.
    pub null_values: Option<Vec<String>>,
    /// Columns of CSV files and what they hold; another cell is an error.
    #[serde(default)]
    pub types: BTreeMap<String, CellType>,
    /// Columns of CSV files with days or times, and the form these are written in, such as `%d/%m/%Y`.
    #[serde(default)]
    pub dates: BTreeMap<String, String>,
    /// Columns whose values together identify a row.
    #[serde(default)]
    pub key: Vec<String>,
    /// Contracts checked before a version is recorded.
    #[serde(default)]
    pub expect: Vec<Expectation>,
}

impl DataDef {
    /// A dataset of which only the path is said.
    pub fn at(path: String) -> Self {
        DataDef { path, ..DataDef::default() }
    }
}

/// What happens when a contract is broken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
    /// What happens when rows break the rule.
    pub severity: Severity,
}

impl Expectation {
    /// Exactly one rule, and `mostly` between 0 and 1.
    pub(super) fn check(&self) -> Result<()> {
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
        if self.unique.as_ref().is_some_and(Vec::is_empty) {
            return Err(
                Error::invalid("unique = [] names no column").hint("give the columns of the key: unique = [\"id\"]")
            );
        }
        match self.mostly.filter(|share| !(*share > 0.0 && *share <= 1.0)) {
            Some(share) => Err(Error::invalid(format!("mostly = {share} is not a share of rows"))
                .hint("give a number above 0 and at most 1: mostly = 0.9")),
            None => Ok(()),
        }
    }
}
