//! The prediction log: `.mlops/predictions/DEPLOYMENT/YYYY-MM-DD.SERVER.jsonl`, one line a row.
//!
//! Invariants: the lines of a request are appended by one write before it is answered, so what was acknowledged
//! survives the death of the process; a background sync makes it durable against the machine's within a second; a
//! server writes only files of its own, so only the last line of a file can be torn, and a torn line was never
//! acknowledged.

use crate::error::{Error, Result};
use crate::features::Input;
use crate::model::Answer;
use crate::project::{Name, Project, day_text, time_text};
use crate::store::{Hash, append_lines, whole_lines};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One logged prediction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// The row's id: the request's and the row's number.
    pub id: String,
    /// When it was answered, RFC 3339.
    pub at: String,
    /// The deployment.
    pub deployment: String,
    /// The model reference that was served.
    pub model: String,
    /// The registered version, if it was one.
    pub version: Option<u32>,
    /// The bundle's hash.
    pub hash: Hash,
    /// The row's own time, if the request brought one.
    pub time: Option<String>,
    /// Columns of the request that are neither features nor the time.
    pub key: Map<String, Value>,
    /// The features as used.
    pub features: Map<String, Value>,
    /// What the model said.
    #[serde(rename = "outputs")]
    pub answer: Answer,
    /// Microseconds from the request's arrival to its answer.
    pub latency_us: u64,
}

/// A [`Prediction`] being written, borrowed from the row. The id comes first: [`find`] looks for lines by it.
#[derive(Serialize)]
pub(super) struct Line<'a> {
    pub id: &'a str,
    pub at: &'a str,
    pub deployment: &'a str,
    pub model: &'a str,
    pub version: Option<u32>,
    pub hash: &'a str,
    pub time: Option<&'a str>,
    pub key: Map<String, Value>,
    pub features: Features<'a>,
    #[serde(rename = "outputs")]
    pub answer: &'a Answer,
    pub latency_us: u64,
}

/// Features beside their values.
pub(super) struct Features<'a>(pub &'a [Input], pub &'a [Value]);

impl Serialize for Features<'_> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|feature| &feature.name).zip(self.1))
    }
}

impl Line<'_> {
    /// Puts the line behind `out`.
    pub(super) fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        serde_json::to_writer(&mut *out, self).map_err(|e| Error::invalid(format!("cannot log the answer: {e}")))?;
        out.push(b'\n');
        Ok(())
    }
}

/// The writer of one deployment's log.
pub(super) struct Log {
    folder: PathBuf,
    server: u64,
    open: Mutex<Open>,
}

struct Open {
    day: String,
    file: Option<File>,
    /// Files that are written no more, with lines that are not durable yet.
    left: Vec<File>,
    synced: bool,
}

impl Open {
    /// Writes on in another file.
    fn leave(&mut self) {
        self.left.extend(self.file.take().filter(|_| !self.synced));
    }
}

impl Log {
    /// The log of the server that calls itself `server`.
    pub(super) fn new(project: &Project, deployment: &Name, server: u64) -> Result<Self> {
        let folder = project.dir("predictions").join(deployment.as_str());
        std::fs::create_dir_all(&folder).map_err(|e| Error::io("create", &folder, e))?;
        Ok(Log {
            folder,
            server,
            open: Mutex::new(Open { day: String::new(), file: None, left: Vec::new(), synced: true }),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends whole lines, answered at `now`.
    pub(super) fn append(&self, now: i64, lines: &[u8]) -> Result<()> {
        let day = day_text(now);
        let mut open = self.lock();
        if open.day != day || open.file.is_none() {
            open.leave();
            open.file = Some(append_lines(&self.folder.join(format!("{day}.{:016x}.jsonl", self.server)))?);
            open.day = day;
        }
        open.synced = false;
        let Some(file) = open.file.as_mut() else { return Err(Error::invalid("the log is not open")) };
        let before = file.metadata().map(|m| m.len());
        if let Err(e) = file.write_all(lines) {
            // Half a line must not stand before the next one.
            if let Ok(length) = before {
                let _ = file.set_len(length);
            }
            open.leave();
            return Err(Error::io("write to", &self.folder, e));
        }
        Ok(())
    }

    /// Makes what was appended durable; what could not be is tried again the next time.
    pub(super) fn sync(&self) -> Result<()> {
        let (left, file) = {
            let mut open = self.lock();
            if open.synced {
                return Ok(());
            }
            open.synced = true;
            (std::mem::take(&mut open.left), open.file.as_ref().map(File::try_clone))
        };
        let synced = left.iter().try_for_each(File::sync_data);
        let synced = synced.and_then(|()| file.map_or(Ok(()), |file| file?.sync_data()));
        synced.map_err(|e| {
            let mut open = self.lock();
            open.synced = false;
            open.left.extend(left);
            Error::io("sync", &self.folder, e)
        })
    }
}

/// The deployments that have a log.
pub fn deployments(project: &Project) -> Result<Vec<Name>> {
    let folder = project.dir("predictions");
    let entries = std::fs::read_dir(&folder).map_err(|e| Error::io("list", &folder, e))?;
    let mut names: Vec<Name> =
        entries.flatten().filter_map(|e| Name::parse(&e.file_name().to_string_lossy()).ok()).collect();
    names.sort();
    Ok(names)
}

/// A deployment's predictions in the order they were answered, those answered from `from` to before `to`.
pub fn read(project: &Project, deployment: &Name, from: Option<i64>, to: Option<i64>) -> Result<Vec<Prediction>> {
    let mut predictions = Vec::new();
    for (path, name) in files(project, deployment)? {
        let of = name.split('.').next().unwrap_or_default();
        if from.is_some_and(|f| of < day_text(f).as_str()) || to.is_some_and(|t| of > day_text(t).as_str()) {
            continue;
        }
        each_line(&path, |_, line| {
            let prediction: Prediction = serde_json::from_slice(line).map_err(|e| Error::corrupt(e.to_string()))?;
            predictions.push(prediction);
            Ok(())
        })?;
    }
    if from.is_some() || to.is_some() {
        let (from, to) = (from.map(time_text), to.map(time_text));
        predictions.retain(|p| from.as_ref().is_none_or(|f| p.at >= *f) && to.as_ref().is_none_or(|t| p.at < *t));
    }
    // Servers of one deployment that ran at once each have their own files.
    predictions.sort_by(|a: &Prediction, b| a.at.cmp(&b.at));
    Ok(predictions)
}

/// The prediction with this id, or the first row of the request with this id.
pub fn find(project: &Project, id: &str) -> Result<Option<Prediction>> {
    let plausible = id.len() >= 16 && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    if !plausible {
        return Ok(None);
    }
    let row = if id.contains('-') { id.to_owned() } else { format!("{id}-0") };
    let wanted = format!("{{\"id\":\"{row}\"");
    let mut found = None;
    for deployment in deployments(project)? {
        for (path, name) in files(project, &deployment)? {
            if !name.ends_with(&id[..16]) {
                continue;
            }
            each_line(&path, |_, line| {
                if found.is_none() && line.starts_with(wanted.as_bytes()) {
                    found = Some(serde_json::from_slice(line).map_err(|e| Error::corrupt(e.to_string()))?);
                }
                Ok(())
            })?;
        }
    }
    Ok(found)
}

/// The files of a deployment with their names, by day.
fn files(project: &Project, deployment: &Name) -> Result<Vec<(PathBuf, String)>> {
    let folder = project.dir("predictions").join(deployment.as_str());
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(Error::io("list", &folder, e)),
    };
    let named = |e: std::fs::DirEntry| Some((e.path(), e.file_name().to_str()?.strip_suffix(".jsonl")?.to_owned()));
    let mut files: Vec<(PathBuf, String)> = entries.flatten().filter_map(named).collect();
    files.sort_by(|a, b| a.1.cmp(&b.1));
    Ok(files)
}

fn each_line(path: &std::path::Path, mut work: impl FnMut(usize, &[u8]) -> Result<()>) -> Result<()> {
    let text = std::fs::read(path).map_err(|e| Error::io("read", path, e))?;
    for (at, line) in whole_lines(&text) {
        work(at, line).map_err(|e| {
            e.at(format!("{} line {at}", path.display())).hint("the line is damaged; remove it to go on without it")
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_logged_before_midnight_is_synced_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let open = Open { day: String::new(), file: None, left: Vec::new(), synced: true };
        let log = Log { folder: folder.path().to_owned(), server: 7, open: Mutex::new(open) };
        let (evening, morning) = (86_399_000_000, 86_401_000_000);
        for now in [evening, morning, evening] {
            log.append(now, b"{}\n").unwrap();
        }
        assert_eq!(log.lock().left.len(), 2, "what was left waits for its sync");
        log.sync().unwrap();
        assert!(log.lock().left.is_empty());
        log.append(morning, b"{}\n").unwrap();
        assert!(log.lock().left.is_empty(), "what is durable is let go");
        let lines =
            |day: &str| std::fs::read_to_string(folder.path().join(format!("{day}.0000000000000007.jsonl"))).unwrap();
        assert_eq!((lines("1970-01-01").as_str(), lines("1970-01-02").as_str()), ("{}\n{}\n", "{}\n{}\n"));
    }
}
