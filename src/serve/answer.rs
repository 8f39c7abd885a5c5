//! Scoring the rows of a request: all or none. The answer is logged, and only then given.

use super::metrics::Metrics;
use super::request::{OneRow, Rows};
use super::token::Token;
use crate::data::time_of;
use crate::error::{Error, Result};
use crate::features::{Input, OnlineStore};
use crate::model::{Row, Scored, Scorer};
use crate::predictions::{Line, PredictionStatus, Writer};
use crate::project::{Name, now_micros, time_text};
use crate::store::Hash;
use rayon::prelude::*;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// Everything a request needs; one for the whole server.
pub(super) struct Served {
    pub scorer: Scorer,
    pub online: OnlineStore,
    pub log: Writer,
    pub metrics: Metrics,
    pub deployment: Name,
    pub model: String,
    pub version: Option<u32>,
    pub hash: Hash,
    pub token: Option<Token>,
    /// How long a request may take to arrive and be answered.
    pub patience: Duration,
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

/// The name of a deployment's only model among its models.
const ARM: &str = "champion";

/// Features beside their values, as a map.
struct Features<'a>(&'a [Input], &'a [Value]);

impl Serialize for Features<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|feature| &feature.name).zip(self.1))
    }
}

/// What the log lines of one request have in common.
struct Asked {
    at: String,
    hash: String,
    latency_us: u64,
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
        let request = self.log.next_request();
        let answered: Vec<(String, Scored)> =
            scored.into_iter().enumerate().map(|(at, s)| (format!("{request}-{at}"), s)).collect();
        let latency_us = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        let asked = Asked { at: time_text(now), hash: self.hash.to_string(), latency_us };
        let mut lines = Vec::with_capacity(answered.len() * 512);
        for (index, answer) in answered.iter().enumerate() {
            if let Some(row) = rows.row(index) {
                self.line(&mut lines, &asked, &row, answer)?;
            }
        }
        self.log.append(now, &lines)?;
        self.metrics.rows.fetch_add(answered.len() as u64, Ordering::Relaxed);
        Ok(Answered { request, rows: answered })
    }

    fn line(&self, out: &mut Vec<u8>, asked: &Asked, row: &OneRow, (id, scored): &(String, Scored)) -> Result<()> {
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
            Some(value) => time_of(value)?.map(time_text),
            None => None,
        };
        let line = Line {
            id,
            at: &asked.at,
            deployment: self.deployment.as_str(),
            arm: ARM,
            model: &self.model,
            version: self.version,
            hash: &asked.hash,
            time: time.as_deref(),
            key,
            features: Features(&plan.features, &scored.features),
            outputs: &scored.answer,
            latency_us: asked.latency_us,
            status: PredictionStatus::Answered,
        };
        line.write(out)
    }
}
