//! Fitted trees: flat arrays of nodes, and the walk from root to leaf.
//!
//! Invariant: the two children of a node lie side by side and behind it, so every walk ends; features, category sets and
//! category tables that a node names exist. `fitted` checks this for whatever comes from outside.

use crate::error::{Error, Result};
use crate::learn::binning::{Edges, MISSING, code_bin};
use crate::learn::feature_split::BinSet;
use crate::learn::fitted_model::FittedModel;
use crate::learn::stored_ensemble;
use crate::learn::stored_parts::Parts;
use crate::math::{exp, sigmoid, softmax};
use std::collections::HashMap;

/// One node. A leaf has child 0 and its value; a split asks whether a feature is up to a threshold or in a set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TreeNode {
    /// Leaf: what it adds. Numeric split: the largest value that goes left. Categorical split: the number of its set.
    pub value: f64,
    /// The left child; the right one is the next.
    pub child: u32,
    /// The feature, and in the two upper bits how the split is meant.
    meta: u32,
}

/// Set where missing values go left.
const MISSING_LEFT: u32 = 1 << 31;
/// Set where the split is by category.
const CATEGORICAL: u32 = 1 << 30;
/// Most features: their numbers share a word with the two bits above.
pub const MAX_FEATURES: usize = 1 << 30;

impl TreeNode {
    /// A leaf.
    pub fn leaf(value: f64) -> TreeNode {
        TreeNode { value, child: 0, meta: 0 }
    }

    /// A split by threshold.
    pub fn numeric(feature: usize, threshold: f64, child: usize, missing_left: bool) -> TreeNode {
        TreeNode { value: threshold, child: child as u32, meta: feature as u32 | flag(missing_left, MISSING_LEFT) }
    }

    /// A split by set number `set`.
    pub fn categorical(feature: usize, set: usize, child: usize, missing_left: bool) -> TreeNode {
        let meta = feature as u32 | CATEGORICAL | flag(missing_left, MISSING_LEFT);
        TreeNode { value: set as f64, child: child as u32, meta }
    }

    /// The feature that decides the split.
    pub fn feature(&self) -> usize {
        (self.meta & (CATEGORICAL - 1)) as usize
    }

    /// Whether missing values go left.
    pub fn missing_left(&self) -> bool {
        self.meta & MISSING_LEFT != 0
    }

    /// Whether it splits by category.
    pub fn is_categorical(&self) -> bool {
        self.meta & CATEGORICAL != 0
    }
}

fn flag(on: bool, bit: u32) -> u32 {
    if on { bit } else { 0 }
}

/// One tree as it was grown: children and sets are numbered within it.
#[derive(Debug, Clone)]
pub struct Tree {
    /// The nodes, the root first.
    pub nodes: Vec<TreeNode>,
    /// The bins that go left in each categorical split.
    pub sets: Vec<BinSet>,
    /// Where leaves have several numbers, those of each: a leaf's value is its number.
    pub leaves: Vec<f64>,
    /// What the splits by each feature gained.
    pub gains: Vec<f64>,
    /// The training rows in each node, as often as they were drawn.
    pub covers: Vec<u32>,
}

impl Tree {
    /// The value of the leaf that `row` falls into, given the bins of the category codes of each feature.
    pub fn leaf(&self, tables: &[Vec<u8>], row: &[f64]) -> f64 {
        walk(&self.nodes, &self.sets, tables, 0, row)
    }
}

/// For each feature the bin of each category code; empty for numeric features.
pub fn tables(edges: Vec<Edges>) -> Vec<Vec<u8>> {
    let table = |edges| match edges {
        Edges::Numeric(_) => Vec::new(),
        Edges::Categorical(table) => table,
    };
    edges.into_iter().map(table).collect()
}

/// How sums of leaves become predictions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// Their mean, which is a probability: tree and forest of classes.
    Mean,
    /// Their mean as it is: tree and forest of numbers.
    MeanNumber,
    /// Baseline plus sum as it is: boosting of numbers.
    Identity,
    /// The sigmoid of baseline plus sum: boosting of two classes.
    Sigmoid,
    /// The softmax of baselines plus sums: boosting of several classes.
    Softmax,
    /// e to baseline plus sum: boosting of rates.
    Exp,
}

impl Link {
    /// Whether trees are averaged.
    pub(super) fn is_mean(self) -> bool {
        matches!(self, Link::Mean | Link::MeanNumber)
    }

    /// Every link with its name in a bundle.
    pub const NAMES: [(Link, &str); 6] = [
        (Link::Mean, "mean"),
        (Link::MeanNumber, "mean_number"),
        (Link::Identity, "identity"),
        (Link::Sigmoid, "sigmoid"),
        (Link::Softmax, "softmax"),
        (Link::Exp, "exp"),
    ];
}

/// Trees that predict together.
#[derive(Debug, Clone, PartialEq)]
pub struct Ensemble {
    /// The nodes of all trees, one tree behind the other.
    pub(crate) nodes: Vec<TreeNode>,
    /// Where each tree begins.
    pub(crate) roots: Vec<u32>,
    /// The sets of all categorical splits.
    pub(crate) sets: Vec<BinSet>,
    /// Where leaves have several numbers, one an output, those of each: a leaf's value is its number.
    pub(crate) leaves: Vec<f64>,
    /// The training rows in each node; none of a model that was stored without.
    pub(crate) covers: Vec<u32>,
    /// For each feature the bin of each category code; empty for numeric features.
    pub(crate) tables: Vec<Vec<u8>>,
    /// The share of each feature in what all splits gained.
    pub(crate) importance: Vec<f64>,
    /// What the sum of each output begins with. Tree `t` adds to output `t % outputs`, or to all where leaves have several numbers.
    pub(crate) baseline: Vec<f64>,
    /// How sums become predictions.
    pub(crate) link: Link,
}

impl Ensemble {
    /// Puts trees together that were grown on data with these category tables, as many for each output; an error if they
    /// are too large for the 32-bit numbers of nodes and codes.
    pub fn new(trees: Vec<Tree>, tables: Vec<Vec<u8>>, baseline: Vec<f64>, link: Link) -> Result<Ensemble> {
        let all = trees.iter().map(|tree| tree.nodes.len()).sum::<usize>();
        let codes = tables.iter().map(Vec::len).sum::<usize>();
        if all.max(codes) >= u32::MAX as usize {
            return Err(Error::invalid(format!("the model has {all} nodes and {codes} category codes: too many"))
                .hint("limit the trees with max_depth, min_samples_leaf or fewer of them"));
        }
        let (mut nodes, mut roots, mut sets, mut leaves) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (outputs, mut known) = (baseline.len().max(1), HashMap::new());
        let mut importance = vec![0.0; tables.len()];
        let mut covers = Vec::new();
        for tree in trees {
            covers.extend(tree.covers);
            let (offset, first_set) = (nodes.len() as u32, sets.len() as f64);
            let several = !tree.leaves.is_empty();
            let shared: Vec<f64> =
                tree.leaves.chunks(outputs).map(|numbers| shared_leaf(&mut leaves, &mut known, numbers)).collect();
            roots.push(offset);
            nodes.extend(tree.nodes.into_iter().map(|node| match node.child {
                0 if several => TreeNode::leaf(shared.get(node.value as usize).copied().unwrap_or(0.0)),
                0 => node,
                child => {
                    let value = if node.is_categorical() { node.value + first_set } else { node.value };
                    TreeNode { value, child: child + offset, ..node }
                }
            }));
            sets.extend(tree.sets);
            for (sum, gain) in importance.iter_mut().zip(tree.gains) {
                *sum += gain;
            }
        }
        let all: f64 = importance.iter().sum();
        if all > 0.0 {
            importance.iter_mut().for_each(|share| *share /= all);
        }
        Ok(Ensemble { nodes, roots, sets, leaves, covers, tables, importance, baseline, link })
    }

    /// What the trees say of a row before their link: the sum of leaves of each output, or their mean where trees are averaged.
    #[cfg(test)]
    pub(super) fn sums(&self, row: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.baseline.len()];
        let link = if self.link.is_mean() { self.link } else { Link::Identity };
        self.add_up(row, &mut sums);
        finish(link, self.trees_of_output(), &mut sums);
        sums
    }

    /// How many rounds of boosting it holds, one tree an output each; none where trees are averaged.
    pub fn rounds(&self) -> Option<usize> {
        match self.link {
            Link::Mean | Link::MeanNumber => None,
            Link::Identity | Link::Sigmoid | Link::Softmax | Link::Exp => {
                Some(self.roots.len() / self.outputs().max(1))
            }
        }
    }

    /// The same as it was after so many rounds.
    pub fn after(&self, rounds: usize) -> Ensemble {
        let mut earlier = self.clone();
        earlier.roots.truncate(rounds.saturating_mul(self.outputs()));
        earlier
    }

    /// The number of the child of a split that the row goes to.
    pub(super) fn next(&self, split: &TreeNode, row: &[f64]) -> usize {
        child_of(split, &self.sets, &self.tables, row)
    }

    fn leaf(&self, root: u32, row: &[f64]) -> f64 {
        walk(&self.nodes, &self.sets, &self.tables, root as usize, row)
    }

    /// Adds the numbers of the leaf that the row falls into.
    fn add_leaf(&self, root: u32, row: &[f64], out: &mut [f64]) {
        let first = self.leaf(root, row) as usize * out.len();
        let numbers = self.leaves.get(first..first + out.len()).unwrap_or_default();
        out.iter_mut().zip(numbers).for_each(|(sum, number)| *sum += number);
    }

    /// Trees that add to an output.
    fn trees_of_output(&self) -> usize {
        self.roots.len() / if self.leaves.is_empty() { self.baseline.len() } else { 1 }
    }

    /// Adds the leaves of the row to the sums of the baseline.
    fn add_up(&self, row: &[f64], out: &mut [f64]) {
        out.copy_from_slice(&self.baseline);
        if !self.leaves.is_empty() {
            return self.roots.iter().for_each(|&root| self.add_leaf(root, row, out));
        }
        for roots in self.roots.chunks_exact(self.baseline.len()) {
            out.iter_mut().zip(roots).for_each(|(sum, &root)| *sum += self.leaf(root, row));
        }
    }

    fn finish(&self, sums: &mut [f64]) {
        finish(self.link, self.trees_of_output(), sums);
    }
}

impl FittedModel for Ensemble {
    fn outputs(&self) -> usize {
        self.baseline.len()
    }

    /// The predictions for a row of values, one an output; values that are not there count as missing.
    fn predict_row(&self, row: &[f64], out: &mut [f64]) {
        self.add_up(row, out);
        self.finish(out);
    }

    /// The same for rows one after another, `width` values each: tree by tree, so a tree stays in the cache.
    fn predict_rows(&self, rows: &[f64], width: usize, out: &mut [f64]) {
        let outputs = self.outputs();
        out.chunks_exact_mut(outputs).for_each(|out| out.copy_from_slice(&self.baseline));
        if !self.leaves.is_empty() {
            for &root in &self.roots {
                out.chunks_exact_mut(outputs)
                    .zip(rows.chunks_exact(width))
                    .for_each(|(out, row)| self.add_leaf(root, row, out));
            }
            return out.chunks_exact_mut(outputs).for_each(|out| self.finish(out));
        }
        for (tree, &root) in self.roots.iter().enumerate() {
            let sums = out.iter_mut().skip(tree % outputs).step_by(outputs);
            sums.zip(rows.chunks_exact(width)).for_each(|(sum, row)| *sum += self.leaf(root, row));
        }
        out.chunks_exact_mut(outputs).for_each(|out| self.finish(out));
    }

    fn is_finite(&self) -> bool {
        let ends = self.nodes.iter().map(|node| node.value);
        ends.chain(self.baseline.iter().copied()).all(f64::is_finite)
    }

    fn importance(&self) -> Vec<f64> {
        self.importance.clone()
    }

    fn parts(&self) -> Parts {
        stored_ensemble::parts(self)
    }
}

/// Sums of leaves as predictions, `trees` of them in each.
fn finish(link: Link, trees: usize, sums: &mut [f64]) {
    match link {
        Link::Identity => {}
        Link::Mean | Link::MeanNumber => sums.iter_mut().for_each(|sum| *sum /= trees as f64),
        Link::Sigmoid => sums.iter_mut().for_each(|sum| *sum = sigmoid(*sum)),
        Link::Softmax => softmax(sums),
        // A rate beyond the largest number is that number.
        Link::Exp => sums.iter_mut().for_each(|sum| *sum = exp(*sum).min(f64::MAX)),
    }
}

/// The number of the leaf with these numbers, which is added if there is none yet: most leaves of deep trees are of one class.
fn shared_leaf(leaves: &mut Vec<f64>, known: &mut HashMap<Vec<u64>, usize>, numbers: &[f64]) -> f64 {
    let next = leaves.len() / numbers.len().max(1);
    let bits = numbers.iter().map(|number| number.to_bits()).collect();
    let place = *known.entry(bits).or_insert_with(|| {
        leaves.extend_from_slice(numbers);
        next
    });
    place as f64
}

/// The value of the leaf that `row` falls into, from the node `root` on. Values that are not there count as missing.
#[inline]
fn walk(nodes: &[TreeNode], sets: &[BinSet], tables: &[Vec<u8>], root: usize, row: &[f64]) -> f64 {
    let mut node = &nodes[root];
    while node.child != 0 {
        node = &nodes[child_of(node, sets, tables, row)];
    }
    node.value
}

/// The child of a split that the row goes to.
#[inline]
fn child_of(node: &TreeNode, sets: &[BinSet], tables: &[Vec<u8>], row: &[f64]) -> usize {
    let value = row.get(node.feature()).copied().unwrap_or(f64::NAN);
    let left = if node.is_categorical() {
        match code_bin(&tables[node.feature()], value) {
            MISSING => node.missing_left(),
            bin => sets[node.value as usize].contains(bin),
        }
    } else {
        value <= node.value || (value.is_nan() && node.missing_left())
    };
    node.child as usize + usize::from(!left)
}
