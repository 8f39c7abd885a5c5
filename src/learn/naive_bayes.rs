//! Naive Bayes, as scikit-learn's `GaussianNB`, `MultinomialNB` and `BernoulliNB`: each feature counts by itself, given the class.
//!
//! | `distribution` | what a feature is, given the class | fitted |
//! | --- | --- | --- |
//! | `gaussian` | normal | mean and variance of each class; `var_smoothing` times the largest variance of all features is added |
//! | `multinomial` | a count, 0 or more | the share of each feature in the class's sum, with `alpha` added to each |
//! | `bernoulli` | above `binarize`, or not | the share of the class's rows above, with `alpha` added to both |
//!
//! Each gives a score a class that is a sum over the features; probabilities are the softmax of the scores.

use crate::error::{Error, Result};
use crate::learn::fitted::Fitted;
use crate::learn::fitted_model::FittedModel;
use crate::learn::learner::{Learner, Needs};
use crate::learn::linear_model::{Linear, LinearLink};
use crate::learn::matrix::Matrix;
use crate::learn::params::{ParamReader, object};
use crate::learn::stored_parts::{Parts, TensorReader};
use crate::learn::task::{Target, Task};
use crate::learn::tensor::Tensor;
use crate::math::{ln, sigmoid, softmax};
use crate::progress::Progress;
use rayon::prelude::*;
use serde_json::{Map, Value, json};
use std::f64::consts::PI;

/// How a feature is distributed within a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FeatureDistribution {
    Gaussian,
    Multinomial,
    Bernoulli,
}

/// Their words.
const DISTRIBUTIONS: [(&str, FeatureDistribution); 3] = [
    ("gaussian", FeatureDistribution::Gaussian),
    ("multinomial", FeatureDistribution::Multinomial),
    ("bernoulli", FeatureDistribution::Bernoulli),
];

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    distribution: FeatureDistribution,
    var_smoothing: f64,
    alpha: f64,
    binarize: f64,
    fit_prior: bool,
}

impl Params {
    /// Reads and checks the parameters; those not given have scikit-learn's defaults.
    pub fn parse(values: &Map<String, Value>) -> Result<Params> {
        let known = ["distribution", "var_smoothing", "alpha", "binarize", "fit_prior"];
        let reader = ParamReader::new("naive_bayes", values, &known)?;
        Ok(Params {
            distribution: reader.choice("distribution", FeatureDistribution::Gaussian, &DISTRIBUTIONS)?,
            var_smoothing: reader.number("var_smoothing", 1e-9, "a number above 0", |x| x > 0.0)?,
            alpha: reader.number("alpha", 1.0, "a number above 0", |x| x > 0.0)?,
            binarize: reader.number("binarize", 0.0, "a number", |_| true)?,
            fit_prior: reader.flag("fit_prior", true)?,
        })
    }

    /// The logarithm of each class's share.
    fn priors(&self, totals: &[f64]) -> Vec<f64> {
        let all = totals.iter().fold(0.0, |sum, total| sum + total);
        let share = |total: &f64| if self.fit_prior { total / all } else { 1.0 / totals.len() as f64 };
        totals.iter().map(|total| ln(share(total))).collect()
    }

    /// For each feature the sum over each class's rows of `of(value)`.
    fn sums(x: &Matrix, target: &Target, of: impl Fn(f64) -> f64 + Sync) -> Vec<Vec<f64>> {
        let sum = |j: usize| {
            let mut sums = vec![0.0; target.classes()];
            for (row, value) in x.column(j).iter().enumerate() {
                sums[target.values()[row] as usize] += target.weight(row) * of(*value);
            }
            sums
        };
        (0..x.columns()).into_par_iter().map(sum).collect()
    }

    fn fit_gaussian(&self, x: &Matrix, target: &Target, totals: &[f64], priors: Vec<f64>) -> Result<Gaussian> {
        let fit = |j: usize| {
            let column = x.column(j);
            let each = || target.values().iter().zip(column).enumerate();
            let mut means = vec![0.0; totals.len()];
            each().for_each(|(row, (class, value))| {
                means[*class as usize] += target.weight(row) * value;
            });
            means.iter_mut().zip(totals).for_each(|(mean, total)| *mean /= total);
            let mut variances = vec![0.0; totals.len()];
            each().for_each(|(row, (class, value))| {
                let distance = value - means[*class as usize];
                variances[*class as usize] += target.weight(row) * distance * distance;
            });
            variances.iter_mut().zip(totals).for_each(|(variance, total)| *variance /= total);
            // As scikit-learn, without weights.
            let mean = column.iter().fold(0.0, |sum, value| sum + value) / column.len() as f64;
            let of_all = column.iter().fold(0.0, |sum, value| sum + (value - mean) * (value - mean));
            FittedFeature { means, variances, of_all: of_all / column.len() as f64 }
        };
        let features: Vec<FittedFeature> = (0..x.columns()).into_par_iter().map(fit).collect();
        let widest = features.iter().fold(0.0, |widest: f64, feature| widest.max(feature.of_all));
        if widest == 0.0 {
            return Err(Error::invalid("naive_bayes has only constant columns, which tell no classes apart")
                .hint("give it other features, or use model = \"baseline\""));
        }
        let added = self.var_smoothing * widest;
        let by_class = |pick: &dyn Fn(&FittedFeature, usize) -> f64| {
            (0..totals.len()).flat_map(|class| features.iter().map(move |feature| pick(feature, class))).collect()
        };
        Ok(Gaussian {
            means: by_class(&|feature, class| feature.means[class]),
            variances: by_class(&|feature, class| feature.variances[class] + added),
            priors,
            single: target.task() == Task::Binary,
        })
    }

    /// Scores of counts are sums of weights times counts, so the model is a linear one.
    fn fit_multinomial(&self, x: &Matrix, target: &Target, priors: Vec<f64>) -> Result<Linear> {
        for j in 0..x.columns() {
            if let Some(row) = x.column(j).iter().position(|value| *value < 0.0) {
                let (name, value) = (x.name(j), x.column(j)[row]);
                return Err(Error::invalid(format!("column \"{name}\" is {value} in training row {}", row + 1)).hint(
                    "distribution = \"multinomial\" takes counts, 0 or more: scale with method = \"minmax\", or use \"gaussian\"",
                ));
            }
        }
        let sums = Params::sums(x, target, |value| value);
        let of_class = |class: usize| {
            let all = sums.iter().fold(0.0, |all, sums| all + sums[class] + self.alpha);
            sums.iter().map(move |sums| ln(sums[class] + self.alpha) - ln(all)).collect::<Vec<f64>>()
        };
        let weights: Vec<Vec<f64>> = (0..target.classes()).map(of_class).collect();
        Ok(linear_scores(&weights, &priors, target.task()))
    }

    fn fit_bernoulli(&self, x: &Matrix, target: &Target, totals: &[f64], priors: Vec<f64>) -> ThresholdScores {
        let sums = Params::sums(x, target, |value| f64::from(u8::from(value > self.binarize)));
        let (mut weights, mut intercepts) = (Vec::new(), Vec::new());
        for (class, total) in totals.iter().enumerate() {
            let share = |sums: &Vec<f64>| (sums[class] + self.alpha) / (total + 2.0 * self.alpha);
            let absent = |sums: &Vec<f64>| ln(1.0 - share(sums));
            weights.push(sums.iter().map(|sums| ln(share(sums)) - absent(sums)).collect());
            intercepts.push(sums.iter().fold(priors[class], |sum, sums| sum + absent(sums)));
        }
        let linear = linear_scores(&weights, &intercepts, target.task());
        ThresholdScores { threshold: self.binarize, linear }
    }
}

/// Mean and variance of a feature in each class, and its variance in all rows.
struct FittedFeature {
    means: Vec<f64>,
    variances: Vec<f64>,
    of_all: f64,
}

/// A linear model of these weights and intercepts of each class; of two classes by their difference.
fn linear_scores(weights: &[Vec<f64>], intercepts: &[f64], task: Task) -> Linear {
    if task == Task::Binary {
        let weights = weights[0].iter().zip(&weights[1]).map(|(first, second)| second - first).collect();
        let intercepts = vec![intercepts[1] - intercepts[0]];
        return Linear::new(weights, intercepts, LinearLink::Sigmoid(-1.0, 0.0));
    }
    Linear::new(weights.concat(), intercepts.to_vec(), LinearLink::Softmax)
}

impl Learner for Params {
    fn name(&self) -> &'static str {
        "naive_bayes"
    }

    fn json(&self) -> Map<String, Value> {
        let word = DISTRIBUTIONS.iter().find(|(_, distribution)| *distribution == self.distribution).map(|(w, _)| *w);
        object([
            ("distribution", word.into()),
            ("var_smoothing", self.var_smoothing.into()),
            ("alpha", self.alpha.into()),
            ("binarize", self.binarize.into()),
            ("fit_prior", self.fit_prior.into()),
        ])
    }

    fn needs(&self) -> Needs {
        Needs { scaled: false, ..Needs::SCALED_NUMBERS }
    }

    fn tasks(&self) -> &'static [Task] {
        &[Task::Binary, Task::Multiclass]
    }

    fn steps(&self) -> Option<u64> {
        Some(1)
    }

    fn fit(&self, x: &Matrix, target: &Target, _seed: u64, step: &Progress) -> Result<Fitted> {
        step.check()?;
        let totals = target.class_totals();
        if totals.iter().any(|total| *total <= 0.0) {
            return Err(Error::invalid("a class has no training row that counts")
                .hint("naive_bayes needs a row of each class among those it learns from: put rare classes together"));
        }
        let priors = self.priors(&totals);
        Ok(match self.distribution {
            FeatureDistribution::Gaussian => Fitted::Gaussian(self.fit_gaussian(x, target, &totals, priors)?),
            FeatureDistribution::Multinomial => Fitted::Linear(self.fit_multinomial(x, target, priors)?.with_means(x)),
            FeatureDistribution::Bernoulli => Fitted::Thresholds(self.fit_bernoulli(x, target, &totals, priors)),
        })
    }
}

/// Normal features within each class.
#[derive(Debug, Clone, PartialEq)]
pub struct Gaussian {
    /// One a feature, for each class in turn.
    means: Vec<f64>,
    /// Likewise, above 0.
    variances: Vec<f64>,
    /// The logarithm of each class's share.
    priors: Vec<f64>,
    /// Whether the probability of the second of two classes is the only output.
    single: bool,
}

impl Gaussian {
    /// The name of its kind in a bundle.
    pub const KIND: &str = "gaussian_naive_bayes";

    /// Puts it together again for rows of `features` values.
    pub(super) fn from_parts(attributes: &Value, mut tensors: TensorReader, features: usize) -> Result<Gaussian> {
        let single = attributes.get("single") == Some(&Value::Bool(true));
        let priors = tensors.floats("priors", None)?;
        let count = priors.len().checked_mul(features).filter(|_| priors.len() > 1);
        let count = count.ok_or_else(|| Error::corrupt("the classes of naive Bayes do not fit"))?;
        let means = tensors.floats("means", Some(count))?;
        let variances = tensors.floats("variances", Some(count))?;
        tensors.finish()?;
        if variances.iter().any(|variance| *variance <= 0.0) || single && priors.len() != 2 {
            return Err(Error::corrupt("the variances or classes of naive Bayes do not fit"));
        }
        Ok(Gaussian { means, variances, priors, single })
    }

    /// The logarithm of how likely the row and the class are together.
    fn score(&self, class: usize, row: &[f64]) -> f64 {
        let width = self.means.len() / self.priors.len();
        let of_class = class * width..(class + 1) * width;
        let each = self.means[of_class.clone()].iter().zip(&self.variances[of_class]).zip(row);
        each.fold(self.priors[class], |sum, ((mean, variance), value)| {
            let distance = value - mean;
            sum - 0.5 * (ln(2.0 * PI * variance) + distance * distance / variance)
        })
    }
}

impl FittedModel for Gaussian {
    fn outputs(&self) -> usize {
        if self.single { 1 } else { self.priors.len() }
    }

    fn predict_row(&self, row: &[f64], out: &mut [f64]) {
        if let [out] = out {
            *out = sigmoid(self.score(1, row) - self.score(0, row));
            return;
        }
        out.iter_mut().enumerate().for_each(|(class, out)| *out = self.score(class, row));
        softmax(out);
    }

    fn is_finite(&self) -> bool {
        let all = self.means.iter().chain(&self.variances).chain(&self.priors);
        all.into_iter().all(|number| number.is_finite())
    }

    fn parts(&self) -> Parts {
        let tensor = |name: &str, values: &[f64]| (name.to_owned(), Tensor::F64(values.to_vec()));
        let tensors =
            vec![tensor("priors", &self.priors), tensor("means", &self.means), tensor("variances", &self.variances)];
        Parts { kind: Gaussian::KIND.to_owned(), attributes: json!({ "single": self.single }), tensors }
    }
}

/// A linear model of which features lie above a threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct ThresholdScores {
    threshold: f64,
    linear: Linear,
}

impl ThresholdScores {
    /// The name of its kind in a bundle.
    pub const KIND: &str = "linear_of_thresholds";

    /// Puts it together again for rows of `features` values.
    pub(super) fn from_parts(attributes: &Value, mut tensors: TensorReader, features: usize) -> Result<Self> {
        let threshold = tensors.floats("threshold", Some(1))?[0];
        Ok(ThresholdScores { threshold, linear: Linear::from_parts(attributes, tensors, features)? })
    }
}

impl FittedModel for ThresholdScores {
    fn outputs(&self) -> usize {
        self.linear.outputs()
    }

    fn predict_row(&self, row: &[f64], out: &mut [f64]) {
        let above = |value: &f64| if value.is_nan() { f64::NAN } else { f64::from(u8::from(*value > self.threshold)) };
        let above: Vec<f64> = row.iter().map(above).collect();
        self.linear.predict_row(&above, out);
    }

    fn is_finite(&self) -> bool {
        self.threshold.is_finite() && self.linear.is_finite()
    }

    fn importance(&self) -> Vec<f64> {
        self.linear.importance()
    }

    fn parts(&self) -> Parts {
        let mut parts = self.linear.parts();
        parts.tensors.push(("threshold".to_owned(), Tensor::F64(vec![self.threshold])));
        Parts { kind: ThresholdScores::KIND.to_owned(), ..parts }
    }
}
