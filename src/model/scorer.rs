//! A bundle made ready to predict: the rows of a request → features → preparation → answers. Few rows go one by one, many as
//! columns, and a table at once; all by the same arithmetic.

use super::answer::Answer;
use super::bundle::Bundle;
use crate::data::{Cells, Frame, Kind, KnownForm, OwnedValue, ReadAs, Value};
use crate::error::{Error, Result};
use crate::features::{Lookups, OnlineStore, RequestPlan};
use crate::learn::Predictions;
use crate::prep::Prepared;

/// A loaded model with its expressions and preparation compiled. Shared between threads.
pub struct Scorer {
    /// The bundle.
    pub bundle: Bundle,
    prepared: Prepared,
    request: RequestPlan,
    csv: KnownForm,
}

/// The answers to a request.
#[derive(Debug)]
pub struct Scored {
    /// One a row.
    pub answers: Vec<Answer>,
    /// The features as used.
    pub features: UsedFeatures,
    /// What the look-ups of views came by.
    pub lookups: Lookups,
}

/// The features of some rows as a model used them.
#[derive(Debug)]
pub enum UsedFeatures {
    /// Row after row, `width` values each.
    Rows {
        /// Values a row.
        width: usize,
        /// The values.
        values: Vec<OwnedValue>,
    },
    /// By column.
    Columns(Frame),
}

const TOO_LARGE: &str = "some value of the row is far beyond what the model was trained on; see its largest numbers";

/// From so many rows on, a request is answered by columns: below, making them costs more than it saves.
const MANY: usize = 16;

impl Scorer {
    /// Compiles a bundle.
    pub fn new(bundle: Bundle) -> Result<Self> {
        let request = RequestPlan::new(bundle.features.clone())?;
        let features: Vec<_> = bundle.features.features.iter().map(|f| (f.name.clone(), f.kind)).collect();
        let prepared = bundle.preparation.prepare(&features)?;
        let csv = KnownForm::of(&bundle.signature.csv)?.of_others();
        Ok(Scorer { bundle, prepared, request, csv })
    }

    /// The compiled preparation.
    pub(super) fn prepared(&self) -> &Prepared {
        &self.prepared
    }

    /// Predictions of a frame that has the model's features.
    pub fn score_frame(&self, frame: &Frame) -> Result<Predictions> {
        Ok(self.bundle.fitted.predict(&self.prepared.matrix(frame)?))
    }

    /// How many rounds of trees the model adds up; none of one that does not add up trees round by round.
    pub fn rounds(&self) -> Option<usize> {
        self.bundle.fitted.rounds()
    }

    /// What the model says of a frame's rows after each of these rounds.
    pub fn score_after(&self, frame: &Frame, rounds: &[usize]) -> Result<Vec<Predictions>> {
        let matrix = self.prepared.matrix(frame)?;
        Ok(rounds.iter().map(|rounds| self.bundle.fitted.after(*rounds).predict(&matrix)).collect())
    }

    /// Columns a request may bring: inputs, keys, the time.
    pub fn request_columns(&self) -> Vec<String> {
        self.request.columns()
    }

    /// The type that a column of this name is taken as; none of a column that only names a row.
    pub fn kind_of(&self, name: &str) -> Option<Kind> {
        self.request.kind_of(name)
    }

    /// As what a CSV file is read for it.
    pub fn read_as(&self) -> ReadAs {
        let columns = self.request_columns().into_iter();
        let texts = columns.filter(|name| self.kind_of(name) == Some(Kind::Text)).collect();
        ReadAs { texts, csv: self.bundle.signature.csv.clone() }
    }

    /// How a CSV text is written that a request brings.
    pub fn csv_form(&self) -> &KnownForm {
        &self.csv
    }

    /// Answers a request: all of its rows or none. Features of views come from the online store as of each row's time (`now`
    /// without one), unless the request brings `VIEW__FEATURE`.
    pub fn score(&self, rows: &Cells, online: Option<&OnlineStore>, now: i64) -> Result<Scored> {
        let scored = if rows.rows() >= MANY {
            self.score_columns(rows, online, now)?
        } else {
            self.score_rows(rows, online, now)?
        };
        match not_finite(&scored.answers) {
            Some((row, error)) => Err(rows.at_row(error, row)),
            None => Ok(scored),
        }
    }

    fn score_columns(&self, rows: &Cells, online: Option<&OnlineStore>, now: i64) -> Result<Scored> {
        let (frame, lookups) = self.request.frame(rows, online, now)?;
        let predictions = self.score_frame(&frame)?;
        let answers = predictions.iter().map(|numbers| self.bundle.signature.answer(numbers)).collect();
        Ok(Scored { answers, features: UsedFeatures::Columns(frame), lookups })
    }

    fn score_rows(&self, rows: &Cells, online: Option<&OnlineStore>, now: i64) -> Result<Scored> {
        let width = self.request.plan().features.len();
        let mut answers = Vec::with_capacity(rows.rows());
        let mut values = Vec::with_capacity(rows.rows() * width);
        let mut numbers = Vec::with_capacity(self.prepared.width());
        let mut outputs = vec![0.0; self.bundle.fitted.outputs()];
        let mut lookups = self.request.no_lookups();
        for row in 0..rows.rows() {
            let score = |features: &[Value]| {
                self.prepared.row(features, &mut numbers);
                self.bundle.fitted.predict_row(&numbers, &mut outputs);
                answers.push(self.bundle.signature.answer(&outputs));
                values.extend(features.iter().map(|value| OwnedValue::of(*value)));
            };
            self.request.with_row(rows, row, online, now, &mut lookups, score).map_err(|e| rows.at_row(e, row))?;
        }
        Ok(Scored { answers, features: UsedFeatures::Rows { width, values }, lookups })
    }
}

/// The first answer that is no finite number, and the error that says so.
pub(super) fn not_finite(answers: &[Answer]) -> Option<(usize, Error)> {
    let row = answers.iter().position(|answer| !answer.is_finite())?;
    Some((row, Error::invalid("the model's answer is not a finite number").hint(TOO_LARGE)))
}

impl UsedFeatures {
    /// The value of a feature in a row.
    pub fn value(&self, row: usize, feature: usize) -> Value<'_> {
        match self {
            UsedFeatures::Rows { width, values } => {
                values.get(row * width + feature).map_or(Value::Null, OwnedValue::value)
            }
            UsedFeatures::Columns(frame) => {
                frame.columns().get(feature).map_or(Value::Null, |(_, column)| column.get(row))
            }
        }
    }
}
