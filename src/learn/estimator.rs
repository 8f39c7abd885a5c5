//! The estimators: a model's name and checked parameters, and `fit`.
//!
//! Invariant: an `Estimator` exists only with parameters that passed their checks, so nothing is checked while fitting but
//! the data. The same estimator, data and seed give the same bits on any number of threads.
//!
//! A new one is a file with its checked parameters and their `Learner`, and a row of `MODELS`.

use crate::error::{Error, Result};
use crate::learn::class_weight::{self, ClassWeight};
use crate::learn::fit_checks::{check_columns, check_target};
use crate::learn::fitted::Fitted;
use crate::learn::forest::ForestKind;
use crate::learn::learner::{Learner, Needs};
use crate::learn::linear_regression::RegressionKind;
use crate::learn::matrix::Matrix;
use crate::learn::task::{Target, Task};
use crate::learn::{
    baseline, boosting, forest, kernel_svm, linear_regression, logistic, naive_bayes, nearest_neighbours, svm, tree,
};
use crate::progress::Progress;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::sync::Arc;

/// Reads the parameters of one model.
type ParseParams = fn(&Map<String, Value>) -> Result<Estimator>;

/// The models by name, in the order in which messages list them.
const MODELS: [(&str, ParseParams); 15] = [
    ("logistic", |params| logistic::Params::parse(params).map(Estimator::of)),
    ("svm", support_vectors),
    ("svr", |params| kernel_svm::Params::parse_numbers(params).map(Estimator::of)),
    ("linear", |params| regression(RegressionKind::Linear, params)),
    ("ridge", |params| regression(RegressionKind::Ridge, params)),
    ("lasso", |params| regression(RegressionKind::Lasso, params)),
    ("elastic_net", |params| regression(RegressionKind::ElasticNet, params)),
    ("poisson", |params| regression(RegressionKind::Poisson, params)),
    ("tree", |params| tree::Params::parse(params).map(Estimator::of)),
    ("forest", |params| forest::Params::parse(ForestKind::Forest, params).map(Estimator::of)),
    ("extra_trees", |params| forest::Params::parse(ForestKind::ExtraTrees, params).map(Estimator::of)),
    ("boosting", |params| boosting::Params::parse(params).map(Estimator::of)),
    ("knn", |params| nearest_neighbours::Params::parse(params).map(Estimator::of)),
    ("naive_bayes", |params| naive_bayes::Params::parse(params).map(Estimator::of)),
    ("baseline", |params| baseline::Params::parse(params).map(Estimator::of)),
];

fn regression(kind: RegressionKind, params: &Map<String, Value>) -> Result<Estimator> {
    linear_regression::Params::parse(kind, params).map(Estimator::of)
}

/// The linear machine has a solver of its own.
fn support_vectors(params: &Map<String, Value>) -> Result<Estimator> {
    match params.get("kernel").and_then(Value::as_str) {
        None | Some("linear") => svm::Params::parse(params).map(Estimator::of),
        Some(_) => kernel_svm::Params::parse_classes(params).map(Estimator::of),
    }
}

/// The names that `Estimator::parse` knows.
pub fn models() -> impl Iterator<Item = &'static str> {
    MODELS.iter().map(|(name, _)| *name)
}

/// A model that can be fitted.
#[derive(Debug, Clone)]
pub struct Estimator {
    learner: Arc<dyn Learner>,
    class_weight: Option<ClassWeight>,
}

impl PartialEq for Estimator {
    fn eq(&self, other: &Estimator) -> bool {
        self.name() == other.name() && self.parameters() == other.parameters()
    }
}

impl Estimator {
    /// The estimator called `model` with these parameters; those left out have their defaults.
    ///
    /// Errors: a model or parameter that is not known (the hint names the nearest), a value out of range.
    pub fn parse(model: &str, params: &Map<String, Value>) -> Result<Estimator> {
        let Some((_, parse)) = MODELS.iter().find(|(name, _)| *name == model) else {
            return Err(Error::unknown("model", model, models()));
        };
        let Some(value) = params.get(class_weight::PARAMETER) else { return parse(params) };
        let others = params.iter().filter(|(name, _)| *name != class_weight::PARAMETER);
        let estimator = parse(&others.map(|(name, value)| (name.clone(), value.clone())).collect())?;
        let class_weight = ClassWeight::parse(value).map_err(|e| e.at(model))?;
        if !(estimator.learner.takes_weights() && estimator.tasks().contains(&Task::Binary)) {
            let names = estimator.parameters();
            return Err(Error::unknown(
                &format!("{model} parameter"),
                class_weight::PARAMETER,
                names.keys().map(String::as_str),
            ));
        }
        Ok(Estimator { class_weight, ..estimator })
    }

    fn of(learner: impl Learner + 'static) -> Estimator {
        Estimator { learner: Arc::new(learner), class_weight: None }
    }

    /// Its name, as `parse` takes it.
    pub fn name(&self) -> &'static str {
        self.learner.name()
    }

    /// All parameters, defaults filled in; `parse` of them gives the same estimator.
    pub fn parameters(&self) -> Map<String, Value> {
        let mut parameters = self.learner.json();
        if let Some(class_weight) = &self.class_weight {
            parameters.insert(class_weight::PARAMETER.to_owned(), class_weight.json());
        }
        parameters
    }

    /// The target as it is to be fitted: rows count by the weights of their classes, where `class_weight` gives any.
    pub fn weighted<'a>(&self, target: &'a Target, classes: &[String]) -> Result<Cow<'a, Target>> {
        match &self.class_weight {
            None => Ok(Cow::Borrowed(target)),
            Some(weights) => weights.weighted(target, classes).map(Cow::Owned).map_err(|e| e.at(self.name())),
        }
    }

    /// What it wants of its columns. Linear models want prepared ones, trees take them as they are.
    pub fn needs(&self) -> Needs {
        self.learner.needs()
    }

    /// The tasks it can learn.
    pub fn tasks(&self) -> &'static [Task] {
        self.learner.tasks()
    }

    /// An error that names the estimators to use instead, if it can't learn this task.
    pub fn check_task(&self, task: Task) -> Result<()> {
        if self.tasks().contains(&task) {
            return Ok(());
        }
        self.learner.check_task(task)?;
        Err(Error::invalid(format!("{} learns {}, not {}", self.name(), task_names(self.tasks()), task.name()))
            .hint(format!("models that do: {}", learners_of(task).join(", "))))
    }

    /// How often `fit` advances the progress at most, where that is known beforehand: trees or iterations.
    pub fn steps(&self) -> Option<u64> {
        self.learner.steps()
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
        if target.weights().is_some() && !self.learner.takes_weights() {
            return Err(Error::invalid(format!("{} takes no weights", self.name()))
                .hint("use model = \"logistic\", \"svm\", \"naive_bayes\", or one of trees"));
        }
        let fitted = self.learner.fit(x, target, seed, &progress.step(self.name(), self.steps()))?;
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
    models().filter(learns).collect()
}

fn task_names(tasks: &[Task]) -> String {
    tasks.iter().map(|task| task.name()).collect::<Vec<_>>().join(", ")
}
