//! `mlops data validate`

use crate::cli::ui::{Screen, Show};
use crate::cli::{Context, Outcome};
use crate::data::{self, CheckOutcome, ValidateOutcome};
use crate::document::{Phrase, TestCase, TestResult};
use crate::error::Result;
use crate::project::{Reference, Severity};
use std::path::PathBuf;

/// Check the contracts of datasets against the workspace, or a recorded version
///
/// Exits with 1 when a contract of severity `block` is broken.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  mlops data validate\n  mlops data validate flights --json\n  mlops data validate flights@3          what was recorded, by today's contracts\n  mlops data validate --junit contracts.xml"
)]
pub struct ValidateArgs {
    /// Datasets, or versions such as `flights@3`; the workspace's files of all without them
    datasets: Vec<Reference>,
    /// Also write what was checked to this file as JUnit XML, for a CI system
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

pub fn run(context: &Context, args: ValidateArgs) -> Result<Outcome> {
    let project = context.project()?;
    let outcome = data::validate(&project, &args.datasets, &context.ui.progress())?;
    context.write_junit(args.junit.as_deref(), &project.name(), outcome.checks.iter().map(test_case).collect())?;
    context.ui.print(&outcome)?;
    Ok(Outcome::of(outcome.passed))
}

/// A contract of severity `warn` that is broken does not fail the command; it is shown as skipped, with its message.
fn test_case(check: &CheckOutcome) -> TestCase {
    let subject = check.column.as_ref().map_or_else(String::new, |c| format!("{c} "));
    let result = match (check.passed, check.severity) {
        (true, _) => TestResult::Passed,
        (false, Severity::Block) => TestResult::Failed(check.sentence()),
        (false, Severity::Warn) => TestResult::Skipped(format!("warning: {}", check.sentence())),
    };
    TestCase { group: check.dataset.clone(), name: format!("{subject}{}", check.rule), result }
}

impl Show for ValidateOutcome {
    fn show(&self, screen: &mut Screen) {
        if self.checks.is_empty() {
            return screen.line("no contracts: give expect = [ … ] to a dataset in mlops.toml");
        }
        for check in &self.checks {
            let subject = check.column.as_ref().map_or_else(String::new, |c| format!("{c} "));
            let mark = match (check.passed, check.severity) {
                (true, _) => Phrase::good("holds "),
                (false, Severity::Warn) => Phrase::plain("warns "),
                (false, Severity::Block) => Phrase::bad("broken"),
            };
            let found = if check.passed { String::new() } else { format!(" — {}", check.finding()) };
            let what = Phrase::plain(format!(" {}: {subject}{}{found}", check.dataset, check.rule));
            screen.phrases([mark, what]);
        }
    }
}
