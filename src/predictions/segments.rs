//! The files of a deployment's log: a segment is one day of one server, named `YYYY-MM-DD.SERVER.jsonl`. Only its server
//! writes it, and only while answers of that day come; then it never changes again.

use crate::error::{Error, Result};
use crate::project::{Name, Project};
use crate::store::plain_folder;
use std::path::PathBuf;

/// One day of one server.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Segment {
    /// The day of its answers, `YYYY-MM-DD` in UTC.
    pub day: String,
    /// The server: 16 hex digits, with which the ids of its predictions begin.
    pub server: String,
    /// Where it lies.
    pub path: PathBuf,
}

/// The folder of a deployment's log.
pub(super) fn folder(project: &Project, deployment: &Name) -> PathBuf {
    project.dir("predictions").join(deployment.as_str())
}

/// The name of a segment's file.
pub(super) fn file_name(day: &str, server: u64) -> String {
    format!("{day}.{server:016x}.jsonl")
}

/// The deployments that have a log, by name.
pub fn deployments(project: &Project) -> Result<Vec<Name>> {
    let folder = project.dir("predictions");
    let entries = std::fs::read_dir(&folder).map_err(|e| Error::io("list", &folder, e))?;
    let mut names: Vec<Name> =
        entries.flatten().filter_map(|e| Name::parse(&e.file_name().to_string_lossy()).ok()).collect();
    names.sort();
    Ok(names)
}

/// The segments of a deployment by day, then server; none if it has no log.
pub(super) fn segments(project: &Project, deployment: &Name) -> Result<Vec<Segment>> {
    let folder = folder(project, deployment);
    if std::fs::symlink_metadata(&folder).is_ok() {
        plain_folder(&folder)?;
    }
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(Error::io("list", &folder, e)),
    };
    let segment = |entry: std::fs::DirEntry| {
        let name = entry.file_name();
        let (day, server) = name.to_str()?.strip_suffix(".jsonl")?.split_once('.')?;
        Some(Segment { day: day.to_owned(), server: server.to_owned(), path: entry.path() })
    };
    let mut segments: Vec<Segment> = entries.flatten().filter_map(segment).collect();
    segments.sort();
    Ok(segments)
}
