//! Contracts: what must hold for a dataset. Each rule says how many rows break it, in which file, and shows some.

use super::convert::column_from;
use super::format::format_of;
use super::keys::{Key, key_of_values};
use super::kind::Kind;
use super::polars_calls::{collect, from_polars};
use super::sql::sql_condition;
use super::table::{Table, open_files};
use super::table_files::TableFile;
use super::value::Value as Cell;
use super::workspace_files::scan;
use super::written_cell::WrittenCell;
use crate::error::{Error, Result};
use crate::progress::Progress;
use crate::project::{Expectation, Format, Name, Project, Severity};
use polars::prelude::{Column as PolarsColumn, *};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::HashSet;

/// Values named of those that a column may have.
const SHOWN_OF_SET: usize = 20;

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

/// Checks the workspace's files of the datasets; none named means all.
pub fn validate(project: &Project, names: &[Name], progress: &Progress) -> Result<ValidateOutcome> {
    let all: Vec<Name> = project.definitions().data.keys().cloned().collect();
    let mut checks = Vec::new();
    for name in if names.is_empty() { &all } else { names } {
        let definition = project.dataset(name)?;
        if definition.expect.is_empty() {
            continue;
        }
        let found = scan(project, &definition.path)?;
        let files = found.table_files();
        let format = format_of(definition.format, files.iter().map(|f| f.name.as_str())).ok_or_else(|| {
            Error::invalid(format!("dataset \"{name}\" is not a table")).hint("give its format in mlops.toml")
        })?;
        for mut check in check_files(&files, format, &definition.expect, progress)? {
            check.dataset = name.to_string();
            checks.push(check);
        }
    }
    let passed = checks.iter().all(|c| c.passed || c.severity == Severity::Warn);
    Ok(ValidateOutcome { passed, checks })
}

/// The contracts over the files of a dataset.
pub(super) fn check_files(
    files: &[TableFile],
    format: Format,
    expect: &[Expectation],
    progress: &Progress,
) -> Result<Vec<CheckOutcome>> {
    if expect.is_empty() {
        return Ok(Vec::new());
    }
    let mut tables = Vec::new();
    for file in files {
        tables.push((file.name.clone(), open_files(std::slice::from_ref(file), format)?));
    }
    let step = progress.step("checking contracts", Some(expect.len() as u64));
    let mut checks = Vec::new();
    for expectation in expect {
        step.check()?;
        checks.push(check_one(&tables, expectation)?);
        step.advance(1);
    }
    Ok(checks)
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
    /// What is broken, where, and an example.
    pub fn sentence(&self) -> String {
        let subject = self.column.as_ref().map_or_else(String::new, |c| format!("column \"{c}\" "));
        let file = self.file.as_ref().filter(|f| !f.is_empty()).map_or_else(String::new, |f| format!(" in {f}"));
        let example = self.examples.first().map_or_else(String::new, |row| {
            let shown = self.column.as_ref().and_then(|c| row.get(c)).cloned();
            let at = row.get("row").cloned().unwrap_or(Value::Null);
            shown.map_or_else(|| format!(", first at row {at}"), |v| format!(", first at row {at}: {v}"))
        });
        let by_rows = || format!("{} of {} rows break it", self.failed_rows, self.rows);
        let broken = self.whole.clone().unwrap_or_else(by_rows);
        format!("{subject}{}: {broken}{file}{example}", self.rule)
    }
}

/// A rule: the words for it, and what breaks it: each row that fulfils the condition, or the type of the column as a whole.
enum Rule {
    Rows { words: String, broken: Expr },
    WholeColumn { words: String, broken: bool },
}

fn check_one(tables: &[(String, Table)], expectation: &Expectation) -> Result<CheckOutcome> {
    let mut outcome = CheckOutcome {
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
    };
    if let Some(columns) = &expectation.unique {
        check_unique(tables, columns, &mut outcome)?;
        judge(expectation, &mut outcome);
        return Ok(outcome);
    }
    for (name, table) in tables {
        match rule(table, expectation).map_err(|e| e.at(name))? {
            Rule::WholeColumn { words, broken } => {
                outcome.rule = words;
                outcome.rows += table.rows()?;
                if broken && outcome.file.is_none() {
                    outcome.file = Some(name.clone());
                    outcome.passed = false;
                    outcome.whole = Some("the whole column breaks it".to_owned());
                }
            }
            Rule::Rows { words, broken } => {
                outcome.rule = words;
                count_broken(name, table, broken, &mut outcome)?;
            }
        }
    }
    judge(expectation, &mut outcome);
    Ok(outcome)
}

/// Whether the rows that were counted are too many for the contract, and whether the table has as many as it asks for.
fn judge(expectation: &Expectation, outcome: &mut CheckOutcome) {
    let good = outcome.rows.saturating_sub(outcome.failed_rows) as f64;
    // A share is written in decimals, so 0.9 of 10 rows may come out as a hair more than 9.
    let needed = expectation.mostly.unwrap_or(1.0) * outcome.rows as f64 * (1.0 - f64::EPSILON);
    if let Some(mostly) = expectation.mostly {
        outcome.rule = format!("{} for at least {}% of rows", outcome.rule, mostly * 100.0);
    }
    outcome.passed = outcome.passed && good >= needed;
    if let Some([low, high]) = expectation.rows {
        outcome.rule = format!("has {low} to {high} rows");
        outcome.passed = (low..=high).contains(&outcome.rows);
        outcome.failed_rows = if outcome.passed { 0 } else { outcome.rows };
        outcome.whole = Some(format!("it has {}", outcome.rows));
    }
}

fn count_broken(name: &str, table: &Table, broken: Expr, outcome: &mut CheckOutcome) -> Result<()> {
    const ROW: &str = "row";
    let counted =
        table.lazy().select([broken.clone().cast(DataType::Int64).sum().alias("broken"), len().alias("rows")]);
    let counted = collect(counted)?;
    let number = |column: &str| -> Result<u64> {
        let cell = counted.column(column).and_then(|c| c.get(0)).map_err(from_polars)?;
        Ok(cell.try_extract::<u64>().unwrap_or(0))
    };
    let failed = number("broken")?;
    outcome.rows += number("rows")?;
    outcome.failed_rows += failed;
    if failed > 0 && outcome.file.is_none() {
        outcome.file = Some(name.to_owned());
        let shown = collect(table.lazy().with_row_index(ROW, Some(1)).filter(broken).limit(EXAMPLES))?;
        outcome.examples = rows_of(&shown)?;
    }
    Ok(())
}

fn rows_of(table: &DataFrame) -> Result<Vec<Map<String, Value>>> {
    let row = |at: usize| {
        let cells = table
            .columns()
            .iter()
            .map(|c| Ok((c.name().to_string(), WrittenCell::of(&c.get(at).map_err(from_polars)?).value())));
        cells.collect::<Result<Map<String, Value>>>()
    };
    (0..table.height()).map(row).collect()
}

fn check_unique(tables: &[(String, Table)], columns: &[String], outcome: &mut CheckOutcome) -> Result<()> {
    outcome.rule = format!("unique ({})", columns.join(", "));
    let mut seen = std::collections::HashMap::new();
    for (at, (name, table)) in tables.iter().enumerate() {
        let rows = collect(table.lazy().select(columns.iter().map(|c| col(c.as_str())).collect::<Vec<_>>()))
            .map_err(|e| e.at(name))?;
        outcome.rows += rows.height() as u64;
        for (row, key) in super::row_keys(&rows, columns)?.into_iter().enumerate() {
            let Some(key) = key else { continue };
            if seen.insert(key, (at, row)).is_some() {
                outcome.failed_rows += 1;
                if outcome.file.is_none()
                    || (outcome.file.as_ref() == Some(name) && outcome.examples.len() < EXAMPLES as usize)
                {
                    outcome.file = Some(name.clone());
                    let mut example = rows_of(&rows.slice(row as i64, 1))?.pop().unwrap_or_default();
                    example.insert("row".to_owned(), Value::from(row + 1));
                    outcome.examples.push(example);
                }
            }
        }
    }
    Ok(())
}

fn rule(table: &Table, e: &Expectation) -> Result<Rule> {
    if let Some(text) = &e.condition {
        let broken = sql_condition(text)?.fill_null(lit(true)).not();
        return Ok(Rule::Rows { words: format!("satisfies {text}"), broken });
    }
    if e.rows.is_some() {
        return Ok(Rule::Rows { words: String::new(), broken: lit(false) });
    }
    let name = e.column.as_deref().ok_or_else(|| {
        Error::invalid("a contract without a rule")
            .hint("give column and one of not_null, between, in, matches, type; or unique, rows, condition")
    })?;
    let kind = table.schema().iter().find(|c| c.name == name).map(|c| c.kind.as_str());
    let kind = kind.ok_or_else(|| Error::unknown("column", name, table.names()))?;
    rule_of_column(name, kind, e)
}

/// The rule of a contract on one column; `kind` is the column's type.
fn rule_of_column(name: &str, kind: &str, e: &Expectation) -> Result<Rule> {
    let value = col(name);
    let rows = |words: String, broken: Expr| Ok(Rule::Rows { words, broken });
    if e.not_null == Some(true) {
        return rows("is not null".into(), value.is_null());
    }
    if let Some([low, high]) = e.between {
        if !matches!(kind, "integer" | "float") {
            return Ok(Rule::WholeColumn {
                words: format!("is a number between {low} and {high} (it is {kind})"),
                broken: true,
            });
        }
        let outside = value.clone().lt(lit(low)).or(value.gt(lit(high))).fill_null(lit(false));
        return rows(format!("is between {low} and {high}"), outside);
    }
    if let Some(allowed) = &e.in_set {
        return rule_in_set(value, kind, allowed);
    }
    if let Some(pattern) = &e.matches {
        regex::Regex::new(pattern).map_err(|err| Error::invalid(format!("matches = {pattern:?}: {err}")))?;
        if kind != "text" {
            return Ok(Rule::WholeColumn {
                words: format!("is text that matches {pattern:?} (it is {kind})"),
                broken: true,
            });
        }
        let broken = value.str().contains(lit(pattern.as_str()), true).not().fill_null(lit(false));
        return rows(format!("matches {pattern:?}"), broken);
    }
    if let Some(wanted) = &e.kind {
        return Ok(Rule::WholeColumn { words: format!("is of type {wanted} (it is {kind})"), broken: kind != wanted });
    }
    Err(Error::invalid(format!("the contract on column \"{name}\" has no rule"))
        .hint("give one of not_null, between, in, matches, type"))
}

/// Values are looked up by their keys: a number is the same however it is written, and a thousand of them cost what one does.
fn rule_in_set(value: Expr, kind: &str, allowed: &[Value]) -> Result<Rule> {
    let cells = allowed.iter().map(Cell::from_json).collect::<Result<Vec<_>>>();
    let cells = cells.map_err(|_| Error::invalid("in = [...] takes texts, numbers and booleans"))?;
    let family = Kind::of_type(kind).family();
    if let Some(other) = cells.iter().find(|cell| cell.family().is_some_and(|found| found != family)) {
        let text = format!("in = [...] has {} for a column of type {kind}", other.to_json());
        return Err(
            Error::invalid(text).hint("write numbers without quotes and texts in quotes, as the column has them")
        );
    }
    let known: HashSet<Key> = cells.into_iter().filter_map(|cell| key_of_values([cell])).collect();
    let other = move |column: PolarsColumn| {
        let cells = column_from(&column).map_err(|e| polars_err!(ComputeError: "{}", e.message()))?;
        let broken = cells.cells().map(|cell| key_of_values([cell]).is_some_and(|key| !known.contains(&key)));
        Ok(BooleanChunked::from_iter_values(column.name().clone(), broken).into_column())
    };
    let shown: Vec<String> = allowed.iter().take(SHOWN_OF_SET).map(Value::to_string).collect();
    let more = allowed.len().saturating_sub(SHOWN_OF_SET);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let broken = value.map(other, |_, field| Ok(Field::new(field.name().clone(), DataType::Boolean)));
    Ok(Rule::Rows { words: format!("is one of {}{more}", shown.join(", ")), broken })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(expectation: Expectation) -> String {
        let table = Table::of(df!("x" => ["a", "b"]).unwrap().lazy()).unwrap();
        let outcome = check_one(&[("a.csv".to_owned(), table)], &expectation).unwrap();
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
