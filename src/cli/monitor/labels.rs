//! `mlops monitor labels`

use crate::cli::ui::{Screen, Show, count};
use crate::cli::{Context, Outcome};
use crate::data::{ReadAs, read_table_with};
use crate::error::Result;
use crate::monitor::{LabelOptions, LabelOutcome, Monitor, add_labels};
use crate::project::Name;

/// Join labels that came late to logged predictions
///
/// A deployment has the name that its model was registered under, unless `mlops serve --name` said another. Labels find their predictions
/// by the prediction's id, or by columns that labels and requests both have (the spine's key without --key). The label
/// is the expression the model was trained with, unless --label says another. A later label of a prediction replaces
/// an earlier one.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  mlops monitor labels delay --input april.parquet\n  mlops monitor labels delay --input outcomes.csv --id prediction_id --label paid"
)]
pub struct LabelsArgs {
    /// The deployment, or a monitor of it
    name: Name,
    /// A file, or a dataset and version
    #[arg(short, long)]
    input: String,
    /// The column of prediction ids, which the server gives with each answer as `id`
    #[arg(long)]
    id: Option<String>,
    /// Columns that labels and requests both have
    #[arg(long, value_delimiter = ',', conflicts_with = "id")]
    key: Vec<String>,
    /// A SQL expression for the label
    #[arg(long)]
    label: Option<String>,
}

pub fn run(context: &Context, args: LabelsArgs) -> Result<Outcome> {
    let project = context.project()?;
    let ledger = project.ledger()?;
    let monitor = Monitor::find(&project, &args.name)?;
    let model = monitor.model(&project, &ledger, None)?;
    let read_as = ReadAs { csv: model.bundle.signature.csv.clone(), ..ReadAs::default() };
    let table = read_table_with(&project, &ledger, &context.folder, &args.input, &read_as)?.collect()?;
    let key = if args.key.is_empty() { monitor.spine_key(&project, &ledger, &model)? } else { args.key };
    let options = LabelOptions { id: args.id, key, label: args.label };
    let progress = context.ui.progress();
    let outcome = add_labels(&project, &monitor.deployment, &table, &model.bundle, &options, &progress)?;
    context.ui.print(&outcome)?;
    Ok(Outcome::Done)
}

impl Show for LabelOutcome {
    fn show(&self, screen: &mut Screen) {
        screen.line(format!(
            "{} of {} rows joined; {} without a prediction, {} without a label",
            count(self.joined as u64),
            count(self.rows as u64),
            count(self.unmatched as u64),
            count(self.without_label as u64)
        ));
        if let Some(first) = &self.first_unknown {
            let rows = count(self.unknown_class as u64);
            screen.line(format!("warning: {rows} with a class that the model does not know are left out: {first}"));
        }
        screen.line(format!(
            "{} of {} predictions of \"{}\" have a label",
            count(self.labelled as u64),
            count(self.predictions),
            self.deployment
        ));
    }
}
