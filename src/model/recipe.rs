//! A recipe, checked: everything in `[train.NAME]` that can be known to be wrong before any data is read is refused here, and
//! what is left are typed values that fitting takes as they are.

use crate::error::{Error, Result};
use crate::learn::search::{Method, Space};
use crate::learn::{Estimator, Metric, Task};
use crate::prep::StepDefinition;
use crate::project::{Cv, Name, Search, TrainDef};
use serde_json::{Map, Value};

/// A recipe whose names, values and ranges were checked.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// As it stands in `mlops.toml`.
    pub definition: TrainDef,
    /// The estimator with the recipe's own parameters.
    pub estimator: Estimator,
    /// The steps of preparation that the recipe says; the estimator's own needs come after them.
    pub steps: Vec<StepDefinition>,
    /// The task, where the recipe says one.
    pub task: Option<Task>,
    /// The folds of cross-validation.
    pub folds: Option<Folds>,
    /// The search.
    pub search: Option<SearchPlan>,
}

/// How rows are cut into folds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Folds {
    /// How many, at least 2.
    pub count: usize,
    /// By which rule.
    pub by: FoldRule,
}

/// The rule by which rows are cut into folds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoldRule {
    /// The same share of each class in every fold; of numbers a random cut.
    Stratified,
    /// Each fold is judged by the rows right after those it is fitted on.
    Time,
}

/// What a search draws from and chooses by.
#[derive(Debug, Clone)]
pub struct SearchPlan {
    /// How candidates are chosen.
    pub method: Method,
    /// The values of each parameter.
    pub space: Space,
    /// Candidates of a random search.
    pub trials: usize,
    /// What the best is best at; the task's default without one.
    pub metric: Option<Metric>,
}

/// Candidates of a random search when the recipe doesn't say.
const TRIALS: usize = 20;

impl Recipe {
    /// Checks a definition; the error names the recipe and the key.
    pub fn new(name: &Name, definition: &TrainDef) -> Result<Recipe> {
        Recipe::checked(definition).map_err(|e| e.at(format!("recipe {name}")))
    }

    fn checked(definition: &TrainDef) -> Result<Recipe> {
        let task = definition.task.as_deref().map(Task::parse).transpose()?;
        if let Some(threshold) = definition.threshold.filter(|t| !(0.0..=1.0).contains(t)) {
            return Err(Error::invalid(format!("threshold = {threshold}")).hint("it takes a probability from 0 to 1"));
        }
        let estimator = Estimator::parse(&definition.model, &definition.params)?;
        if let Some(task) = task {
            estimator.check_task(task)?;
            check_threshold(definition, task)?;
        }
        let folds = definition.cv.as_ref().map(folds).transpose()?;
        let search = definition.search.as_ref().map(|search| plan(search, definition, task)).transpose();
        let search = search.map_err(|e| e.at("search"))?;
        let steps = StepDefinition::parse_all(definition.prep.as_deref().unwrap_or_default())?;
        Ok(Recipe { definition: definition.clone(), estimator, steps, task, folds, search })
    }

    /// What can be checked once the data says the task: estimator, threshold and metric have to fit it.
    pub fn check_task(&self, task: Task) -> Result<()> {
        self.estimator.check_task(task)?;
        check_threshold(&self.definition, task)?;
        self.search_metric(task).map(|_| ())
    }

    /// The metric that a search of this recipe chooses by.
    pub fn search_metric(&self, task: Task) -> Result<Metric> {
        match self.search.as_ref().and_then(|search| search.metric) {
            Some(metric) => Metric::parse(metric.name(), Some(task)).map_err(|e| e.at("search")),
            None => Ok(task.default_metric()),
        }
    }

    /// Probability from which a row is called the second of two classes; none for other tasks.
    pub fn threshold(&self, task: Task) -> Option<f64> {
        (task == Task::Binary).then(|| self.definition.threshold.unwrap_or(0.5))
    }

    /// The estimator with some parameters replaced.
    pub fn with_params(&self, replaced: &Map<String, Value>) -> Result<Estimator> {
        let mut params = self.definition.params.clone();
        params.extend(replaced.clone());
        Estimator::parse(&self.definition.model, &params)
    }
}

fn check_threshold(definition: &TrainDef, task: Task) -> Result<()> {
    match definition.threshold {
        Some(threshold) if task != Task::Binary => {
            Err(Error::invalid(format!("threshold = {threshold}, and the task is {}", task.name()))
                .hint("a threshold is for two classes; remove it"))
        }
        _ => Ok(()),
    }
}

fn folds(cv: &Cv) -> Result<Folds> {
    if cv.folds < 2 {
        return Err(Error::invalid(format!("cv: folds = {}", cv.folds)).hint("it takes 2 or more"));
    }
    let by = match cv.by.as_deref() {
        None | Some("stratified") => FoldRule::Stratified,
        Some("time") => FoldRule::Time,
        Some(other) => return Err(Error::unknown("cv by", other, ["stratified", "time"])),
    };
    Ok(Folds { count: cv.folds, by })
}

fn plan(search: &Search, definition: &TrainDef, task: Option<Task>) -> Result<SearchPlan> {
    let plan = SearchPlan {
        method: Method::parse(&search.method)?,
        space: Space::parse(&search.space)?,
        trials: search.trials.unwrap_or(TRIALS),
        metric: search.metric.as_deref().map(|name| Metric::parse(name, task)).transpose()?,
    };
    if plan.trials == 0 {
        return Err(Error::invalid("trials = 0: no candidates").hint("give trials = 20"));
    }
    // A parameter that no candidate can take shows with the first of them.
    let first = plan.space.candidates(plan.method, 1, 0)?.into_iter().next().unwrap_or_default();
    let mut params = definition.params.clone();
    params.extend(first);
    Estimator::parse(&definition.model, &params)?;
    Ok(plan)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn recipe(more: Value) -> Result<Recipe> {
        let mut all = json!({ "set": "s", "model": "boosting" });
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Recipe::new(&Name::parse("late").unwrap(), &serde_json::from_value(all).unwrap())
    }

    #[test]
    fn what_is_wrong_shows_before_any_data_is_read() {
        for (more, said) in [
            (json!({"model": "bosting"}), "recipe late: model \"bosting\" is not known"),
            (json!({"params": {"max_iter": 0}}), "boosting parameter \"max_iter\" is 0"),
            (json!({"task": "clusters"}), "task \"clusters\" is not known"),
            (json!({"model": "svm", "task": "regression"}), "svm learns binary, not regression"),
            (json!({"threshold": 2.0}), "threshold = 2"),
            (json!({"threshold": 0.4, "task": "regression"}), "threshold = 0.4, and the task is regression"),
            (json!({"cv": {"folds": 1}}), "cv: folds = 1"),
            (json!({"cv": {"folds": 3, "by": "tmie"}}), "cv by \"tmie\" is not known"),
            (json!({"search": {"method": "random", "trials": 0, "space": {}}}), "search: trials = 0"),
            (json!({"search": {"method": "guess", "space": {}}}), "search method \"guess\" is not known"),
            (json!({"search": {"method": "grid", "space": {"max_itr": [1]}}}), "\"max_itr\" is not known"),
            (json!({"search": {"method": "grid", "metric": "acu", "space": {}}}), "metric \"acu\" is not known"),
            (
                json!({"task": "regression", "search": {"method": "grid", "metric": "auc", "space": {}}}),
                "metric \"auc\" is not defined for the task regression",
            ),
        ] {
            let error = recipe(more.clone()).unwrap_err();
            assert!(error.message().contains(said) && error.hint_text().is_some(), "{more}: {error}");
        }
    }

    #[test]
    fn what_depends_on_the_task_is_checked_when_the_data_says_it() {
        let by_auc = recipe(json!({"search": {"method": "grid", "metric": "auc", "space": {}}})).unwrap();
        assert!(by_auc.check_task(Task::Binary).is_ok() && by_auc.check_task(Task::Regression).is_err());
        let plain = recipe(json!({})).unwrap();
        assert_eq!(plain.search_metric(Task::Regression).unwrap(), Metric::Rmse);
        assert_eq!((plain.threshold(Task::Binary), plain.threshold(Task::Multiclass)), (Some(0.5), None));
    }
}
