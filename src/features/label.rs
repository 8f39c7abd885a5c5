//! Labels: what a column of labels says, as the task and numbers that a learner takes. Training sets and labels that come
//! late are read by the same code.
//!
//! A class keeps its own name everywhere: the text of a text label, the digits of a number, `false` and `true`. Numbers that are all 0 or 1 are
//! two classes unless the recipe says `task = "regression"`; other numbers are numbers unless it says
//! `task = "multiclass"` or `"binary"`.

use crate::data::{Column, Family, Kind, Value};
use crate::error::{Error, Result};
use crate::learn::{Target, Task};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

/// Most classes of a label; more of them are rather an identifier.
const MOST_CLASSES: usize = 1_000;

/// The classes of a column of booleans, and those of a column of 0 and 1.
const TRUTHS: [&str; 2] = ["false", "true"];
const BITS: [&str; 2] = ["0", "1"];

/// The labels of some rows, ready to be learned.
#[derive(Debug, Clone, PartialEq)]
pub struct Labels {
    /// Two classes, several, or numbers.
    pub task: Task,
    /// Names of the classes, in order; empty for numbers. Of two classes the second is the positive one.
    pub classes: Vec<String>,
    /// One a row: the place of its class, or the number; NaN where there is none.
    pub values: Vec<f64>,
}

impl Labels {
    /// Reads a column of labels as the `wanted` task, or as what the column shows by itself.
    pub fn read(column: &Column, wanted: Option<Task>) -> Result<Labels> {
        if (0..column.len()).all(|row| column.get(row) == Value::Null) {
            return Err(
                Error::invalid("no row has a label").hint("look at the label's definition, the filter and the data")
            );
        }
        let (task, classes) = match (column.kind().family(), column.numbers()) {
            (Family::Text, _) => text_classes(column, wanted)?,
            _ if column.kind() == Kind::Boolean && wanted != Some(Task::Regression) => {
                counted(TRUTHS.map(str::to_owned).to_vec(), wanted)?
            }
            (_, Some(values)) => number_classes(column, &values, wanted)?,
            (family, None) => {
                return Err(Error::invalid(format!("a {family} can't be a label"))
                    .hint("write a condition: \"column > TIMESTAMP '…'\""));
            }
        };
        let values = encode(column, task, &classes)?;
        Ok(Labels { task, classes, values })
    }

    /// The target of these rows.
    pub fn target(&self, rows: &[usize]) -> Target {
        let values = rows.iter().filter_map(|row| self.values.get(*row).copied()).collect();
        Target::new(self.task, self.classes.len(), values)
    }
}

/// A column of labels in the numbers of a model with this task and these classes; NaN where there is none. A class that
/// the model does not know is an error.
pub fn encode(column: &Column, task: Task, classes: &[String]) -> Result<Vec<f64>> {
    encode_with(column, task, classes, &mut |_, unknown| Err(unknown))
}

/// The same; `unknown` is given the row and the error of each class that the model does not know and of each number that is not finite,
/// and says what its number is.
pub fn encode_with(
    column: &Column,
    task: Task,
    classes: &[String],
    unknown: &mut dyn FnMut(usize, Error) -> Result<f64>,
) -> Result<Vec<f64>> {
    if task == Task::Regression {
        let numbers = column.numbers().map(Cow::into_owned).ok_or_else(|| {
            Error::invalid(format!("labels are {}, the task regression needs numbers", column.kind()))
                .hint("choose a column of numbers, or leave the task out")
        })?;
        let finite = |(row, number): (usize, f64)| match number.is_infinite() {
            true => unknown(
                row,
                Error::invalid(format!("row {}: the label is {number}", row + 1))
                    .hint("leave the cell empty, or write the largest number that is meant"),
            ),
            false => Ok(number),
        };
        return numbers.into_iter().enumerate().map(finite).collect();
    }
    let places: HashMap<&str, f64> =
        classes.iter().enumerate().map(|(at, class)| (class.as_str(), at as f64)).collect();
    // A model that learned from 0 and 1 is told of false and true too, and the other way round.
    let alike = |name: &str| {
        TRUTHS.into_iter().zip(BITS).find_map(|(truth, bit)| match name {
            name if name == truth => places.get(bit),
            name if name == bit => places.get(truth),
            _ => None,
        })
    };
    let mut place = |name: &str, row: usize| match places.get(name).or_else(|| alike(name)) {
        Some(place) => Ok(*place),
        None => {
            let text = format!("row {}: \"{name}\" is not one of the classes {}", row + 1, listed(classes));
            let hint = "write a condition that gives the classes, or train a model that knows the new one";
            unknown(row, Error::invalid(text).hint(hint))
        }
    };
    let cell = |row: usize| match column.get(row) {
        Value::Null => Ok(f64::NAN),
        Value::Text(text) => place(text, row),
        Value::Integer(number) => place(&number.to_string(), row),
        Value::Boolean(truth) => place(TRUTHS[usize::from(truth)], row),
        Value::Float(number) => place(&class_name(number), row),
        Value::Time(_) | Value::Vector(_) => Err(Error::invalid("only texts and numbers are labels")),
    };
    (0..column.len()).map(cell).collect()
}

/// A number as the name of a class: its shortest digits, `3` rather than `3.0`.
fn class_name(number: f64) -> String {
    // Adding zero makes one number of the two zeros.
    (number + 0.0).to_string()
}

fn listed(classes: &[String]) -> String {
    const SHOWN: usize = 10;
    let mut text = classes.iter().take(SHOWN).map(|class| format!("\"{class}\"")).collect::<Vec<_>>().join(", ");
    if classes.len() > SHOWN {
        text.push_str(", …");
    }
    text
}

fn text_classes(column: &Column, wanted: Option<Task>) -> Result<(Task, Vec<String>)> {
    let names: BTreeSet<&str> = (0..column.len())
        .filter_map(|row| match column.get(row) {
            Value::Text(text) => Some(text),
            _ => None,
        })
        .collect();
    let classes: Vec<String> = names.into_iter().map(str::to_owned).collect();
    match wanted {
        Some(Task::Regression) => Err(Error::invalid("labels are texts, the task regression needs numbers")
            .hint("choose a column of numbers, or leave the task out")),
        _ => counted(classes, wanted),
    }
}

fn number_classes(column: &Column, values: &[f64], wanted: Option<Task>) -> Result<(Task, Vec<String>)> {
    let known = || values.iter().copied().filter(|value| !value.is_nan());
    let zero_or_one = known().all(|value| value == 0.0 || value == 1.0);
    match wanted {
        Some(Task::Regression) => Ok((Task::Regression, Vec::new())),
        None | Some(Task::Binary) if zero_or_one => Ok((Task::Binary, BITS.map(str::to_owned).to_vec())),
        None => Ok((Task::Regression, Vec::new())),
        Some(_) if column.kind() == Kind::Integer => {
            // Large ones are different though they are the same float.
            let whole = column.cells().filter_map(|cell| if let Value::Integer(n) = cell { Some(n) } else { None });
            counted(whole.collect::<BTreeSet<i128>>().into_iter().map(|n| n.to_string()).collect(), wanted)
        }
        Some(_) => {
            let mut numbers: Vec<f64> = known().collect();
            numbers.sort_by(f64::total_cmp);
            numbers.dedup();
            counted(numbers.into_iter().map(class_name).collect(), wanted)
        }
    }
}

/// The task for this number of classes.
fn counted(classes: Vec<String>, wanted: Option<Task>) -> Result<(Task, Vec<String>)> {
    let task = wanted.unwrap_or(if classes.len() == 2 { Task::Binary } else { Task::Multiclass });
    match (task, classes.len()) {
        (_, 0 | 1) => Err(Error::invalid(format!("only one class, {}; two are needed", listed(&classes)))
            .hint("look at the label's definition and the filter")),
        (Task::Binary, 2) => Ok((task, classes)),
        (Task::Binary, count) => Err(Error::invalid(format!("{count} classes, the task binary has two"))
            .hint("write a condition: \"column = 'value'\", or task = \"multiclass\"")),
        (_, count) if count > MOST_CLASSES => {
            Err(Error::invalid(format!("{count} classes, {MOST_CLASSES} are the most"))
                .hint("is the label an identifier? Write a condition, or task = \"regression\" for numbers"))
        }
        _ => Ok((task, classes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(column: &Column, wanted: Option<Task>) -> (Task, String, Vec<f64>) {
        let Labels { task, classes, values } = Labels::read(column, wanted).unwrap();
        (task, classes.join(" "), values)
    }

    #[test]
    fn a_label_shows_its_task_by_itself() {
        let texts = |cells: &[&'static str]| Column::texts(cells.iter().map(|cell| Some(*cell)));
        let numbers = |cells: &[f64]| Column::floats(cells.to_vec());
        assert_eq!(read(&numbers(&[0.0, 1.0]), None), (Task::Binary, "0 1".into(), vec![0.0, 1.0]));
        assert_eq!(read(&texts(&["no", "yes", "no"]), None), (Task::Binary, "no yes".into(), vec![0.0, 1.0, 0.0]));
        assert_eq!(read(&texts(&["c", "a", "b"]), None), (Task::Multiclass, "a b c".into(), vec![2.0, 0.0, 1.0]));
        assert_eq!(read(&numbers(&[2.5, 1.0]), None), (Task::Regression, String::new(), vec![2.5, 1.0]));
        let truths = Column::booleans([Some(true), None, Some(false)]);
        let (task, classes, values) = read(&truths, None);
        assert_eq!((task, classes.as_str(), values[0], values[2]), (Task::Binary, "false true", 1.0, 0.0));
        let large = Column::integers([Some(9_007_199_254_740_992), Some(9_007_199_254_740_993)]);
        let several = read(&large, Some(Task::Multiclass));
        assert_eq!((several.1.as_str(), several.2), ("9007199254740992 9007199254740993", vec![0.0, 1.0]));
        let zeros = read(&numbers(&[0.0, -0.0, 1.5]), Some(Task::Multiclass));
        assert_eq!((zeros.1.as_str(), zeros.2), ("0 1.5", vec![0.0, 0.0, 1.0]));
        let endless = Labels::read(&numbers(&[2.5, f64::INFINITY]), None).unwrap_err();
        assert!(endless.message().contains("row 2: the label is inf"), "{endless}");
    }

    #[test]
    fn a_recipe_may_want_another_task() {
        let numbers = |cells: &[f64]| Column::floats(cells.to_vec());
        let several = read(&numbers(&[10.0, 2.0, 10.0, 1.5]), Some(Task::Multiclass));
        assert_eq!(several, (Task::Multiclass, "1.5 2 10".into(), vec![2.0, 1.0, 2.0, 0.0]));
        assert_eq!(read(&numbers(&[-1.0, 1.0]), Some(Task::Binary)).1, "-1 1");
        assert_eq!(read(&numbers(&[0.0, 1.0]), Some(Task::Regression)).0, Task::Regression);
    }

    #[test]
    fn labels_that_fit_no_task_are_refused_with_a_hint() {
        let one = Column::texts([Some("a"), None, Some("a")]);
        for (column, wanted, said) in [
            (Column::floats(vec![f64::NAN]), None, "no row has a label"),
            (one.clone(), None, "only one class, \"a\""),
            (one, Some(Task::Regression), "labels are texts"),
            (Column::floats(vec![1.0, 2.0, 3.0]), Some(Task::Binary), "3 classes"),
            (Column::floats((0..2000).map(f64::from).collect()), Some(Task::Multiclass), "2000 classes"),
            (Column::times(vec![7]), None, "a time can't be a label"),
        ] {
            let error = Labels::read(&column, wanted).unwrap_err();
            assert!(error.message().contains(said) && error.hint_text().is_some(), "{error}");
        }
    }

    #[test]
    fn late_labels_are_read_in_the_numbers_of_the_model() {
        let classes = ["1", "2"].map(str::to_owned);
        let late = Column::texts([Some("2"), None, Some("1")]);
        let found = encode(&late, Task::Binary, &classes).unwrap();
        assert!(found[0] == 1.0 && found[1].is_nan() && found[2] == 0.0);
        let (bits, truths) = (BITS.map(str::to_owned), TRUTHS.map(str::to_owned));
        let booleans = Column::booleans([Some(true), Some(false)]);
        assert_eq!(encode(&booleans, Task::Binary, &bits).unwrap(), [1.0, 0.0]);
        assert_eq!(encode(&Column::floats(vec![1.0, 0.0]), Task::Binary, &truths).unwrap(), [1.0, 0.0]);
        let unknown = encode(&Column::floats(vec![3.0]), Task::Binary, &classes).unwrap_err();
        assert_eq!(unknown.message(), "row 1: \"3\" is not one of the classes \"1\", \"2\"");
    }
}
