//! Growing one tree on binned data: the engine behind tree, forest and boosting.
//!
//! Invariant: what is grown depends on the data, the limits and the random stream, never on threads: a feature's sums are
//! made by one thread in row order, and the best of the features is picked in their order. Where all features are
//! searched, a large node keeps its histograms, and of its children only the smaller is counted: the other is what
//! remains (LightGBM, Ke and others 2017). With a limit on leaves the leaf that gains most is split next.

use crate::learn::binning::{Binned, Edges, MISSING};
use crate::learn::ensemble::{Tree, TreeNode};
use crate::learn::histogram::{Criterion, FeatureHistogram, empty, fill, subtract};
use crate::learn::partition::partition;
use crate::learn::random::Stream;
use crate::learn::split::{NodeSplit, categorical, numeric};
use rayon::prelude::*;
use std::ops::Range;

/// A node with fewer rows keeps no histograms and is searched by one thread.
const LARGE: usize = 1024;
/// Features whose histograms are made in one pass over the rows.
const TOGETHER: usize = 2;
/// From this many rows on, values are gathered by all threads.
const GATHERED: usize = 16_384;
/// Bytes of histograms that wait at most; beyond, children are counted afresh.
const WAITING: usize = 256 << 20;

/// Where a tree ends.
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
}

/// A tree and which rows ended up in which of its leaves.
pub struct Grown {
    /// The tree.
    pub tree: Tree,
    /// The rows it was grown on, those of a leaf together.
    pub rows: Vec<u32>,
    /// Each leaf's place in `rows`, and its value.
    pub leaves: Vec<(Range<usize>, f64)>,
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
    let tree = Tree { nodes: Vec::new(), sets: Vec::new(), gains: vec![0.0; binned.columns.len()] };
    let order = binned.useful.clone();
    let gathered = Vec::new();
    Grower { binned, criterion, values, limits, draw, pool, order, rows, spare, gathered, tree, waiting: 0 }.run()
}

/// Histograms of nodes that are done, to be used again: fresh memory costs more than clearing old. One tree after the
/// other takes from the same pool, if they are grown on the same binned data.
pub struct Pool<C: Criterion>(Vec<Histograms<C>>);

impl<C: Criterion> Default for Pool<C> {
    fn default() -> Self {
        Pool(Vec::new())
    }
}

impl<C: Criterion> Pool<C> {
    /// Empty histograms of this many features.
    fn take(&mut self, features: usize) -> Histograms<C> {
        match self.0.pop() {
            Some(mut old) if old.len() == features => {
                old.fill(empty::<C>());
                old
            }
            _ => vec![empty::<C>(); features],
        }
    }

    fn give(&mut self, old: Option<Histograms<C>>) {
        self.0.extend(old);
    }
}

/// A node that is a leaf so far.
struct Place<C: Criterion> {
    node: usize,
    rows: Range<usize>,
    depth: usize,
    sum: C::Sum,
}

/// The histograms of all useful features.
type Histograms<C> = Vec<FeatureHistogram<C>>;

/// What a search found: the best split, and the histograms if they are worth keeping.
type Found<C> = (Option<NodeSplit<<C as Criterion>::Sum>>, Option<Histograms<C>>);

/// A leaf that can be split.
struct Open<C: Criterion> {
    place: Place<C>,
    split: NodeSplit<C::Sum>,
    histograms: Option<Histograms<C>>,
}

struct Grower<'a, C: Criterion> {
    binned: &'a Binned,
    criterion: &'a C,
    values: &'a [C::Row],
    limits: &'a Limits,
    draw: Option<Draw>,
    pool: &'a mut Pool<C>,
    order: Vec<usize>,
    rows: Vec<u32>,
    spare: Vec<u32>,
    gathered: Vec<C::Row>,
    tree: Tree,
    waiting: usize,
}

impl<C: Criterion> Grower<'_, C> {
    fn run(mut self) -> Grown {
        let mut sum = C::Sum::default();
        self.rows.iter().for_each(|&row| C::add(&mut sum, self.values[row as usize]));
        let root = self.leaf(sum, 0..self.rows.len(), 0);
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
        let leaves = done.into_iter().map(|place| (place.rows, self.tree.nodes[place.node].value)).collect();
        Grown { tree: self.tree, rows: self.rows, leaves }
    }

    /// Adds a leaf to the tree.
    fn leaf(&mut self, sum: C::Sum, rows: Range<usize>, depth: usize) -> Place<C> {
        self.tree.nodes.push(TreeNode::leaf(self.criterion.leaf(sum)));
        Place { node: self.tree.nodes.len() - 1, rows, depth, sum }
    }

    fn may_split(&self, place: &Place<C>) -> bool {
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
        let left = self.leaf(split.left, rows.start..middle, place.depth + 1);
        let right = self.leaf(split.right, middle..rows.end, place.depth + 1);
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

    /// Puts the values of these rows side by side.
    fn gather(&mut self, rows: &Range<usize>) {
        let (rows, values) = (&self.rows[rows.clone()], self.values);
        self.gathered.clear();
        if rows.len() < GATHERED {
            self.gathered.extend(rows.iter().map(|&row| values[row as usize]));
        } else {
            rows.par_iter()
                .with_min_len(GATHERED / 2)
                .map(|&row| values[row as usize])
                .collect_into_vec(&mut self.gathered);
        }
    }

    /// The best split of a node, by all features or by those drawn.
    fn search(&mut self, place: &Place<C>) -> Found<C> {
        self.gather(&place.rows);
        if let Some(draw) = self.draw.take() {
            return (self.search_drawn(place, draw), None);
        }
        let large = place.rows.len() >= LARGE;
        let mut all = if large { self.pool.take(self.binned.useful.len()) } else { Vec::new() };
        let rows = &self.rows[place.rows.clone()];
        let look = |features: &[usize], sums: &mut [FeatureHistogram<C>]| {
            self.count(features, rows, sums);
            best(features.iter().zip(sums).map(|(feature, sums)| self.best_of(*feature, sums, place.sum)))
        };
        if !large {
            let mut sums = [empty::<C>(); TOGETHER];
            let splits = self.binned.useful.chunks(TOGETHER).map(|features| {
                let sums = &mut sums[..features.len()];
                sums.fill(empty::<C>());
                look(features, sums)
            });
            return (best(splits), None);
        }
        let features = self.binned.useful.par_chunks(TOGETHER).zip(all.par_chunks_mut(TOGETHER));
        let found = features.map(|(features, sums)| look(features, sums)).collect::<Vec<_>>();
        (best(found), Some(all))
    }

    /// Adds these rows of up to `TOGETHER` features to their histograms.
    fn count(&self, features: &[usize], rows: &[u32], sums: &mut [FeatureHistogram<C>]) {
        let column = |feature: &usize| self.binned.columns[*feature].as_slice();
        match (features, sums) {
            ([a, b], [sums_a, sums_b]) => {
                fill::<C, 2>([sums_a, sums_b], [column(a), column(b)], rows, &self.gathered);
            }
            (features, sums) => {
                for (feature, sums) in features.iter().zip(sums) {
                    fill::<C, 1>([sums], [column(feature)], rows, &self.gathered);
                }
            }
        }
    }

    /// The best split by features drawn until enough were seen and one of them can split.
    fn search_drawn(&mut self, place: &Place<C>, mut draw: Draw) -> Option<NodeSplit<C::Sum>> {
        let mut found: Option<NodeSplit<C::Sum>> = None;
        for i in 0..self.order.len() {
            if i >= draw.features && found.is_some() {
                break;
            }
            let left = self.order.len() - i;
            self.order.swap(i, i + draw.random.below(left));
            let (feature, mut sums) = (self.order[i], empty::<C>());
            let rows = &self.rows[place.rows.clone()];
            fill::<C, 1>([&mut sums], [&self.binned.columns[feature]], rows, &self.gathered);
            found = best([found, self.best_of(feature, &sums, place.sum)]);
        }
        self.draw = Some(draw);
        found
    }

    /// The best splits of the two sides of a node whose histograms are given, if there are any.
    fn search_children(&mut self, sides: [&Place<C>; 2], histograms: Option<Histograms<C>>) -> [Found<C>; 2] {
        let may = sides.map(|side| self.may_split(side));
        let small = usize::from(sides[1].rows.len() < sides[0].rows.len());
        let large = 1 - small;
        match histograms {
            Some(node) if may[large] && sides[large].rows.len() >= LARGE => {
                let [few, many] = self.search_siblings(sides[small], may[small], sides[large], node);
                if small == 0 { [few, many] } else { [many, few] }
            }
            histograms => {
                self.pool.give(histograms);
                [0, 1].map(|i| if may[i] { self.search(sides[i]) } else { (None, None) })
            }
        }
    }

    /// Counts the smaller side; the larger is what remains of the node.
    fn search_siblings(
        &mut self,
        small: &Place<C>,
        small_may_split: bool,
        large: &Place<C>,
        mut node: Histograms<C>,
    ) -> [Found<C>; 2] {
        self.gather(&small.rows);
        let rows = &self.rows[small.rows.clone()];
        let mut fresh = self.pool.take(node.len());
        let histograms = fresh.par_chunks_mut(TOGETHER).zip(node.par_chunks_mut(TOGETHER));
        let splits: Vec<_> = self
            .binned
            .useful
            .par_chunks(TOGETHER)
            .zip(histograms)
            .map(|(features, (few, many))| {
                self.count(features, rows, few);
                many.iter_mut().zip(few.iter()).for_each(|(many, few)| subtract::<C>(many, few));
                let best_of = |sums: &[FeatureHistogram<C>], node: C::Sum| {
                    best(features.iter().zip(sums).map(|(feature, sums)| self.best_of(*feature, sums, node)))
                };
                (if small_may_split { best_of(few, small.sum) } else { None }, best_of(many, large.sum))
            })
            .collect();
        let (of_few, of_many): (Vec<_>, Vec<_>) = splits.into_iter().unzip();
        let mut few = Some(fresh);
        if !small_may_split || rows.len() < LARGE {
            self.pool.give(few.take());
        }
        [(best(of_few), few), (best(of_many), Some(node))]
    }

    fn best_of(&self, feature: usize, sums: &FeatureHistogram<C>, node: C::Sum) -> Option<NodeSplit<C::Sum>> {
        match &self.binned.edges[feature] {
            edges @ Edges::Numeric(_) => numeric(self.criterion, feature, edges.bins(), sums, node),
            Edges::Categorical(_) => categorical(self.criterion, feature, sums, node),
        }
    }
}

/// The split that gains most, the first of equals.
fn best<S>(splits: impl IntoIterator<Item = Option<NodeSplit<S>>>) -> Option<NodeSplit<S>> {
    splits.into_iter().flatten().reduce(|best, other| if other.gain > best.gain { other } else { best })
}
