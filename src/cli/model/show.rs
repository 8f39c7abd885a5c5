//! `mlops model show`

use crate::cli::ui::{Screen, Show, metric};
use crate::cli::{Context, Outcome};
use crate::error::Result;
use crate::features::FeaturePlan;
use crate::model::{Lineage, Signature};
use crate::project::Reference;
use crate::registry::{self, Resolved};
use serde::Serialize;
use serde_json::{Map, Value};

/// Show one model: what it takes, what it gives, what it was made of
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  mlops model show delay\n  mlops model show delay@2 --json")]
pub struct ShowArgs {
    /// NAME, NAME@VERSION, NAME@ALIAS, a run or a hash
    model: Reference,
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    model: Resolved,
    estimator: String,
    parameters: Map<String, Value>,
    signature: Signature,
    request: Vec<String>,
    features: FeaturePlan,
    metrics: Map<String, Value>,
    lineage: Lineage,
}

pub fn run(context: &Context, args: ShowArgs) -> Result<Outcome> {
    let project = context.project()?;
    let (model, scorer) = registry::open(&project, &project.ledger()?, &args.model)?;
    let request = scorer.request_columns();
    let bundle = scorer.bundle;
    context.ui.print(&Shown {
        model,
        estimator: bundle.estimator,
        parameters: bundle.parameters,
        signature: bundle.signature,
        request,
        features: bundle.features,
        metrics: bundle.metrics,
        lineage: bundle.lineage,
    })?;
    Ok(Outcome::Done)
}

impl Show for Shown {
    fn show(&self, screen: &mut Screen) {
        screen.heading(&format!("{}  {} {}", self.model.label(), self.estimator, self.model.hash.short()));
        let Signature { task, label, classes, threshold, conformal, csv: _ } = &self.signature;
        let how = match (threshold, classes.as_slice()) {
            (Some(threshold), [_, positive]) => format!("{positive} from {threshold}"),
            (_, []) => "a number".to_owned(),
            (_, classes) => classes.join(", "),
        };
        screen.line(format!("predicts  {label} ({}: {how})", task.name()));
        if let Some(conformal) = conformal {
            let (share, margin) = (100.0 * conformal.coverage, metric(Some(conformal.margin)));
            screen.line(match classes.is_empty() {
                true => format!("covers    {share} % of rows within {margin} of the prediction"),
                false => format!(
                    "covers    {share} % of rows by the classes of at least {}",
                    metric(Some(1.0 - conformal.margin))
                ),
            });
        }
        screen.line(format!("takes     {}", self.request.join(", ")));
        let features: Vec<&str> = self.features.features.iter().map(|f| f.name.as_str()).collect();
        screen.line(format!("features  {}", features.join(", ")));
        let data: Vec<String> = self.lineage.data.iter().map(|(n, h)| format!("{n} {}", h.short())).collect();
        screen.line(format!("made of   {}, seed {}", data.join(", "), self.lineage.seed));
        let shown = self.metrics.iter().filter(|(k, _)| !k.ends_with("_std") && !k.starts_with("train."));
        screen.table(&["metric", "value"], shown.map(|(k, v)| vec![k.clone(), metric(v.as_f64())]).collect());
    }
}
