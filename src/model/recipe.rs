//! A recipe, checked: everything in `[train.NAME]` that can be known to be wrong before any data is read is refused here, and
//! what is left are typed values that fitting takes as they are.

use crate::error::{Error, Result};
use crate::learn::calibration::CalibrationMethod;
use crate::learn::hyperparameter_search::{MAX_CANDIDATES, Method, Space};
use crate::learn::threshold::ThresholdRule;
use crate::learn::{Estimator, Metric, Task};
use crate::prep::StepDefinition;
use crate::project::{self, Cv, Name, Search, Threshold, ThresholdChoice, TrainDef};
use crate::store::Hash;
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
    /// How probabilities are calibrated.
    pub calibration: Option<CalibrationMethod>,
    /// Metrics that are measured beside the usual ones: those the recipe names, and the one a search chooses by.
    pub metrics: Vec<Metric>,
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
    /// The metric by which the best is chosen; the task's default without one.
    pub metric: Option<Metric>,
}

/// Tag of the identity of recipes.
const FORMAT: &str = "recipe/1";

/// Probability from which a row is called the second of two classes when the recipe doesn't say.
const THRESHOLD: f64 = 0.5;

/// Candidates of a random search when the recipe doesn't say.
const TRIALS: usize = 20;

impl Recipe {
    /// Checks a definition; the error names the recipe and the key.
    pub fn new(name: &Name, definition: &TrainDef) -> Result<Recipe> {
        Recipe::checked(definition).map_err(|e| e.at(format!("recipe {name}")))
    }

    fn checked(definition: &TrainDef) -> Result<Recipe> {
        let task = definition.task.as_deref().map(Task::parse).transpose()?;
        check_threshold_values(definition.threshold.as_ref())?;
        if let Some(coverage) = definition.conformal.filter(|coverage| !(*coverage > 0.0 && *coverage < 1.0)) {
            return Err(Error::invalid(format!("conformal = {coverage}"))
                .hint("it takes the share of rows to be covered, between 0 and 1: conformal = 0.9"));
        }
        let calibration = definition.calibration.as_deref().map(CalibrationMethod::parse).transpose()?;
        let estimator = Estimator::parse(&definition.model, &definition.params)?;
        if let Some(task) = task {
            estimator.check_task(task)?;
            check_threshold(definition, task)?;
        }
        let folds = definition.cv.as_ref().map(folds).transpose()?;
        let search = definition.search.as_ref().map(|search| plan(search, definition, task)).transpose();
        let search = search.map_err(|e| e.at("search"))?;
        let named = definition.metrics.iter().map(|name| Metric::parse(name, task));
        let mut metrics: Vec<Metric> = named.collect::<Result<_>>().map_err(|e| e.at("metrics"))?;
        metrics.extend(search.as_ref().and_then(|search| search.metric));
        let steps = StepDefinition::parse_all(definition.prep.as_deref().unwrap_or_default())?;
        Ok(Recipe { definition: definition.clone(), estimator, steps, task, folds, search, metrics, calibration })
    }

    /// What can be checked once the data says the task: estimator, threshold and metric have to fit it.
    pub fn check_task(&self, task: Task) -> Result<()> {
        self.estimator.check_task(task)?;
        check_threshold(&self.definition, task)?;
        for metric in &self.metrics {
            Metric::parse(metric.name(), Some(task)).map_err(|e| e.at("metrics"))?;
        }
        self.search_metric(task).map(|_| ())
    }

    /// The metric that a search of this recipe chooses by.
    pub fn search_metric(&self, task: Task) -> Result<Metric> {
        match self.search.as_ref().and_then(|search| search.metric) {
            Some(metric) => Metric::parse(metric.name(), Some(task)).map_err(|e| e.at("search")),
            None => Ok(Metric::default_for(task)),
        }
    }

    /// Probability from which a row is called the second of two classes; none for other tasks.
    pub fn threshold(&self, task: Task) -> Option<f64> {
        let fixed = match &self.definition.threshold {
            Some(Threshold::Fixed(threshold)) => *threshold,
            Some(Threshold::Chosen(_)) | None => THRESHOLD,
        };
        (task == Task::Binary).then_some(fixed)
    }

    /// How the threshold is chosen, if it is; `classes` are the names of both.
    pub fn threshold_rule(&self, classes: &[String]) -> Result<Option<ThresholdRule>> {
        let Some(Threshold::Chosen(choice)) = &self.definition.threshold else { return Ok(None) };
        Ok(Some(match choice {
            ThresholdChoice { cost: Some(costs), .. } => {
                if let Some(unknown) = costs.keys().find(|class| !classes.contains(class)) {
                    let names = classes.iter().map(String::as_str);
                    return Err(Error::unknown("class of the threshold's cost", unknown, names));
                }
                let cost = |at: usize| classes.get(at).and_then(|class| costs.get(class)).copied().unwrap_or(1.0);
                ThresholdRule::Cost(cost(0), cost(1))
            }
            ThresholdChoice { precision: Some(precision), .. } => ThresholdRule::Precision(*precision),
            ThresholdChoice { recall, .. } => ThresholdRule::Recall(recall.unwrap_or(1.0)),
        }))
    }

    /// The identity of what the recipe means for this task, whether the task and the defaults are written in it or not.
    pub fn hash(&self, task: Task) -> Result<Hash> {
        let definition = &self.definition;
        let own = self.search.as_ref().and_then(|search| search.metric);
        let search = definition.search.clone().map(|search| Search {
            trials: search.trials.filter(|trials| *trials != TRIALS),
            metric: own.filter(|metric| *metric != Metric::default_for(task)).map(|metric| metric.name().to_owned()),
            ..search
        });
        let by = self.folds.filter(|folds| folds.by != FoldRule::Stratified).and(definition.cv.as_ref());
        let cv = definition.cv.clone().map(|cv| Cv { by: by.and_then(|cv| cv.by.clone()), ..cv });
        let prep = definition.prep.as_ref().map(|steps| steps.iter().map(StepDefinition::without_defaults).collect());
        let meaning = TrainDef {
            task: Some(task.name().to_owned()),
            threshold: definition.threshold.clone().filter(|threshold| *threshold != Threshold::Fixed(THRESHOLD)),
            params: self.own_parameters()?,
            search,
            cv,
            prep,
            ..definition.clone()
        };
        project::identity(FORMAT, &meaning)
    }

    /// The estimator's parameters that are not at their default.
    fn own_parameters(&self) -> Result<Map<String, Value>> {
        let defaults = Estimator::parse(&self.definition.model, &Map::new())?.parameters();
        let own = self.estimator.parameters().into_iter().filter(|(name, value)| defaults.get(name) != Some(value));
        // Here null means no limit; the canonical form would drop a null key, so "none" stands for it.
        Ok(own.map(|(name, value)| (name, if value.is_null() { Value::from("none") } else { value })).collect())
    }

    /// The estimator with some parameters replaced.
    pub fn with_params(&self, replaced: &Map<String, Value>) -> Result<Estimator> {
        let mut params = self.definition.params.clone();
        params.extend(replaced.clone());
        Estimator::parse(&self.definition.model, &params)
    }
}

fn check_threshold(definition: &TrainDef, task: Task) -> Result<()> {
    let given = match &definition.threshold {
        Some(Threshold::Fixed(threshold)) => format!("threshold = {threshold}"),
        Some(Threshold::Chosen(_)) => "a threshold".to_owned(),
        None => String::new(),
    };
    if task != Task::Binary && !given.is_empty() {
        return Err(Error::invalid(format!("{given}, and the task is {}", task.name()))
            .hint("a threshold is for two classes; remove it"));
    }
    if task == Task::Regression && definition.calibration.is_some() {
        return Err(Error::invalid("calibration, and the task is regression")
            .hint("probabilities are calibrated, numbers have none; remove it"));
    }
    Ok(())
}

fn check_threshold_values(threshold: Option<&Threshold>) -> Result<()> {
    let wrong = |text: String, hint: &str| Err(Error::invalid(text).hint(hint.to_owned()));
    match threshold {
        None => Ok(()),
        Some(Threshold::Fixed(threshold)) if (0.0..=1.0).contains(threshold) => Ok(()),
        Some(Threshold::Fixed(threshold)) => {
            wrong(format!("threshold = {threshold}"), "it takes a probability from 0 to 1, or { cost = { CLASS = 5 } }")
        }
        Some(Threshold::Chosen(ThresholdChoice { cost, precision, recall })) => {
            let given =
                [cost.is_some(), precision.is_some(), recall.is_some()].into_iter().filter(|given| *given).count();
            let is_share = |share: &f64| *share > 0.0 && *share <= 1.0;
            let shares = [("precision", precision), ("recall", recall)];
            let wrong_share = shares.iter().find(|(_, share)| share.is_some_and(|share| !is_share(&share)));
            let wrong_cost = cost.iter().flatten().find(|(_, cost)| !(cost.is_finite() && **cost >= 0.0));
            match (given, wrong_share, wrong_cost) {
                (1, None, None) => Ok(()),
                (1, Some((name, share)), _) => wrong(
                    format!("threshold: {name} = {}", share.unwrap_or_default()),
                    "it takes a share above 0, up to 1",
                ),
                (1, None, Some((class, cost))) => {
                    wrong(format!("threshold: the cost of {class} is {cost}"), "costs are numbers, 0 or more")
                }
                _ => wrong(format!("threshold names {given} of cost, precision, recall"), "give exactly one of them"),
            }
        }
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
    if plan.trials == 0 || plan.trials > MAX_CANDIDATES {
        let text = format!("trials = {}: a search has 1 to {MAX_CANDIDATES} candidates", plan.trials);
        return Err(Error::invalid(text).hint("give trials = 20"));
    }
    // An unknown or impossible parameter already fails for the first candidate.
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
            (json!({"model": "svm", "task": "regression"}), "svm learns binary, multiclass, not regression"),
            (json!({"threshold": 2.0}), "threshold = 2"),
            (json!({"threshold": 0.4, "task": "regression"}), "threshold = 0.4, and the task is regression"),
            (json!({"threshold": {"cost": {"a": 1}, "recall": 0.9}}), "threshold names 2 of cost, precision, recall"),
            (json!({"threshold": {"recall": 1.5}}), "threshold: recall = 1.5"),
            (json!({"threshold": {"cost": {"a": -1.0}}}), "threshold: the cost of a is -1"),
            (json!({"conformal": 90}), "conformal = 90"),
            (json!({"calibration": "plat"}), "calibration \"plat\" is not known"),
            (json!({"calibration": "sigmoid", "task": "regression"}), "calibration, and the task is regression"),
            (json!({"metrics": ["mc"]}), "metrics: metric \"mc\" is not known"),
            (
                json!({"task": "binary", "metrics": ["rmse"]}),
                "metrics: metric \"rmse\" is not defined for the task binary",
            ),
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

    fn hash(more: Value) -> String {
        recipe(more.clone()).unwrap_or_else(|e| panic!("{more}: {e}")).hash(Task::Binary).unwrap().to_string()
    }

    #[test]
    fn the_identity_of_a_recipe_is_what_it_was() {
        assert_eq!(hash(json!({})), "250cddd8f54e0ab3cfde006b6e7ded025f86d0871ba0dc6323d145fa2eeaff87");
        let whole = json!({
            "params": {"max_iter": 7, "learning_rate": 0.2}, "cv": {"folds": 3, "by": "time"}, "threshold": 0.3,
            "prep": [{"op": "impute", "columns": "numeric", "strategy": "mean"}],
            "search": {"method": "random", "trials": 4, "metric": "log_loss", "space": {"max_leaf_nodes": [15, 31]}},
        });
        assert_eq!(hash(whole), "bd2f406a98e3ad85cc571898bbdbfb11135d32c6fb99079788d78a08e7550658");
    }

    #[test]
    fn defaults_written_out_and_another_order_change_no_identity() {
        let search = json!({"method": "random", "space": {"max_leaf_nodes": [15, 31]}});
        let prep = json!([{"op": "clip", "columns": "numeric"}]);
        let cv = json!({"folds": 3});
        let plain = hash(json!({"search": search, "prep": prep, "cv": cv}));
        let written = json!({
            "cv": {"by": "stratified", "folds": 3},
            "prep": [{"high": 0.99, "low": 0.01, "columns": "numeric", "op": "clip"}],
            "search": {"space": {"max_leaf_nodes": [15, 31]}, "trials": 20, "metric": "auc", "method": "random"},
            "threshold": 0.5, "task": "binary", "params": {"max_iter": 100, "learning_rate": 0.1},
        });
        assert_eq!(hash(written), plain);
    }

    #[test]
    fn every_value_that_means_something_changes_the_identity() {
        let changes = [
            json!({}),
            json!({"set": "other"}),
            json!({"model": "forest"}),
            json!({"model": "forest", "params": {"max_features": "none"}}),
            json!({"model": "forest", "params": {"max_features": 1}}),
            json!({"params": {"max_iter": 101}}),
            json!({"threshold": 0.4}),
            json!({"cv": {"folds": 3}}),
            json!({"cv": {"folds": 4}}),
            json!({"cv": {"folds": 3, "by": "time"}}),
            json!({"prep": [{"op": "scale", "columns": "numeric"}]}),
            json!({"prep": [{"op": "scale", "columns": "all"}]}),
            json!({"prep": [{"op": "scale", "columns": "numeric", "method": "minmax"}]}),
            json!({"search": {"method": "grid", "space": {"max_iter": [5, 6]}}}),
            json!({"search": {"method": "grid", "space": {"max_iter": [6, 5]}}}),
            json!({"search": {"method": "grid", "space": {"max_iter": [5, 6]}, "metric": "brier"}}),
            json!({"search": {"method": "random", "space": {"max_iter": [5, 6]}}}),
            json!({"search": {"method": "random", "space": {"max_iter": [5, 6]}, "trials": 3}}),
        ];
        let hashes: std::collections::BTreeSet<String> = changes.iter().cloned().map(hash).collect();
        assert_eq!(hashes.len(), changes.len());
        let plain = recipe(json!({})).unwrap();
        assert_ne!(plain.hash(Task::Binary).unwrap(), plain.hash(Task::Regression).unwrap());
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
