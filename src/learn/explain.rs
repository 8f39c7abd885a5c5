//! How much each column moves a model's prediction of a row: Shapley values, which add up from what the model says of no row in
//! particular to what it says of this one.
//!
//! Of trees they are exact (`tree_shap`). Of linear models column j moves the decision by
//! weight · (value − mean of the training rows), which is exact where columns are independent. Both explain what stands before the link:
//! the logarithm of the odds of a probability, of averaged trees the probability itself. Platt's sigmoid of two classes moves the
//! logarithm of the odds along a straight line, and so the contributions; what another calibrator makes of the output comes after.

use crate::error::{Error, Result};
use crate::learn::ensemble::Link;
use crate::learn::fitted::Fitted;
use crate::learn::fitted_model::FittedModel;
use crate::learn::linear_model::{Linear, LinearLink};
use crate::learn::matrix::Matrix;
use crate::learn::tree_shap::tree_shap;
use crate::progress::Progress;
use serde::Serialize;

/// What contributions add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ContributionScale {
    /// The number that is predicted.
    Number,
    /// A probability.
    Probability,
    /// The logarithm of the odds of a probability.
    LogOdds,
    /// One score a class, of which the softmax gives the probabilities.
    Score,
    /// The logarithm of a rate.
    LogRate,
}

/// The contributions of each column to each row's prediction.
#[derive(Debug, Clone, PartialEq)]
pub struct Contributions {
    /// What they add up to.
    pub scale: ContributionScale,
    /// For each output what the model says where no column is known: the mean over the training rows.
    pub base: Vec<f64>,
    /// Columns of the matrix.
    pub columns: usize,
    /// For each row, output and column in turn.
    pub values: Vec<f64>,
    /// Whether they explain what the model says before a calibrator bends it.
    pub before_calibration: bool,
}

impl Contributions {
    /// What they are where the output goes through slope · output + shift.
    fn bent(mut self, slope: f64, shift: f64) -> Contributions {
        self.values.iter_mut().for_each(|value| *value *= slope);
        self.base.iter_mut().for_each(|base| *base = slope * *base + shift);
        self
    }
}

impl Fitted {
    /// The contributions of the columns of `x`. Errors: a model that is neither linear nor of trees, or one that was stored without what
    /// an explanation needs.
    pub fn contributions(&self, x: &Matrix, progress: &Progress) -> Result<Contributions> {
        match self {
            Fitted::Trees(trees) => {
                let scale = match trees.link {
                    Link::Mean => ContributionScale::Probability,
                    Link::MeanNumber | Link::Identity => ContributionScale::Number,
                    Link::Sigmoid => ContributionScale::LogOdds,
                    Link::Softmax => ContributionScale::Score,
                    Link::Exp => ContributionScale::LogRate,
                };
                let (base, values) = tree_shap(trees, x, progress)?;
                Ok(Contributions { scale, base, columns: x.columns(), values, before_calibration: false })
            }
            Fitted::Linear(linear) => of_linear(linear, x),
            Fitted::Calibrated(calibrated) => {
                let found = calibrated.base().contributions(x, progress)?;
                Ok(match calibrated.line().filter(|_| found.scale == ContributionScale::LogOdds) {
                    Some((a, b)) => found.bent(-a, -b),
                    None => Contributions { before_calibration: true, ..found },
                })
            }
            Fitted::Constant(constant) => {
                let base = constant.numbers().to_vec();
                let values = vec![0.0; x.rows() * x.columns() * base.len()];
                Ok(Contributions { scale: ContributionScale::Number, base, columns: x.columns(), values, before_calibration: false })
            }
            _ => Err(Error::invalid("the model can't be explained").hint(
                "linear models and trees can: logistic, svm, linear, ridge, lasso, elastic_net, poisson, tree, forest, extra_trees, boosting",
            )),
        }
    }
}

fn of_linear(linear: &Linear, x: &Matrix) -> Result<Contributions> {
    let (outputs, columns) = (linear.outputs(), x.columns());
    if linear.means.len() != columns {
        return Err(Error::invalid("the model does not hold the means of its training rows")
            .hint("it was trained by an earlier version: train it again"));
    }
    let scale = match linear.link {
        LinearLink::Sigmoid(..) | LinearLink::OneVsRest(_) => ContributionScale::LogOdds,
        LinearLink::Softmax => ContributionScale::Score,
        LinearLink::Identity => ContributionScale::Number,
        LinearLink::Exp => ContributionScale::LogRate,
    };
    // Platt's probability is the sigmoid of −(a·decision + b).
    let platt = |output: usize| match &linear.link {
        LinearLink::Sigmoid(a, b) => (-a, -b),
        LinearLink::OneVsRest(each) => each.get(output).map_or((1.0, 0.0), |(a, b)| (-a, -b)),
        _ => (1.0, 0.0),
    };
    let weights = |output: usize| &linear.weights[output * columns..(output + 1) * columns];
    let base = |output: usize| {
        let (slope, shift) = platt(output);
        let mean = weights(output).iter().zip(&linear.means).fold(0.0, |sum, (weight, mean)| sum + weight * mean);
        slope * (mean + linear.intercepts[output]) + shift
    };
    let mut values = Vec::with_capacity(x.rows() * outputs * columns);
    for row in 0..x.rows() {
        for output in 0..outputs {
            let slope = platt(output).0;
            let each = weights(output).iter().zip(&linear.means).enumerate();
            values.extend(each.map(|(j, (weight, mean))| slope * weight * (x.column(j)[row] - mean)));
        }
    }
    Ok(Contributions { scale, base: (0..outputs).map(base).collect(), columns, values, before_calibration: false })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::calibration::{Calibrated, CalibrationMethod};
    use crate::learn::random::stream;
    use crate::learn::{Estimator, FeatureKind, Target, Task};
    use crate::math::{ln, sigmoid};
    use serde_json::Map;

    #[test]
    fn contributions_of_linear_models_add_up_to_the_odds() {
        let mut random = stream(2, "explain", 0);
        let columns: Vec<Vec<f64>> = (0..3).map(|_| (0..200).map(|_| random.normal() + 1.0).collect()).collect();
        let y: Vec<f64> = (0..200)
            .map(|row| f64::from(u8::from(columns[0][row] - columns[2][row] + random.normal() > 0.0)))
            .collect();
        let names = (0..3).map(|j| format!("c{j}")).collect();
        let x = Matrix::new(names, vec![FeatureKind::Numeric; 3], columns).unwrap();
        for model in ["logistic", "svm"] {
            let estimator = Estimator::parse(model, &Map::new()).unwrap();
            let fitted = estimator.fit(&x, &Target::new(Task::Binary, 2, y.clone()), 1, &Progress::quiet());
            let fitted = fitted.unwrap();
            let found = fitted.contributions(&x, &Progress::quiet()).unwrap();
            assert_eq!(found.scale, ContributionScale::LogOdds);
            let predictions = fitted.predict(&x);
            for (row, values) in found.values.chunks(3).enumerate() {
                let sum = values.iter().fold(found.base[0], |sum, x| sum + x);
                let p = predictions.values()[row];
                assert!((sigmoid(sum) - p).abs() < 1e-12 && (sum - ln(p / (1.0 - p))).abs() < 1e-6, "{model}");
            }
            let target = Target::new(Task::Binary, 2, y.clone());
            let calibrated =
                Calibrated::fit(CalibrationMethod::Sigmoid, fitted.clone(), &predictions, &target).unwrap();
            let calibrated = Fitted::Calibrated(calibrated);
            let explained = calibrated.contributions(&x, &Progress::quiet()).unwrap();
            let p = calibrated.predict(&x).values()[7];
            let sum = explained.values[21..24].iter().fold(explained.base[0], |sum, x| sum + x);
            assert!((sigmoid(sum) - p).abs() < 1e-9, "{model}");
            // The mean of what each column moves is nothing.
            let mean = (0..200).fold(0.0, |sum, row| sum + found.values[row * 3]) / 200.0;
            assert!(mean.abs() < 1e-12, "{model}: {mean}");
        }
    }
}
