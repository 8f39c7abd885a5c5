//! How the CSV files of a dataset are written: the keys of `[data.NAME]` that say what can't be seen, or isn't what it looks like.

use super::DataDef;
use crate::error::{self, Error, Result};
use crate::project::{TimeFormat, TimeFormatKind};
use encoding_rs::Encoding;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a column of a CSV file is said to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum CellType {
    /// Whole numbers of 64 bits; zeros in front count for nothing.
    Integer,
    /// Numbers.
    Float,
    /// Texts, whatever they look like.
    Text,
    /// `true`, `false`, `yes`, `no`, `1`, `0` and their first letters, in capitals or not.
    Boolean,
    /// Days.
    Date,
    /// Days and times of day; without a zone they are UTC.
    Time,
}

impl CellType {
    /// The word in `mlops.toml`.
    pub fn name(self) -> &'static str {
        match self {
            CellType::Integer => "integer",
            CellType::Float => "float",
            CellType::Text => "text",
            CellType::Boolean => "boolean",
            CellType::Date => "date",
            CellType::Time => "time",
        }
    }
}

/// What a column of a CSV file is known to hold.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownColumn {
    /// Its type.
    pub kind: CellType,
    /// The form of its days or times.
    pub format: Option<TimeFormat>,
    /// Whether days and times of ISO 8601, the year first, are read too where they are not of the form.
    pub or_iso: bool,
}

/// How CSV files are written, as the keys of these names in [`DataDef`] say it. A version keeps it, so that it is read the same for ever.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CsvForm {
    #[serde(skip_serializing_if = "Option::is_none")]
    separator: Option<char>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quote: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decimal: Option<char>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    null_values: Option<Vec<String>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    types: BTreeMap<String, CellType>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    dates: BTreeMap<String, String>,
}

impl DataDef {
    /// How its CSV files are written.
    pub fn csv_form(&self) -> CsvForm {
        CsvForm {
            separator: self.separator,
            quote: self.quote.clone(),
            decimal: self.decimal,
            encoding: self.encoding.clone(),
            null_values: self.null_values.clone(),
            types: self.types.clone(),
            dates: self.dates.clone(),
        }
    }
}

impl CsvForm {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == CsvForm::default()
    }

    /// The texts that stand for a missing value; none if nothing is said.
    pub fn null_values(&self) -> Option<&[String]> {
        self.null_values.as_deref()
    }

    /// The character between cells.
    pub fn separator_byte(&self) -> Result<Option<u8>> {
        let Some(mark) = self.separator else { return Ok(None) };
        let quote = self.quote_byte()?;
        let byte = u8::try_from(mark).ok().filter(|byte| {
            (byte.is_ascii_punctuation() || *byte <= b' ') && !matches!(byte, 0 | b'\n' | b'\r') && Some(*byte) != quote
        });
        byte.map(Some).ok_or_else(|| {
            Error::invalid(format!("separator = {:?} can't stand between cells", mark.to_string()))
                .hint("take one sign of ASCII that is no letter, digit or quote: separator = \";\"")
        })
    }

    /// The character around cells; none if quotes are letters like others.
    pub fn quote_byte(&self) -> Result<Option<u8>> {
        match self.quote.as_deref().map(str::as_bytes) {
            None => Ok(Some(b'"')),
            Some([]) => Ok(None),
            Some([byte]) if byte.is_ascii_punctuation() => Ok(Some(*byte)),
            Some(_) => {
                let said = error::quoted(self.quote.as_deref().unwrap_or_default());
                Err(Error::invalid(format!("quote = {said} is not one sign of ASCII"))
                    .hint("for example quote = \"'\", or quote = \"\" if quotes are letters like others"))
            }
        }
    }

    /// Whether a comma stands before decimals; none if nothing is said.
    pub fn decimal_comma(&self) -> Result<Option<bool>> {
        match self.decimal {
            None => Ok(None),
            Some(',') => Ok(Some(true)),
            Some('.') => Ok(Some(false)),
            Some(other) => {
                Err(Error::invalid(format!("decimal = {:?} is neither a point nor a comma", other.to_string()))
                    .hint("write decimal = \",\""))
            }
        }
    }

    /// The encoding; none if nothing is said.
    pub fn known_encoding(&self) -> Result<Option<&'static Encoding>> {
        let Some(label) = &self.encoding else { return Ok(None) };
        // Python writes `latin-1` and `utf_16`.
        let (plain, dashed) = (label.replace(['-', '_'], ""), label.replace('_', "-"));
        let known =
            [label, &plain, &dashed].into_iter().find_map(|label| Encoding::for_label_no_replacement(label.as_bytes()));
        known.map(Some).ok_or_else(|| {
            Error::invalid(format!("encoding = {} is not known", error::quoted(label)))
                .hint("latin1, windows-1252, utf-16, shift_jis, gb18030 and the other names that browsers know are")
        })
    }

    /// What is said of columns.
    pub fn columns(&self) -> Result<BTreeMap<String, KnownColumn>> {
        let typed = self.types.iter().map(|(name, kind)| (name.clone(), KnownColumn::plain(*kind)));
        let mut columns: BTreeMap<String, KnownColumn> = typed.collect();
        for (name, form) in &self.dates {
            let known = KnownColumn::dated(form, self.types.get(name).copied());
            columns.insert(name.clone(), known.map_err(|e| e.at(format!("`dates`, column \"{name}\"")))?);
        }
        Ok(columns)
    }

    /// Refuses what makes no sense.
    pub(super) fn check(&self) -> Result<()> {
        self.quote_byte()?;
        self.separator_byte()?;
        self.decimal_comma()?;
        self.known_encoding()?;
        self.columns().map(|_| ())
    }
}

impl KnownColumn {
    /// A column of this type, about which nothing more is known.
    pub fn plain(kind: CellType) -> Self {
        KnownColumn { kind, format: None, or_iso: false }
    }

    fn dated(form: &str, kind: Option<CellType>) -> Result<Self> {
        let format = TimeFormat::parse(form)?;
        let kind = match (kind, format.kind()) {
            (None, TimeFormatKind::Date) => CellType::Date,
            (None, _) => CellType::Time,
            (Some(kind @ (CellType::Date | CellType::Time)), _) => kind,
            (Some(other), _) => {
                return Err(Error::invalid(format!("`types` says that the column is {}", other.name()))
                    .hint("leave it out of `types`, or of `dates`"));
            }
        };
        Ok(KnownColumn { kind, format: Some(format), or_iso: false })
    }
}

#[cfg(test)]
mod tests {
    use crate::project::Definitions;

    #[test]
    fn keys_that_make_no_sense_are_refused_with_their_dataset() {
        for (keys, said) in [
            ("separator = 'a'", "separator = \"a\" can't stand between cells"),
            ("separator = \"\\n\"", "separator"),
            ("separator = '\"'", "separator"),
            ("separator = 'é'", "separator"),
            ("separator = \"'\"\nquote = \"'\"", "separator"),
            ("quote = '<>'", "quote = \"<>\" is not one sign"),
            ("decimal = ';'", "decimal = \";\""),
            ("encoding = 'utf-9'", "encoding = \"utf-9\" is not known"),
            ("dates = { day = '%H' }", "`dates`, column \"day\": \"%H\" does not say a day"),
            ("dates = { day = '%d/%m/%Y' }\ntypes = { day = 'float' }", "`types` says that the column is float"),
        ] {
            let e = Definitions::parse(&format!("[data.a]\npath = 'a.csv'\n{keys}\n")).unwrap_err();
            assert!(e.message().starts_with("mlops.toml [data.a]: ") && e.message().contains(said), "{e}");
        }
        let fine = "separator = \"\\t\"\nquote = ''\ndecimal = ','\nencoding = 'latin1'\nnull_values = ['-']\ntypes = { a = 'date' }\ndates = { a = '%d.%m.%y' }";
        assert!(Definitions::parse(&format!("[data.a]\npath = 'a.csv'\n{fine}\n")).is_ok());
        for label in ["latin-1", "latin1", "iso-8859-1", "utf_16", "cp1252", "Shift_JIS"] {
            assert!(
                Definitions::parse(&format!("[data.a]\npath = 'a.csv'\nencoding = '{label}'\n")).is_ok(),
                "{label}"
            );
        }
    }
}
