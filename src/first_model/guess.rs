//! What a table is taken for: task, features, key, time and split. Each guess comes with the reason that is shown to the person.

use super::table_facts::{ColumnFacts, different_rows};
use crate::data::{Column, Family, Kind, Value};
use crate::error::{self, Error, Result};
use crate::learn::Task;
use crate::project::time_text;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Whole numbers with at most so many different values are taken for classes.
const MOST_NUMBERED_CLASSES: usize = 10;
/// A text with more different values than this is no class.
const MOST_NAMED_CLASSES: usize = 100;
/// A text with more different values than this, and in most rows another one, is no category.
const MOST_CATEGORIES: usize = 100;
/// The share of the rows that the finished models are measured on.
pub(super) const TEST_SHARE: f64 = 0.2;

/// Why a column's name can't stand in a set.
const MEANS_MORE: &str =
    "has a name that has a meaning of its own in a set (`*`, `VIEW:COLUMN`, `__…`, or none): rename it in the file";

/// A column that is no feature, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The column.
    pub column: String,
    /// Why.
    pub reason: Cow<'static, str>,
}

/// What the table is taken for.
pub(super) struct Guess {
    pub task: Task,
    /// Why this task.
    pub because: String,
    pub features: Vec<String>,
    pub left_out: Vec<LeftOut>,
    /// The column that names a row.
    pub key: Option<String>,
    /// The rows' time, and when the test part begins.
    pub time: Option<(String, String)>,
    /// Whether so many rows are alike that a split by what is in them would be anything but a fifth.
    pub rows_alike: bool,
    /// Columns that are taken as texts though most of their cells are numbers, each with the first cell that is not a number.
    pub texts_among_numbers: Vec<(String, String)>,
    /// Features that have another whole number in each row, and may only name it.
    pub may_name_rows: Vec<String>,
    /// Rows that have a target.
    pub examples: usize,
    /// The rarest class and its rows, if there are classes.
    pub rarest: Option<(String, usize)>,
}

impl Guess {
    /// Looks at the columns of a table of which `target` is to be predicted.
    pub fn of(columns: &[ColumnFacts], target: &str, wanted: Option<Task>) -> Result<Guess> {
        let found = columns
            .iter()
            .find(|column| column.name == target)
            .ok_or_else(|| Error::unknown("column", target, columns.iter().map(|column| column.name.as_str())))?;
        if !can_be_named(target) || target.is_empty() {
            return Err(
                Error::invalid(format!("target \"{target}\" {MEANS_MORE}")).hint("rename the column in the file")
            );
        }
        let (task, because) = task(found, wanted).map_err(|e| e.at(format!("target \"{target}\"")))?;
        let key =
            columns.iter().find(|column| column.name != target && can_be_named(&column.name) && names_rows(column));
        let time = time(columns, found);
        let mut guess = Guess {
            task,
            because,
            features: Vec::new(),
            texts_among_numbers: texts_among_numbers(columns, target),
            left_out: Vec::new(),
            key: key.map(|column| column.name.clone()),
            rows_alike: key.is_none() && time.is_none() && rows_alike(columns, target),
            time,
            examples: found.column.len() - found.missing,
            rarest: (task != Task::Regression).then(|| rarest(&found.column)).flatten(),
            may_name_rows: Vec::new(),
        };
        for column in columns.iter().filter(|column| column.name != target) {
            match reason_against(column, &guess) {
                Some(reason) => guess.left_out.push(LeftOut { column: column.name.clone(), reason }),
                None => {
                    if column.kind == Kind::Integer && column.is_unique() && column.distinct > MOST_NUMBERED_CLASSES {
                        guess.may_name_rows.push(column.name.clone());
                    }
                    guess.features.push(column.name.clone());
                }
            }
        }
        if guess.features.is_empty() {
            let why: Vec<String> = guess.left_out.iter().map(|out| format!("{} {}", out.column, out.reason)).collect();
            let why = if why.is_empty() { "there is no other".to_owned() } else { why.join(", ") };
            let text = format!("no column is left to learn from: {why}");
            return Err(match guess.texts_among_numbers.first() {
                Some((column, text_in_it)) => Error::invalid(text).hint(format!(
                    "column {} has {} among its numbers: leave such cells empty, or say null_values = [{}] under [data.NAME] in mlops.toml",
                    error::quoted(column),
                    error::quoted(text_in_it),
                    error::quoted(text_in_it)
                )),
                None => Error::invalid(text).hint("define set and recipe by hand: mlops help toml"),
            });
        }
        Ok(guess)
    }
}

/// Of fewer different rows a fifth is often far from a fifth.
const FEW_DIFFERENT: f64 = 180.0;

fn rows_alike(columns: &[ColumnFacts], target: &str) -> bool {
    let rows = columns.first().map_or(0, |column| column.column.len()) as f64;
    let different = different_rows(columns, target);
    different < FEW_DIFFERENT && different < 0.8 * rows
}

fn texts_among_numbers(columns: &[ColumnFacts], target: &str) -> Vec<(String, String)> {
    let texts = columns.iter().filter(|column| column.name != target);
    texts.filter_map(|column| Some((column.name.clone(), column.text_among_numbers.clone()?))).collect()
}

/// The task, and why.
fn task(target: &ColumnFacts, wanted: Option<Task>) -> Result<(Task, String)> {
    if target.distinct < 2 {
        return Err(match target.distinct {
            0 => Error::invalid("has no values").hint(
                "name another column; if its values are texts such as NA or None, which stand for missing ones, say null_values = [] under [data.NAME] in mlops.toml",
            ),
            _ => Error::invalid("has one value only").hint("name a column that differs between rows"),
        });
    }
    let numbered = target.column.numbers().is_some_and(|all| all.iter().all(|x| x.is_nan() || x.fract() == 0.0));
    let (values, family) = (target.distinct, target.kind.family());
    let shown = match (family, values) {
        (Family::Text, 2) => (Task::Binary, "it has two values".to_owned()),
        (Family::Text, values) if values <= MOST_NAMED_CLASSES => {
            (Task::Multiclass, format!("it is a text with {values} values"))
        }
        (Family::Number, 2) if numbered => (Task::Binary, "it has two values".to_owned()),
        (Family::Number, values) if numbered && values <= MOST_NUMBERED_CLASSES => (
            Task::Multiclass,
            format!("it is a whole number with {values} values; --task regression takes it as a number"),
        ),
        (Family::Number, _) => (Task::Regression, "it is a number".to_owned()),
        (Family::Text, _) if target.grouped => {
            return Err(Error::invalid(
                "it is taken as texts: its numbers have marks between thousands, or two points",
            )
            .hint("write 1001.50 or, with decimal = \",\" under [data.NAME] in mlops.toml, 1001,50"));
        }
        (Family::Text, _) if target.text_among_numbers.is_some() => {
            let text = error::quoted(target.text_among_numbers.as_deref().unwrap_or_default());
            return Err(Error::invalid(format!("it is taken as texts and most of its cells are numbers: one is {text}"))
                .hint(format!(
                    "leave the cell empty where there is no value, or say null_values = [{text}] under [data.NAME] in mlops.toml"
                )));
        }
        (Family::Text, values) => {
            return Err(Error::invalid(format!("it is a text with {values} different values, which is no class"))
                .hint("predict a number or one of a few classes"));
        }
        (family, _) => {
            return Err(Error::invalid(format!("a {family} can't be predicted")).hint("predict a number or a class"));
        }
    };
    match wanted {
        None => Ok(shown),
        Some(Task::Regression) if family != Family::Number => {
            Err(Error::invalid("it is a text, and regression predicts numbers").hint("leave --task out"))
        }
        Some(Task::Binary) if values != 2 => {
            let is_number = family == Family::Number && values > MOST_NUMBERED_CLASSES;
            let hint = if is_number { "--task regression" } else { "--task multiclass" };
            Err(Error::invalid(format!("it has {values} values, and binary has two")).hint(hint))
        }
        Some(task) => Ok((task, "--task says so".to_owned())),
    }
}

/// The rarest class, and how many rows it has.
fn rarest(column: &Column) -> Option<(String, usize)> {
    let mut rows: BTreeMap<String, usize> = BTreeMap::new();
    for cell in column.cells().filter(|cell| *cell != Value::Null) {
        let json = cell.to_json();
        let name = json.as_str().map_or_else(|| json.to_string(), str::to_owned);
        *rows.entry(name).or_default() += 1;
    }
    rows.into_iter().min_by_key(|(_, rows)| *rows)
}

/// Whether a set can name the column: `__time` and the like are its own, `*` and `VIEW:COLUMN` mean other columns.
fn can_be_named(column: &str) -> bool {
    !column.starts_with("__") && column != "*" && !column.contains(':')
}

/// Whether the column is there to name rows.
fn names_rows(column: &ColumnFacts) -> bool {
    let name = column.name.to_lowercase();
    let called_so = ["", "id", "index", "key", "row"].contains(&name.as_str())
        || ["_id", " id", "-id"].iter().any(|end| name.ends_with(end))
        || ["unnamed:", "__index_level_"].iter().any(|start| name.starts_with(start));
    column.is_unique() && (column.counts_rows || (called_so && matches!(column.kind, Kind::Integer | Kind::Text)))
}

/// The only time that every row has, with the instant from which on a fifth of the rows is that have a target: those without one are
/// often the newest.
fn time(columns: &[ColumnFacts], target: &ColumnFacts) -> Option<(String, String)> {
    let mut times = columns
        .iter()
        .filter(|c| c.name != target.name && c.kind == Kind::Time && c.missing == 0 && can_be_named(&c.name));
    let (Some(only), None) = (times.next(), times.next()) else { return None };
    let labelled = target.column.cells().map(|cell| cell != Value::Null);
    let instants = only.column.as_times()?.iter().zip(labelled);
    let mut instants: Vec<i64> = instants.filter_map(|(time, labelled)| labelled.then_some(*time)).collect();
    instants.sort_unstable();
    let begin = *instants.get((instants.len() as f64 * (1.0 - TEST_SHARE)) as usize)?;
    (begin > *instants.first()?).then(|| (only.name.clone(), time_text(begin)))
}

fn reason_against(column: &ColumnFacts, guess: &Guess) -> Option<Cow<'static, str>> {
    let is = |name: &Option<String>| name.as_deref() == Some(column.name.as_str());
    let is_time = guess.time.as_ref().is_some_and(|(name, _)| *name == column.name);
    let reason = match column.kind {
        _ if !can_be_named(&column.name) && names_rows(column) => Some("names a row"),
        _ if !can_be_named(&column.name) => Some(MEANS_MORE),
        _ if is(&guess.key) => Some("names a row"),
        Kind::Time if is_time => Some("is the row's time"),
        Kind::Time => Some("is a time: derive a number of it"),
        Kind::Vector => Some("is a list"),
        _ if column.distinct == 0 => Some("has no values"),
        _ if column.distinct == 1 && column.missing == 0 => Some("has one value only"),
        Kind::Text if !column.forms_of_times.is_empty() => return Some(looks_like_times(column).into()),
        Kind::Text if column.distinct > MOST_CATEGORIES && column.distinct * 2 > column.column.len() => {
            Some(match column.text_among_numbers {
                Some(_) => {
                    "is taken as texts and most of its cells are numbers: leave cells empty where a value is missing"
                }
                None if column.grouped => {
                    "is taken as texts: its numbers have marks between thousands, or two points; write 1001.50"
                }
                None => "has another text in most rows",
            })
        }
        _ => None,
    };
    reason.map(Cow::Borrowed)
}

/// That a column holds days or times in a form of their own, and what to write.
fn looks_like_times(column: &ColumnFacts) -> String {
    let forms: Vec<String> = column.forms_of_times.iter().map(|form| error::quoted(form)).collect();
    let (name, first) = (error::quoted(&column.name), forms.first().map_or("", String::as_str));
    let or = match forms.split_first() {
        Some((_, others)) if !others.is_empty() => format!(", or {}, whichever is meant,", others.join(" or ")),
        _ => String::new(),
    };
    format!("looks like days or times: write dates = {{ {name} = {first} }}{or} under [data.NAME] in mlops.toml")
}
