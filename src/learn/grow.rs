//! Growing one tree on binned data: the engine behind tree, forest and boosting.
//!
//! Invariant: what is grown depends on the data, the limits and the random stream, never on threads: a feature's sums are
//! made by one thread in row order, and the best of the features is picked in their order. Where all features are
//! searched, a large node keeps its histograms, and of its children only the smaller is counted: the other is what
//! remains (LightGBM, Ke and others 2017). With a limit on leaves the leaf that gains most is split next.

use crate::learn::binning::{Binned, Edges, MISSING};
use crate::learn::ensemble::{Tree, TreeNode};
use crate::learn::feature_split::NodeSplit;
use crate::learn::histogram::{Criterion, FeatureHistogram, empty};
use crate::learn::histogram_pool::{Histograms, Pool};
use crate::learn::random::Stream;
use crate::learn::row_partition::partition;
use std::ops::Range;

/// Bytes of histograms that wait at most; beyond, children are counted afresh.
const WAITING: usize = 256 << 20;

/// Limits on a tree's size.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Splits above a leaf at most.
    pub depth: usize,
    /// Leaves at most, 2 or more.
    pub leaves: Option<usize>,
    /// Rows of a node that may be split, at least.
    pub split: u64,
}

/// Draws this many features for each node.
pub struct Draw {
    /// Features looked at in a node; more only until one can split.
    pub features: usize,
    /// Where the draws come from.
    pub random: Stream,
    /// Whether each feature is cut at a place drawn at random, not at the best.
    pub cuts: bool,
}

/// A tree and which rows ended up in which of its leaves.
pub struct Grown {
    /// The tree.
    pub tree: Tree,
    /// The rows it was grown on, those of a leaf together.
    pub rows: Vec<u32>,
    /// Each leaf's place in `rows`, and its node.
    pub leaves: Vec<(Range<usize>, usize)>,
}

/// Grows a tree on `rows` of the binned data; `values[row]` is what the row adds to a sum.
pub fn grow<C: Criterion>(
    binned: &Binned,
    criterion: &C,
    values: &[C::Row],
    rows: Vec<u32>,
    limits: &Limits,
    draw: Option<Draw>,
    pool: &mut Pool<C>,
) -> Grown {
    let spare = vec![0; rows.len()];
    let tree = Tree {
        nodes: Vec::new(),
        sets: Vec::new(),
        leaves: Vec::new(),
        gains: vec![0.0; binned.columns.len()],
        covers: Vec::new(),
    };
    let order = binned.useful.clone();
    let gathered = Vec::new();
    let scratch = Box::new(empty::<C>());
    Grower { binned, criterion, values, limits, draw, pool, order, rows, spare, gathered, scratch, tree, waiting: 0 }
        .run()
}

/// A node that is a leaf so far.
pub(super) struct Place<C: Criterion> {
    pub(super) node: usize,
    pub(super) rows: Range<usize>,
    pub(super) depth: usize,
    pub(super) sum: C::Sum,
}

/// What a search found: the best split, and the histograms if they are worth keeping.
pub(super) type Found<C> = (Option<NodeSplit<<C as Criterion>::Sum>>, Option<Histograms<C>>);

/// A leaf that can be split.
struct Open<C: Criterion> {
    place: Place<C>,
    split: NodeSplit<C::Sum>,
    histograms: Option<Histograms<C>>,
}

/// A tree while it grows.
pub(super) struct Grower<'a, C: Criterion> {
    pub(super) binned: &'a Binned,
    pub(super) criterion: &'a C,
    pub(super) values: &'a [C::Row],
    pub(super) limits: &'a Limits,
    pub(super) draw: Option<Draw>,
    pub(super) pool: &'a mut Pool<C>,
    pub(super) order: Vec<usize>,
    pub(super) rows: Vec<u32>,
    pub(super) spare: Vec<u32>,
    pub(super) gathered: Vec<C::Row>,
    /// Sums of one feature, all zero between two uses.
    pub(super) scratch: Box<FeatureHistogram<C>>,
    pub(super) tree: Tree,
    pub(super) waiting: usize,
}

impl<C: Criterion> Grower<'_, C> {
    fn run(mut self) -> Grown {
        let root = self.leaf(self.sum_of(0..self.rows.len()), 0..self.rows.len(), 0);
        let found = if self.may_split(&root) { self.search(&root) } else { (None, None) };
        let (mut open, mut done) = (Vec::new(), Vec::new());
        self.put(root, found, &mut open, &mut done);
        let mut leaves = 1;
        while let Some(next) = self.take(&mut open) {
            let [left, right] = self.divide(&next);
            leaves += 1;
            if self.limits.leaves == Some(leaves) {
                done.extend([left, right]);
                self.pool.give(next.histograms);
                break;
            }
            let [found_left, found_right] = self.search_children([&left, &right], next.histograms);
            self.put(right, found_right, &mut open, &mut done);
            self.put(left, found_left, &mut open, &mut done);
        }
        for Open { place, histograms, .. } in open {
            done.push(place);
            self.pool.give(histograms);
        }
        if self.criterion.numbers() > 1 {
            for (number, place) in done.iter().enumerate() {
                self.tree.nodes[place.node].value = number as f64;
                self.criterion.leaf_numbers(place.sum, &mut self.tree.leaves);
            }
        }
        let leaves = done.into_iter().map(|place| (place.rows, place.node)).collect();
        Grown { tree: self.tree, rows: self.rows, leaves }
    }

    fn sum_of(&self, rows: Range<usize>) -> C::Sum {
        let mut sum = C::Sum::default();
        self.rows[rows].iter().for_each(|&row| C::add(&mut sum, self.values[row as usize]));
        sum
    }

    /// Adds a leaf to the tree.
    fn leaf(&mut self, sum: C::Sum, rows: Range<usize>, depth: usize) -> Place<C> {
        self.tree.nodes.push(TreeNode::leaf(self.criterion.leaf(sum)));
        self.tree.covers.push(u32::try_from(C::count(sum)).unwrap_or(u32::MAX));
        Place { node: self.tree.nodes.len() - 1, rows, depth, sum }
    }

    pub(super) fn may_split(&self, place: &Place<C>) -> bool {
        place.depth < self.limits.depth
            && C::count(place.sum) >= self.limits.split
            && !self.criterion.is_pure(place.sum)
    }

    fn put(&mut self, place: Place<C>, found: Found<C>, open: &mut Vec<Open<C>>, done: &mut Vec<Place<C>>) {
        let (split, mut histograms) = found;
        let room = (self.waiting + 1) * self.binned.useful.len() * size_of::<FeatureHistogram<C>>() <= WAITING;
        if split.is_none() || !room {
            self.pool.give(histograms.take());
        }
        let Some(split) = split else { return done.push(place) };
        self.waiting += usize::from(histograms.is_some());
        open.push(Open { place, split, histograms });
    }

    /// The leaf to split next: the one that gains most where leaves are limited, else the last one found.
    fn take(&mut self, open: &mut Vec<Open<C>>) -> Option<Open<C>> {
        let next = match self.limits.leaves {
            None => open.pop()?,
            Some(_) => {
                let gains = open.iter().enumerate().map(|(i, open)| (i, open.split.gain));
                let (best, _) = gains.reduce(|best, other| if other.1 > best.1 { other } else { best })?;
                open.remove(best)
            }
        };
        self.waiting -= usize::from(next.histograms.is_some());
        Some(next)
    }

    /// Splits a leaf: moves its rows and gives the tree two new leaves.
    fn divide(&mut self, open: &Open<C>) -> [Place<C>; 2] {
        let (place, split) = (&open.place, &open.split);
        let column = &self.binned.columns[split.feature];
        let rows = place.rows.clone();
        let lefts = partition(&mut self.rows[rows.clone()], &mut self.spare[rows.clone()], column, &split.goes_left);
        let middle = rows.start + lefts;
        let sums = match C::SUMMED_ANEW {
            true => [rows.start..middle, middle..rows.end].map(|rows| self.sum_of(rows)),
            false => [split.left, split.right],
        };
        let left = self.leaf(sums[0], rows.start..middle, place.depth + 1);
        let right = self.leaf(sums[1], middle..rows.end, place.depth + 1);
        let missing_left = split.goes_left.contains(MISSING);
        self.tree.nodes[place.node] = match &self.binned.edges[split.feature] {
            edges @ Edges::Numeric(_) => {
                TreeNode::numeric(split.feature, edges.threshold(split.bin), left.node, missing_left)
            }
            Edges::Categorical(_) => {
                self.tree.sets.push(split.goes_left);
                TreeNode::categorical(split.feature, self.tree.sets.len() - 1, left.node, missing_left)
            }
        };
        self.tree.gains[split.feature] += split.gain.max(0.0);
        [left, right]
    }
}
