//! The learners that `mlops train` tries, by task.

use crate::learn::Task;

/// A recipe's part of its name, its estimator and its parameters.
type Learner = (&'static str, &'static str, &'static str);

const TWO_CLASSES: [Learner; 5] = [
    ("logistic", "logistic", ""),
    ("svm", "svm", ""),
    ("tree", "tree", "{ min_samples_leaf = 0.02 }"),
    ("forest", "forest", "{ min_samples_leaf = 3 }"),
    ("boosting", "boosting", ""),
];
const SMALL: &str = "{ max_leaf_nodes = 7, min_samples_leaf = 5, max_iter = 60, l2_regularization = 1.0 }";
const SEVERAL_CLASSES: [Learner; 5] = [
    ("logistic", "logistic", ""),
    ("tree", "tree", "{ min_samples_leaf = 0.02 }"),
    ("forest", "forest", "{ min_samples_leaf = 3 }"),
    ("boosting", "boosting", ""),
    ("boosting-small", "boosting", SMALL),
];
const NUMBERS: [Learner; 5] = [
    ("ridge", "ridge", ""),
    ("tree", "tree", "{ min_samples_leaf = 0.02 }"),
    ("forest", "forest", "{ min_samples_leaf = 3 }"),
    ("boosting", "boosting", ""),
    ("boosting-small", "boosting", SMALL),
];

/// The learners for a task, in the order in which they are trained.
pub(super) fn learners(task: Task) -> &'static [Learner] {
    match task {
        Task::Binary => &TWO_CLASSES,
        Task::Multiclass => &SEVERAL_CLASSES,
        Task::Regression => &NUMBERS,
    }
}
