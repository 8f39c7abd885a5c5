//! A run with all that says how good it is: its model, what the model said of rows it had not learned from, its training set.
//!
//! A run from before runs kept their predictions is asked again, where its training set is here; the rows of its folds are not known then.

use crate::error::{Error, Result};
use crate::features::{Labels, Part, TrainingSet, load_set};
use crate::learn::{Target, Task};
use crate::ledger::{ArtifactRow, InputRow, Ledger, RunRow};
use crate::model::{self, EvaluationRecord, KeptPart, KeptRows, MOST_NUMBERS, RecordedDefinitions, Scorer, Signature};
use crate::project::Project;

/// A finished run, ready to be judged.
pub struct EvaluatedRun {
    /// The ledger's row.
    pub run: RunRow,
    /// What it was made of.
    pub inputs: Vec<InputRow>,
    /// The files it keeps.
    pub artifacts: Vec<ArtifactRow>,
    /// Its model.
    pub scorer: Scorer,
    /// Rows that the model had not learned from, with what it said of them.
    pub parts: Vec<KeptPart>,
    /// The intervals of its test metrics; none of older runs.
    pub record: Option<EvaluationRecord>,
    /// What it was trained by; none of older runs.
    pub definitions: Option<RecordedDefinitions>,
    /// Its training set, where it is on this machine.
    pub set: Option<TrainingSet>,
    /// The set's labels, in the numbers of the model.
    pub labels: Option<Labels>,
}

impl EvaluatedRun {
    /// Reads what a finished run left, with its training set.
    ///
    /// Errors: a run without a model, a model or predictions that can't be read.
    pub fn open(project: &Project, ledger: &Ledger, run: RunRow) -> Result<EvaluatedRun> {
        EvaluatedRun::read(project, ledger, run, true)
    }

    /// The same without its training set, unless what its model said was not kept and has to be asked for.
    pub fn open_predictions(project: &Project, ledger: &Ledger, run: RunRow) -> Result<EvaluatedRun> {
        EvaluatedRun::read(project, ledger, run, false)
    }

    fn read(project: &Project, ledger: &Ledger, run: RunRow, with_set: bool) -> Result<EvaluatedRun> {
        let hash = run.model.ok_or_else(|| {
            Error::invalid(format!("run {} has no model", run.id.short()))
                .hint("choose a finished run of a recipe: `mlops run list`")
        })?;
        let scorer = Scorer::new(model::load(&project.store(), &hash)?)?;
        let (inputs, artifacts) = (ledger.run_inputs(&run.id)?, ledger.run_artifacts(&run.id)?);
        let signature = &scorer.bundle.signature;
        let outputs = scorer.bundle.fitted.outputs();
        let kept = model::predictions_of(project, &artifacts, outputs)?;
        let set = if with_set || kept.is_none() { stored_set(project, ledger, &run)? } else { None };
        let labels = set.as_ref().map(|set| set.labels(Some(signature.task))).transpose()?;
        let labels = labels.filter(|labels| labels.classes == signature.classes);
        let parts = match kept {
            Some(parts) => parts,
            None => asked_again(&scorer, set.as_ref(), labels.as_ref())?,
        };
        check_labels(&parts, signature)?;
        Ok(EvaluatedRun {
            record: model::evaluation_of(project, &artifacts)?,
            definitions: model::definitions_of(project, &artifacts)?,
            run,
            inputs,
            artifacts,
            scorer,
            parts,
            set,
            labels,
        })
    }

    /// What the model predicts.
    pub fn signature(&self) -> &Signature {
        &self.scorer.bundle.signature
    }

    /// The kind of thing it predicts.
    pub fn task(&self) -> Task {
        self.signature().task
    }

    /// The rows of one kind.
    pub fn part(&self, which: KeptRows) -> Option<&KeptPart> {
        self.parts.iter().find(|part| part.which == which)
    }

    /// The rows by which the model is judged: test rows or, without them, those of validation, or of folds.
    pub fn judged(&self) -> Option<&KeptPart> {
        [KeptRows::Test, KeptRows::Validation, KeptRows::Folds].into_iter().find_map(|which| self.part(which))
    }

    /// The labels of a part as a target.
    pub fn target(&self, part: &KeptPart) -> Target {
        part.target(self.task(), self.signature().classes.len())
    }

    /// The labels that the model learned from, where the training set is here.
    pub fn training_labels(&self) -> Option<Target> {
        Some(self.labels.as_ref()?.target(&self.set.as_ref()?.rows_of(Part::Train)))
    }

    /// `german-logistic b2d03b2fb1b4`: how messages and headings call it.
    pub fn label(&self) -> String {
        format!("{} {}", self.run.name, self.run.id.short())
    }
}

/// Refuses labels that are no class of the model.
fn check_labels(parts: &[KeptPart], signature: &Signature) -> Result<()> {
    let classes = signature.classes.len() as f64;
    let fits = |label: &f64| match signature.task {
        Task::Regression => label.is_finite(),
        _ => *label >= 0.0 && *label < classes && label.fract() == 0.0,
    };
    match parts.iter().all(|part| part.labels.iter().all(fits)) {
        true => Ok(()),
        false => Err(Error::corrupt("the kept predictions have a label that the model does not know")
            .hint("`mlops fsck` says what is damaged; train the recipe again")),
    }
}

/// The joined set of a run, where its rows are on this machine.
fn stored_set(project: &Project, ledger: &Ledger, run: &RunRow) -> Result<Option<TrainingSet>> {
    let Some(hash) = run.set else { return Ok(None) };
    let Some(row) = ledger.training_set(&hash)? else { return Ok(None) };
    if !project.store().has(&row.blob) {
        return Ok(None);
    }
    load_set(project, &row).map(Some)
}

/// What the model says now of the validation and test rows of its set; at most [`MOST_NUMBERS`] numbers a part, the first rows.
fn asked_again(scorer: &Scorer, set: Option<&TrainingSet>, labels: Option<&Labels>) -> Result<Vec<KeptPart>> {
    let (Some(set), Some(labels)) = (set, labels) else { return Ok(Vec::new()) };
    let mut parts = Vec::new();
    for (part, which) in [(Part::Validation, KeptRows::Validation), (Part::Test, KeptRows::Test)] {
        let mut rows = set.rows_of(part);
        rows.truncate(MOST_NUMBERS / scorer.bundle.fitted.outputs().max(1));
        if !rows.is_empty() {
            let predictions = scorer.score_frame(&set.frame.select_rows(&rows))?;
            let labels = labels.target(&rows).values().to_vec();
            parts.push(KeptPart { which, rows, folds: None, labels, predictions });
        }
    }
    Ok(parts)
}
