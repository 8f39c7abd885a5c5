//! Which predictions are asked for, and what that means for a segment whose summary is known.

use super::logged_line::PredictionStatus;
use super::record::Record;
use super::segments::Segment;
use super::summary::{ModelRows, Summary};
use crate::project::{Name, day_text};
use crate::store::Hash;
use std::collections::BTreeSet;

/// Predictions of a deployment. What is not set does not matter; times are microseconds UTC, from one to before the other.
#[derive(Debug, Clone)]
pub struct Query {
    /// The deployment.
    pub deployment: Name,
    /// Only answers of this model; those of others are counted.
    pub model: Option<WhichModel>,
    /// Only answers of this one of the deployment's models.
    pub arm: Option<String>,
    /// Only rows from this time on.
    pub from: Option<i64>,
    /// Only rows before this time.
    pub to: Option<i64>,
    /// Only what was answered from this time on.
    pub answered_from: Option<i64>,
    /// Only what was answered before this time.
    pub answered_to: Option<i64>,
    /// Only answers of these servers: the first 16 digits of a prediction's id.
    pub servers: Option<BTreeSet<String>>,
}

/// One model among those that answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhichModel {
    /// By its bundle.
    Hash(Hash),
    /// By the version it is registered under.
    Version(u32),
}

/// What a query makes of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Match {
    /// It is asked for.
    Yes,
    /// It would be if another model had been asked for.
    OtherModel,
    /// It is not.
    No,
}

impl Query {
    /// Every prediction of a deployment.
    pub fn all(deployment: &Name) -> Query {
        Query {
            deployment: deployment.clone(),
            model: None,
            arm: None,
            from: None,
            to: None,
            answered_from: None,
            answered_to: None,
            servers: None,
        }
    }

    /// The same for rows from one time to before another.
    pub fn between(mut self, from: Option<i64>, to: Option<i64>) -> Query {
        (self.from, self.to) = (from, to);
        self
    }

    /// The same for answers of one model.
    pub fn of_model(mut self, model: WhichModel) -> Query {
        self.model = Some(model);
        self
    }

    pub(super) fn matches(&self, record: &Record, answered: i64, row_time: i64) -> Match {
        let within = within(row_time, self.from, self.to) && within(answered, self.answered_from, self.answered_to);
        if !within || record.status != PredictionStatus::Answered {
            return Match::No;
        }
        match self.takes(&record.hash, record.version) {
            false => Match::OtherModel,
            true if self.arm.as_ref().is_some_and(|arm| record.arm != arm.as_str()) => Match::No,
            true => Match::Yes,
        }
    }

    fn takes(&self, hash: &Hash, version: Option<u32>) -> bool {
        match self.model {
            None => true,
            Some(WhichModel::Hash(wanted)) => *hash == wanted,
            Some(WhichModel::Version(wanted)) => version == Some(wanted),
        }
    }

    /// Whether the segment's name alone says that nothing in it is asked for.
    pub(super) fn excludes_name(&self, segment: &Segment) -> bool {
        let before = |time: &i64| segment.day < day_text(*time);
        let after = |time: &i64| segment.day > day_text(*time);
        self.answered_from.as_ref().is_some_and(before)
            || self.answered_to.as_ref().is_some_and(after)
            || self.servers.as_ref().is_some_and(|servers| !servers.contains(&segment.server))
    }

    /// If the summary says that nothing in its segment is asked for: how many of its rows are of other models.
    pub(super) fn excludes(&self, summary: &Summary) -> Option<u64> {
        let (Some(answered), Some(row_times)) = (summary.answered, summary.row_times) else { return Some(0) };
        if apart(answered, self.answered_from, self.answered_to) || apart(row_times, self.from, self.to) {
            return Some(0);
        }
        let inside = |(first, last): (i64, i64), from, to| within(first, from, to) && within(last, from, to);
        let whole = inside(answered, self.answered_from, self.answered_to) && inside(row_times, self.from, self.to);
        let asked = |m: &ModelRows| self.takes(&m.hash, m.version);
        (whole && !summary.models.iter().any(asked)).then_some(summary.rows)
    }
}

fn within(time: i64, from: Option<i64>, to: Option<i64>) -> bool {
    from.is_none_or(|from| time >= from) && to.is_none_or(|to| time < to)
}

/// Whether a range lies wholly outside of a window.
fn apart((first, last): (i64, i64), from: Option<i64>, to: Option<i64>) -> bool {
    from.is_some_and(|from| last < from) || to.is_some_and(|to| first >= to)
}
