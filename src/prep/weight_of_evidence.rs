//! `weight_of_evidence`: how much a category speaks for the second of two classes: ln of the category's share of that class's rows over
//! its share of the other's. Of several classes there is one column a class, that class against the others.
//!
//! With a = `regularization`, n₁ and n₀ the category's rows of the two classes and N₁, N₀ all of them, it is
//! ln((n₁ + a) / (N₁ + 2a)) - ln((n₀ + a) / (N₀ + 2a)), the numbers of category_encoders' `WOEEncoder` (which says 0 of a category of one
//! row). What is missing or was not seen in training speaks for neither: 0. Cross-fitted (`cross_fit`).

use super::computation::{Computation, OfCategory};
use super::cross_fit::{CrossFitted, Grouped, Means, cross_fit};
use super::fitted_step::{Content, FittedStep, Output, OutputRole};
use crate::data::Column;
use crate::error::{Error, Result};
use crate::learn::params::ParamReader;
use crate::learn::{Target, Task};
use crate::math::ln;
use serde::{Deserialize, Serialize};

/// The parameters' names.
pub(super) const PARAMETERS: &[&str] = &["regularization", "folds"];

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct EvidenceParams {
    regularization: f64,
    folds: usize,
}

impl EvidenceParams {
    /// Reads them.
    pub(super) fn parse(reader: &ParamReader) -> Result<EvidenceParams> {
        Ok(EvidenceParams {
            regularization: reader.number("regularization", 1.0, "a number above 0", |x| x > 0.0)?,
            folds: reader.integer("folds", 5, 2, 1000)?,
        })
    }

    /// Fits on a column of texts: the step, and the columns of the training rows.
    pub(super) fn fit(
        &self,
        name: &str,
        column: &Column,
        target: &Target,
        seed: u64,
    ) -> Result<(WeightOfEvidence, Vec<Column>)> {
        if target.task() == Task::Regression {
            return Err(Error::invalid("it needs a target of classes, not of numbers")
                .hint("op = \"target_encode\" takes both"));
        }
        let evidence = |grouped: &Grouped, y: &[f64], rows: &[usize]| self.evidence(grouped, y, target, rows);
        let CrossFitted { names, means, training } = cross_fit(column, target, self.folds, seed, evidence)?;
        Ok((WeightOfEvidence { column: name.to_owned(), categories: names, evidence: means }, training))
    }

    /// The evidence for one class over some rows.
    fn evidence(&self, Grouped { names, places }: &Grouped, y: &[f64], target: &Target, rows: &[usize]) -> Means {
        let (mut of, mut all) = (vec![(0.0, 0.0); names.len()], (0.0, 0.0));
        for row in rows {
            let weight = target.weight(*row);
            let (yes, no) = if y[*row] == 1.0 { (weight, 0.0) } else { (0.0, weight) };
            all = (all.0 + yes, all.1 + no);
            if let Some(sums) = places[*row].and_then(|place| of.get_mut(place)) {
                *sums = (sums.0 + yes, sums.1 + no);
            }
        }
        let a = self.regularization;
        let of = of.into_iter().map(|(yes, no)| ln((yes + a) / (all.0 + 2.0 * a)) - ln((no + a) / (all.1 + 2.0 * a)));
        Means { of: of.collect(), other: 0.0 }
    }
}

/// The fitted step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WeightOfEvidence {
    /// The column that is read; of two classes it is replaced, of several `COLUMN=N` take its place.
    pub column: String,
    /// The categories, sorted by name.
    pub categories: Vec<String>,
    /// One an output column.
    pub evidence: Vec<Means>,
}

impl OfCategory for WeightOfEvidence {
    fn values(&self, place: Option<usize>, out: &mut [f64]) {
        out.iter_mut().zip(&self.evidence).for_each(|(value, means)| *value = means.value(place));
    }
}

impl FittedStep for WeightOfEvidence {
    fn inputs(&self) -> Vec<&str> {
        vec![&self.column]
    }

    fn takes(&self) -> Content {
        Content::Text
    }

    fn outputs(&self) -> Vec<Output> {
        match self.evidence.len() {
            1 => vec![Output::number(&self.column, OutputRole::Complete)],
            several => {
                Output::numbers((0..several).map(|class| format!("{}={class}", self.column)), OutputRole::Complete)
            }
        }
    }

    fn computation(&self) -> Computation<'_> {
        Computation::Category(self)
    }

    fn check(&self) -> std::result::Result<(), &'static str> {
        Means::all_fit(&self.evidence, self.categories.len()).then_some(()).ok_or("its evidence does not fit")
    }

    fn categories(&self) -> &[String] {
        &self.categories
    }
}
