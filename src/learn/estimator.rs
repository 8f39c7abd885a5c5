//! The estimators: a model's name and checked parameters, and `fit`.
//!
//! Invariant: an `Estimator` exists only with parameters that passed their checks, so nothing is checked while fitting but
//! the data. The same estimator, data and seed give the same bits on any number of threads.

use crate::error::{Error, Result};
use crate::learn::fitted::Fitted;
use crate::learn::matrix::{FeatureKind, Matrix};
use crate::learn::task::{Target, Task};
use crate::learn::{boosting, ensemble, forest, linear_regression, logistic, svm, tree};
use crate::progress::Progress;
use rayon::prelude::*;
use serde_json::{Map, Value};

/// The names `parse` knows.
pub const MODELS: [&str; 11] = [
    "logistic",
    "svm",
    "linear",
    "ridge",
    "lasso",
    "elastic_net",
    "poisson",
    "tree",
    "forest",
    "extra_trees",
    "boosting",
];

/// Of numbers to predict the largest, in size: their squares are summed.
const LARGEST_LABEL: f64 = 1e30;

/// A model that can be fitted.
#[derive(Debug, Clone, PartialEq)]
pub enum Estimator {
    /// Logistic regression: "logistic".
    Logistic(logistic::Params),
    /// Linear support vector machine: "svm".
    LinearSvm(svm::Params),
    /// Linear regression and its relatives: "linear", "ridge", "lasso", "elastic_net", "poisson".
    LinearRegression(linear_regression::Params),
    /// Decision tree: "tree".
    Tree(tree::Params),
    /// Random forest, or extremely randomised trees: "forest", "extra_trees".
    Forest(forest::Params),
    /// Gradient boosting: "boosting".
    Boosting(boosting::Params),
}

/// What an estimator wants of its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    /// Numeric columns only: categories are to be made one column each (one-hot).
    pub numeric: bool,
    /// No missing values.
    pub complete: bool,
    /// Columns of like scale, say mean 0 and variance 1.
    pub scaled: bool,
}

impl Estimator {
    /// The estimator called `model` with these parameters; those left out have their defaults.
    ///
    /// Errors: a model or parameter that is not known (the hint names the nearest), a value out of range.
    pub fn parse(model: &str, params: &Map<String, Value>) -> Result<Estimator> {
        match model {
            "logistic" => Ok(Estimator::Logistic(logistic::Params::parse(params)?)),
            "svm" => Ok(Estimator::LinearSvm(svm::Params::parse(params)?)),
            "tree" => Ok(Estimator::Tree(tree::Params::parse(params)?)),
            "forest" => Ok(Estimator::Forest(forest::Params::parse(forest::ForestKind::Forest, params)?)),
            "extra_trees" => Ok(Estimator::Forest(forest::Params::parse(forest::ForestKind::ExtraTrees, params)?)),
            "boosting" => Ok(Estimator::Boosting(boosting::Params::parse(params)?)),
            _ => match linear_regression::RegressionKind::ALL.into_iter().find(|kind| kind.name() == model) {
                Some(kind) => Ok(Estimator::LinearRegression(linear_regression::Params::parse(kind, params)?)),
                None => Err(Error::unknown("model", model, MODELS)),
            },
        }
    }

    /// Its name, as `parse` takes it.
    pub fn name(&self) -> &'static str {
        match self {
            Estimator::Logistic(_) => "logistic",
            Estimator::LinearSvm(_) => "svm",
            Estimator::LinearRegression(params) => params.kind().name(),
            Estimator::Tree(_) => "tree",
            Estimator::Forest(params) => params.kind().name(),
            Estimator::Boosting(_) => "boosting",
        }
    }

    /// All parameters, defaults filled in; `parse` of them gives the same estimator.
    pub fn parameters(&self) -> Map<String, Value> {
        match self {
            Estimator::Logistic(params) => params.json(),
            Estimator::LinearSvm(params) => params.json(),
            Estimator::LinearRegression(params) => params.json(),
            Estimator::Tree(params) => params.json(),
            Estimator::Forest(params) => params.json(),
            Estimator::Boosting(params) => params.json(),
        }
    }

    /// What it wants of its columns. Linear models want prepared ones, trees take them as they are.
    pub fn needs(&self) -> Needs {
        let linear = matches!(self, Estimator::Logistic(_) | Estimator::LinearSvm(_) | Estimator::LinearRegression(_));
        Needs { numeric: linear, complete: linear, scaled: linear }
    }

    /// The tasks it can learn.
    pub fn tasks(&self) -> &'static [Task] {
        match self {
            Estimator::Logistic(_) | Estimator::LinearSvm(_) => &[Task::Binary, Task::Multiclass],
            Estimator::LinearRegression(_) => &[Task::Regression],
            Estimator::Tree(params) => params.shape().tasks(),
            Estimator::Forest(params) => params.shape().tasks(),
            Estimator::Boosting(_) => &Task::ALL,
        }
    }

    /// An error that names the estimators to use instead, if it can't learn this task.
    pub fn check_task(&self, task: Task) -> Result<()> {
        if self.tasks().contains(&task) {
            return Ok(());
        }
        let name = self.name();
        match self {
            Estimator::Tree(params) => params.shape().check_task(task, name)?,
            Estimator::Forest(params) => params.shape().check_task(task, name)?,
            _ => {}
        }
        Err(Error::invalid(format!("{name} learns {}, not {}", task_names(self.tasks()), task.name()))
            .hint(format!("models that do: {}", learners_of(task).join(", "))))
    }

    /// How often `fit` advances the progress at most, where that is known beforehand: trees or iterations.
    pub fn steps(&self) -> Option<u64> {
        match self {
            Estimator::Logistic(_) | Estimator::LinearSvm(_) | Estimator::LinearRegression(_) => None,
            Estimator::Tree(_) => Some(1),
            Estimator::Forest(params) => Some(params.trees() as u64),
            Estimator::Boosting(params) => Some(params.iterations() as u64),
        }
    }

    /// Fits rows `x` to a target.
    ///
    /// A step of `progress` under the estimator's name; each tree or iteration is a unit and can be interrupted. Runs on
    /// rayon's current pool. Errors: a task it can't learn, an empty table, targets of another number or kind, fewer than
    /// two classes, infinite values, and what `needs` rules out.
    pub fn fit(&self, x: &Matrix, target: &Target, seed: u64, progress: &Progress) -> Result<Fitted> {
        self.check_task(target.task())?;
        check_target(x, target)?;
        check_columns(x, self.needs(), self.name())?;
        if target.weights().is_some() && matches!(self, Estimator::LinearSvm(_)) {
            return Err(Error::invalid(format!("{} takes no weights", self.name()))
                .hint("use model = \"logistic\", or one of trees"));
        }
        let step = &progress.step(self.name(), self.steps());
        let fitted = match self {
            Estimator::Logistic(params) => Fitted::Linear(params.fit(x, target, step)?),
            Estimator::LinearSvm(params) => Fitted::Linear(params.fit(x, target, step)?),
            Estimator::LinearRegression(params) => Fitted::Linear(params.fit(x, target, step)?),
            Estimator::Tree(params) => Fitted::Trees(params.fit(x, target, seed, step)?),
            Estimator::Forest(params) => Fitted::Trees(params.fit(x, target, seed, step)?),
            Estimator::Boosting(params) => Fitted::Trees(params.fit(x, target, seed, step)?),
        };
        match fitted.is_finite() {
            true => Ok(fitted),
            false => Err(Error::invalid(format!("{} ends in numbers that are not finite", self.name())).hint(
                "scale the features and the label to sizes of about 1; a smaller learning_rate, or a smaller C, may do",
            )),
        }
    }
}

/// The names of the models that learn the task.
fn learners_of(task: Task) -> Vec<&'static str> {
    let learns = |model: &&str| Estimator::parse(model, &Map::new()).is_ok_and(|model| model.tasks().contains(&task));
    MODELS.into_iter().filter(learns).collect()
}

fn task_names(tasks: &[Task]) -> String {
    tasks.iter().map(|task| task.name()).collect::<Vec<_>>().join(", ")
}

fn check_target(x: &Matrix, target: &Target) -> Result<()> {
    let labels = target.values();
    if x.rows() == 0 || x.columns() == 0 {
        return Err(Error::invalid(format!("nothing to learn from: {} rows, {} columns", x.rows(), x.columns())));
    }
    if x.rows() != labels.len() {
        return Err(Error::invalid(format!("{} rows, but {} labels", x.rows(), labels.len())));
    }
    if x.rows() >= u32::MAX as usize || x.columns() >= ensemble::MAX_FEATURES {
        return Err(Error::invalid(format!("{} rows, {} columns: too many", x.rows(), x.columns())));
    }
    if let Some((i, weight)) =
        target.weights().and_then(|w| w.iter().enumerate().find(|(_, w)| !w.is_finite() || **w < 0.0))
    {
        return Err(
            Error::invalid(format!("the weight of training row {} is {weight}", i + 1)).hint("weights are 0 or more")
        );
    }
    if target.weight_sum() <= 0.0 {
        return Err(
            Error::invalid("no training row has a weight above 0").hint("weights are 0 or more, and some above")
        );
    }
    let is_label = |label: f64| match target.task() {
        Task::Regression => label.abs() <= LARGEST_LABEL,
        _ => label.fract() == 0.0 && (0.0..target.classes() as f64).contains(&label),
    };
    if let Some((i, label)) = labels.iter().enumerate().find(|(_, label)| !is_label(**label)) {
        let hint = match target.task() {
            Task::Regression => {
                format!("labels are numbers up to {LARGEST_LABEL:e}: divide them, or learn their logarithm")
            }
            _ => format!("labels are the places of {} classes", target.classes()),
        };
        return Err(Error::invalid(format!("the label of training row {} is {label}", i + 1)).hint(hint));
    }
    if target.task() != Task::Regression && labels.iter().all(|label| *label == labels[0]) {
        return Err(Error::invalid(format!("all {} labels are of one class", labels.len()))
            .hint("a classifier needs rows of two classes or more: look at the label's definition, the filter, and the split, which may have put the others into another part"));
    }
    Ok(())
}

fn check_columns(x: &Matrix, needs: Needs, model: &str) -> Result<()> {
    let found = (0..x.columns()).into_par_iter().map(|j| check_column(x, j, needs, model)).collect::<Vec<_>>();
    found.into_iter().collect()
}

fn check_column(x: &Matrix, j: usize, needs: Needs, model: &str) -> Result<()> {
    let name = x.name(j);
    if needs.numeric && x.kind(j) == FeatureKind::Categorical {
        return Err(Error::invalid(format!("column \"{name}\" is categorical and {model} takes numbers only"))
            .hint("encode it one-hot, or use tree, forest or boosting"));
    }
    let wrong = |value: &f64| if value.is_nan() { needs.complete } else { value.is_infinite() };
    match x.column(j).iter().enumerate().find(|(_, value)| wrong(value)) {
        None => Ok(()),
        Some((i, value)) if value.is_nan() => {
            let row = i + 1;
            Err(Error::invalid(format!(
                "column \"{name}\" has no value in training row {row}, {model} takes none missing"
            ))
            .hint("fill missing values in the preparation, or use tree, forest or boosting"))
        }
        Some((i, value)) => Err(Error::invalid(format!("column \"{name}\" is {value} in training row {}", i + 1))
            .hint("infinite values cannot be learned from; clip them or make them missing")),
    }
}
