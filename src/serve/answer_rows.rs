//! Answering the rows of a request: all or none. The answers are logged, and only then given.

use super::deployment::{Arm, Deployment};
use super::dialect::Question;
use super::limits::{LONGEST_NAME, MOST_LOG};
use super::served_model::ServedModel;
use crate::data::{Cell, Cells, time_of};
use crate::error::{Error, Result};
use crate::features::{Input, Lookups};
use crate::model::{Answer, Explanation, Scored, UsedFeatures};
use crate::predictions::{Line, LoggedValue, PredictionId, PredictionStatus};
use crate::project::{now_micros, time_text};
use rayon::prelude::*;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// A request's answer.
pub(super) struct Answered {
    /// The request's id; those of its rows have their number behind it.
    pub request: String,
    /// One a row.
    pub answers: Vec<Answer>,
    /// What the look-ups of views came by.
    pub lookups: Lookups,
    /// How much each feature moved each answer; none where they were not asked for.
    pub explanations: Vec<Explanation>,
    /// The model that answered.
    pub model: Arc<ServedModel>,
}

/// How long a request may take. Its client is told when that is over, though a large request's work goes on in another thread.
#[derive(Debug, Clone, Copy)]
pub(super) struct TimeLimit {
    pub begun: Instant,
    pub timeout: Duration,
}

impl TimeLimit {
    /// Whether the client has been told, or is about to be, that there is no answer.
    pub(super) fn is_over(self) -> bool {
        self.begun.elapsed() >= self.timeout
    }
}

/// Rows whose lines are made by one task.
const LINES_AT_ONCE: usize = 1024;

/// About how long a line is, bytes.
const LINE_BYTES: usize = 512;
/// And what a cell adds beside its name.
const CELL_BYTES: usize = 16;
impl Deployment {
    /// Predicts, logs, and gives the answer. If the time is over before it is logged, there is none, and nothing is logged. If it is
    /// over while the lines are written, they stay: the log holds all that clients were told, and perhaps the last that one was not.
    pub(super) fn answer(&self, question: &Question, begun: Instant, limit: TimeLimit) -> Result<Option<Answered>> {
        let rows = &question.rows;
        let arm = self.arm().ok_or_else(|| Error::invalid(format!("\"{}\" has no model", self.name)))?;
        let now = now_micros();
        within_bounds(rows, arm.model.predictor.features())?;
        let scored = arm.model.predictor.predict(rows, now)?;
        let explanations = match question.explain {
            true => arm.model.predictor.explain(&scored)?,
            false => Vec::new(),
        };
        let request = self.log.next_request();
        let lines = RequestLines {
            deployment: self,
            arm,
            request: &request,
            at: time_text(now),
            latency_us: u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX),
            is_key: key_columns(rows, arm),
            time: arm.model.predictor.event_time().and_then(|name| rows.find(name, usize::MAX)),
            rows,
            scored: &scored,
        };
        let lines = lines.write()?;
        if limit.is_over() {
            return Ok(None);
        }
        self.log.append(now, &lines).inspect_err(|_| {
            self.counters.log_errors.fetch_add(1, Ordering::Relaxed);
        })?;
        self.counters.rows.fetch_add(rows.rows() as u64, Ordering::Relaxed);
        self.counters.count_lookups(&scored.lookups);
        let model = Arc::clone(&arm.model);
        Ok(Some(Answered { request, answers: scored.answers, lookups: scored.lookups, explanations, model }))
    }
}

/// Refuses requests whose names alone would fill memory and log: each line of the log has all of them.
fn within_bounds(rows: &Cells, features: &[Input]) -> Result<()> {
    let names = (0..rows.columns()).map(|column| rows.name(column));
    if let Some(long) = names.clone().find(|name| name.len() > LONGEST_NAME) {
        let start: String = long.chars().take(40).collect();
        return Err(Error::invalid(format!(
            "the name of column \"{start}…\" has {} bytes, {LONGEST_NAME} are the most",
            long.len()
        ))
        .hint("give columns short names"));
    }
    let one = |name: &str| (name.len() + CELL_BYTES) as u64;
    let line = LINE_BYTES as u64 + names.map(one).sum::<u64>() + features.iter().map(|f| one(&f.name)).sum::<u64>();
    if line * rows.rows() as u64 > MOST_LOG {
        let text =
            format!("{} rows of {} columns are more than a request may write to the log", rows.rows(), rows.columns());
        return Err(Error::invalid(text).hint("send fewer rows at once, and only columns that the model takes"));
    }
    Ok(())
}

/// Which columns of a request name its rows: those that are neither features nor the time.
fn key_columns(rows: &Cells, arm: &Arm) -> Vec<bool> {
    let predictor = &arm.model.predictor;
    let is_key = |column: usize| {
        let name = rows.name(column);
        // Requests mostly have the columns in the order of the features.
        let likely = predictor.features().get(column).is_some_and(|feature| feature.name == name);
        let feature = likely || predictor.features().iter().any(|feature| feature.name == name);
        !feature && Some(name) != predictor.event_time()
    };
    (0..rows.columns()).map(is_key).collect()
}

/// The log lines of a request.
struct RequestLines<'a> {
    deployment: &'a Deployment,
    arm: &'a Arm,
    request: &'a str,
    at: String,
    latency_us: u64,
    rows: &'a Cells,
    scored: &'a Scored,
    /// For each column whether it names a row.
    is_key: Vec<bool>,
    /// The column of the rows' time.
    time: Option<usize>,
}

impl RequestLines<'_> {
    /// All lines, in the order of the rows, in parts that make one text.
    fn write(&self) -> Result<Vec<Vec<u8>>> {
        let count = self.rows.rows();
        let some = |from: usize| {
            let until = (from + LINES_AT_ONCE).min(count);
            let mut out = Vec::with_capacity((until - from) * LINE_BYTES);
            (from..until).try_for_each(|row| self.line(row, &mut out)).map(|()| out)
        };
        if count <= LINES_AT_ONCE {
            return Ok(vec![some(0)?]);
        }
        let starts: Vec<usize> = (0..count).step_by(LINES_AT_ONCE).collect();
        starts.into_par_iter().map(some).collect()
    }

    fn line(&self, row: usize, out: &mut Vec<u8>) -> Result<()> {
        let model = &self.arm.model;
        let time = self.time.map(|column| self.rows.value(row, column)).transpose()?.flatten();
        let time = time.map(time_of).transpose()?.flatten().map(time_text);
        let answer =
            self.scored.answers.get(row).ok_or_else(|| Error::invalid(format!("row {} has no answer", row + 1)))?;
        let line = Line {
            id: PredictionId { request: self.request, row },
            at: &self.at,
            deployment: self.deployment.name.as_str(),
            arm: self.arm.name,
            model: &model.label,
            version: model.version,
            hash: &model.hash_text,
            time: time.as_deref(),
            key: KeyOf { rows: self.rows, is_key: &self.is_key, row },
            features: FeaturesOf { names: model.predictor.features(), used: &self.scored.features, row },
            lookups: self.scored.lookups.lacking(row),
            outputs: answer,
            latency_us: self.latency_us,
            status: PredictionStatus::Answered,
        };
        line.write(out)
    }
}

/// What names a row, as a map; lists and objects are left out.
struct KeyOf<'a> {
    rows: &'a Cells,
    is_key: &'a [bool],
    row: usize,
}

impl Serialize for KeyOf<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        let mut result = Ok(());
        self.rows.each(self.row, |column, cell| {
            let left_out = matches!(cell, Cell::Absent | Cell::Nested) || self.is_key.get(column) != Some(&true);
            if !left_out && result.is_ok() {
                let value = self.rows.value_of(cell).ok().flatten();
                result = value.map_or(Ok(()), |value| map.serialize_entry(self.rows.name(column), &LoggedValue(value)));
            }
        });
        result.and_then(|()| map.end())
    }
}

/// Features beside their values, as a map.
struct FeaturesOf<'a> {
    names: &'a [Input],
    used: &'a UsedFeatures,
    row: usize,
}

impl Serialize for FeaturesOf<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        let value = |at: usize| LoggedValue(self.used.value(self.row, at));
        to.collect_map(self.names.iter().enumerate().map(|(at, feature)| (&feature.name, value(at))))
    }
}
