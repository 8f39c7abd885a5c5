//! Finding the best split of a node, or of the two children of one: which rows are counted, by how many threads, and which
//! histograms are computed as a difference.

use crate::learn::binning::Edges;
use crate::learn::feature_split::{BinSet, NodeSplit, NodeSums, categorical, numeric, numeric_at};
use crate::learn::grow::{Draw, Found, Grower, Place};
use crate::learn::histogram::{Criterion, FeatureHistogram, fill, subtract};
use crate::learn::histogram_pool::Histograms;
use rayon::prelude::*;
use std::ops::Range;

/// A node with fewer rows keeps no histograms and is searched by one thread.
const LARGE: usize = 1024;
/// Features whose histograms are summed in one pass over the rows.
const TOGETHER: usize = 2;
/// From this many rows on, values are gathered by all threads.
const GATHERED: usize = 16_384;

impl<C: Criterion> Grower<'_, C> {
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
    pub(super) fn search(&mut self, place: &Place<C>) -> Found<C> {
        self.gather(&place.rows);
        if let Some(draw) = self.draw.take() {
            return (self.search_drawn(place, draw), None);
        }
        if place.rows.len() < LARGE {
            let features = 0..self.binned.useful.len();
            return (best(features.map(|at| self.look(self.binned.useful[at], place, None))), None);
        }
        let mut all = self.pool.take(self.binned.useful.len());
        let rows = &self.rows[place.rows.clone()];
        let features = self.binned.useful.par_chunks(TOGETHER).zip(all.par_chunks_mut(TOGETHER));
        let look = |(features, sums): (&[usize], &mut [FeatureHistogram<C>])| {
            self.count(features, rows, sums);
            best(features.iter().zip(sums).map(|(feature, sums)| self.best_of(*feature, sums, place.sum)))
        };
        let found = features.map(look).collect::<Vec<_>>();
        (best(found), Some(all))
    }

    /// The best split by one feature, or the one at a place drawn. The sums are made in memory that is kept, and only the bins that the
    /// rows are in are cleared afterwards: a small node has few.
    fn look(&mut self, feature: usize, place: &Place<C>, drawn: Option<f64>) -> Option<NodeSplit<C::Sum>> {
        let (rows, column) = (&self.rows[place.rows.clone()], self.binned.columns[feature].as_slice());
        let used = if rows.len() < LARGE { BinSet::of_rows(column, rows) } else { BinSet::ALL };
        fill::<C, 1>([&mut self.scratch], [column], rows, &self.gathered);
        let of = NodeSums { feature, sums: &self.scratch, used, node: place.sum };
        let found = self.split_of(&of, drawn);
        used.iter().for_each(|bin| self.scratch[bin] = C::Sum::default());
        found
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
            let drawn = draw.cuts.then(|| draw.random.uniform());
            found = best([found, self.look(self.order[i], place, drawn)]);
        }
        self.draw = Some(draw);
        found
    }

    /// The best splits of the two sides of a node whose histograms are given, if there are any.
    pub(super) fn search_children(
        &mut self,
        sides: [&Place<C>; 2],
        histograms: Option<Histograms<C>>,
    ) -> [Found<C>; 2] {
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
        self.split_of(&NodeSums { feature, sums, used: BinSet::ALL, node }, None)
    }

    /// The split by a feature at a place drawn from 0 to 1; the best one without it.
    fn split_of(&self, of: &NodeSums<C>, drawn: Option<f64>) -> Option<NodeSplit<C::Sum>> {
        match (&self.binned.edges[of.feature], drawn) {
            (edges @ Edges::Numeric(_), None) => numeric(self.criterion, edges.bins(), of),
            (edges @ Edges::Numeric(_), Some(place)) => numeric_at(self.criterion, edges, of, place),
            (Edges::Categorical(_), place) => categorical(self.criterion, of, place),
        }
    }
}

/// The split that gains most, the first of equals.
fn best<S>(splits: impl IntoIterator<Item = Option<NodeSplit<S>>>) -> Option<NodeSplit<S>> {
    splits.into_iter().flatten().reduce(|best, other| if other.gain > best.gain { other } else { best })
}
