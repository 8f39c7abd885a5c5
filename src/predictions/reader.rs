//! The one reader of the prediction log: one record at a time, in the order of days, then servers, then answers, in memory
//! that does not grow with the log. A segment of which nothing is asked for is not opened; a line that can't be read is
//! counted and named, and the rest is read all the same.

use super::line_reader::each_line;
use super::query::{Match, Query};
use super::record::Record;
use super::segments::{Segment, segments};
use super::summary::{FileState, Summary};
use crate::error::{self, Error, Result};
use crate::progress::Progress;
use crate::project::{Name, Project};
use serde::Serialize;
use std::fmt::Display;
use std::ops::ControlFlow;

/// What a reading came by.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ReadOutcome {
    /// Records that were asked for.
    pub records: u64,
    /// Records that would have been if another model had been asked for.
    pub other_models: u64,
    /// Segments opened.
    pub segments_read: usize,
    /// Segments not opened, for nothing in them was asked for.
    pub segments_skipped: usize,
    /// Lines of the segments opened that could not be read.
    pub unreadable: Unreadable,
}

/// Lines that could not be read.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Unreadable {
    /// How many.
    pub lines: u64,
    /// The first of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<UnreadableLine>,
}

/// A line that could not be read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UnreadableLine {
    /// Its file and number, or the prediction's id.
    pub place: String,
    /// What is wrong with it.
    pub problem: String,
}

impl Unreadable {
    /// One more.
    pub fn note(&mut self, place: impl Display, problem: impl Display) {
        self.lines += 1;
        let line = || UnreadableLine { place: place.to_string(), problem: problem.to_string() };
        self.first.get_or_insert_with(line);
    }

    /// These and those of another reading.
    pub fn and(mut self, more: Unreadable) -> Unreadable {
        self.lines += more.lines;
        self.first = self.first.or(more.first);
        self
    }

    /// Says so in the log, if there are any. The problem may quote a value, so only the place is said.
    pub(super) fn warn(&self) {
        if let Some(first) = &self.first {
            let hint = "look at the line and remove it if it is damaged";
            tracing::warn!(
                lines = self.lines,
                first = first.place,
                hint,
                "lines could not be read and were passed over"
            );
        }
    }
}

/// Calls `work` with each record that the query asks for; an error of it ends the reading.
pub fn read(
    project: &Project,
    query: &Query,
    progress: &Progress,
    mut work: impl FnMut(&Record) -> Result<()>,
) -> Result<ReadOutcome> {
    let mut outcome = ReadOutcome::default();
    let segments = segments(project, &query.deployment)?;
    let step = progress.step("reading predictions", Some(segments.len() as u64));
    for segment in &segments {
        step.check()?;
        let excluded = if query.excludes_name(segment) {
            Some(0)
        } else {
            Summary::load(segment).and_then(|summary| query.excludes(&summary))
        };
        match excluded {
            Some(other_models) => {
                outcome.segments_skipped += 1;
                outcome.other_models += other_models;
            }
            None => read_segment(segment, query, &step, &mut outcome, &mut work)?,
        }
        step.advance(1);
    }
    outcome.unreadable.warn();
    Ok(outcome)
}

/// How many predictions a deployment has logged.
pub fn count(project: &Project, deployment: &Name, progress: &Progress) -> Result<u64> {
    let (mut rows, query) = (0, Query::all(deployment));
    for segment in segments(project, deployment)? {
        rows += match Summary::load(&segment) {
            Some(summary) => summary.rows,
            None => {
                let mut outcome = ReadOutcome::default();
                read_segment(&segment, &query, progress, &mut outcome, &mut |_| Ok(()))?;
                outcome.records
            }
        };
    }
    Ok(rows)
}

/// Reads a segment and keeps its summary if that is missing.
fn read_segment(
    segment: &Segment,
    query: &Query,
    progress: &Progress,
    outcome: &mut ReadOutcome,
    work: &mut impl FnMut(&Record) -> Result<()>,
) -> Result<()> {
    /// Lines between two looks at whether the person wants to stop.
    const OFTEN: usize = 4096;
    outcome.segments_read += 1;
    let mut summary = FileState::of(segment).map(Summary::new);
    each_line(&segment.path, |number, line| {
        if number % OFTEN == 0 {
            progress.check()?;
        }
        match line.ok_or_else(|| Error::corrupt("the line is too long")).and_then(parsed) {
            Ok((record, ..)) if record.deployment != query.deployment.as_str() => {
                let problem = format!("it is of the deployment {}", error::quoted(&record.deployment));
                outcome.unreadable.note(format_args!("{} line {number}", segment.path.display()), problem);
            }
            Ok((record, answered, row_time)) => {
                if let Some(summary) = &mut summary {
                    summary.add(&record, answered, row_time);
                }
                match query.matches(&record, answered, row_time) {
                    Match::Yes => {
                        outcome.records += 1;
                        work(&record)?;
                    }
                    Match::OtherModel => outcome.other_models += 1,
                    Match::No => {}
                }
            }
            Err(e) => {
                outcome.unreadable.note(format_args!("{} line {number}", segment.path.display()), e.message());
            }
        }
        Ok(ControlFlow::Continue(()))
    })?;
    if let Some(summary) = summary {
        summary.keep(segment);
    }
    Ok(())
}

/// A line as a record, with when it was answered and its row's time.
fn parsed(line: &[u8]) -> Result<(Record<'_>, i64, i64)> {
    let record: Record = serde_json::from_slice(line).map_err(|e| Error::corrupt(e.to_string()))?;
    if !record.outputs.has_probabilities_in_range() {
        return Err(Error::corrupt("a probability is not from 0 to 1"));
    }
    let (answered, row_time) = (record.answered()?, record.row_time()?);
    Ok((record, answered, row_time))
}
