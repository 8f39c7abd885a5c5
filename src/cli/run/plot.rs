//! `mlops run plot`

use crate::cli::page_file::PageFile;
use crate::cli::ui::{Screen, Show};
use crate::cli::{Context, Outcome};
use crate::error::Result;
use crate::evaluation::{self, EvaluatedRun, PictureKind};
use crate::project::Reference;
use crate::registry::find_run;
use serde::Serialize;
use std::path::PathBuf;

/// Draw one picture of a run as SVG
///
/// Of classes: roc, pr, calibration, gain, lift, confusion. Of numbers: predicted, residuals. Of both: folds, importance, shap (of linear
/// models and trees), dependence (of --feature), learning (fits the recipe again on growing shares of its rows), rounds (of boosting).
/// They are those of `run show --html`, drawn from rows that the model had not learned from.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  mlops run plot late roc --output roc.svg\n  mlops run plot late dependence --feature distance --output distance.svg"
)]
pub struct PlotArgs {
    /// The beginning of the run's id, or a recipe
    run: Reference,
    /// Which picture
    picture: String,
    /// The file to write, .svg
    #[arg(short, long)]
    output: PathBuf,
    /// The feature whose partial dependence is drawn; the most important one without it
    #[arg(long)]
    feature: Option<String>,
}

#[derive(Serialize)]
struct Drawn {
    run: String,
    picture: &'static str,
    output: String,
}

pub fn run(context: &Context, args: PlotArgs) -> Result<Outcome> {
    let kind = PictureKind::parse(&args.picture)?;
    let project = context.project()?;
    let file = PageFile::new(&project, &context.folder, &args.output, &["svg"])?;
    let ledger = project.ledger()?;
    let run = EvaluatedRun::open(&project, &ledger, find_run(&ledger, &args.run)?)?;
    let svg = evaluation::picture(&run, kind, args.feature.as_deref(), &context.ui.progress())?;
    file.write(&svg.standalone())?;
    context.ui.print(&Drawn { run: run.run.id.to_string(), picture: kind.name(), output: file.shown() })?;
    Ok(Outcome::Done)
}

impl Show for Drawn {
    fn show(&self, screen: &mut Screen) {
        screen.line(format!("{} written to {}", self.picture, self.output));
    }
}
