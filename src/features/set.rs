//! Training sets: the spine's rows, their features as known at each row's time, the label and the part. A set's hash
//! is made of its definition, the versions of its data and the seed: equal inputs are joined once.

use super::batch::table_features;
use super::events::time_column;
use super::expression::Program;
use super::join::JoinReport;
use super::resolve::{FeaturePlan, feature_plan};
use super::source::{Loaded, kinds, load_view, used_datasets};
use super::split::{Part, Rows, parts};
use crate::data::{
    Column, Frame, Table, Value, collect, column_from, column_to, current_version, encode, frame_from, row_keys,
    sql_condition, table_of,
};
use crate::error::{Error, Result};
use crate::ledger::{DatasetVersion, Ledger, TrainingSetRow};
use crate::progress::Progress;
use crate::project::{Format, Name, Project, SetDef, Split, now_micros};
use crate::store::Hash;
use polars::prelude::{DataFrame, col};
use serde::Serialize;

/// Version of what a joined set looks like; part of its hash.
const FORMAT: u32 = 1;
/// Names of the columns a stored set has beside its features.
const LABEL: &str = "__label";
const PART: &str = "__split";
const TIME: &str = "__time";

/// A joined training set.
pub struct TrainingSet {
    /// Its name.
    pub name: Name,
    /// Hash of definition, data and seed.
    pub hash: Hash,
    /// The features, in the plan's order.
    pub frame: Frame,
    /// The label of each row, 0 or 1; empty without one.
    pub label: Vec<f64>,
    /// The two classes, the negative first.
    pub classes: [String; 2],
    /// The instant of each row, if the set has an event time.
    pub times: Option<Vec<i64>>,
    /// The part of each row.
    pub parts: Vec<Part>,
    /// From a request to the features.
    pub plan: FeaturePlan,
    /// How each view's join fared.
    pub report: Vec<JoinReport>,
    /// The versions it was made of.
    pub inputs: Vec<(Name, Hash)>,
}

/// Ways in which a set is built otherwise than `mlops.toml` says.
#[derive(Debug, Clone, Default)]
pub struct SetOptions {
    /// Another split.
    pub split: Option<Split>,
    /// Only rows from this instant on.
    pub from: Option<i64>,
}

#[derive(Serialize)]
struct Identity<'a> {
    format: u32,
    set: &'a SetDef,
    views: Vec<(&'a Name, &'a crate::project::FeatureDef, &'a Vec<String>)>,
    data: &'a [(Name, Hash)],
    seed: u64,
    from: Option<i64>,
}

/// What the set's definition needs, before any row is read.
pub(super) struct Sources {
    pub(super) definition: SetDef,
    pub(super) views: Vec<Name>,
    inputs: Vec<(Name, Hash)>,
    from: Option<i64>,
}

impl TrainingSet {
    /// Rows of a part.
    pub fn rows_of(&self, part: Part) -> Vec<usize> {
        self.parts.iter().enumerate().filter(|(_, p)| **p == part).map(|(row, _)| row).collect()
    }

    /// The labels of these rows.
    pub fn labels_of(&self, rows: &[usize]) -> Vec<f64> {
        rows.iter().filter_map(|row| self.label.get(*row).copied()).collect()
    }
}

/// Builds a set, or reads it if it was joined before.
pub fn build_set(
    project: &Project,
    ledger: &mut Ledger,
    name: &Name,
    options: &SetOptions,
    progress: &dyn Progress,
) -> Result<TrainingSet> {
    let definition = project.definitions().set(name)?;
    let spine = current_version(project, ledger, &definition.spine)?;
    let sources = sources(project, ledger, name, options, (spine.name.clone(), spine.hash))?;
    let hash = identity(project, &sources)?;
    if let Some(row) = ledger.training_set(&hash)?.filter(|row| project.store().has(&row.blob)) {
        return load_set(project, &row);
    }
    let joined = join_set(project, ledger, name, hash, &spine, &sources, progress);
    let set = joined.map_err(|e| e.at(format!("set {name}")))?;
    keep(project, ledger, &set)?;
    Ok(set)
}

/// The views and versions that a set over this spine reads.
pub(super) fn sources(
    project: &Project,
    ledger: &Ledger,
    name: &Name,
    options: &SetOptions,
    spine: (Name, Hash),
) -> Result<Sources> {
    let definitions = project.definitions();
    let mut definition = definitions.set(name)?.clone();
    if let Some(split) = &options.split {
        definition.split = Some(split.clone());
    }
    let mut views: Vec<Name> = Vec::new();
    for view in definition.features.iter().filter_map(|f| f.split_once(':')).map(|(view, _)| view) {
        let view = Name::parse(view)?;
        definitions.view(&view).map_err(|e| e.at(format!("set {name}")))?;
        if !views.contains(&view) {
            views.push(view);
        }
    }
    let mut inputs = vec![spine];
    for view in &views {
        for dataset in used_datasets(definitions, definitions.view(view)?) {
            let version = current_version(project, ledger, &dataset)?;
            inputs.push((version.name, version.hash));
        }
    }
    inputs.sort();
    inputs.dedup();
    Ok(Sources { definition, views, inputs, from: options.from })
}

/// The hash of everything that decides what the joined set is.
pub(super) fn identity(project: &Project, sources: &Sources) -> Result<Hash> {
    let definitions = project.definitions();
    let mut views = Vec::new();
    for name in &sources.views {
        let view = definitions.view(name)?;
        views.push((name, view, &definitions.entity(&view.entity)?.keys));
    }
    Hash::of_json(&Identity {
        format: FORMAT,
        set: &sources.definition,
        views,
        data: &sources.inputs,
        seed: definitions.project.seed,
        from: sources.from,
    })
}

fn join_set(
    project: &Project,
    ledger: &Ledger,
    name: &Name,
    hash: Hash,
    spine: &DatasetVersion,
    sources: &Sources,
    progress: &dyn Progress,
) -> Result<TrainingSet> {
    let definition = &sources.definition;
    let table = table_of(project, spine)?;
    let mut lazy = table.lazy();
    if let Some(condition) = &definition.filter {
        lazy = lazy.filter(sql_condition(condition)?);
    }
    if let Some(label) = &definition.label {
        lazy = lazy.with_column(sql_condition(label)?.alias(LABEL));
    }
    if let (Some(from), Some(time)) = (sources.from, &definition.event_time) {
        let micros = polars::prelude::DataType::Datetime(polars::prelude::TimeUnit::Microseconds, None);
        lazy = lazy.filter(
            col(time.as_str()).cast(micros).cast(polars::prelude::DataType::Int64).gt_eq(polars::prelude::lit(from)),
        );
    }
    let loaded = load_views(project, ledger, &sources.views, progress)?;
    let plan = plan_of(project, definition, &table, &loaded)?;
    let rows =
        collect(lazy.select(needed(project, definition, &plan).iter().map(|n| col(n.as_str())).collect::<Vec<_>>()))?;
    let times = definition.event_time.as_deref().map(|t| time_column(&rows, t)).transpose()?;
    let (frame, report) = table_features(&rows, times.as_deref(), &plan, &loaded, progress)?;
    let key = split_key(project, definition);
    let keys = (!key.is_empty()).then(|| row_keys(&rows, &key)).transpose()?;
    let all = frame_from_split(&rows, definition.split.as_ref(), &frame)?;
    let seed = project.definitions().project.seed;
    let mut parts =
        parts(definition.split.as_ref(), &Rows { frame: &all, times: times.as_deref(), keys: keys.as_deref(), seed })?;
    let (label, classes) = match &definition.label {
        Some(text) => labels(&rows, text, &mut parts)?,
        None => (Vec::new(), Default::default()),
    };
    Ok(TrainingSet {
        name: name.clone(),
        hash,
        frame,
        label,
        classes,
        times,
        parts,
        plan,
        report,
        inputs: sources.inputs.clone(),
    })
}

/// Reads the views' rows.
pub(super) fn load_views(
    project: &Project,
    ledger: &Ledger,
    views: &[Name],
    progress: &dyn Progress,
) -> Result<Vec<Loaded>> {
    let load = |view: &Name| {
        progress.start(&format!("reading {view}"), None);
        let loaded = load_view(project, ledger, view);
        progress.finish();
        loaded
    };
    views.iter().map(load).collect()
}

/// What the set's features mean over a spine with the table's columns.
pub(super) fn plan_of(project: &Project, definition: &SetDef, table: &Table, loaded: &[Loaded]) -> Result<FeaturePlan> {
    let mut reserved = definition.label.as_deref().map(Program::names).unwrap_or_default();
    reserved.extend(definition.event_time.clone());
    reserved.extend(split_key(project, definition));
    if let Some(Split::Column { column }) = &definition.split {
        reserved.push(column.clone());
    }
    let shapes: Vec<_> = loaded.iter().map(|l| l.view.shape.clone()).collect();
    if !shapes.is_empty() && definition.event_time.is_none() {
        return Err(Error::invalid("features of views need the set's event_time")
            .hint("name the spine's time column: event_time = \"…\""));
    }
    let plan = feature_plan(definition, &kinds(table.schema()), &reserved, &shapes)?;
    if plan.features.is_empty() {
        return Err(Error::invalid("nothing to learn from: the spine has no column beside label, time and key")
            .hint("add columns, or features of views"));
    }
    let mut names = plan.inputs.iter().chain(&plan.features).map(|i| i.name.as_str());
    match names.find(|name| [LABEL, PART, TIME].contains(name)) {
        Some(name) => Err(Error::invalid(format!("\"{name}\" is a name that joined sets use themselves"))
            .hint("rename the column, or leave it out of features")),
        None => Ok(plan),
    }
}

/// The columns of the spine that are read.
fn needed(project: &Project, definition: &SetDef, plan: &FeaturePlan) -> Vec<String> {
    let mut needed: Vec<String> = plan.inputs.iter().map(|i| i.name.clone()).collect();
    needed.extend(plan.keys());
    needed.extend(definition.event_time.clone());
    needed.extend(split_key(project, definition));
    if definition.label.is_some() {
        needed.push(LABEL.to_owned());
    }
    if let Some(Split::Column { column }) = &definition.split {
        needed.push(column.clone());
    }
    needed.sort();
    needed.dedup();
    needed
}

fn split_key(project: &Project, definition: &SetDef) -> Vec<String> {
    match &definition.split {
        Some(Split::Hash { key: Some(key), .. }) => key.clone(),
        Some(Split::Hash { .. }) => {
            project.definitions().data.get(&definition.spine).map(|d| d.key.clone()).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// A split column is not a feature; beside the features it is what splitting looks at.
fn frame_from_split(rows: &DataFrame, split: Option<&Split>, frame: &Frame) -> Result<Frame> {
    let mut all = frame.clone();
    if let Some(Split::Column { column }) = split {
        all.set(column, column_from(rows.column(column).map_err(|e| Error::invalid(e.to_string()))?)?)?;
    }
    Ok(all)
}

/// Labels as 0 and 1, and the classes. Rows without a label leave their part.
fn labels(rows: &DataFrame, text: &str, parts: &mut [Part]) -> Result<(Vec<f64>, [String; 2])> {
    let column = column_from(rows.column(LABEL).map_err(|e| Error::invalid(e.to_string()))?)?;
    let place = |e: Error| e.at(format!("label {text:?}"));
    let none = (0..column.len()).all(|row| column.get(row) == Value::Null);
    if none {
        return Err(place(
            Error::invalid("no row has a label").hint("look at the label's definition, the filter and the data"),
        ));
    }
    let (label, classes): (Vec<f64>, [String; 2]) = match &column {
        Column::Number(values) => {
            if let Some((at, other)) = values.iter().enumerate().find(|(_, x)| !x.is_nan() && **x != 0.0 && **x != 1.0)
            {
                return Err(place(
                    Error::invalid(format!("row {}: {other} is neither 0 nor 1", at + 1))
                        .hint("write a condition: \"dep_delay > 15\""),
                ));
            }
            (values.clone(), ["0".to_owned(), "1".to_owned()])
        }
        Column::Text(codes, words) => {
            let mut sorted: Vec<&String> = words.iter().collect();
            sorted.sort();
            let [low, high] = sorted.as_slice() else {
                return Err(place(
                    Error::invalid(format!("{} classes; two are needed", sorted.len()))
                        .hint("write a condition: \"column = 'value'\""),
                ));
            };
            let value = |code: &u32| words.get(*code as usize).map_or(f64::NAN, |w| f64::from(u8::from(w == *high)));
            (codes.iter().map(value).collect(), [(*low).clone(), (*high).clone()])
        }
        Column::Time(_) => {
            return Err(place(
                Error::invalid("a time is no label").hint("write a condition: \"column > TIMESTAMP '…'\""),
            ));
        }
    };
    for (part, _) in parts.iter_mut().zip(&label).filter(|(_, y)| y.is_nan()) {
        *part = Part::None;
    }
    Ok((label, classes))
}

/// What a stored set's report holds beside the join's counts.
#[derive(Serialize, serde::Deserialize)]
struct Kept {
    views: Vec<JoinReport>,
    plan: FeaturePlan,
    classes: [String; 2],
    inputs: Vec<(Name, Hash)>,
}

/// The set as a table: features, then `__label`, `__time` and `__split`.
pub fn set_table(set: &TrainingSet) -> Result<DataFrame> {
    let mut columns: Vec<polars::prelude::Column> = Vec::new();
    for (name, column) in set.frame.columns() {
        columns.push(column_to(name, column));
    }
    if !set.label.is_empty() {
        columns.push(column_to(LABEL, &Column::Number(set.label.clone())));
    }
    if let Some(times) = &set.times {
        columns.push(column_to(TIME, &Column::Time(times.clone())));
    }
    columns.push(column_to(PART, &Column::texts(set.parts.iter().map(|p| Some(p.name())))));
    DataFrame::new(set.frame.rows(), columns).map_err(|e| Error::invalid(e.to_string()))
}

fn keep(project: &Project, ledger: &mut Ledger, set: &TrainingSet) -> Result<()> {
    let mut table = set_table(set)?;
    let blob = project.store().put(&encode(&mut table, Format::Parquet)?)?.hash;
    let kept = Kept {
        views: set.report.clone(),
        plan: set.plan.clone(),
        classes: set.classes.clone(),
        inputs: set.inputs.clone(),
    };
    let row = TrainingSetRow {
        hash: set.hash,
        name: set.name.clone(),
        blob,
        rows: set.frame.rows() as u64,
        created: now_micros(),
        report: serde_json::to_string(&kept).map_err(|e| Error::invalid(e.to_string()))?,
    };
    ledger.record_training_set(&row, &set.inputs)
}

/// Reads a joined set from the store.
pub fn load_set(project: &Project, row: &TrainingSetRow) -> Result<TrainingSet> {
    let damaged = |e: String| Error::corrupt(format!("set {}: {e}", row.hash.short()));
    let kept: Kept = serde_json::from_str(&row.report).map_err(|e| damaged(e.to_string()))?;
    project.store().verify(&row.blob).map_err(|e| e.at(format!("set {}", row.hash.short())))?;
    let path = project.store().path(&row.blob);
    let file = crate::data::TableFile { name: row.name.to_string(), path };
    let table = crate::data::open_files(&[file], Format::Parquet)?.collect()?;
    let all = frame_from(&table)?;
    let order: Vec<String> = kept.plan.features.iter().map(|f| f.name.clone()).collect();
    let frame = all.select_columns(&order)?;
    let label = match all.get(LABEL) {
        Some(Column::Number(label)) => label.clone(),
        _ => Vec::new(),
    };
    let times = match all.get(TIME) {
        Some(Column::Time(times)) => Some(times.clone()),
        _ => None,
    };
    let words = all.column(PART)?;
    let part = |at: usize| match words.get(at) {
        Value::Text(word) => Part::parse(word).unwrap_or(Part::None),
        _ => Part::None,
    };
    Ok(TrainingSet {
        name: row.name.clone(),
        hash: row.hash,
        label,
        classes: kept.classes,
        times,
        parts: (0..frame.rows()).map(part).collect(),
        frame,
        plan: kept.plan,
        report: kept.views,
        inputs: kept.inputs,
    })
}
