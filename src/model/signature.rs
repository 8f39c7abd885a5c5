//! A model's signature: what it predicts, and how its numbers become an answer.
//!
//! What a request brings stands in the bundle's feature plan; here stands what comes out of a row's numbers, so that batch
//! prediction, a server, the prediction log, late labels and tables all say the same.

use super::answer::{Answer, Predicted};
use crate::data::{Kind, KnownForm};
use crate::error::{self, Error, Result};
use crate::learn::class_rows;
use crate::learn::{Decision, Predictions, Target, Task, conformal};
use crate::project::CsvForm;
use serde::{Deserialize, Serialize};

/// What a model predicts, and how its numbers become an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Signature {
    /// The kind of thing that is predicted.
    pub task: Task,
    /// The label's expression.
    pub label: String,
    /// Names of the classes, in the order of the model's numbers; of two the second is the positive one. Empty for numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<String>,
    /// Probability from which a row is called the second of two classes; absent for other tasks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// The intervals or sets of its answers; absent where none were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conformal: Option<Conformal>,
    /// How the CSV files were written that it learned from, as `mlops.toml` said: files and requests are read the same.
    #[serde(default, skip_serializing_if = "CsvForm::is_empty")]
    pub csv: CsvForm,
}

/// How far from an answer the truth lies: see `learn::conformal`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Conformal {
    /// The share of rows that are to be covered.
    pub coverage: f64,
    /// Of numbers the size of an error, of classes 1 − the least probability of a class in the set.
    pub margin: f64,
}

/// A column that predictions add to a table, or a tensor of a server's answer.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputColumn {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: Kind,
}

impl Signature {
    /// Whether classes and threshold fit the task, and a model of `outputs` numbers a row fits them.
    pub(super) fn check(&self, outputs: usize) -> Result<()> {
        let classes = self.classes.len();
        let fits = match self.task {
            Task::Binary => classes == 2 && self.threshold.is_some_and(|t| (0.0..=1.0).contains(&t)),
            Task::Multiclass => classes >= 2 && self.threshold.is_none(),
            Task::Regression => classes == 0 && self.threshold.is_none(),
        };
        if let Some(twice) = (1..classes).find(|at| self.classes[..*at].contains(&self.classes[*at])) {
            return Err(Error::corrupt(format!("two classes are called \"{}\"", self.classes[twice])));
        }
        KnownForm::of(&self.csv).map_err(|e| Error::corrupt(e.message().to_owned()))?;
        let is_sound = |c: &Conformal| c.margin.is_finite() && c.margin >= 0.0 && c.coverage > 0.0 && c.coverage < 1.0;
        if self.conformal.is_some_and(|conformal| !is_sound(&conformal)) {
            return Err(Error::corrupt("the conformal margin makes no sense"));
        }
        if !fits || outputs != self.task.outputs(classes) {
            let text =
                format!("{outputs} numbers a row and {classes} classes do not fit the task {}", self.task.name());
            return Err(Error::corrupt(text));
        }
        Ok(())
    }

    /// How metrics decide on a class.
    pub fn decision(&self) -> Decision<'_> {
        Decision { threshold: self.threshold.unwrap_or(0.5), classes: &self.classes }
    }

    /// The class or number that a row's numbers mean.
    pub fn predicted(&self, numbers: &[f64]) -> Predicted {
        let first = numbers.first().copied().unwrap_or(f64::NAN);
        let class = match self.task {
            Task::Regression => return Predicted::Number(first),
            Task::Binary => usize::from(first >= self.decision().threshold),
            Task::Multiclass => class_rows::largest(numbers),
        };
        Predicted::Class(self.classes.get(class).cloned().unwrap_or_default())
    }

    /// The whole answer for a row.
    pub fn answer(&self, numbers: &[f64]) -> Answer {
        let first = numbers.first().copied().unwrap_or(f64::NAN);
        let named = || self.classes.iter().cloned().zip(numbers.iter().copied()).collect();
        Answer {
            probability: (self.task == Task::Binary).then_some(first),
            prediction: self.predicted(numbers),
            probabilities: if self.task == Task::Multiclass { named() } else { Vec::new() },
            lower: self.margin().map(|margin| first - margin),
            upper: self.margin().map(|margin| first + margin),
            prediction_set: self.prediction_set(numbers),
        }
    }

    /// The margin of numbers.
    fn margin(&self) -> Option<f64> {
        self.conformal.filter(|_| self.task == Task::Regression).map(|conformal| conformal.margin)
    }

    /// The classes among which the true one is, with the stated probability; the set may be empty.
    fn prediction_set(&self, numbers: &[f64]) -> Option<Vec<String>> {
        let margin = self.conformal.filter(|_| self.task != Task::Regression)?.margin;
        let is_in = |(class, _): &(usize, &String)| conformal::covers(margin, self.task, numbers, *class as f64);
        Some(self.classes.iter().enumerate().filter(is_in).map(|(_, class)| class.clone()).collect())
    }

    /// The share of rows whose truth the intervals or sets cover, and how large these are; nothing where the model has none.
    pub(super) fn coverage(
        &self,
        predictions: &Predictions,
        target: &Target,
    ) -> impl Iterator<Item = (&'static str, f64)> {
        let rows = target.len().max(1) as f64;
        let found = self.conformal.map(|Conformal { margin, .. }| {
            let each = predictions.iter().zip(target.values());
            let hits = each.filter(|(numbers, label)| conformal::covers(margin, self.task, numbers, **label)).count();
            let size = match self.task {
                Task::Regression => ("interval_width", 2.0 * margin),
                _ => {
                    let sizes = predictions.iter().filter_map(|numbers| Some(self.prediction_set(numbers)?.len()));
                    ("set_size", sizes.sum::<usize>() as f64 / rows)
                }
            };
            [("coverage", hits as f64 / rows), size]
        });
        found.into_iter().flatten()
    }

    /// The numbers behind these answers; an error for an answer of a model with another task or other classes.
    pub fn numbers<'a>(&self, answers: impl Iterator<Item = &'a Answer>) -> Result<Predictions> {
        let wrong = || Error::invalid(format!("an answer does not fit a {} model", self.task.name()));
        let mut values = Vec::new();
        for answer in answers {
            match (self.task, &answer.prediction) {
                (Task::Binary | Task::Multiclass, Predicted::Number(_)) => return Err(wrong()),
                (Task::Binary | Task::Multiclass, Predicted::Class(class)) if !self.classes.contains(class) => {
                    return Err(Error::invalid(format!("{} is none of the model's classes", error::quoted(class))));
                }
                (Task::Binary, _) => values.push(answer.probability.ok_or_else(wrong)?),
                (Task::Regression, Predicted::Number(number)) => values.push(*number),
                (Task::Regression, Predicted::Class(_)) => return Err(wrong()),
                (Task::Multiclass, _) => {
                    for class in &self.classes {
                        let found = answer.probabilities.iter().find(|(name, _)| name == class);
                        values.push(found.ok_or_else(wrong)?.1);
                    }
                }
            }
        }
        Ok(Predictions::new(self.task.outputs(self.classes.len()), values))
    }

    /// The columns that predictions add to a table: `probability`, `prediction`, of several classes `probability_CLASS`; `lower` and `upper`, or
    /// `prediction_set`, where the model has them.
    pub fn columns(&self) -> Vec<OutputColumn> {
        let column = |name: &str, kind: Kind| OutputColumn { name: name.to_owned(), kind };
        let mut columns = match self.task {
            Task::Binary => vec![column("probability", Kind::Float), column("prediction", Kind::Text)],
            Task::Regression => vec![column("prediction", Kind::Float)],
            Task::Multiclass => {
                let each = self.classes.iter().map(|class| column(&format!("probability_{class}"), Kind::Float));
                std::iter::once(column("prediction", Kind::Text)).chain(each).collect()
            }
        };
        match (self.conformal, self.task) {
            (None, _) => {}
            (Some(_), Task::Regression) => columns.extend([column("lower", Kind::Float), column("upper", Kind::Float)]),
            (Some(_), _) => columns.push(column("prediction_set", Kind::Text)),
        }
        columns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signature(task: Task, classes: &[&str]) -> Signature {
        let classes: Vec<String> = classes.iter().map(|class| (*class).to_owned()).collect();
        Signature {
            task,
            label: "y".to_owned(),
            classes,
            threshold: (task == Task::Binary).then_some(0.3),
            conformal: None,
            csv: CsvForm::default(),
        }
    }

    #[test]
    fn numbers_become_an_answer_and_the_answer_the_numbers_again() {
        for (signature, numbers, said) in [
            (signature(Task::Binary, &["no", "yes"]), vec![0.3], r#"{"probability":0.3,"prediction":"yes"}"#),
            (
                signature(Task::Multiclass, &["a", "b", "c"]),
                vec![0.25, 0.5, 0.25],
                r#"{"prediction":"b","probabilities":{"a":0.25,"b":0.5,"c":0.25}}"#,
            ),
            (signature(Task::Regression, &[]), vec![-2.5], r#"{"prediction":-2.5}"#),
        ] {
            let answer = signature.answer(&numbers);
            assert_eq!(serde_json::to_string(&answer).unwrap(), said);
            let again: Answer = serde_json::from_str(said).unwrap();
            assert_eq!(again, answer);
            assert_eq!(signature.numbers([&again].into_iter()).unwrap().values(), numbers);
            assert!(signature.check(numbers.len()).is_ok() && signature.check(numbers.len() + 1).is_err());
        }
    }

    #[test]
    fn an_answer_of_another_task_is_refused() {
        let number = signature(Task::Regression, &[]).answer(&[1.0]);
        for other in [signature(Task::Binary, &["a", "b"]), signature(Task::Multiclass, &["a", "b"])] {
            assert!(other.numbers([&number].into_iter()).is_err());
        }
    }

    #[test]
    fn classes_and_threshold_that_do_not_fit_the_task_are_refused() {
        assert!(signature(Task::Binary, &["a"]).check(1).is_err());
        assert!(Signature { threshold: Some(1.5), ..signature(Task::Binary, &["a", "b"]) }.check(1).is_err());
        assert!(Signature { threshold: None, ..signature(Task::Binary, &["a", "b"]) }.check(1).is_err());
        assert!(Signature { threshold: Some(0.5), ..signature(Task::Regression, &[]) }.check(1).is_err());
    }
}
