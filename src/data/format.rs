//! The format of a table's files: the declared one, or what their endings say.

use crate::error::{Error, Result};
use crate::project::Format;
use std::path::Path;

/// The declared format, else the one all endings agree on.
pub(super) fn format_of<'a>(declared: Option<Format>, names: impl IntoIterator<Item = &'a str>) -> Option<Format> {
    if declared.is_some() {
        return declared;
    }
    let mut formats = names.into_iter().map(by_ending);
    let first = formats.next()??;
    formats.all(|f| f == Some(first)).then_some(first)
}

/// The format a file's ending says.
pub(super) fn by_ending(name: &str) -> Option<Format> {
    match Path::new(name).extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "csv" | "tsv" => Some(Format::Csv),
        "parquet" | "pq" => Some(Format::Parquet),
        "jsonl" | "ndjson" => Some(Format::Jsonl),
        _ => None,
    }
}

/// The format that a path's ending says, or an error that says which endings do.
pub(super) fn format_by_ending(path: &Path) -> Result<Format> {
    let name = path.to_string_lossy();
    by_ending(&name).ok_or_else(|| {
        Error::invalid(format!("{name}: the ending does not say a format")).hint("a table ends in .csv, .tsv, .parquet or .jsonl: rename the file, or say format = \"csv\" under [data.NAME] in mlops.toml")
    })
}
