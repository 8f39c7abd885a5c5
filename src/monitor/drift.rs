//! Drift of a table's columns against a reference, one test a column, and the verdict over all of them.

use super::picture_bins::distribution_of;
use super::statistics::{ColumnKind, Sample, Test, TestOutcome};
use super::watched_model::Watched;
use crate::data::{Column, Columns, Kind, Value};
use crate::document::plot::Distribution;
use crate::error::{Error, Result};
use crate::progress::Progress;
use crate::project::time_text;
use rayon::prelude::*;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Drift is reported when this share of the columns drifted, if nothing else is said; as in Evidently.
const DRIFT_SHARE: f64 = 0.5;

/// How drift is looked for.
#[derive(Debug, Clone, Default)]
pub struct DriftOptions {
    /// Columns to look at; every column that both tables have without them.
    pub columns: Option<Vec<String>>,
    /// Column → test.
    pub tests: BTreeMap<String, Test>,
    /// Column → threshold.
    pub thresholds: BTreeMap<String, f64>,
    /// Drift is reported when this share of the columns drifted.
    pub share: Option<f64>,
    /// Columns that name rows.
    pub keys: BTreeSet<String>,
    /// Columns that are predicted: the current table may lack them.
    pub targets: BTreeSet<String>,
    /// Whether the reference may have columns that the current table lacks, as a training set beside a model's inputs.
    pub wider_reference: bool,
}

/// One column's verdict.
#[derive(Debug, Clone, Serialize)]
pub struct ColumnDrift {
    /// Its name.
    pub column: String,
    /// `numeric` or `categorical`.
    pub kind: &'static str,
    /// The test's name.
    pub test: &'static str,
    /// Its p-value or distance.
    pub score: f64,
    /// What it is held against.
    pub threshold: f64,
    /// Whether the column drifted.
    pub drifted: bool,
}

/// A column that could not be tested: nobody knows whether it drifted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UntestedColumn {
    /// Its name.
    pub column: String,
    /// Why not.
    pub reason: String,
}

/// A column with what its test found and its picture, for a report.
#[derive(Debug, Clone, PartialEq)]
pub struct TestedColumn {
    /// Its name.
    pub column: String,
    /// How it was compared.
    pub kind: ColumnKind,
    /// What the test found, or why there is no answer.
    pub outcome: std::result::Result<TestOutcome, String>,
    /// Share of missing values in the reference and in the current data, 0..=1.
    pub missing: (f64, f64),
    /// What it looks like.
    pub distribution: Distribution,
}

impl TestedColumn {
    /// Whether its test was done and found drift.
    pub(super) fn drifted(&self) -> bool {
        self.outcome.as_ref().is_ok_and(|outcome| outcome.drifted)
    }

    /// How far the score is beyond its threshold, so that the worst column comes first.
    pub(super) fn severity(&self) -> f64 {
        let Ok(outcome) = &self.outcome else { return 0.0 };
        let ratio = outcome.score.max(f64::MIN_POSITIVE) / outcome.threshold.max(f64::MIN_POSITIVE);
        if outcome.test.is_p_value() { -ratio.ln() } else { ratio.ln() }
    }
}

/// The verdict over all columns.
#[derive(Debug, Clone, Serialize)]
pub struct DriftOutcome {
    /// The model and what was read of the log, where a deployment's rows were looked at.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub watched: Option<Watched>,
    /// Rows of the reference.
    pub rows_reference: usize,
    /// Rows looked at.
    pub rows_current: usize,
    /// Whether at least the given share of columns drifted.
    pub drifted: bool,
    /// Share of drifted columns among those that were tested.
    pub share: f64,
    /// Drift is reported from this share on.
    pub share_threshold: f64,
    /// One entry a tested column, in the order of the reference.
    pub columns: Vec<ColumnDrift>,
    /// Columns that are gone, empty or of another type, with the reason.
    pub untested: Vec<UntestedColumn>,
    /// Columns that no test looks at, with the reason: times, which move on by themselves, keys, and the target where it is not known yet.
    pub left_out: Vec<UntestedColumn>,
    /// The same with pictures, for a report.
    #[serde(skip)]
    pub details: Vec<TestedColumn>,
}

impl DriftOutcome {
    /// Whether nothing speaks of drift: the share stays below its limit, and no column is unknown, unless that is allowed.
    pub fn holds(&self, allow_untested: bool) -> bool {
        !self.drifted && (allow_untested || self.untested.is_empty())
    }
}

/// Compares the columns of both tables; those that can't be compared are named with the reason. No more columns are in memory than threads work on.
pub fn drift(
    reference: &dyn Columns,
    current: &dyn Columns,
    options: &DriftOptions,
    progress: &Progress,
) -> Result<DriftOutcome> {
    let (rows_reference, rows_current) = (reference.rows()?, current.rows()?);
    if rows_reference == 0 || rows_current == 0 {
        let which = if rows_reference == 0 { "reference" } else { "current table" };
        return Err(Error::invalid(format!("the {which} has no rows")).hint("choose a longer time, or another table"));
    }
    let Pairs { names, mut untested, left_out } = pairs(reference, current, options)?;
    let step = progress.step("testing columns", Some(names.len() as u64));
    let details = names
        .par_iter()
        .map(|name| {
            step.check()?;
            let column = one(name, reference.column(name)?, current.column(name)?, options)?;
            step.advance(1);
            Ok(column)
        })
        .collect::<Result<Vec<_>>>()?;
    drop(step);
    let columns: Vec<ColumnDrift> = details.iter().filter_map(plain).collect();
    let without_answer =
        details.iter().filter_map(|detail| Some((detail.column.clone(), detail.outcome.as_ref().err()?)));
    untested.extend(without_answer.map(|(column, reason)| UntestedColumn { column, reason: reason.clone() }));
    let tested = columns.len();
    let drifted = columns.iter().filter(|c| c.drifted).count();
    let share = if tested == 0 { 0.0 } else { drifted as f64 / tested as f64 };
    let share_threshold = options.share.unwrap_or(DRIFT_SHARE);
    Ok(DriftOutcome {
        watched: None,
        rows_reference,
        rows_current,
        drifted: tested > 0 && share >= share_threshold,
        share,
        share_threshold,
        columns,
        untested,
        left_out,
        details,
    })
}

/// Columns that both tables have, those that one of them lacks, and those that nobody compares.
struct Pairs {
    names: Vec<String>,
    untested: Vec<UntestedColumn>,
    left_out: Vec<UntestedColumn>,
}

fn pairs(reference: &dyn Columns, current: &dyn Columns, options: &DriftOptions) -> Result<Pairs> {
    let (known, there) = (reference.kinds(), current.kinds());
    let names = |kinds: &[(&str, Kind)], name: &str| kinds.iter().any(|(n, _)| *n == name);
    for name in options.tests.keys().chain(options.thresholds.keys()).chain(options.columns.iter().flatten()) {
        if !names(&known, name) {
            return Err(Error::unknown("column", name, known.iter().map(|(n, _)| *n)));
        }
    }
    if let Some(columns) = &options.columns {
        if let Some(missing) = columns.iter().find(|name| !names(&there, name)) {
            return Err(Error::unknown("column", missing, there.iter().map(|(n, _)| *n)));
        }
        return Ok(Pairs { names: columns.clone(), untested: Vec::new(), left_out: Vec::new() });
    }
    let (mut names, mut untested, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
    for (name, kind) in &known {
        let mut leave_out = |reason: &str| {
            left_out.push(UntestedColumn { column: (*name).to_owned(), reason: reason.to_owned() });
        };
        if options.keys.contains(*name) {
            leave_out("it names the rows");
            continue;
        }
        let reason = match there.iter().find(|(other, _)| other == name).map(|(_, kind)| *kind) {
            None if options.wider_reference => continue,
            None if options.targets.contains(*name) => {
                leave_out("it is predicted, and not in the current table");
                continue;
            }
            None => "it is not in the current table".to_owned(),
            Some(Kind::Time) if *kind == Kind::Time && !has_no_values(current, name)? => {
                leave_out("it is a time in both");
                continue;
            }
            Some(found) if *kind != Kind::Time && are_comparable(*kind, found) => {
                names.push((*name).to_owned());
                continue;
            }
            Some(_) if has_no_values(current, name)? => "the current sample has no values".to_owned(),
            Some(_) if has_no_values(reference, name)? => "the reference sample has no values".to_owned(),
            Some(found) => format!("it is {kind} in the reference and {found} in the current table"),
        };
        untested.push(UntestedColumn { column: (*name).to_owned(), reason });
    }
    for (name, _) in there.iter().filter(|(name, _)| !known.iter().any(|(n, _)| n == name)) {
        untested.push(UntestedColumn { column: (*name).to_owned(), reason: "it is not in the reference".to_owned() });
    }
    if names.is_empty() {
        let none = "the two tables have no column of the same name and type in common";
        let none = if left_out.is_empty() { none.to_owned() } else { format!("{none} but those that are left out") };
        return Err(Error::invalid(none).hint("rename the columns of one, or choose another table"));
    }
    Ok(Pairs { names, untested, left_out })
}

/// Whole numbers and floats are both numbers: one missing value in a column of whole numbers makes floats of them.
fn are_comparable(a: Kind, b: Kind) -> bool {
    a == b || (a.is_number() && b.is_number())
}

fn has_no_values(table: &dyn Columns, name: &str) -> Result<bool> {
    Ok(table.column(name)?.cells().all(|cell| cell == Value::Null))
}

fn one(name: &str, reference: Cow<Column>, current: Cow<Column>, options: &DriftOptions) -> Result<TestedColumn> {
    if !are_comparable(reference.kind(), current.kind()) {
        return Err(Error::invalid(format!(
            "column \"{name}\" is {} in the reference and {} in the current table",
            reference.kind(),
            current.kind()
        ))
        .hint("compare tables that were read the same way, or leave the column out of --columns"));
    }
    let lengths = (reference.len(), current.len());
    let wanted = options.tests.get(name);
    let takes_categories = wanted.is_none_or(|test| test.accepts(ColumnKind::Categorical));
    let (a, b) = match takes_categories && are_codes(&reference, &current) {
        true => (codes(&reference), codes(&current)),
        false => (sample(reference), sample(current)),
    };
    let test = wanted.copied().unwrap_or_else(|| Test::default_for(&a, &b));
    let outcome = test.evaluate(options.thresholds.get(name).copied(), &a, &b);
    let outcome: std::result::Result<TestOutcome, String> = match outcome {
        Ok(outcome) => Ok(outcome),
        // A test that was asked for must say why it can't be done; a default one is left out of the verdict.
        Err(e) if options.tests.contains_key(name) => return Err(e.at(format!("column \"{name}\""))),
        Err(e) => Err(e.message().to_owned()),
    };
    let missing = (missing_share(lengths.0, a.len()), missing_share(lengths.1, b.len()));
    Ok(TestedColumn {
        column: name.to_owned(),
        kind: a.kind(),
        outcome,
        missing,
        distribution: distribution_of(&a, &b),
    })
}

fn missing_share(rows: usize, present: usize) -> f64 {
    if rows == 0 { 0.0 } else { 1.0 - present as f64 / rows as f64 }
}

/// A column's values without the missing ones: numbers as numbers, everything else as categories.
fn sample(column: Cow<Column>) -> Sample {
    if let Some((codes, words)) = column.as_texts() {
        let mut counts = vec![0u64; words.len()];
        for code in codes {
            if let Some(count) = counts.get_mut(*code as usize) {
                *count += 1;
            }
        }
        return Sample::categorical(words.iter().cloned().zip(counts).filter(|(_, n)| *n > 0));
    }
    if column.kind().is_number() {
        return Sample::numeric(column.into_owned().into_numbers().unwrap_or_default());
    }
    let known = column.cells().filter(|cell| *cell != Value::Null);
    let label = |cell: Value| match cell {
        Value::Time(t) => time_text(t),
        other => other.to_json().to_string(),
    };
    Sample::categorical(known.map(|cell| (label(cell), 1)))
}

/// Different whole numbers that are rather codes than amounts, as Evidently takes them.
const MOST_CODES: usize = 10;

/// Whether both columns are whole numbers, and the current one has few different ones and none missing.
fn are_codes(reference: &Column, current: &Column) -> bool {
    let mut seen = BTreeSet::new();
    let few = |cell: Value| match cell {
        Value::Integer(number) => {
            seen.insert(number);
            seen.len() <= MOST_CODES
        }
        _ => false,
    };
    [reference, current].iter().all(|column| column.kind() == Kind::Integer) && current.cells().all(few)
}

/// Whole numbers as categories.
fn codes(column: &Column) -> Sample {
    let mut counts: BTreeMap<i128, u64> = BTreeMap::new();
    for cell in column.cells() {
        if let Value::Integer(number) = cell {
            *counts.entry(number).or_default() += 1;
        }
    }
    Sample::categorical(counts.into_iter().map(|(number, count)| (number.to_string(), count)))
}

fn plain(detail: &TestedColumn) -> Option<ColumnDrift> {
    let outcome = detail.outcome.as_ref().ok()?;
    Some(ColumnDrift {
        column: detail.column.clone(),
        kind: detail.kind.name(),
        test: outcome.test.name(),
        score: outcome.score,
        threshold: outcome.threshold,
        drifted: outcome.drifted,
    })
}
