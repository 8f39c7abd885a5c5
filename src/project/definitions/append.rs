//! Tables that a command adds at the end of `mlops.toml`; what stands there stays as it is.

use super::Definitions;
use crate::error::{Error, Result};
use crate::project::Name;
use crate::store::write_atomic;
use std::path::Path;

/// The text of the file with `tables` at its end; an error if they can't stand there.
pub fn text_with_tables(file: &Path, tables: &str) -> Result<String> {
    let mut text = std::fs::read_to_string(file).map_err(|e| Error::io("read", file, e))?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let text = text + tables;
    Definitions::parse(&text).map_err(|_| {
        Error::invalid(format!("nothing can be added at the end of {}", file.display()))
            .hint(format!("write it yourself, in its place there:\n{}", tables.trim()))
    })?;
    Ok(text)
}

/// Replaces the file; through a link, what it leads to is replaced and not the link.
pub fn write_definitions(file: &Path, text: &str) -> Result<()> {
    let file = file.canonicalize().map_err(|e| Error::io("write", file, e))?;
    write_atomic(&file, text.as_bytes())
}

/// A name as a key of TOML: it may hold dots, which a bare key may not.
pub fn quoted_key(name: &Name) -> String {
    if name.as_str().contains('.') { format!("\"{name}\"") } else { name.to_string() }
}
