//! `mlops lineage`

use super::ui::{Screen, Show};
use super::{Context, Outcome};
use crate::error::Result;
use crate::pipeline::{self, LineageGraph, LineageNode, LineageStart};
use crate::predictions;
use crate::project::Reference;

/// Show what a thing was made of, and what was made of it
///
/// From a prediction's id, a model, a version, a run, a training set, a dataset version or a deployment.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  mlops lineage delay@champion\n  mlops lineage flights@1\n  mlops lineage 5f0c…-0        a prediction's id"
)]
pub struct LineageArgs {
    /// A reference, or a prediction's id
    what: String,
}

pub fn run(context: &Context, args: LineageArgs) -> Result<Outcome> {
    let project = context.project()?;
    let start = match predictions::find(&project, &args.what)? {
        Some(p) => LineageStart::Prediction { id: p.id, deployment: p.deployment, model: p.model },
        None => LineageStart::Reference(Reference::parse(&args.what)?),
    };
    context.ui.print(&pipeline::lineage(&project, &start)?)?;
    Ok(Outcome::Done)
}

impl Show for LineageGraph {
    fn show(&self, screen: &mut Screen) {
        let Some(start) = self.nodes.iter().find(|n| n.id == self.start) else { return };
        screen.heading(&format!("{} {}", start.kind.name(), start.name));
        let mut seen = vec![start.id.clone()];
        branch(self, screen, start, 1, true, &mut seen);
        let mut seen = vec![start.id.clone()];
        branch(self, screen, start, 1, false, &mut seen);
    }
}

/// The tree of what a node was made of (`←`) or what was made of it (`→`); a node shown already is not opened again.
fn branch(
    graph: &LineageGraph,
    screen: &mut Screen,
    node: &LineageNode,
    depth: usize,
    back: bool,
    seen: &mut Vec<String>,
) {
    let (arrow, next) = if back { ("←", graph.parents(&node.id)) } else { ("→", graph.children(&node.id)) };
    for other in next {
        screen.line(format!("{}{arrow} {} {}", "  ".repeat(depth), other.kind.name(), other.name));
        if !seen.contains(&other.id) {
            seen.push(other.id.clone());
            branch(graph, screen, other, depth + 1, back, seen);
        }
    }
}
