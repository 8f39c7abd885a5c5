//! A guess as text of `mlops.toml`, which the person edits later.

use super::guess::{Guess, TEST_SHARE};
use super::learners::learners;
use crate::data::{sql_condition, table_of_new};
use crate::project::{DataDef, Name, quoted_key};
use polars::prelude::{LazyFrame, col};

/// Folds of the cross-validation, fewer where a class has few rows or there are very many rows.
const FOLDS: usize = 5;
const FOLDS_OF_MANY: usize = 3;
const MANY: usize = 200_000;

/// The tables that a guess adds: the dataset if it is new, the set, a recipe for each learner.
pub(super) fn tables(name: &Name, data: (&Name, Option<&DataDef>), target: &str, guess: &Guess) -> String {
    let (dataset, new) = data;
    let mut text = String::new();
    if let Some(definition) = new {
        text += &table_of_new(dataset, definition);
        if let Some(key) = &guess.key {
            text += &format!("key = [{}]\n", quoted(key));
        }
    }
    text += &format!("\n[set.{}]\nspine = {}\n", quoted_key(name), quoted(dataset.as_str()));
    if let Some((time, _)) = &guess.time {
        text += &format!("event_time = {}\n", quoted(time));
    }
    let features: Vec<String> = guess.features.iter().map(|feature| quoted(feature)).collect();
    text += &format!("label = {}\nfeatures = [{}]\n", quoted(&label(target)), features.join(", "));
    text += &match &guess.time {
        Some((_, begin)) => format!("split = {{ by = \"time\", test = {} }}\n", quoted(begin)),
        None => match &guess.key {
            Some(key) => format!("split = {{ by = \"hash\", test = {TEST_SHARE}, key = [{}] }}\n", quoted(key)),
            None => {
                let by = if guess.rows_alike { "random" } else { "hash" };
                format!("split = {{ by = \"{by}\", test = {TEST_SHARE} }}\n")
            }
        },
    };
    for (ending, model, params) in learners(guess.task) {
        let recipe = quoted_key_of(name, ending);
        text += &format!("\n[train.{recipe}]\nset = {}\ntask = \"{}\"\n", quoted(name.as_str()), guess.task.name());
        text += &format!("model = \"{model}\"\n");
        if !params.is_empty() {
            text += &format!("params = {params}\n");
        }
        if let Some(folds) = folds(guess) {
            let by = if guess.time.is_some() { "time" } else { "stratified" };
            text += &format!("cv = {{ folds = {folds}, by = \"{by}\" }}\n");
        }
    }
    text
}

fn quoted_key_of(name: &Name, ending: &str) -> String {
    let recipe = format!("{name}-{ending}");
    if recipe.contains('.') { format!("\"{recipe}\"") } else { recipe }
}

/// None where there are too few rows for folds.
pub(super) fn folds(guess: &Guess) -> Option<usize> {
    let rarest = guess.rarest.as_ref().filter(|_| guess.time.is_none()).map(|(_, rows)| *rows);
    let rows = rarest.unwrap_or(guess.examples);
    // So many of them are in the training part at least, but for one split in a thousand: three standard deviations below the mean.
    let rows = rows as f64;
    let trained = (rows * (1.0 - TEST_SHARE) - 3.0 * (rows * TEST_SHARE * (1.0 - TEST_SHARE)).sqrt()).max(0.0) as usize;
    let most = if guess.examples > MANY { FOLDS_OF_MANY } else { FOLDS };
    let folds = most.min(trained);
    (folds >= 2).then_some(folds)
}

/// The column as a SQL expression.
fn label(target: &str) -> String {
    let plain = sql_condition(target, &LazyFrame::default()).is_ok_and(|meant| meant == col(target));
    if plain { target.to_owned() } else { format!("\"{}\"", target.replace('"', "\"\"")) }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
