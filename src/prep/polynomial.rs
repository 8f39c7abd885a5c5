//! `polynomial`: products of columns up to a degree, so that a linear model can bend and let columns work together. For `x` and `y` to degree
//! 2: `x`, `y`, `x^2`, `x y`, `y^2`.
//!
//! Columns, names and order are those of scikit-learn's `PolynomialFeatures`; `include_bias` is false by default, for linear models have an
//! intercept of their own. A product with a missing part is missing.

use super::computation::{Computation, OfNumbers};
use super::fitted_step::{Content, FittedStep, Output, OutputRole};
use crate::error::{Error, Result};
use crate::learn::params::ParamReader;
use serde::{Deserialize, Serialize};

/// The parameters' names.
pub(super) const PARAMETERS: &[&str] = &["degree", "interaction_only", "include_bias"];

/// The most products that one step makes.
const MOST_TERMS: usize = 10_000;

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct PolynomialParams {
    degree: usize,
    interaction_only: bool,
    include_bias: bool,
}

impl PolynomialParams {
    /// Reads them.
    pub(super) fn parse(reader: &ParamReader) -> Result<PolynomialParams> {
        Ok(PolynomialParams {
            degree: reader.integer("degree", 2, 1, 10)?,
            interaction_only: reader.flag("interaction_only", false)?,
            include_bias: reader.flag("include_bias", false)?,
        })
    }

    /// The step for these columns; an error if it would make too many.
    pub(super) fn fit(&self, columns: Vec<String>) -> Result<Polynomial> {
        let mut terms: Vec<Vec<usize>> = if self.include_bias { vec![Vec::new()] } else { Vec::new() };
        let mut last: Vec<Vec<usize>> = vec![Vec::new()];
        for _ in 0..self.degree {
            let mut next = Vec::new();
            for term in &last {
                let first = term.last().map_or(0, |at| at + usize::from(self.interaction_only));
                next.extend((first..columns.len()).map(|at| [term.as_slice(), &[at]].concat()));
                if terms.len() + next.len() > MOST_TERMS {
                    return Err(Error::invalid(format!(
                        "degree {} of {} columns makes more than {MOST_TERMS} columns",
                        self.degree,
                        columns.len()
                    ))
                    .hint("name fewer columns, or give a lower degree or interaction_only = true"));
                }
            }
            terms.extend(next.iter().cloned());
            last = next;
        }
        Ok(Polynomial { columns, terms })
    }
}

/// The step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Polynomial {
    /// The columns that are read.
    pub columns: Vec<String>,
    /// For each column that is written, the places of those that are multiplied; none for the constant 1.
    pub terms: Vec<Vec<usize>>,
}

impl Polynomial {
    /// `x`, `x^2`, `x y`.
    fn name(&self, term: &[usize]) -> String {
        let factor = |same: &[usize]| {
            let name = same.first().and_then(|at| self.columns.get(*at)).map_or("", String::as_str);
            if same.len() > 1 { format!("{name}^{}", same.len()) } else { name.to_owned() }
        };
        let factors: Vec<String> = term.chunk_by(|a, b| a == b).map(factor).collect();
        if factors.is_empty() { "1".to_owned() } else { factors.join(" ") }
    }
}

impl OfNumbers for Polynomial {
    fn values(&self, x: &[f64], out: &mut [f64]) {
        for (value, term) in out.iter_mut().zip(&self.terms) {
            *value = term.iter().fold(1.0, |product, at| product * x[*at]);
        }
    }
}

impl FittedStep for Polynomial {
    fn inputs(&self) -> Vec<&str> {
        self.columns.iter().map(String::as_str).collect()
    }

    fn takes(&self) -> Content {
        Content::Number
    }

    fn outputs(&self) -> Vec<Output> {
        let role = |factors: usize| match factors {
            0 => OutputRole::Flag,
            1 => OutputRole::Unchanged,
            _ => OutputRole::Quantity,
        };
        self.terms.iter().map(|term| Output::number(self.name(term), role(term.len()))).collect()
    }

    fn computation(&self) -> Computation<'_> {
        Computation::Numbers(self)
    }

    fn check(&self) -> std::result::Result<(), &'static str> {
        let inside = self.terms.iter().flatten().all(|at| *at < self.columns.len());
        (inside && !self.terms.is_empty()).then_some(()).ok_or("a product is of a column that is not there")
    }
}
