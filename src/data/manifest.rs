//! A version of a dataset: its path, how its CSV files are written, and its files as sorted (path, mode, size, hash), itself a blob whose hash names the version.
//!
//! Invariants: the files are such that the path matches, sorted and unique; equal files of an equal path, equal hash.

use super::path_pattern::{PathPattern, is_plain};
use crate::error::{Error, Result};
use crate::project::CsvForm;
use crate::store::Hash;
use serde::{Deserialize, Serialize};

/// One file of a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Relative to the dataset's folder.
    pub path: String,
    /// Whether the file has the permission to be executed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub executable: bool,
    /// Bytes.
    pub size: u64,
    /// The hash of its content.
    pub hash: Hash,
}

/// All files of a version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manifest {
    pattern: PathPattern,
    csv: CsvForm,
    files: Vec<FileEntry>,
}

#[derive(Serialize, Deserialize)]
struct Header {
    mlops_manifest: u32,
    #[serde(flatten)]
    pattern: Option<PathPattern>,
    #[serde(default, skip_serializing_if = "CsvForm::is_empty")]
    csv: CsvForm,
}

const VERSION: u32 = 2;
const FORGED: &str = "mlops made no such version: look at where it came from, and add the data again";

impl Manifest {
    /// A manifest of these files of a dataset's path; sorts them.
    pub fn new(pattern: PathPattern, mut files: Vec<FileEntry>) -> Result<Self> {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let manifest = Manifest { pattern, csv: CsvForm::default(), files };
        manifest.check()?;
        Ok(manifest)
    }

    /// The dataset's path when the version was made.
    pub fn pattern(&self) -> &PathPattern {
        &self.pattern
    }

    /// The same of files that are written so.
    pub fn written_as(self, csv: CsvForm) -> Self {
        Manifest { csv, ..self }
    }

    /// How its CSV files are written.
    pub fn csv_form(&self) -> &CsvForm {
        &self.csv
    }

    /// The files, sorted by path.
    pub fn files(&self) -> &[FileEntry] {
        &self.files
    }

    /// The entry of the file at `path`.
    pub fn get(&self, path: &str) -> Option<&FileEntry> {
        self.files.binary_search_by(|f| f.path.as_str().cmp(path)).ok().and_then(|at| self.files.get(at))
    }

    /// Bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|f| f.size).sum()
    }

    /// The blob: a header line, then one JSON line a file.
    pub fn encode(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(self.files.len() * 128);
        let failed = |e: serde_json::Error| Error::invalid(format!("cannot write the manifest: {e}"));
        let header = Header { mlops_manifest: VERSION, pattern: Some(self.pattern.clone()), csv: self.csv.clone() };
        serde_json::to_writer(&mut bytes, &header).map_err(failed)?;
        bytes.push(b'\n');
        for file in &self.files {
            serde_json::to_writer(&mut bytes, file).map_err(failed)?;
            bytes.push(b'\n');
        }
        Ok(bytes)
    }

    /// Reads a blob, checking every path.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let bad = |line: usize, e: String| Error::corrupt(format!("manifest line {line}: {e}"));
        let mut lines = bytes.split(|b| *b == b'\n').filter(|l| !l.is_empty()).enumerate();
        let (_, first) = lines.next().ok_or_else(|| bad(1, "it is empty".into()))?;
        let header: Header = serde_json::from_slice(first).map_err(|e| bad(1, e.to_string()))?;
        let pattern = match (header.mlops_manifest, header.pattern) {
            (VERSION, Some(pattern)) => pattern,
            (VERSION, None) => return Err(bad(1, "it lacks the dataset's path".to_owned())),
            (other, _) => return Err(bad(1, format!("format {other} is not one that this mlops reads"))),
        };
        let read = |(at, line): (usize, &[u8])| serde_json::from_slice(line).map_err(|e| bad(at + 1, e.to_string()));
        let manifest = Manifest { pattern, csv: header.csv, files: lines.map(read).collect::<Result<_>>()? };
        manifest.check().map_err(|e| Error::corrupt(e.message().to_owned()).hint(FORGED))?;
        Ok(manifest)
    }

    fn check(&self) -> Result<()> {
        let matches = self.pattern.matcher()?;
        if let Some(file) = self.files.iter().find(|file| !is_plain(&file.path) || !matches(&file.path)) {
            return Err(Error::invalid(format!("{:?} can't be a file of this dataset", file.path))
                .hint("rename the file: no backslash, no hidden, empty or dotted part"));
        }
        match self.files.windows(2).find(|pair| pair[0].path >= pair[1].path) {
            Some(pair) => Err(Error::invalid(format!("{:?} is listed twice or out of order", pair[1].path))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::path_pattern::PathKind;
    use super::*;

    fn folder(files: Vec<FileEntry>) -> Result<Manifest> {
        Manifest::new(PathPattern::new("data", PathKind::Folder), files)
    }

    fn entry(path: &str) -> FileEntry {
        FileEntry { path: path.into(), executable: false, size: 1, hash: Hash::of(path.as_bytes()) }
    }

    #[test]
    fn encode_and_decode_are_inverse() {
        let manifest = folder(vec![entry("b/ü\n.csv"), entry("a.csv")]).unwrap();
        assert_eq!(Manifest::decode(&manifest.encode().unwrap()).unwrap(), manifest);
        assert!(manifest.get("a.csv").is_some());
    }

    #[test]
    fn a_path_out_of_the_dataset_is_refused() {
        for bad in ["../x", "/x", "a//b", "a/../b", "", "a\\b"] {
            assert!(folder(vec![entry(bad)]).is_err(), "{bad:?}");
        }
        let hostile = b"{\"mlops_manifest\":2,\"path\":\"data\",\"kind\":\"folder\"}\n{\"path\":\"../x\",\"size\":1,\"hash\":\"0000000000000000000000000000000000000000000000000000000000000000\"}\n";
        assert!(Manifest::decode(hostile).is_err());
    }
}
