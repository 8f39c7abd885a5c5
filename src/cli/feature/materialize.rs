//! `mlops feature materialize`

use crate::cli::ui::{Screen, Show, count};
use crate::cli::{Context, Outcome};
use crate::error::Result;
use crate::features::{self, MaterializeOutcome};
use crate::project::{Name, parse_time};

/// Fill the online store from the data
///
/// Replaces what the store holds of a view by the newest rows of each key, as far back as windows, ttl and the view's
/// `online.history` need them.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  mlops feature materialize\n  mlops feature materialize weather --to 2013-04-01")]
pub struct MaterializeArgs {
    /// Views; all that are kept online without them
    views: Vec<Name>,
    /// Only rows up to this time, or as far as the store was filled already; all without it
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
}

pub fn run(context: &Context, args: MaterializeArgs) -> Result<Outcome> {
    let up_to = args.to.as_deref().map(parse_time).transpose()?;
    context.ui.print(&features::materialize(&context.project()?, &args.views, up_to, &context.ui.progress())?)?;
    Ok(Outcome::Done)
}

impl Show for MaterializeOutcome {
    fn show(&self, screen: &mut Screen) {
        let rows = self
            .views
            .iter()
            .map(|v| vec![v.view.to_string(), count(v.keys), count(v.rows), v.up_to.clone()])
            .collect();
        screen.table(&["view", "keys", "rows", "up to"], rows);
    }
}
