//! Building a set: the spine is read, filtered, joined, labelled and split, and the result kept under its hash.

use super::set_hash::set_hash;
use super::sources::{Sources, load_views, plan_of, sources, split_key};
use super::split::{Part, SplitRows, parts};
use super::split_keys::{row_contents, row_split_keys};
use super::stored::{LABEL, WEIGHT, keep, load_set};
use super::training_set::{SetOptions, TrainingSet};
use crate::data::{
    self, Column, Frame, Key, Table, Value, column_from, column_named, current_version, sql_condition, table_of,
};
use crate::error::{Error, Result};
use crate::features::events::time_column;
use crate::features::expression::Program;
use crate::features::feature_plan::FeaturePlan;
use crate::features::table_features::table_features;
use crate::ledger::{DatasetVersion, Ledger};
use crate::progress::Progress;
use crate::project::{Name, Project, SetDef, Split};
use crate::store::Hash;
use polars::prelude::{DataFrame, DataType, LazyFrame, TimeUnit, col, lit};
use std::collections::HashMap;

/// Builds a set, or reads it if it was joined before.
pub fn build_set(
    project: &Project,
    ledger: &mut Ledger,
    name: &Name,
    options: &SetOptions,
    progress: &Progress,
) -> Result<TrainingSet> {
    let definition = project.definitions().set(name)?;
    let spine = current_version(project, ledger, &definition.spine)?;
    let sources = sources(project, ledger, name, options, (spine.name.clone(), spine.hash))?;
    let hash = set_hash(project, &sources)?;
    if let Some(row) = ledger.training_set(&hash)?.filter(|row| project.store().has(&row.blob)) {
        tracing::info!(set = %name, hash = hash.short(), "the training set was joined before");
        return load_set(project, &row);
    }
    let joined = join_set(project, ledger, name, hash, &spine, &sources, progress);
    let set = joined.map_err(|e| e.at(format!("set {name}")))?;
    keep(project, ledger, &set)?;
    tracing::info!(set = %name, hash = hash.short(), rows = set.frame.rows(), "training set joined");
    Ok(set)
}

fn join_set(
    project: &Project,
    ledger: &Ledger,
    name: &Name,
    hash: Hash,
    spine: &DatasetVersion,
    sources: &Sources,
    progress: &Progress,
) -> Result<TrainingSet> {
    let definition = &sources.definition;
    let table = table_of(project, spine)?;
    let lazy = examples(&table, sources)?;
    let loaded = load_views(project, ledger, &sources.views, progress)?;
    let plan = plan_of(project, sources, &table, &loaded)?;
    let hashed = hashed_columns(project, definition, &table);
    let rows = data::collect(
        lazy.select(needed(definition, &plan, &hashed).iter().map(|n| data::exact_column(n)).collect::<Vec<_>>()),
    )?;
    let times = definition.event_time.as_deref().map(|t| time_column(&rows, t)).transpose()?;
    let (frame, report) = table_features(&rows, times.as_deref(), &plan, &loaded, progress)?;
    let keys = match (hashed.is_empty(), split_key(project, definition).is_empty()) {
        (true, _) => None,
        (_, false) => Some(row_split_keys(&rows, &hashed)?),
        (_, true) => Some(row_contents(&rows, &hashed)?),
    };
    let all = frame_from_split(&rows, definition.split.as_ref(), &frame)?;
    let seed = project.definitions().project.seed;
    let label = definition.label.as_ref().map(|_| column_from(column_named(&rows, LABEL)?)).transpose()?;
    let weights =
        definition.weight.as_ref().map(|_| weights_of(&column_from(column_named(&rows, WEIGHT)?)?)).transpose()?;
    let split_rows =
        SplitRows { frame: &all, times: times.as_deref(), keys: keys.as_deref(), label: label.as_ref(), seed };
    let mut parts = parts(definition.split.as_ref(), &split_rows)?;
    if let Some(label) = &label {
        let unlabelled = (0..label.len()).filter(|row| label.get(*row) == Value::Null);
        unlabelled.for_each(|row| parts[row] = Part::None);
    }
    warn_of_empty_parts(definition.split.as_ref(), &parts);
    let by_group = matches!(definition.split, Some(Split::Group { .. }));
    Ok(TrainingSet {
        name: name.clone(),
        hash,
        frame,
        label,
        weights,
        times,
        parts,
        groups: keys.filter(|_| by_group).map(|keys| numbered(&keys)),
        plan,
        report,
        inputs: sources.inputs.clone(),
    })
}

/// How much each row counts.
fn weights_of(column: &Column) -> Result<Vec<f64>> {
    let numbers = column.numbers().ok_or_else(|| {
        Error::invalid(format!("weight: it is a column of {}s, not of numbers", column.kind().family()))
            .hint("weight = \"COLUMN\", or an expression of numbers")
    })?;
    match numbers.iter().position(|weight| !(weight.is_finite() && *weight >= 0.0)) {
        None => Ok(numbers.into_owned()),
        Some(row) => {
            let found = if numbers[row].is_nan() { "missing".to_owned() } else { numbers[row].to_string() };
            Err(Error::invalid(format!("weight: that of row {} is {found}", row + 1))
                .hint("weights are 0 or more; COALESCE(column, 1) says what a missing one is"))
        }
    }
}

/// Says which parts have a share and got no row: few groups, or few keys, may all fall to one side.
fn warn_of_empty_parts(split: Option<&Split>, parts: &[Part]) {
    let (validation, test) = match split {
        Some(
            Split::Hash { validation, test, .. }
            | Split::Group { validation, test, .. }
            | Split::Random { validation, test }
            | Split::Stratified { validation, test, .. },
        ) => (*validation, *test),
        _ => return,
    };
    let shares = [(Part::Validation, validation), (Part::Test, test), (Part::Train, 1.0 - validation - test)];
    let hint = match split {
        Some(Split::Group { .. }) => "few groups may all fall to one side: take a larger share, or another seed",
        Some(Split::Random { .. }) => "few rows may all fall to one side: take a larger share, or another seed",
        _ => "few keys, or few different rows, may all fall to one side: split by random, or stratified",
    };
    for (part, share) in shares.into_iter().filter(|(_, share)| *share > 0.0) {
        if !parts.contains(&part) {
            tracing::warn!(part = part.name(), share, hint, "a part of the split got no rows");
        }
    }
}

/// Keys as whole numbers, in the order in which they first come.
fn numbered(keys: &[Option<Key>]) -> Column {
    let mut known: HashMap<Key, i128> = HashMap::new();
    let number = |key: &Option<Key>| {
        key.map(|key| {
            let next = known.len() as i128;
            *known.entry(key).or_insert(next)
        })
    };
    Column::integers(keys.iter().map(number))
}

/// The time of the newest row of a set that has a label, without joining anything; none if no row has one.
pub fn newest_example(project: &Project, ledger: &Ledger, name: &Name) -> Result<Option<i64>> {
    let place = |e: Error| e.at(format!("set {name}"));
    let definition = project.definitions().set(name)?;
    let time = definition.event_time.as_deref().ok_or_else(|| {
        Error::invalid(format!("set \"{name}\" has no event_time"))
            .hint("name the spine's time column: event_time = \"…\"")
    })?;
    let spine = current_version(project, ledger, &definition.spine)?;
    let sources = sources(project, ledger, name, &SetOptions::default(), (spine.name.clone(), spine.hash))?;
    let mut lazy = examples(&table_of(project, &spine)?, &sources).map_err(place)?;
    if definition.label.is_some() {
        lazy = lazy.filter(col(LABEL).is_not_null());
    }
    let rows = data::collect(lazy.select([data::exact_column(time)])).map_err(place)?;
    Ok(time_column(&rows, time).map_err(place)?.into_iter().filter(|time| *time != Column::NO_TIME).max())
}

/// The spine's rows that are examples, with their label.
fn examples(spine: &Table, sources: &Sources) -> Result<LazyFrame> {
    let definition = &sources.definition;
    let has_sql = definition.filter.is_some() || definition.label.is_some() || definition.weight.is_some();
    let mut lazy = if has_sql { spine.lazy_without_nan()? } else { spine.lazy() };
    if let Some(condition) = &definition.filter {
        let holds = sql_condition(condition, &lazy)?;
        lazy = lazy.filter(holds);
    }
    if let Some(label) = &definition.label {
        let label = sql_condition(label, &lazy)?;
        lazy = lazy.with_column(label.alias(LABEL));
    }
    if let Some(weight) = &definition.weight {
        let weight = sql_condition(weight, &lazy)?;
        lazy = lazy.with_column(weight.alias(WEIGHT));
    }
    if let (Some(from), Some(time)) = (sources.from, &definition.event_time) {
        let micros = DataType::Datetime(TimeUnit::Microseconds, None);
        lazy = lazy.filter(data::exact_column(time).cast(micros).cast(DataType::Int64).gt_eq(lit(from)));
    }
    Ok(lazy)
}

/// The columns that a split by hashes goes by: the key or, without one, the whole row but what is to be predicted. With that in it rows
/// that are alike would be parted by their outcomes, one for the training and the other for the test.
fn hashed_columns(project: &Project, definition: &SetDef, spine: &Table) -> Vec<String> {
    let key = split_key(project, definition);
    match definition.split {
        Some(Split::Hash { .. } | Split::Stratified { .. }) if key.is_empty() => {
            let predicted = definition.label.as_deref().map(Program::names).unwrap_or_default();
            let others: Vec<&str> = spine.names().filter(|name| !predicted.iter().any(|used| used == name)).collect();
            let hashed = if others.is_empty() { spine.names().collect() } else { others };
            hashed.into_iter().map(str::to_owned).collect()
        }
        _ => key,
    }
}

/// The columns of the spine that are read.
fn needed(definition: &SetDef, plan: &FeaturePlan, hashed: &[String]) -> Vec<String> {
    let mut needed: Vec<String> = plan.inputs.iter().map(|i| i.name.clone()).collect();
    needed.extend(plan.keys());
    needed.extend(definition.event_time.clone());
    needed.extend(hashed.iter().cloned());
    if definition.label.is_some() {
        needed.push(LABEL.to_owned());
    }
    if definition.weight.is_some() {
        needed.push(WEIGHT.to_owned());
    }
    if let Some(Split::Column { column }) = &definition.split {
        needed.push(column.clone());
    }
    needed.sort();
    needed.dedup();
    needed
}

/// A split column is not a feature; beside the features it is what splitting looks at.
fn frame_from_split(rows: &DataFrame, split: Option<&Split>, frame: &Frame) -> Result<Frame> {
    let mut all = frame.clone();
    if let Some(Split::Column { column }) = split {
        all.set(column, column_from(column_named(rows, column)?)?)?;
    }
    Ok(all)
}
