//! The steps from a file to a champion. Everything is looked at before anything is written.

use super::guess::{Guess, LeftOut};
use super::leaderboard::{LeaderboardRow, train_all};
use super::learners::learners;
use super::table_facts::ColumnFacts;
use super::tables::{folds, tables};
use crate::data::{self, Additions, read_file, read_project_file, register_path};
use crate::error::{self, Error, ErrorKind, Result};
use crate::features::Part;
use crate::learn::{Metric, Task};
use crate::progress::Progress;
use crate::project::{self, Definitions, Name, Project, Reference, text_with_tables};
use crate::registry::{self, CHAMPION};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

/// What the person says of the file.
#[derive(Debug, Clone)]
pub struct FirstModelOptions {
    /// The file, relative to the folder where the command was given.
    pub file: String,
    /// The column that is to be predicted.
    pub target: String,
    /// What kind of thing it is; guessed without it.
    pub task: Option<Task>,
    /// The name of set and model; the dataset's without it.
    pub name: Option<Name>,
}

/// What was guessed, trained and registered.
#[derive(Debug, Serialize)]
pub struct FirstModelOutcome {
    /// The name of dataset, unless it had another one, set and model.
    pub name: Name,
    /// Rows of the file.
    pub rows: usize,
    /// What kind of thing is predicted.
    pub task: Task,
    /// Why that, as half a sentence; none where set and recipes were there already.
    pub because: Option<String>,
    /// The columns that are learned from; empty where set and recipes were there already.
    pub features: Vec<String>,
    /// The columns that are not, and why.
    pub left_out: Vec<LeftOut>,
    /// Columns that are taken as texts though most of their cells are numbers, each with the first cell that is not a number.
    pub texts_among_numbers: Vec<(String, String)>,
    /// Features that have another whole number in each row, and may only name it.
    pub may_name_rows: Vec<String>,
    /// Why there is no cross-validation, as a sentence; none where there is one, or recipes were there already.
    pub without_folds: Option<String>,
    /// The feature that alone decides nearly everything, if there is one: it may say what is known only later.
    pub too_good: Option<String>,
    /// The classes that the test rows have, and how many there are, if some are not among them.
    pub classes_in_test: Option<(usize, usize)>,
    /// Rows without a target, which nothing is learned from.
    pub unlabelled: usize,
    /// How the test part was chosen, as a sentence; none where set and recipes were there already.
    pub split: Option<String>,
    /// The metric that decides.
    pub metric: &'static str,
    /// The learners and the baseline, the best on the test part first.
    pub leaderboard: Vec<LeaderboardRow>,
    /// The recipe whose model was registered.
    pub best: Name,
    /// The rows on which it is the best: `cv` (folds) where every recipe has them, else `test`.
    pub decided_by: &'static str,
    /// Its version, `NAME@VERSION`.
    pub registered: String,
    /// Whether it is better on the test part than the baseline; none without a test part.
    pub beats_baseline: Option<bool>,
    /// Whether Ctrl-C ended it before the last recipe.
    pub stopped: bool,
    /// Whether a project was made.
    pub made_project: bool,
    /// Lines that `.gitignore` got, so that git leaves the file alone.
    pub ignored: Vec<String>,
}

/// From a file to a registered model. Where the set is defined already, its recipes are trained as they stand.
pub fn train_file(from: &Path, options: &FirstModelOptions, progress: &Progress) -> Result<FirstModelOutcome> {
    let path = from.join(&options.file);
    let found = Project::find(from);
    let table = match &found {
        Ok(project) => read_project_file(project, &path)?,
        Err(_) => read_file(&path)?,
    };
    let table = table.collect().map_err(|e| e.at(&options.file))?;
    if table.height() == 0 {
        return Err(Error::invalid(format!("{} has no rows", options.file)).hint("name a file with a header and rows"));
    }
    let mut refused = Vec::new();
    let facts = ColumnFacts::of(&table, |name, e| refused.push((name.to_owned(), e)));
    let of_target = refused.iter().position(|(name, _)| *name == options.target);
    if let Some((_, e)) = of_target.map(|at| refused.swap_remove(at)) {
        return Err(e.at(&options.file));
    }
    let rows = table.height();
    drop(table);
    let mut guess = Guess::of(&facts, &options.target, options.task).map_err(|e| e.at(&options.file))?;
    let unusable = |(column, e): (String, Error)| {
        let named = format!("column \"{column}\" ");
        let reason = e.message().strip_prefix(&named).unwrap_or(e.message()).to_owned().into();
        LeftOut { column, reason }
    };
    guess.left_out.extend(refused.into_iter().map(unusable));
    drop(facts);
    let (made_project, project) = match found {
        Err(e) if e.kind() == ErrorKind::NotFound => {
            lies_below(from, &options.file)?;
            project::init(from)?;
            (true, Project::find(from)?)
        }
        found => (false, found?),
    };
    let Defined { project, name, is_new, ignored } = define(project, from, options, &guess)?;
    let recipes: Vec<Name> = recipes_of(&project, &name);
    // Set and recipes may be another hand's by now.
    let task = task_of(&project, &recipes)?.unwrap_or(guess.task);
    let metric = Metric::default_for(task);
    let trained = train_all(&project, &name, &recipes, metric, progress)?;
    let alias = Name::parse(CHAMPION)?;
    let run = Reference::parse(trained.best.run.as_str())?;
    let registered = registry::register(&project, &run, &name, &[alias])?;
    let on_test = |model: &str| {
        let row = trained.rows.iter().find(|row| row.model == model)?;
        row.test.get(metric.name()).copied()
    };
    let compared = on_test("baseline").zip(on_test(trained.best.recipe.as_str()));
    Ok(FirstModelOutcome {
        rows,
        task,
        because: is_new.then(|| guess.because.clone()),
        features: if is_new { guess.features.clone() } else { Vec::new() },
        left_out: if is_new { guess.left_out.clone() } else { Vec::new() },
        texts_among_numbers: guess.texts_among_numbers.clone(),
        may_name_rows: if is_new { guess.may_name_rows.clone() } else { Vec::new() },
        without_folds: if is_new { without_folds(&guess) } else { None },
        too_good: trained.too_good.clone(),
        classes_in_test: trained.classes_in_test,
        unlabelled: rows - guess.examples,
        split: is_new.then(|| split_sentence(&guess, &trained.best.rows)),
        metric: metric.name(),
        leaderboard: trained.rows,
        best: trained.best.recipe,
        decided_by: trained.decided_by,
        registered: format!("{}@{}", registered.name, registered.version),
        beats_baseline: compared
            .map(|(baseline, best)| metric.gain(baseline, best))
            .filter(|gain| !gain.is_nan())
            .map(|gain| gain > 0.0),
        stopped: trained.stopped,
        made_project,
        ignored,
        name,
    })
}

/// A project can only be made around its files.
fn lies_below(folder: &Path, file: &str) -> Result<()> {
    let real = |path: &Path| path.canonicalize().map_err(|e| Error::io("open", path, e));
    match real(&folder.join(file))?.starts_with(real(folder)?) {
        true => Ok(()),
        false => Err(Error::invalid(format!("{file} lies outside {}", folder.display()))
            .hint("run the command in a folder above the file, or copy the file here")),
    }
}

/// What is there once the file is recorded.
struct Defined {
    /// With dataset, set and recipes.
    project: Project,
    /// The set's name.
    name: Name,
    is_new: bool,
    /// Lines that `.gitignore` got.
    ignored: Vec<String>,
}

/// Defines dataset, set and recipes, and records the file.
fn define(project: Project, from: &Path, options: &FirstModelOptions, guess: &Guess) -> Result<Defined> {
    let mut is_new = false;
    let (project, added) = data::add_defined(project, "", &Progress::quiet(), |project| {
        let known = project.definitions().clone();
        let (project, dataset) = register_path(project, from, &options.file, None)?;
        let name = options.name.clone().unwrap_or_else(|| dataset.clone());
        is_new = !known.set.contains_key(&name);
        if !is_new {
            is_same(&project, &name, &dataset, options)?;
            return Ok(Additions { project, names: vec![dataset], text: None });
        }
        let new = project.definitions().data.get(&dataset).filter(|_| !known.data.contains_key(&dataset));
        let tables = tables(&name, (&dataset, new), &options.target, guess);
        let text = text_with_tables(&project.definitions_path(), &tables)?;
        let project = project.with_definitions(Definitions::parse(&text)?);
        Ok(Additions { project, names: vec![dataset], text: Some(text) })
    })?;
    let dataset = added.datasets.into_iter().next().map(|dataset| dataset.name);
    let name = options.name.clone().or(dataset).ok_or_else(|| Error::invalid("nothing was added"))?;
    Ok(Defined { project, name, is_new, ignored: added.ignored })
}

/// Whether the set that is defined is about this file and this target.
fn is_same(project: &Project, name: &Name, dataset: &Name, options: &FirstModelOptions) -> Result<()> {
    let set = project.definitions().set(name)?;
    let label = set.label.as_deref().unwrap_or_default();
    if set.spine == *dataset && (label == options.target || label == format!("\"{}\"", options.target)) {
        let task = task_of(project, &recipes_of(project, name))?;
        return match (task, options.task) {
            (Some(defined), Some(wanted)) if defined != wanted => Err(Error::conflict(format!(
                "set \"{name}\" is defined already, and its recipes have the task {}",
                defined.name()
            ))
            .hint("give another name with --name, or change task in the recipes in mlops.toml")),
            _ => Ok(()),
        };
    }
    Err(Error::conflict(format!(
        "set \"{name}\" is defined already, with label {label:?} of dataset \"{}\"",
        set.spine
    ))
    .hint("give another name with --name, or train its recipes: mlops run train"))
}

/// The recipes of a set, in the order in which this room makes them, then by name.
fn recipes_of(project: &Project, set: &Name) -> Vec<Name> {
    let recipes = project.definitions().train.iter().filter(|(_, recipe)| recipe.set == *set);
    let mut names: Vec<Name> = recipes.map(|(name, _)| name.clone()).collect();
    let endings = Task::ALL.map(learners).concat();
    let place = |name: &Name| {
        endings.iter().position(|(ending, ..)| name.as_str() == format!("{set}-{ending}")).unwrap_or(endings.len())
    };
    names.sort_by_key(place);
    names
}

/// The task that these recipes name; none if none does.
fn task_of(project: &Project, recipes: &[Name]) -> Result<Option<Task>> {
    let named = recipes.iter().find_map(|name| project.definitions().train.get(name)?.task.as_deref());
    named.map(Task::parse).transpose()
}

/// Why there are no folds.
fn without_folds(guess: &Guess) -> Option<String> {
    if folds(guess).is_some() {
        return None;
    }
    Some(match &guess.rarest {
        Some((class, rows)) if guess.time.is_none() => {
            format!(
                "no cross-validation: the class {} has {rows} of the rows, too few to be in each fold",
                error::quoted(class)
            )
        }
        _ => "no cross-validation: there are too few rows".to_owned(),
    })
}

/// How the test rows were chosen, and how many there are.
fn split_sentence(guess: &Guess, rows: &BTreeMap<Part, usize>) -> String {
    let of = |part: Part| rows.get(&part).copied().unwrap_or_default();
    let (test, all) = (of(Part::Test), of(Part::Train) + of(Part::Validation) + of(Part::Test));
    let share = 100.0 * test as f64 / all.max(1) as f64;
    let chosen = match (&guess.time, &guess.key) {
        (Some((time, begin)), _) => format!("the newest by {time}: those from {begin} on"),
        (None, Some(key)) => format!("chosen by a hash of {}", error::quoted(key)),
        (None, None) if guess.rows_alike => "chosen at random: many rows are alike".to_owned(),
        (None, None) => "chosen by a hash of the other columns".to_owned(),
    };
    format!("{test} of {all} rows ({share:.0} %) are the test, {chosen}")
}
