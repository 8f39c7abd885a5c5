//! Everything that says how good a run is, as one document: the sentence first, then metrics with their intervals, curves, errors, folds,
//! the worst groups of rows, what the model leans on, what it was made of.

use super::baseline::{Baseline, mean};
use super::error_pictures::error_facts;
use super::evaluated_run::EvaluatedRun;
use super::influence::{Dependence, Importance, dependence, importances};
use super::page_tables::{metrics, per_class, shown, table, worst};
use super::pictures::{PictureKind, depends, draw, importance, span_of};
use super::training_pictures::fold_values;
use crate::document::plot;
use crate::document::{Block, Document, Figure, Section, TableCell, TableColumn, Verdict};
use crate::error::Result;
use crate::learn::{Metric, Task};
use crate::model::{self, KeptPart, KeptRows};
use crate::progress::Progress;
use crate::project::{Project, minute_text};

/// Features whose dependence is drawn.
const DEPENDENCES: usize = 4;
/// Features that a page without pictures lists.
const LISTED: usize = 10;
/// Most training rows for which the recipe is fitted again, on growing shares of them, without being asked to.
const RELEARNED: usize = 50_000;

/// What a page holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageOptions {
    /// Curves and the like: not where they can't be shown.
    pub pictures: bool,
    /// The learning curve whatever it costs; without it only of sets that are not large.
    pub learning: bool,
}

/// The page of a run.
pub fn page(project: &Project, run: &EvaluatedRun, options: PageOptions, progress: &Progress) -> Result<Document> {
    let mut document = Document {
        title: run.run.name.clone(),
        subtitle: format!("run {} of {}, {}", run.run.id.short(), project.name(), minute_text(run.run.started)),
        facts: facts(run),
        ..Document::default()
    };
    let Some(judged) = run.judged().filter(|part| !part.rows.is_empty()) else {
        document.verdict = Some(without_rows(run));
        document.sections = recorded(run).into_iter().chain([made_of(project, run)?]).collect();
        return Ok(document);
    };
    let baseline = Baseline::of(run, judged)?;
    document.verdict = Some(baseline.verdict(run.task(), rows_word(judged)));
    let step = progress.step("drawing", None);
    let learning = options.learning || training_rows(run) <= RELEARNED;
    let sections = [
        Some(metrics(run, judged, &baseline)),
        if options.pictures { curves(run, judged, &step)? } else { None },
        per_class(run, judged),
        folds(run, &step)?,
        worst(run, judged)?,
        leaning(run, judged, options, &step)?,
        if options.pictures { more(run, learning, &step)? } else { None },
        Some(made_of(project, run)?),
    ];
    document.sections = sections.into_iter().flatten().collect();
    Ok(document)
}

/// The sentence of a run whose rows are not known: none were kept from the model, or it is from before predictions were kept.
fn without_rows(run: &EvaluatedRun) -> Verdict {
    let metric = Metric::default_for(run.task()).name();
    let value = |part: &str| run.run.metrics.get(&format!("{part}.{metric}")).filter(|value| !value.is_nan());
    let known = [("test", "its test rows"), ("validation", "its validation rows"), ("cv", "its folds")];
    match known.into_iter().find_map(|(part, rows)| Some((value(part)?, rows))) {
        Some((value, rows)) => Verdict::Ok(format!(
            "{metric} {} on {rows}; what it said of them was not kept, so there are no curves: train the recipe again",
            plot::number(*value)
        )),
        None => Verdict::Alert("nothing says how good this model is: no rows were kept from it".to_owned()),
    }
}

/// The metrics as the ledger has them.
fn recorded(run: &EvaluatedRun) -> Option<Section> {
    let row = |(name, value): (&String, &f64)| vec![name.as_str().into(), shown(Some(*value))];
    let rows: Vec<Vec<TableCell>> = run.run.metrics.iter().map(row).collect();
    let blocks = vec![table(vec![TableColumn::text("metric"), TableColumn::numeric("value")], rows)];
    (!run.run.metrics.is_empty()).then(|| Section { heading: "Metrics".to_owned(), intro: String::new(), blocks })
}

fn training_rows(run: &EvaluatedRun) -> usize {
    run.training_labels().map_or(0, |labels| labels.len())
}

/// How the rows are called that a model is judged by.
fn rows_word(part: &KeptPart) -> &'static str {
    match part.which {
        KeptRows::Test => "test rows",
        KeptRows::Validation => "validation rows",
        KeptRows::Folds => "rows of other folds",
    }
}

fn facts(run: &EvaluatedRun) -> Vec<(String, String)> {
    let fact = |name: &str, value: String| (name.to_owned(), value);
    let mut facts = vec![
        fact("estimator", run.scorer.bundle.estimator.clone()),
        fact("predicts", format!("{} ({})", run.signature().label, run.task().name())),
        fact("features", run.scorer.bundle.features.features.len().to_string()),
    ];
    if training_rows(run) > 0 {
        facts.push(fact("learned from", format!("{} rows", plot::number(training_rows(run) as f64))));
    }
    if let Some(judged) = run.judged() {
        facts.push(fact("judged by", format!("{} {}", plot::number(judged.rows.len() as f64), rows_word(judged))));
    }
    if let Some(threshold) = run.signature().threshold.filter(|threshold| *threshold != 0.5) {
        facts.push(fact("threshold", threshold.to_string()));
    }
    facts.extend(run.run.model.map(|model| fact("model", model.short())));
    facts
}

fn figure(svg: plot::Svg, caption: &str) -> Block {
    Block::Figure(Figure { caption: caption.to_owned(), svg })
}

/// These pictures with their captions, those that there are.
fn drawn(run: &EvaluatedRun, kinds: &[(PictureKind, &str)], progress: &Progress) -> Result<Vec<Block>> {
    let mut found = Vec::new();
    for (kind, caption) in kinds {
        found.extend(draw(run, *kind, None, progress)?.map(|svg| figure(svg, caption)));
    }
    Ok(found)
}

fn section(heading: &str, intro: &str, figures: Vec<Block>) -> Option<Section> {
    let blocks = vec![Block::Grid(figures)];
    Some(Section { heading: heading.to_owned(), intro: intro.to_owned(), blocks })
        .filter(|section| section.blocks != [Block::Grid(vec![])])
}

fn curves(run: &EvaluatedRun, judged: &KeptPart, progress: &Progress) -> Result<Option<Section>> {
    if run.task() == Task::Regression {
        let errors = error_facts(run, judged);
        let kinds = [
            (PictureKind::Predicted, "On the dashed line what was said was so."),
            (PictureKind::Residuals, errors.as_str()),
        ];
        return Ok(section("Errors", "", drawn(run, &kinds, progress)?));
    }
    let kinds = [
        (PictureKind::Confusion, "A line is the rows of a class; green is right, orange is wrong."),
        (PictureKind::Roc, "The further from the dashed line, the better positives are told from negatives."),
        (PictureKind::PrecisionRecall, "What it costs in false alarms to find more."),
        (
            PictureKind::Calibration,
            "Ten groups of rows. Above the dashed line the model says too little, below it too much.",
        ),
        (PictureKind::Gain, "Who takes so many rows, the likeliest first, finds so many of the positives."),
        (PictureKind::Lift, "How many times more than by taking rows at random."),
    ];
    Ok(section("Curves", "", drawn(run, &kinds, progress)?))
}

fn folds(run: &EvaluatedRun, progress: &Progress) -> Result<Option<Section>> {
    let values = fold_values(run)?;
    if values.is_empty() {
        return Ok(None);
    }
    let (least, most) = (
        values.iter().copied().fold(f64::INFINITY, f64::min),
        values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    );
    let metric = Metric::default_for(run.task()).name();
    let caption = format!("{metric} is {:.3} on average, from {least:.3} to {most:.3}.", mean(&values));
    Ok(section(
        "Folds",
        "Each fold is judged by a model that did not see it.",
        drawn(run, &[(PictureKind::Folds, &caption)], progress)?,
    ))
}

/// What the model gets worse without, and how its answer goes with the features that matter most.
fn leaning(
    run: &EvaluatedRun,
    judged: &KeptPart,
    options: PageOptions,
    progress: &Progress,
) -> Result<Option<Section>> {
    let (heading, intro) =
        ("What it leans on", "Features that say the same share what they are worth: each alone may look unimportant.");
    let found = importances(run, judged, progress)?;
    if !options.pictures {
        let row = |one: &Importance| vec![one.feature.as_str().into(), shown(Some(one.loss))];
        let rows: Vec<Vec<TableCell>> = found.iter().take(LISTED).map(row).collect();
        let columns = vec![TableColumn::text("feature"), TableColumn::numeric("lost without it")];
        let blocks = vec![table(columns, rows)];
        return Ok((!found.is_empty()).then(|| Section {
            heading: heading.to_owned(),
            intro: intro.to_owned(),
            blocks,
        }));
    }
    let caption = "Values of one feature are dealt to the rows at random, five times; the line goes from the least to the most that was lost.";
    let mut figures: Vec<Block> = importance(run, &found).map(|svg| figure(svg, caption)).into_iter().collect();
    let caption = "Each dot is a row: what the feature adds to its answer, from the mean over the training rows on.";
    figures.extend(draw(run, PictureKind::Shap, None, progress)?.map(|svg| figure(svg, caption)));
    let asked = found.iter().take(DEPENDENCES).map(|one| dependence(run, judged, &one.feature, progress));
    let all: Vec<Dependence> = asked.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
    for one in &all {
        let caption = format!("The mean answer when every row has the same \"{}\".", one.feature);
        figures.extend(depends(run, one, span_of(&all)).map(|svg| figure(svg, &caption)));
    }
    Ok(section(heading, intro, figures))
}

fn more(run: &EvaluatedRun, learning: bool, progress: &Progress) -> Result<Option<Section>> {
    let mut kinds = Vec::new();
    if learning {
        let caption = "Where the first curve still gets better, more rows would help; where the two lie far apart, the model knows its own rows by heart.";
        kinds.push((PictureKind::Learning, caption));
    }
    kinds.push((PictureKind::Rounds, "Where the curve turns, more rounds only fit noise."));
    Ok(section("More rows, more rounds", "", drawn(run, &kinds, progress)?))
}

/// Parameters, inputs, environment.
fn made_of(project: &Project, run: &EvaluatedRun) -> Result<Section> {
    let plain = |names: [&str; 2], rows: Vec<Vec<TableCell>>| table(names.map(TableColumn::text).to_vec(), rows);
    let params = run.run.params.iter().map(|(name, value)| vec![name.as_str().into(), value.as_str().into()]).collect();
    let mut made: Vec<Vec<TableCell>> = run
        .inputs
        .iter()
        .map(|input| vec![format!("{} {}", input.kind.name(), input.name).into(), input.hash.short().into()])
        .collect();
    made.extend(
        run.run.commit.iter().map(|commit| vec!["commit".into(), commit.chars().take(12).collect::<String>().into()]),
    );
    made.extend(run.run.seed.map(|seed| vec!["seed".into(), seed.to_string().into()]));
    let environment = model::environment_of(project, &run.artifacts)?.unwrap_or_default();
    made.extend(environment.iter().map(|(name, value)| vec![name.as_str().into(), value.as_str().into()]));
    let blocks = vec![Block::Grid(vec![plain(["parameter", "value"], params), plain(["made of", "which"], made)])];
    Ok(Section { heading: "Made of".to_owned(), intro: String::new(), blocks })
}
