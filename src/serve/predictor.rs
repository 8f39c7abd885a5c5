//! What answers: columns in, answers out. It is all that the rest of the server knows of a model, so a model of another make
//! needs no more than these functions.

use crate::data::{Cells, Kind, KnownForm};
use crate::error::Result;
use crate::features::{Input, OnlineStore, ViewShape};
use crate::model::{Bundle, Explanation, OutputColumn, Scored, Scorer};
use crate::project::CsvForm;
use std::sync::Arc;

/// A model ready to answer. Shared between threads.
pub(super) struct Predictor {
    scorer: Scorer,
    inputs: Vec<Input>,
    outputs: Vec<OutputColumn>,
    /// Where features that a request does not bring are looked up.
    online: Arc<OnlineStore>,
}

impl Predictor {
    /// Makes a bundle ready.
    pub(super) fn new(bundle: Bundle, online: Arc<OnlineStore>) -> Result<Predictor> {
        let scorer = Scorer::new(bundle)?;
        let input = |name: String| Input { kind: scorer.kind_of(&name).unwrap_or(Kind::Text), name };
        let inputs = scorer.request_columns().into_iter().map(input).collect();
        let outputs = scorer.bundle.signature.columns();
        Ok(Predictor { scorer, inputs, outputs, online })
    }

    /// The columns that a request may bring, in the order in which rows without names have them.
    pub(super) fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// The columns of an answer.
    pub(super) fn outputs(&self) -> &[OutputColumn] {
        &self.outputs
    }

    /// What `mlops.toml` said of the CSV files that the model was trained on.
    pub(super) fn csv_said(&self) -> &CsvForm {
        &self.scorer.bundle.signature.csv
    }

    /// How a CSV text is written that a request brings.
    pub(super) fn csv_form(&self) -> &KnownForm {
        self.scorer.csv_form()
    }

    /// The type that a column of this name is taken as; none of a column that only names a row.
    pub(super) fn kind_of(&self, name: &str) -> Option<Kind> {
        self.scorer.kind_of(name)
    }

    /// The features that the answers are made of, in the order in which [`Scored`] has them.
    pub(super) fn features(&self) -> &[Input] {
        &self.scorer.bundle.features.features
    }

    /// The views whose features are looked up.
    pub(super) fn views(&self) -> impl Iterator<Item = &ViewShape> {
        self.scorer.bundle.features.views.iter().map(|used| &used.shape)
    }

    /// The column that holds a row's time.
    pub(super) fn event_time(&self) -> Option<&str> {
        self.scorer.bundle.features.event_time.as_deref()
    }

    /// Answers all rows or none; `now`, microseconds UTC, is the time of rows that bring none.
    pub(super) fn predict(&self, rows: &Cells, now: i64) -> Result<Scored> {
        self.scorer.score(rows, Some(&self.online), now)
    }

    /// How much each feature moved each of these answers.
    pub(super) fn explain(&self, scored: &Scored) -> Result<Vec<Explanation>> {
        self.scorer.explain_used(&scored.features, scored.answers.len())
    }
}
