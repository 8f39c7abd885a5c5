//! What is known of a CSV file before it is looked at: the keys of its dataset, and which columns a model takes as texts.

use super::cells::{Marks, NO_QUOTE};
use super::words::{ColumnType, is_usually_missing, number, truth};
use crate::error::{self, Error, Result};
use crate::project::{CellType, CsvForm, KnownColumn, TimeFormatKind, TimeText};
use encoding_rs::Encoding;
use std::collections::{BTreeMap, BTreeSet};

/// Microseconds of a day.
pub(super) const DAY: i64 = 86_400_000_000;

/// How a file is to be read. What is not said is found out from the file.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownForm {
    is_said: bool,
    pub(super) separator: Option<u8>,
    pub(super) quote: u8,
    /// Whether a comma stands before decimals.
    pub(super) decimal_comma: Option<bool>,
    pub(super) encoding: Option<&'static Encoding>,
    missing: Option<Vec<String>>,
    columns: BTreeMap<String, KnownColumn>,
    /// The columns that `mlops.toml` names, which the file must have.
    named: BTreeSet<String>,
}

impl Default for KnownForm {
    fn default() -> Self {
        KnownForm {
            is_said: false,
            separator: None,
            quote: b'"',
            decimal_comma: None,
            encoding: None,
            missing: None,
            columns: BTreeMap::new(),
            named: BTreeSet::new(),
        }
    }
}

impl KnownForm {
    /// What the keys of a dataset say.
    pub fn of(form: &CsvForm) -> Result<Self> {
        let columns = form.columns()?;
        Ok(KnownForm {
            is_said: !form.is_empty(),
            separator: form.separator_byte()?,
            quote: form.quote_byte()?.unwrap_or(NO_QUOTE),
            decimal_comma: form.decimal_comma()?,
            encoding: form.known_encoding()?,
            missing: form.null_values().map(<[String]>::to_vec),
            named: columns.keys().cloned().collect(),
            columns,
        })
    }

    /// Whether `mlops.toml` says something.
    pub fn is_said(&self) -> bool {
        self.is_said
    }

    /// The same, of a file or request that is not the dataset's: it may lack columns of which something is said, and have its days and
    /// times in ISO 8601.
    pub fn of_others(mut self) -> Self {
        self.named.clear();
        for column in self.columns.values_mut() {
            // A text of a form that begins with the day or the month is never one of ISO 8601, which begins with the year.
            let begins = |start: &str| column.format.as_ref().is_some_and(|format| format.form().starts_with(start));
            column.or_iso = ["%d", "%e", "%m", "%-d", "%-m", "%b", "%B", "%a", "%A"].into_iter().any(begins);
        }
        self
    }

    /// The same, with columns that are texts, whatever they look like, unless more is known of them.
    pub fn with_texts(mut self, texts: &BTreeSet<String>) -> Self {
        for name in texts {
            self.columns.entry(name.clone()).or_insert(KnownColumn::plain(CellType::Text));
        }
        self
    }

    /// The marks of a file whose cells are separated so.
    pub(super) fn marks(&self, separator: u8) -> Marks {
        Marks { separator, quote: self.quote }
    }

    /// Whether a cell stands for a missing value.
    pub(super) fn is_missing(&self, text: &str) -> bool {
        match &self.missing {
            None => is_usually_missing(text),
            Some(words) => {
                let cell = text.trim_ascii();
                cell.is_empty() || words.iter().any(|word| word == text || word == cell)
            }
        }
    }

    /// What is said of a column.
    pub(super) fn column(&self, name: &str) -> Option<&KnownColumn> {
        self.columns.get(name)
    }

    /// Refuses a file that lacks a column of which something is said.
    pub(super) fn check_names(&self, names: &[String]) -> Result<()> {
        match self.named.iter().find(|name| !names.contains(name)) {
            Some(name) => Err(Error::unknown("column", name, names.iter().map(String::as_str))
                .at("`types` or `dates` of the dataset in mlops.toml")),
            None => Ok(()),
        }
    }
}

/// The column's type; `zoned` says whether a cell names a zone.
pub(super) fn column_type(known: &KnownColumn, zoned: bool) -> ColumnType {
    match known.kind {
        CellType::Integer => ColumnType::Whole,
        CellType::Float => ColumnType::Float,
        CellType::Text => ColumnType::Text,
        CellType::Boolean => ColumnType::Boolean,
        CellType::Date => ColumnType::Date,
        CellType::Time => match &known.format {
            Some(format) => ColumnType::Time { zoned: format.kind() == TimeFormatKind::Zoned },
            None => ColumnType::Time { zoned },
        },
    }
}

/// Whether what its cells look like still decides something: the decimal sign, or whether there is a zone.
pub(super) fn is_looked_at(known: &KnownColumn) -> bool {
    match known.kind {
        CellType::Float => true,
        CellType::Time => known.format.is_none(),
        _ => false,
    }
}

/// Whether the column can hold this cell.
pub(super) fn takes(known: &KnownColumn, text: &str, decimal_comma: Option<bool>) -> bool {
    let cell = text.trim_ascii();
    match known.kind {
        CellType::Integer => cell.parse::<i64>().is_ok(),
        CellType::Float => number(cell, decimal_comma.unwrap_or_else(|| cell.contains(','))).is_some(),
        CellType::Text => true,
        CellType::Boolean => truth(cell).is_some(),
        CellType::Date => micros(cell, Some(known)).is_some_and(|micros| micros % DAY == 0),
        CellType::Time => micros(cell, Some(known)).is_some(),
    }
}

/// The refusal of a cell.
pub(super) fn refusal(known: &KnownColumn, text: &str) -> String {
    let form = known.format.as_ref().map(|format| format!(" written as {}", format.form()));
    let words = (known.kind == CellType::Boolean)
        .then_some(" (true, yes, t, y, 1, or false, no, f, n, 0, in small or large letters)");
    let more = form.as_deref().or(words).unwrap_or_default();
    format!("{} is no {}{more}", error::quoted(text), known.kind.name())
}

/// The instant that a cell says, of a column of which this is known.
pub(super) fn micros(cell: &str, known: Option<&KnownColumn>) -> Option<i64> {
    let iso = || Some(TimeText::read(cell)?.micros);
    match known.and_then(|known| Some((known.format.as_ref()?, known.or_iso))) {
        Some((format, or_iso)) => format.read(cell).or_else(|| if or_iso { iso() } else { None }),
        None => iso(),
    }
}
