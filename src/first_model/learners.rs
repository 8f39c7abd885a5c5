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
const OTHERS: [Learner; 2] = [
    ("boosting", "boosting", ""),
    (
        "boosting-small",
        "boosting",
        "{ max_leaf_nodes = 7, min_samples_leaf = 5, max_iter = 60, l2_regularization = 1.0 }",
    ),
];

/// The learners for a task, in the order in which they are trained.
pub(super) fn learners(task: Task) -> &'static [Learner] {
    if task == Task::Binary { &TWO_CLASSES } else { &OTHERS }
}
