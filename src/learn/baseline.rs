//! What any model has to beat: an answer that looks at no feature, as scikit-learn's `DummyClassifier` and `DummyRegressor`.

use crate::error::{Error, Result};
use crate::learn::fitted::Fitted;
use crate::learn::fitted_model::FittedModel;
use crate::learn::learner::{Learner, Needs};
use crate::learn::matrix::Matrix;
use crate::learn::objective::quantile_of;
use crate::learn::params::{ParamReader, object};
use crate::learn::stored_parts::{Parts, TensorReader};
use crate::learn::task::{Target, Task};
use crate::learn::tensor::Tensor;
use crate::progress::Progress;
use serde_json::{Map, Value, json};

/// What is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strategy {
    /// The share of each class; the mean of numbers.
    Auto,
    /// The share of each class.
    Prior,
    /// The most frequent class, for certain.
    MostFrequent,
    Mean,
    Median,
    /// What the last training row has: the newest, where rows are in the order of time.
    Last,
}

/// Their words.
const STRATEGIES: [(&str, Strategy); 6] = [
    ("auto", Strategy::Auto),
    ("prior", Strategy::Prior),
    ("most_frequent", Strategy::MostFrequent),
    ("mean", Strategy::Mean),
    ("median", Strategy::Median),
    ("last", Strategy::Last),
];

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    strategy: Strategy,
}

impl Params {
    /// Reads and checks the parameters.
    pub fn parse(values: &Map<String, Value>) -> Result<Params> {
        let reader = ParamReader::new("baseline", values, &["strategy"])?;
        Ok(Params { strategy: reader.choice("strategy", Strategy::Auto, &STRATEGIES)? })
    }

    /// The probability of each class.
    fn shares(&self, target: &Target) -> Vec<f64> {
        let weights = target.class_totals();
        let certain = |class: usize| (0..weights.len()).map(|other| f64::from(u8::from(other == class))).collect();
        match self.strategy {
            Strategy::MostFrequent => {
                let better = |best: usize, class: usize| if weights[class] > weights[best] { class } else { best };
                certain((0..weights.len()).fold(0, better))
            }
            Strategy::Last => certain(target.values().last().map_or(0, |class| *class as usize)),
            _ => weights.iter().map(|weight| weight / target.weight_sum()).collect(),
        }
    }

    fn number(&self, target: &Target) -> f64 {
        let values = target.values();
        match self.strategy {
            Strategy::Median => {
                let counted = (0..values.len()).map(|row| (values[row], target.weight(row)));
                quantile_of(counted.filter(|(_, weight)| *weight > 0.0), 0.5)
            }
            Strategy::Last => values.last().copied().unwrap_or_default(),
            _ => {
                let sum = (0..values.len()).fold(0.0, |sum, row| sum + target.weight(row) * values[row]);
                sum / target.weight_sum()
            }
        }
    }
}

impl Learner for Params {
    fn name(&self) -> &'static str {
        "baseline"
    }

    fn json(&self) -> Map<String, Value> {
        let strategy = STRATEGIES.iter().find(|(_, strategy)| *strategy == self.strategy).map(|(word, _)| *word);
        object([("strategy", strategy.into())])
    }

    fn needs(&self) -> Needs {
        Needs::NOTHING
    }

    fn tasks(&self) -> &'static [Task] {
        match self.strategy {
            Strategy::Auto | Strategy::Last => &Task::ALL,
            Strategy::Prior | Strategy::MostFrequent => &[Task::Binary, Task::Multiclass],
            Strategy::Mean | Strategy::Median => &[Task::Regression],
        }
    }

    fn check_task(&self, task: Task) -> Result<()> {
        let (right, learned) = if task == Task::Regression { ("classes", "numbers") } else { ("numbers", "classes") };
        Err(Error::invalid(format!("baseline parameter \"strategy\" is for {right}, and {learned} are learned"))
            .hint("leave it out: \"auto\" is the share of each class, the mean of numbers"))
    }

    fn steps(&self) -> Option<u64> {
        Some(1)
    }

    fn fit(&self, _x: &Matrix, target: &Target, _seed: u64, _step: &Progress) -> Result<Fitted> {
        let outputs = match target.task() {
            Task::Regression => vec![self.number(target)],
            Task::Binary => vec![self.shares(target)[1]],
            Task::Multiclass => self.shares(target),
        };
        Ok(Fitted::Constant(Constant { outputs }))
    }
}

/// A model that says the same of every row.
#[derive(Debug, Clone, PartialEq)]
pub struct Constant {
    outputs: Vec<f64>,
}

impl Constant {
    /// The name of its kind in a bundle.
    pub const KIND: &str = "constant";

    /// What it says, one an output.
    pub(super) fn numbers(&self) -> &[f64] {
        &self.outputs
    }

    /// Puts it together again.
    pub(super) fn from_parts(mut tensors: TensorReader) -> Result<Constant> {
        let outputs = tensors.floats("outputs", None)?;
        tensors.finish()?;
        match outputs.is_empty() {
            true => Err(Error::corrupt("a constant model without a number")),
            false => Ok(Constant { outputs }),
        }
    }
}

impl FittedModel for Constant {
    fn outputs(&self) -> usize {
        self.outputs.len()
    }

    fn predict_row(&self, _row: &[f64], out: &mut [f64]) {
        out.copy_from_slice(&self.outputs);
    }

    fn is_finite(&self) -> bool {
        self.outputs.iter().all(|number| number.is_finite())
    }

    fn parts(&self) -> Parts {
        let tensors = vec![("outputs".to_owned(), Tensor::F64(self.outputs.clone()))];
        Parts { kind: Constant::KIND.to_owned(), attributes: json!({}), tensors }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(strategy: &str, target: &Target) -> Vec<f64> {
        let params = Params::parse(&object([("strategy", strategy.into())])).unwrap();
        let x = Matrix::new(vec![], vec![], vec![]).unwrap();
        let Fitted::Constant(constant) = params.fit(&x, target, 0, &Progress::quiet()).unwrap() else { panic!() };
        constant.outputs
    }

    #[test]
    fn classes_get_their_shares_and_numbers_their_middle() {
        let classes = Target::new(Task::Multiclass, 3, vec![0.0, 2.0, 2.0, 1.0]);
        assert_eq!(answer("auto", &classes), [0.25, 0.25, 0.5]);
        assert_eq!(answer("most_frequent", &classes), [0.0, 0.0, 1.0]);
        assert_eq!(answer("last", &classes), [0.0, 1.0, 0.0]);
        let weighted = classes.with_weights(vec![4.0, 1.0, 1.0, 2.0]);
        assert_eq!(answer("prior", &weighted), [0.5, 0.25, 0.25]);
        let numbers = Target::new(Task::Regression, 0, vec![1.0, 10.0, 4.0, 3.0]);
        assert_eq!((answer("mean", &numbers), answer("median", &numbers)), (vec![4.5], vec![3.5]));
        assert_eq!(answer("last", &numbers), [3.0]);
        assert_eq!(answer("median", &numbers.with_weights(vec![0.0, 1.0, 1.0, 1.0])), [4.0]);
    }

    #[test]
    fn a_strategy_for_the_other_task_is_refused() {
        let params = Params::parse(&object([("strategy", "median".into())])).unwrap();
        assert!(params.check_task(Task::Binary).unwrap_err().message().contains("is for numbers, and classes"));
    }
}
