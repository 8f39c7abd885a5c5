//! The tables of a run's page: metrics beside the baseline's, classes, and the groups of rows that the model does worse on.

use super::baseline::{Baseline, row_losses};
use super::evaluated_run::EvaluatedRun;
use super::influence::frame_of;
use super::slices;
use crate::document::plot;
use crate::document::{Block, Phrase, Section, TableBlock, TableCell, TableColumn};
use crate::error::Result;
use crate::learn::class_rows;
use crate::learn::{Metric, Task};
use crate::model::KeptPart;

pub(super) fn table(columns: Vec<TableColumn>, rows: Vec<Vec<TableCell>>) -> Block {
    Block::Table(TableBlock { columns, rows })
}

pub(super) fn shown(value: Option<f64>) -> TableCell {
    value
        .filter(|value| !value.is_nan())
        .map_or_else(|| "–".into(), |value| format!("{:.4}", if value.abs() < 5e-5 { 0.0 } else { value }).into())
}

/// The metrics of the rows that count, beside the baseline's, those of the folds and of the training rows.
pub(super) fn metrics(run: &EvaluatedRun, judged: &KeptPart, baseline: &Baseline) -> Section {
    let part = judged.which.name();
    let kept = |part: &str, name: &str| run.run.metrics.get(&format!("{part}.{name}")).copied();
    let usual = Metric::of(run.task());
    let asked = Metric::all().filter(|metric| !usual.contains(metric) && kept(part, metric.name()).is_some());
    let all: Vec<Metric> = usual.iter().copied().chain(asked).collect();
    let has = |other: &str| all.iter().any(|metric| kept(other, metric.name()).is_some());
    let others: Vec<&str> = ["validation", "train"].into_iter().filter(|other| *other != part && has(other)).collect();
    let folds = part != "cv" && has("cv");
    let interval = |name: &str| {
        let of = run.record.as_ref()?.intervals.get(&format!("{part}.{name}"))?;
        Some(format!("{:.3} to {:.3}", of.low, of.high))
    };
    let intervals = all.iter().any(|metric| interval(metric.name()).is_some());
    let mut heads = vec![part];
    heads.extend(intervals.then_some("95 % interval"));
    heads.push("baseline");
    heads.extend(folds.then_some("folds, ± spread"));
    heads.extend(&others);
    let columns = std::iter::once(TableColumn::text("metric")).chain(heads.into_iter().map(TableColumn::numeric));
    let row = |metric: &Metric| -> Vec<TableCell> {
        let name = metric.name();
        let mine = kept(part, name).or_else(|| baseline.of_model.get(*metric));
        let mut cells = vec![name.into(), beside(mine, baseline, *metric, run.task())];
        cells.extend(intervals.then(|| interval(name).unwrap_or_default().into()));
        cells.push(shown(baseline.metrics.get(*metric)));
        cells.extend(folds.then(|| {
            let spread = kept("cv", &format!("{name}_std")).filter(|spread| !spread.is_nan());
            let spread = spread.map_or_else(String::new, |spread| format!(" ± {spread:.3}"));
            kept("cv", name).map_or_else(String::new, |mean| format!("{mean:.3}{spread}")).into()
        }));
        cells.extend(others.iter().map(|other| shown(kept(other, name))));
        cells
    };
    let rows = all.iter().map(row).collect();
    let intro = format!("The baseline is {}: what a model must beat. Red: worse than the baseline.", baseline.name);
    Section { heading: "How good".to_owned(), intro, blocks: vec![table(columns.collect(), rows)] }
}

/// A metric's value, marked where the baseline has a better one. Always saying yes finds every positive: only metrics that can't be had by
/// that tell a loser.
fn beside(value: Option<f64>, baseline: &Baseline, metric: Metric, task: Task) -> TableCell {
    let tells = Metric::headline(task).contains(&metric);
    let both = value.zip(baseline.metrics.get(metric)).filter(|_| tells);
    match both.filter(|(mine, its)| metric.gain(*its, *mine) < 0.0) {
        Some((mine, _)) => Phrase::bad(format!("{mine:.4}")).into(),
        None => shown(value),
    }
}

/// Of several classes, how good each is.
pub(super) fn per_class(run: &EvaluatedRun, judged: &KeptPart) -> Option<Section> {
    if run.task() == Task::Regression {
        return None;
    }
    let threshold = run.signature().decision().threshold;
    let called = |row: &[f64]| match run.task() {
        Task::Multiclass => class_rows::largest(row),
        _ => usize::from(row.iter().any(|p| *p >= threshold)),
    };
    let pairs: Vec<(usize, usize)> = judged
        .labels
        .iter()
        .zip(judged.predictions.iter())
        .map(|(label, row)| (*label as usize, called(row)))
        .collect();
    let count =
        |holds: &dyn Fn(usize, usize) -> bool| pairs.iter().filter(|(label, called)| holds(*label, *called)).count();
    let row = |(class, name): (usize, &String)| -> Vec<TableCell> {
        let (is, said) = (count(&|label, _| label == class), count(&|_, called| called == class));
        let both = count(&|label, called| label == class && called == class);
        let share = |whole: usize| if whole == 0 { None } else { Some(both as f64 / whole as f64) };
        let f1 = if is + said == 0 { None } else { Some(2.0 * both as f64 / (is + said) as f64) };
        vec![
            name.as_str().into(),
            is.to_string().into(),
            said.to_string().into(),
            shown(share(said)),
            shown(share(is)),
            shown(f1),
        ]
    };
    let rows = run.signature().classes.iter().enumerate().map(row).collect();
    let mut columns = vec![TableColumn::text("class")];
    columns.extend(["rows", "called so", "precision", "recall", "f1"].map(TableColumn::numeric));
    Some(Section { heading: "Classes".to_owned(), intro: String::new(), blocks: vec![table(columns, rows)] })
}

/// The groups of rows that the model does worse on.
pub(super) fn worst(run: &EvaluatedRun, judged: &KeptPart) -> Result<Option<Section>> {
    let heading = "Where it is worse".to_owned();
    let Some(frame) = frame_of(run, judged)? else {
        let intro = "The training set is not on this machine, so rows can't be grouped.".to_owned();
        return Ok(Some(Section { heading, intro, blocks: Vec::new() }));
    };
    let losses = row_losses(&run.target(judged), &judged.predictions, run.signature().decision().threshold);
    let found = slices::worst(&frame, &losses, run.task());
    if found.is_empty() {
        let intro = "No group of at least 20 rows is worse than the others.".to_owned();
        return Ok(Some(Section { heading, intro, blocks: Vec::new() }));
    }
    let measured = if run.task() == Task::Regression { "mean error" } else { "wrong" };
    let columns = vec![
        TableColumn::text("feature"),
        TableColumn::text("value"),
        TableColumn::numeric("rows"),
        TableColumn::numeric(measured),
        TableColumn::numeric("all others"),
        TableColumn::text("worse"),
    ];
    let intro = "Groups by each feature's values, or quarters of its numbers. \"clearly\": three standard errors and more above the others.";
    Ok(Some(Section {
        heading,
        intro: intro.to_owned(),
        blocks: vec![table(columns, found.iter().map(|slice| slice_row(slice, run.task())).collect())],
    }))
}

/// A group's line of the table.
fn slice_row(slice: &slices::WorseSlice, task: Task) -> Vec<TableCell> {
    let value = |value: f64| if task == Task::Regression { plot::number(value) } else { plot::percent(value) };
    let sure = if slice.clear { Phrase::bad("clearly") } else { Phrase::plain("may be chance") };
    vec![
        slice.feature.as_str().into(),
        slice.value.as_str().into(),
        slice.rows.to_string().into(),
        value(slice.loss).into(),
        value(slice.others).into(),
        TableCell::Badge(sure),
    ]
}
