//! The text of a project's own files.

use crate::error::{Error, Result};
use std::path::Path;

/// The bytes of the file at `path` as text, or an error that names the first line that is not UTF-8.
pub(super) fn text_of<'a>(bytes: &'a [u8], path: &Path) -> Result<&'a str> {
    std::str::from_utf8(bytes).map_err(|e| {
        let line = 1 + bytes.iter().take(e.valid_up_to()).filter(|b| **b == b'\n').count();
        Error::invalid("the text is not UTF-8").at(format!("{} line {line}", path.display()))
    })
}
