//! The lineage graph, read from the ledger: from any thing back to the data and definitions it was made from, and
//! forward to what was made from it. Nothing is recorded twice: edges follow from the rows of runs, sets, models and
//! deployments.

use crate::data;
use crate::error::{Error, Result};
use crate::ledger::{InputKind, Ledger};
use crate::project::{Project, Reference};
use crate::registry;
use crate::store::Hash;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What a node of the lineage stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LineageKind {
    /// A version of a dataset.
    Dataset,
    /// A training set.
    Set,
    /// A recipe of `mlops.toml`, as it was.
    Recipe,
    /// A run.
    Run,
    /// A model's bundle.
    Model,
    /// A version of a registered model.
    Version,
    /// One time a server ran.
    Deployment,
    /// A logged prediction.
    Prediction,
    /// A commit of git.
    Commit,
}

impl LineageKind {
    /// The word in JSON, in ids of nodes and on the screen.
    pub fn name(self) -> &'static str {
        match self {
            LineageKind::Dataset => "dataset",
            LineageKind::Set => "set",
            LineageKind::Recipe => "recipe",
            LineageKind::Run => "run",
            LineageKind::Model => "model",
            LineageKind::Version => "version",
            LineageKind::Deployment => "deployment",
            LineageKind::Prediction => "prediction",
            LineageKind::Commit => "commit",
        }
    }
}

impl From<InputKind> for LineageKind {
    fn from(kind: InputKind) -> Self {
        match kind {
            InputKind::Dataset => LineageKind::Dataset,
            InputKind::Set => LineageKind::Set,
            InputKind::Recipe => LineageKind::Recipe,
        }
    }
}

/// Something that was made or used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LineageNode {
    /// Unique: kind and hash, number or id.
    pub id: String,
    /// What it stands for.
    pub kind: LineageKind,
    /// What people call it.
    pub name: String,
}

/// Nodes and edges; an edge goes from a thing to what was made from it.
#[derive(Debug, Default, Serialize)]
pub struct LineageGraph {
    /// The node asked for.
    pub start: String,
    /// Nodes, sorted by id.
    pub nodes: Vec<LineageNode>,
    /// Pairs of ids: from, to.
    pub edges: Vec<(String, String)>,
}

/// Where to start.
#[derive(Debug, Clone)]
pub enum LineageStart {
    /// A dataset version, set, run, model, version or deployment.
    Reference(Reference),
    /// A logged prediction and the model and deployment that answered it.
    Prediction {
        /// Its id.
        id: String,
        /// The deployment.
        deployment: String,
        /// The bundle.
        model: Hash,
    },
}

#[derive(Default)]
struct All {
    nodes: BTreeMap<String, LineageNode>,
    edges: BTreeSet<(String, String)>,
}

impl All {
    fn node(&mut self, kind: LineageKind, key: &str, name: String) -> String {
        let id = format!("{}:{key}", kind.name());
        self.nodes.entry(id.clone()).or_insert_with(|| LineageNode { id: id.clone(), kind, name });
        id
    }

    /// The commit that `node` was recorded at, if it was at one.
    fn commit(&mut self, commit: Option<&str>, node: &str) {
        if let Some(commit) = commit {
            let commit = self.node(LineageKind::Commit, commit, commit.chars().take(12).collect());
            self.edge(&commit, node);
        }
    }

    fn edge(&mut self, from: &str, to: &str) {
        self.edges.insert((from.to_owned(), to.to_owned()));
    }
}

/// The part of the lineage before and after a thing.
pub fn lineage(project: &Project, start: &LineageStart) -> Result<LineageGraph> {
    let ledger = project.ledger()?;
    let mut all = read(&ledger)?;
    let start = match start {
        LineageStart::Prediction { id, deployment, model } => {
            let node = all.node(LineageKind::Prediction, id, id.clone());
            let served = all.edges.iter().find(|(from, to)| {
                *from == format!("model:{model}")
                    && all.nodes.get(to).is_some_and(|n| n.kind == LineageKind::Deployment && n.name == *deployment)
            });
            let parent = served.map_or_else(|| format!("model:{model}"), |(_, to)| to.clone());
            all.edge(&parent, &node);
            node
        }
        LineageStart::Reference(reference) => find(project, &ledger, &all, reference)?,
    };
    Ok(around(&all, start))
}

/// Everything that the ledger knows, as one graph.
fn read(ledger: &Ledger) -> Result<All> {
    let mut all = All::default();
    add_data(ledger, &mut all)?;
    add_runs(ledger, &mut all)?;
    add_inputs(ledger, &mut all)?;
    add_released(ledger, &mut all)?;
    Ok(all)
}

fn add_data(ledger: &Ledger, all: &mut All) -> Result<()> {
    for d in ledger.all_dataset_versions()? {
        let node = all.node(LineageKind::Dataset, &d.hash.to_string(), format!("{}@{}", d.name, d.version));
        all.commit(d.commit.as_deref(), &node);
    }
    for set in ledger.training_sets()? {
        all.node(LineageKind::Set, &set.hash.to_string(), format!("{} ({} rows)", set.name, set.rows));
    }
    Ok(())
}

fn add_runs(ledger: &Ledger, all: &mut All) -> Result<()> {
    for run in ledger.all_runs()? {
        let node = all.node(LineageKind::Run, run.id.as_str(), format!("{} {}", run.name, run.id.short()));
        all.commit(run.commit.as_deref(), &node);
        if let Some(model) = run.model {
            let model = all.node(LineageKind::Model, &model.to_string(), format!("{} {}", run.name, model.short()));
            all.edge(&node, &model);
        }
    }
    Ok(())
}

fn add_inputs(ledger: &Ledger, all: &mut All) -> Result<()> {
    for input in ledger.inputs()? {
        // A run's data are shown as inputs of its training set, not once more of the run.
        if input.kind == InputKind::Dataset && input.consumer.starts_with("run:") {
            continue;
        }
        let node =
            all.node(input.kind.into(), &input.hash.to_string(), format!("{} {}", input.name, input.hash.short()));
        all.edge(&node, &input.consumer);
    }
    Ok(())
}

/// Registered versions and deployments.
fn add_released(ledger: &Ledger, all: &mut All) -> Result<()> {
    for v in ledger.model_versions()? {
        let aliases: String = v.aliases.iter().map(|a| format!(" ({a})")).collect();
        let node = all.node(
            LineageKind::Version,
            &format!("{}@{}", v.name, v.version),
            format!("{}@{}{aliases}", v.name, v.version),
        );
        all.edge(&format!("model:{}", v.hash), &node);
    }
    for d in ledger.deployments(usize::MAX)? {
        let node = all.node(LineageKind::Deployment, d.id.as_str(), d.name.to_string());
        all.edge(&format!("model:{}", d.model_hash), &node);
    }
    Ok(())
}

/// The node a reference names: a model's version or a dataset's as `registry` and `data` understand it, else the newest
/// deployment or finished run of that name, else whatever has a hash, id or number that begins so.
fn find(project: &Project, ledger: &Ledger, all: &All, reference: &Reference) -> Result<String> {
    let text = reference.text();
    if let Some((name, _)) = reference.named() {
        if !ledger.versions_of_model(name)?.is_empty()
            && let Some((name, version)) = registry::resolve(ledger, reference)?.registered
        {
            return Ok(format!("version:{name}@{version}"));
        }
        if !ledger.dataset_versions(name)?.is_empty() {
            return Ok(format!("dataset:{}", data::resolve(project, ledger, reference)?.hash));
        }
        if let Some(deployment) = ledger.last_deployment(name)? {
            return Ok(format!("deployment:{}", deployment.id));
        }
        if let Some(run) = ledger.last_run_of_recipe(name)? {
            return Ok(format!("run:{}", run.id));
        }
    }
    let key = |id: &str| id.split_once(':').map_or(String::new(), |(_, key)| key.to_owned());
    let prefix = reference.hash_prefix().unwrap_or("\0");
    let found: Vec<&String> = all.nodes.keys().filter(|id| key(id).starts_with(prefix)).collect();
    match found.as_slice() {
        [one] => Ok((*one).clone()),
        [] => Err(Error::not_found(format!("nothing is called \"{text}\"")).hint(
            "name a dataset, model, recipe or deployment, the beginning of a hash or run id, or a prediction's id",
        )),
        several => {
            Err(Error::invalid(format!("{text} begins the names of {} things", several.len())).hint("write more of it"))
        }
    }
}

/// Everything before `start` and everything after it.
fn around(all: &All, start: String) -> LineageGraph {
    let mut keep: BTreeSet<String> = BTreeSet::from([start.clone()]);
    for forward in [false, true] {
        let mut open = vec![start.clone()];
        while let Some(id) = open.pop() {
            for (from, to) in &all.edges {
                let next = match forward {
                    true if *from == id => to,
                    false if *to == id => from,
                    _ => continue,
                };
                if all.nodes.contains_key(next) && keep.insert(next.clone()) {
                    open.push(next.clone());
                }
            }
        }
    }
    let nodes = keep.iter().filter_map(|id| all.nodes.get(id)).cloned().collect();
    let edges = all.edges.iter().filter(|(a, b)| keep.contains(a) && keep.contains(b)).cloned().collect();
    LineageGraph { start, nodes, edges }
}

impl LineageGraph {
    /// The nodes that this one was made from.
    pub fn parents(&self, id: &str) -> Vec<&LineageNode> {
        let ids = self.edges.iter().filter(|(_, to)| to == id).map(|(from, _)| from);
        ids.filter_map(|from| self.nodes.iter().find(|n| n.id == *from)).collect()
    }

    /// The nodes that were made from this one.
    pub fn children(&self, id: &str) -> Vec<&LineageNode> {
        let ids = self.edges.iter().filter(|(from, _)| from == id).map(|(_, to)| to);
        ids.filter_map(|to| self.nodes.iter().find(|n| n.id == *to)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{self, AddOptions};
    use crate::progress::Progress;
    use crate::project;

    #[test]
    fn a_reference_to_a_dataset_means_what_it_means_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        project::init(folder.path()).unwrap();
        let mut project = Project::find(folder.path()).unwrap();
        let root = project.root().to_owned();
        for content in ["id\n1\n", "id\n2\n"] {
            std::fs::write(root.join("a.csv"), content).unwrap();
            let options = AddOptions { what: vec!["a.csv".to_owned()], ..Default::default() };
            (project, _) = data::add(project, &root, &options, &Progress::quiet()).unwrap();
        }
        let start = |text: &str| {
            let graph = lineage(&project, &LineageStart::Reference(Reference::parse(text).unwrap()));
            graph.map(|graph| graph.nodes.iter().find(|n| n.id == graph.start).unwrap().name.clone())
        };
        for (text, name) in [("a", "a@2"), ("a@1", "a@1"), ("a@v1", "a@1"), ("a@latest", "a@2")] {
            assert_eq!(start(text).unwrap(), name, "{text}");
        }
        assert!(start("a@nobody").is_err() && start("a@9").is_err());
        data::checkout(&project, &[Reference::parse("a@1").unwrap()], false, &Progress::quiet()).unwrap();
        assert_eq!(start("a").unwrap(), "a@1", "the version that mlops.lock names");
    }
}
