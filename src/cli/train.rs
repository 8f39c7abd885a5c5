//! `mlops train`

use super::ui::{Screen, Show, count, metric, shown_name};
use super::{Context, Outcome};
use crate::error::{self, Result};
use crate::first_model::{self, FirstModelOptions, FirstModelOutcome, LeaderboardRow};
use crate::learn::{Metric, Task};
use crate::project::Name;

/// From a file to a registered model
///
/// Works in any folder: makes it a project if it is none, records the file as a dataset, guesses task, features and split and says
/// why, trains the learners that fit with cross-validation, shows them beside a baseline that knows the target's average alone, and
/// registers the best as champion. All of it is written to `mlops.toml` to be edited; run again, the recipes are trained as they stand
/// there. Ctrl-C ends the training and keeps the best so far.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  mlops train iris.csv --target species\n  mlops train houses.parquet --target price --task regression\n  mlops train loans.csv --target paid --name loans-paid"
)]
pub struct TrainFileArgs {
    /// The file: CSV, Parquet or JSON Lines
    file: String,
    /// The column to predict
    #[arg(short, long, value_name = "COLUMN")]
    target: String,
    /// What is predicted: binary, multiclass, regression; guessed without it
    #[arg(long, value_parser = Task::parse)]
    task: Option<Task>,
    /// The name of set and model; the file's without it
    #[arg(long)]
    name: Option<Name>,
}

pub fn run(context: &Context, args: TrainFileArgs) -> Result<Outcome> {
    let options = FirstModelOptions { file: args.file, target: args.target, task: args.task, name: args.name };
    context.ui.print(&first_model::train_file(&context.folder, &options, &context.ui.progress())?)?;
    Ok(Outcome::Done)
}

/// How many recipes have the champion's value on the folds; 0 where the test rows decided.
fn equal_to_the_best(found: &FirstModelOutcome) -> usize {
    let best = found.leaderboard.iter().find(|row| row.model == found.best.as_str()).and_then(|row| row.cv);
    found.leaderboard.iter().filter(|row| found.decided_by == "cv" && row.cv.is_some() && row.cv == best).count()
}

impl Show for FirstModelOutcome {
    fn show(&self, screen: &mut Screen) {
        if self.made_project {
            screen.line("made this folder a project: mlops.toml describes what was done, .mlops/ keeps it");
        }
        for line in &self.ignored {
            screen.line(format!("git leaves {line} alone from now on: .gitignore says so"));
        }
        let because =
            self.because.as_ref().map_or_else(|| "as mlops.toml says".to_owned(), |why| format!("because {why}"));
        let unlabelled = match self.unlabelled {
            0 => String::new(),
            rows => format!(", {} of them without a target", count(rows as u64)),
        };
        let rows = count(self.rows as u64);
        screen.line(format!("{rows} rows{unlabelled}; the task is {}, {because}", self.task.name()));
        if !self.features.is_empty() {
            let shown: Vec<String> = self.features.iter().take(8).map(|name| shown_name(name)).collect();
            let more =
                if self.features.len() > 8 { format!(" and {} more", self.features.len() - 8) } else { String::new() };
            screen.line(format!("learned from {}{more}", shown.join(", ")));
        }
        for out in &self.left_out {
            screen.line(format!("left out: {} {}", shown_name(&out.column), out.reason));
        }
        for (column, text) in &self.texts_among_numbers {
            let column = error::quoted(column);
            screen.line(format!(
                "warning: column {column} is taken as texts: most of its cells are numbers, one is {}; leave cells empty where a value is missing",
                error::quoted(text)
            ));
        }
        for column in &self.may_name_rows {
            screen.line(format!(
                "remark: {} has another whole number in each row; if it only names the row, take it out of `features` in mlops.toml",
                shown_name(column)
            ));
        }
        if let Some(split) = &self.split {
            screen.line(split);
        }
        if let Some(why) = &self.without_folds {
            screen.line(why);
        }
        screen.line("");
        let headline = Metric::headline(self.task);
        let cv = format!("cv {}", self.metric);
        let head: Vec<String> = ["recipe".to_owned(), cv]
            .into_iter()
            .chain(headline.iter().map(|m| format!("test {}", m.name())))
            .collect();
        let row = |row: &LeaderboardRow| -> Vec<String> {
            let values = headline.iter().map(|m| metric(row.test.get(m.name()).copied()));
            [row.model.clone(), metric(row.cv)].into_iter().chain(values).collect()
        };
        let trained = self.leaderboard.iter().filter(|row| row.error.is_none());
        screen.table(&head.iter().map(String::as_str).collect::<Vec<_>>(), trained.map(row).collect());
        for row in &self.leaderboard {
            if let Some(error) = &row.error {
                screen.line(format!("{} could not be trained: {error}", row.model));
            }
        }
        if self.stopped {
            screen.line("stopped before all recipes were trained; the best so far is kept");
        }
        if self.beats_baseline == Some(false) {
            screen.line(format!(
                "warning: on the test rows it is no better than the baseline by {}: these columns may say little of the target, or the rows are too few",
                self.metric
            ));
        }
        if let Some(feature) = &self.too_good {
            screen.line(format!(
                "warning: {} alone decides nearly everything: is it known before the target is?",
                shown_name(feature)
            ));
        }
        if let Some((there, all)) = self.classes_in_test {
            screen.line(format!(
                "warning: the test rows have {there} of the {all} classes: what is measured on them says little"
            ));
        }
        let equal = equal_to_the_best(self);
        let among = if equal > 1 { format!(", the first of {equal} that are equal") } else { String::new() };
        let of_best = |row: &&LeaderboardRow| row.model == self.best.as_str();
        let best = self.leaderboard.iter().find(of_best);
        let decided = best.is_some_and(|row| row.deciding(self.metric, self.decided_by).is_some());
        let how = match decided {
            true => format!("the best by {} {}{among}", self.decided_by, self.metric),
            false => {
                format!("the first that was trained: {} is not defined on the {} rows", self.metric, self.decided_by)
            }
        };
        screen.line(format!("{} is the champion: {}, {how}", self.registered, self.best));
        if self.decided_by == "test" && decided && equal == 0 && self.leaderboard.len() > 2 {
            screen.line("it was chosen by the test rows, so what it reaches there is too good");
        }
        screen.hint("mlops predict FILE     predict the rows of another file");
        screen.hint("mlops serve            answer over HTTP");
        screen.hint("mlops status           see where things stand");
    }
}
