//! What a finished segment holds, in a small file beside it: made when the segment is first read as a whole, used to pass over
//! it when nothing in it is asked for. Only a convenience: it is made again when it is missing, of another format or older
//! than its segment, and that it can't be written harms nothing.

use super::logged_line::PredictionStatus;
use super::record::Record;
use super::segments::Segment;
use crate::error::Result;
use crate::project::{day_text, now_micros};
use crate::store::{Hash, read_plain, write_atomic};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

const FORMAT: u32 = 1;

/// The size and time of change of a segment's file, by which a summary is known to be of it as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileState {
    bytes: u64,
    /// Nanoseconds since 1970.
    changed: u128,
}

/// What a segment holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Summary {
    mlops_segment: u32,
    file: FileState,
    /// Answered predictions that could be read.
    pub rows: u64,
    /// The first and last answer, microseconds UTC; none without rows.
    pub answered: Option<(i64, i64)>,
    /// The first and last row's time, microseconds UTC; none without rows.
    pub row_times: Option<(i64, i64)>,
    /// Which models answered, in order of their first answer.
    pub models: Vec<ModelRows>,
}

/// The rows that one model answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct ModelRows {
    /// The bundle's hash.
    pub hash: Hash,
    /// The registered version, if it was one.
    pub version: Option<u32>,
    /// Which of the deployment's models it was.
    pub arm: String,
    /// How many.
    pub rows: u64,
}

impl FileState {
    /// How the segment's file is now; none if that can't be told.
    pub(super) fn of(segment: &Segment) -> Option<FileState> {
        let metadata = std::fs::metadata(&segment.path).ok()?;
        let changed = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?.as_nanos();
        Some(FileState { bytes: metadata.len(), changed })
    }
}

impl Summary {
    /// Of a segment without rows, yet.
    pub(super) fn new(file: FileState) -> Summary {
        Summary { mlops_segment: FORMAT, file, rows: 0, answered: None, row_times: None, models: Vec::new() }
    }

    /// Takes a record in, which has these times. What was not answered is never asked for and not counted.
    pub(super) fn add(&mut self, record: &Record, answered: i64, row_time: i64) {
        if record.status != PredictionStatus::Answered {
            return;
        }
        self.rows += 1;
        widen(&mut self.answered, answered);
        widen(&mut self.row_times, row_time);
        let same = |m: &&mut ModelRows| m.hash == record.hash && m.version == record.version && m.arm == record.arm;
        match self.models.iter_mut().find(same) {
            Some(model) => model.rows += 1,
            None => self.models.push(ModelRows {
                hash: record.hash,
                version: record.version,
                arm: record.arm.clone().into_owned(),
                rows: 1,
            }),
        }
    }

    /// The summary beside the segment, if it is of the segment as it is now.
    pub(super) fn load(segment: &Segment) -> Option<Summary> {
        let read: Summary = serde_json::from_slice(&read_plain(&path(segment)).ok()??).ok()?;
        (read.mlops_segment == FORMAT && FileState::of(segment) == Some(read.file)).then_some(read)
    }

    /// Writes the summary beside its segment if the segment's day is over and it is still what was read.
    pub(super) fn keep(&self, segment: &Segment) {
        if segment.day >= day_text(now_micros()) || FileState::of(segment) != Some(self.file) {
            return;
        }
        if let Err(e) = self.write(segment) {
            tracing::debug!(error = e.with_causes(), "the summary of a day of predictions can't be kept");
        }
    }

    fn write(&self, segment: &Segment) -> Result<()> {
        write_atomic(&path(segment), &serde_json::to_vec(self).unwrap_or_default())
    }
}

fn path(segment: &Segment) -> PathBuf {
    segment.path.with_extension("summary.json")
}

fn widen(range: &mut Option<(i64, i64)>, time: i64) {
    let (first, last) = range.unwrap_or((time, time));
    *range = Some((first.min(time), last.max(time)));
}
