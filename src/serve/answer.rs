//! Scoring the rows of a request: all or none. The answer is logged, and only then given.

use super::log::Log;
use super::metrics::Metrics;
use super::request::{OneRow, Rows};
use crate::error::{Error, Result};
use crate::features::Online;
use crate::model::{Row, Scored, Scorer};
use crate::project::{Name, now_micros, time_text};
use crate::store::Hash;
use rayon::prelude::*;
use serde::Serialize;
use serde_json::{Map, Value as Json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// Everything a request needs; one for the whole server.
pub(super) struct Served {
    pub scorer: Scorer,
    pub online: Online,
    pub log: Log,
    pub metrics: Metrics,
    pub deployment: Name,
    pub model: String,
    pub version: Option<u32>,
    pub hash: Hash,
    pub token: Option<String>,
    /// How long a request may take to arrive and be answered.
    pub patience: Duration,
    /// Random, so that ids of two servers differ.
    pub process: u64,
    pub requests: AtomicU64,
    /// Turns of large requests.
    pub large: Arc<Semaphore>,
}

/// A request's answer.
pub(super) struct Answered {
    /// The request's id.
    pub request: String,
    /// One a row, with the row's id.
    pub rows: Vec<(String, Scored)>,
}

/// From so many rows on, a request is scored by all threads.
const MANY: usize = 64;

/// A log line, borrowed from the row.
#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    at: &'a str,
    deployment: &'a str,
    model: &'a str,
    version: Option<u32>,
    hash: &'a str,
    time: Option<&'a str>,
    key: Map<String, Json>,
    features: Features<'a>,
    probability: f64,
    prediction: &'a str,
    latency_us: u64,
}

/// Feature names beside their values.
struct Features<'a>(&'a Scorer, &'a [Json]);

impl Serialize for Features<'_> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        to.collect_map(self.0.bundle.features.features.iter().map(|f| &f.name).zip(self.1))
    }
}

impl Served {
    /// Scores, logs, and gives the answer.
    pub(super) fn answer(&self, rows: &Rows, begun: Instant) -> Result<Answered> {
        let now = now_micros();
        let score = |at: usize| -> Result<Scored> {
            let row = rows.row(at).ok_or_else(|| Error::invalid("no such row"))?;
            self.scorer
                .score_row(&row, Some(&self.online), now)
                .map_err(|e| if rows.len() > 1 { e.at(format!("row {at}")) } else { e })
        };
        let scored: Vec<Scored> = if rows.len() < MANY {
            (0..rows.len()).map(score).collect::<Result<_>>()?
        } else {
            (0..rows.len()).into_par_iter().map(score).collect::<Result<_>>()?
        };
        let request = format!("{:016x}{:016x}", self.process, self.requests.fetch_add(1, Ordering::Relaxed));
        let answered: Vec<(String, Scored)> =
            scored.into_iter().enumerate().map(|(at, s)| (format!("{request}-{at}"), s)).collect();
        let (at, hash) = (time_text(now), self.hash.to_string());
        let latency = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        let mut lines = Vec::with_capacity(answered.len() * 512);
        for (index, (id, scored)) in answered.iter().enumerate() {
            if let Some(row) = rows.row(index) {
                self.line(&mut lines, id, &at, &hash, &row, scored, latency)?;
            }
        }
        self.log.append(now, &lines)?;
        self.metrics.rows.fetch_add(answered.len() as u64, Ordering::Relaxed);
        Ok(Answered { request, rows: answered })
    }

    #[allow(clippy::too_many_arguments)]
    fn line(
        &self,
        out: &mut Vec<u8>,
        id: &str,
        at: &str,
        hash: &str,
        row: &OneRow,
        scored: &Scored,
        latency: u64,
    ) -> Result<()> {
        let plan = &self.scorer.bundle.features;
        let event_time = plan.event_time.as_deref();
        let mut key = Map::new();
        row.each(|name, cell| {
            let feature = plan.features.iter().any(|f| f.name == name);
            if !feature && Some(name) != event_time && !cell.is_object() && !cell.is_array() {
                key.insert(name.to_owned(), cell.clone());
            }
        });
        let time = match event_time.map(|t| row.get(t)).transpose()?.flatten() {
            Some(value) => crate::data::time_of(value)?.map(time_text),
            None => None,
        };
        let line = Line {
            id,
            at,
            deployment: self.deployment.as_str(),
            model: &self.model,
            version: self.version,
            hash,
            time: time.as_deref(),
            key,
            features: Features(&self.scorer, &scored.features),
            probability: scored.probability,
            prediction: &scored.prediction,
            latency_us: latency,
        };
        serde_json::to_writer(&mut *out, &line).map_err(|e| Error::invalid(format!("cannot log the answer: {e}")))?;
        out.push(b'\n');
        Ok(())
    }
}
