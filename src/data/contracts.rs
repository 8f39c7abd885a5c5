//! Contracts: what must hold for a dataset. Each rule says how many rows break it, in which file, and shows some.

use super::contract_rules::{Rule, rule};
use super::csv::KnownForm;
use super::format::format_of;
use super::keys::{Key, row_keys};
use super::polars_calls::{collect, exact_column, from_polars};
use super::table::{Table, open_each};
use super::version::{resolve, tables_of};
use super::workspace_files::scan;
use super::written_cell::WrittenCell;
use crate::error::{Error, Result};
use crate::progress::Progress;
use crate::project::{DataDef, Expectation, Name, Project, Reference, Selector, Severity};
use polars::prelude::*;
use rayon::prelude::*;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::HashSet;

/// Rows shown of those that break a rule.
const EXAMPLES: IdxSize = 5;

/// One rule, and how many rows break it.
#[derive(Debug, Clone, Serialize)]
pub struct CheckOutcome {
    /// The dataset; empty where the check stands beside its dataset, as in `data add`.
    pub dataset: String,
    /// The column, if the rule is about one.
    pub column: Option<String>,
    /// The rule in words.
    pub rule: String,
    /// Whether it held.
    pub passed: bool,
    /// What happens when it is broken.
    pub severity: Severity,
    /// Rows that break it.
    pub failed_rows: u64,
    /// Rows looked at.
    pub rows: u64,
    /// The first file that has such rows.
    pub file: Option<String>,
    /// Some of the rows, with their number in the file counted from 1.
    pub examples: Vec<Map<String, Value>>,
    /// What breaks the rule where it is not about rows one by one.
    #[serde(skip)]
    whole: Option<String>,
}

/// Every rule of every dataset looked at.
#[derive(Debug, Serialize)]
pub struct ValidateOutcome {
    /// Whether no blocking rule is broken.
    pub passed: bool,
    /// One entry a rule.
    pub checks: Vec<CheckOutcome>,
}

/// Checks the contracts of datasets: a name means its files in the workspace, `name@version` those of a recorded version. None named
/// means the workspace's files of all.
pub fn validate(project: &Project, named: &[Reference], progress: &Progress) -> Result<ValidateOutcome> {
    let all = || project.definitions().data.keys().map(|name| Reference::parse(name.as_str())).collect::<Result<_>>();
    let is_name = |name: &Name| project.definitions().data.contains_key(name);
    let mut checks = Vec::new();
    for reference in if named.is_empty() { all()? } else { named.to_vec() } {
        let found = match reference.named() {
            Some((name, Selector::Bare)) if is_name(name) || reference.hash_prefix().is_none() => {
                validate_workspace(project, name, progress)?
            }
            _ => validate_version(project, &reference, progress)?,
        };
        checks.extend(found);
    }
    let passed = checks.iter().all(|c| c.passed || c.severity == Severity::Warn);
    Ok(ValidateOutcome { passed, checks })
}

/// Today's contracts over the files that lie in the workspace.
fn validate_workspace(project: &Project, name: &Name, progress: &Progress) -> Result<Vec<CheckOutcome>> {
    let definition = project.dataset(name)?;
    let found = scan(project, &definition.path)?;
    if !says_something(definition) || (definition.expect.is_empty() && found.files.is_empty()) {
        return Ok(Vec::new());
    }
    let files = found.table_files();
    let format = format_of(definition.format, files.iter().map(|f| f.name.as_str())).ok_or_else(|| {
        Error::invalid(format!("dataset \"{name}\" is not a table")).hint("give its format in mlops.toml")
    })?;
    let tables = open_each(&files, format, &KnownForm::of(&definition.csv_form())?)?;
    check_dataset(name.to_string(), definition, &tables, progress)
}

/// Today's contracts over the files of a recorded version.
fn validate_version(project: &Project, reference: &Reference, progress: &Progress) -> Result<Vec<CheckOutcome>> {
    let version = resolve(project, &project.ledger()?, reference)?;
    let definition = project.dataset(&version.name)?;
    if !says_something(definition) {
        return Ok(Vec::new());
    }
    let shown = format!("{}@{}", version.name, version.version);
    check_dataset(shown, definition, &tables_of(project, &version)?, progress)
}

/// Whether there is something to check. Without contracts a key must be there all the same, and cells must be what `types` says.
fn says_something(definition: &DataDef) -> bool {
    !definition.expect.is_empty() || !definition.key.is_empty() || !definition.csv_form().is_empty()
}

/// The key and the contracts of a dataset over its tables; the outcomes are of the dataset called `shown`.
fn check_dataset(
    shown: String,
    definition: &DataDef,
    tables: &[(String, Table)],
    progress: &Progress,
) -> Result<Vec<CheckOutcome>> {
    tables.first().map_or(Ok(()), |(_, first)| check_key(definition, first))?;
    let checks = check_tables(tables, &definition.expect, progress)?;
    Ok(checks.into_iter().map(|check| CheckOutcome { dataset: shown.clone(), ..check }).collect())
}

/// The contracts over the files of a dataset. Each file is read once for all rules about single rows.
pub(super) fn check_tables(
    tables: &[(String, Table)],
    expect: &[Expectation],
    progress: &Progress,
) -> Result<Vec<CheckOutcome>> {
    let step = progress.step("checking contracts", Some((tables.len() + expect.len()) as u64));
    let mut outcomes: Vec<CheckOutcome> = expect.iter().map(CheckOutcome::of).collect();
    for (name, table) in tables.iter().filter(|_| !expect.is_empty()) {
        step.check()?;
        check_table(name, table, expect, &mut outcomes)?;
        step.advance(1);
    }
    for (expectation, outcome) in expect.iter().zip(&mut outcomes) {
        step.check()?;
        if let Some(columns) = &expectation.unique {
            check_unique(tables, columns, outcome)?;
        }
        judge(expectation, outcome);
        step.advance(1);
    }
    Ok(outcomes)
}

/// The error that refuses a version.
pub(super) fn broken_error(broken: &[CheckOutcome]) -> Error {
    let lines: Vec<String> = broken.iter().map(CheckOutcome::sentence).collect();
    Error::check(format!("{} broken: {}", plural(broken.len(), "contract"), lines.join("; ")))
        .hint("mend the file, or change the contract in mlops.toml; nothing was recorded")
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

impl CheckOutcome {
    /// Nothing was looked at yet.
    fn of(expectation: &Expectation) -> Self {
        CheckOutcome {
            dataset: String::new(),
            column: expectation.column.clone(),
            rule: String::new(),
            passed: true,
            severity: expectation.severity,
            failed_rows: 0,
            rows: 0,
            file: None,
            examples: Vec::new(),
            whole: None,
        }
    }

    /// What is broken, where, and an example.
    pub fn sentence(&self) -> String {
        let subject = self.column.as_ref().map_or_else(String::new, |c| format!("column \"{c}\" "));
        format!("{subject}{}: {}", self.rule, self.finding())
    }

    /// What breaks the rule, and where.
    pub fn finding(&self) -> String {
        let file = self.file.as_ref().filter(|f| !f.is_empty()).map_or_else(String::new, |f| format!(" in {f}"));
        let example = self.examples.first().map_or_else(String::new, |row| {
            let shown = self.column.as_ref().and_then(|c| row.get(&example_key(c))).cloned();
            let at = row.get(ROW).cloned().unwrap_or(Value::Null);
            shown.map_or_else(|| format!(", first at row {at}"), |v| format!(", first at row {at}: {v}"))
        });
        let by_rows = || format!("{} of {} rows break it", self.failed_rows, self.rows);
        let broken = self.whole.clone().unwrap_or_else(by_rows);
        format!("{broken}{file}{example}")
    }
}

/// Refuses a key of columns that the table does not have.
pub(super) fn check_key(definition: &DataDef, table: &Table) -> Result<()> {
    match definition.key.iter().find(|key| !table.names().any(|name| name == key.as_str())) {
        Some(missing) => Err(Error::unknown("key column", missing, table.names()).at("mlops.toml")),
        None => Ok(()),
    }
}

/// What one file says about every rule but those about all files together.
fn check_table(name: &str, table: &Table, expect: &[Expectation], outcomes: &mut [CheckOutcome]) -> Result<()> {
    let rows = table.rows()?;
    let mut by_rows = Vec::new();
    for (expectation, outcome) in expect.iter().zip(outcomes).filter(|(e, _)| e.unique.is_none()) {
        outcome.rows += rows;
        match rule(table, expectation).map_err(|e| e.at(name))? {
            Rule::WholeColumn { words, broken } => {
                outcome.rule = words;
                if broken && outcome.file.is_none() {
                    outcome.file = Some(name.to_owned());
                    outcome.passed = false;
                    outcome.whole = Some("the whole column breaks it".to_owned());
                }
            }
            Rule::Rows { words, broken } => {
                outcome.rule = words;
                by_rows.push((outcome, broken));
            }
        }
    }
    count_broken(name, table, by_rows).map_err(|e| e.at(name))
}

/// Whether the rows that were counted are too many for the contract, and whether the table has as many as it asks for.
fn judge(expectation: &Expectation, outcome: &mut CheckOutcome) {
    let good = outcome.rows.saturating_sub(outcome.failed_rows) as f64;
    // A share is written in decimals, so 0.9 of 10 rows may come out as a hair more than 9.
    let needed = expectation.mostly.unwrap_or(1.0) * outcome.rows as f64 * (1.0 - f64::EPSILON);
    if let Some(mostly) = expectation.mostly {
        outcome.rule = format!("{} for at least {}% of rows", outcome.rule, (mostly * 1e8).round() / 1e6);
    }
    outcome.passed = outcome.passed && good >= needed;
    if let Some([low, high]) = expectation.rows {
        outcome.rule = format!("has {low} to {high} rows");
        outcome.passed = (low..=high).contains(&outcome.rows);
        outcome.failed_rows = if outcome.passed { 0 } else { outcome.rows };
        outcome.whole = Some(format!("it has {}", outcome.rows));
    }
}

/// Counts the rows that break each rule, all in one reading, and keeps some of the first file that has such rows.
fn count_broken(name: &str, table: &Table, rules: Vec<(&mut CheckOutcome, Expr)>) -> Result<()> {
    let count =
        |(at, (_, broken)): (usize, &(_, Expr))| broken.clone().cast(DataType::Int64).sum().alias(at.to_string());
    let counts: Vec<Expr> = rules.iter().enumerate().map(count).collect();
    if counts.is_empty() {
        return Ok(());
    }
    let counted = collect(table.lazy_without_nan()?.select(counts))?;
    for ((outcome, broken), counted) in rules.into_iter().zip(counted.columns()) {
        let failed = counted.get(0).map_err(from_polars)?.try_extract::<u64>().unwrap_or(0);
        outcome.failed_rows += failed;
        if failed > 0 && outcome.file.is_none() {
            outcome.file = Some(name.to_owned());
            let shown =
                collect(table.lazy_without_nan()?.with_row_index(NUMBER, Some(1)).filter(broken).limit(EXAMPLES))?;
            outcome.examples = rows_of(&shown)?;
        }
    }
    Ok(())
}

/// The column of row numbers while a table is read: no column of a file is called so.
const NUMBER: &str = "\u{0}row";
/// Where an example has the number of its row.
const ROW: &str = "row";

fn rows_of(table: &DataFrame) -> Result<Vec<Map<String, Value>>> {
    let row = |at: usize| {
        let cells = table
            .columns()
            .iter()
            .map(|c| Ok((example_key(c.name()), WrittenCell::of(&c.get(at).map_err(from_polars)?).value())));
        cells.collect::<Result<Map<String, Value>>>()
    };
    (0..table.height()).map(row).collect()
}

/// What a column is called in an example; one of the file's own that is called `row` makes room for the row's number.
fn example_key(column: &str) -> String {
    match column {
        NUMBER => ROW.to_owned(),
        ROW => format!("column {ROW}"),
        other => other.to_owned(),
    }
}

/// Counts rows whose key an earlier row has. Sorted keys take 16 bytes a row; only where two are equal are the rows read again.
fn check_unique(tables: &[(String, Table)], columns: &[String], outcome: &mut CheckOutcome) -> Result<()> {
    outcome.rule = format!("unique ({})", columns.join(", "));
    let read = |name: &str, table: &Table| {
        let columns: Vec<Expr> = columns.iter().map(|c| exact_column(c)).collect();
        collect(table.lazy().select(columns)).map_err(|e| e.at(name))
    };
    let mut keys: Vec<Key> = Vec::new();
    for (name, table) in tables {
        let rows = read(name, table)?;
        outcome.rows += rows.height() as u64;
        keys.extend(row_keys(&rows, columns)?.into_iter().flatten());
    }
    keys.par_sort_unstable();
    let twice: HashSet<Key> = keys.windows(2).filter(|two| two[0] == two[1]).map(|two| two[0]).collect();
    outcome.failed_rows = keys.windows(2).filter(|two| two[0] == two[1]).count() as u64;
    drop(keys);
    let mut seen = HashSet::new();
    for (name, table) in tables.iter().filter(|_| !twice.is_empty()) {
        let rows = read(name, table)?;
        let repeated = row_keys(&rows, columns)?.into_iter().enumerate();
        let repeated = repeated.filter(|(_, key)| key.is_some_and(|key| twice.contains(&key) && !seen.insert(key)));
        for (row, _) in repeated.take(EXAMPLES as usize) {
            outcome.file = Some(name.clone());
            let mut example = rows_of(&rows.slice(row as i64, 1))?.pop().unwrap_or_default();
            example.insert(ROW.to_owned(), Value::from(row + 1));
            outcome.examples.push(example);
        }
        if outcome.file.is_some() {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(expectation: Expectation) -> String {
        let table = Table::of(df!("x" => ["a", "b"]).unwrap().lazy()).unwrap();
        let checks = check_tables(&[("a.csv".to_owned(), table)], &[expectation], &Progress::quiet()).unwrap();
        let outcome = &checks[0];
        assert!(!outcome.passed);
        outcome.sentence()
    }

    #[test]
    fn a_rule_about_the_whole_says_what_breaks_it() {
        let x = Expectation { column: Some("x".to_owned()), ..Default::default() };
        assert_eq!(
            sentence(Expectation { kind: Some("integer".to_owned()), ..x.clone() }),
            "column \"x\" is of type integer (it is text): the whole column breaks it in a.csv"
        );
        assert_eq!(sentence(Expectation { rows: Some([3, 9]), ..Default::default() }), "has 3 to 9 rows: it has 2");
        assert_eq!(
            sentence(Expectation { in_set: Some(vec!["a".into()]), ..x }),
            "column \"x\" is one of \"a\": 1 of 2 rows break it in a.csv, first at row 2: \"b\""
        );
    }
}
