//! Writing tables: to a file, in one step, or as bytes.

use super::format::format_by_ending;
use super::polars_calls::from_polars;
use super::version::has_file;
use super::{csv, jsonl};
use crate::error::{Error, Result};
use crate::project::{Format, Name, Project};
use crate::store::Store;
use polars::prelude::{DataFrame, ParquetCompression, ParquetWriter};
use std::path::PathBuf;

/// A file to be written. Its ending and folder are checked first, before the long work that computes its rows.
#[derive(Debug)]
pub struct OutputFile {
    path: PathBuf,
    format: Format,
    /// The dataset that the file belongs to, and where its versions lie.
    owner: Option<(Name, Store)>,
}

const ENDINGS: &str = "write to a file that ends in .csv, .parquet or .jsonl";

impl OutputFile {
    /// Checks that a table can be written to `path`.
    pub fn new(path: PathBuf) -> Result<Self> {
        let format = format_by_ending(&path).map_err(|e| e.hint(ENDINGS))?;
        if format == Format::Csv && path.extension().is_some_and(|ending| !ending.eq_ignore_ascii_case("csv")) {
            return Err(
                Error::invalid(format!("{}: only commas are written between cells", path.display())).hint(ENDINGS)
            );
        }
        if std::fs::symlink_metadata(&path).is_ok_and(|found| !found.is_file()) {
            return Err(Error::conflict(format!(
                "{} is not a plain file, and would be replaced by one",
                path.display()
            ))
            .hint("write to another file, or remove it first"));
        }
        if path.components().any(|part| [".mlops", ".git"].iter().any(|own| part.as_os_str() == *own)) {
            return Err(Error::invalid(format!("{} is no place for a table", path.display()))
                .hint("write it outside of .mlops and .git"));
        }
        match path.parent().filter(|folder| !folder.is_dir()) {
            Some(folder) => Err(Error::not_found(format!("there is no folder {}", folder.display()))
                .hint("make it first, or write elsewhere")),
            None => Ok(OutputFile { path, format, owner: None }),
        }
    }

    /// The same for a file of a project: one of a dataset is replaced only if a version has it as it is.
    pub fn in_project(project: &Project, path: PathBuf) -> Result<Self> {
        let mut output = OutputFile::new(path)?;
        for (name, definition) in &project.definitions().data {
            if has_file(project, definition, &output.path)? {
                output.owner = Some((name.clone(), project.store()));
                break;
            }
        }
        output.loses_nothing()?;
        Ok(output)
    }

    fn loses_nothing(&self) -> Result<()> {
        let Some((name, store)) = self.owner.as_ref().filter(|_| self.path.exists()) else { return Ok(()) };
        if store.has(&Store::hash_file(&self.path)?.hash) {
            return Ok(());
        }
        let shown = self.path.display();
        Err(Error::conflict(format!("{shown} belongs to dataset \"{name}\", and no version has it as it is"))
            .hint(format!("record it with `mlops data add {name}`, or write to another file")))
    }

    /// Writes a table in the format of the file's ending, in one step.
    pub fn write(&self, frame: &mut DataFrame) -> Result<()> {
        self.loses_nothing()?;
        crate::store::write_atomic(&self.path, &encode(frame, self.format)?)
    }
}

/// The table as bytes of a format.
pub fn encode(frame: &mut DataFrame, format: Format) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    match format {
        Format::Parquet => {
            let writer = ParquetWriter::new(&mut bytes).with_compression(ParquetCompression::Snappy).set_parallel(true);
            writer.finish(frame).map_err(from_polars)?;
        }
        Format::Csv => bytes = csv::write(frame)?,
        Format::Jsonl => bytes = jsonl::write(frame)?,
    }
    Ok(bytes)
}
