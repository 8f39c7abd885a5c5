//! Exact Shapley values of trees (Lundberg and others 2018, "path dependent"): what a feature that is not known goes by is the share of
//! the training rows on each side of its splits.
//!
//! In a leaf of value v whose path asks m different features, feature j is either answered by the row (o = 1 if that leads to the leaf,
//! else 0) or not known (z, the product of the shares along its splits), and its Shapley value is
//!
//! v·(oⱼ − zⱼ)·∫₀¹ Πᵢ≠ⱼ (zᵢ(1 − t) + oᵢt) dt.
//!
//! The integrand is a polynomial of degree m − 1, so Gauss's quadrature with half as many points as features is exact, and all of its
//! terms are positive. The products are built from the root down, one factor a split, and summed from the leaves up (as in "Linear
//! TreeShap", Yu and others 2022, there with other points), so a tree costs its nodes times the points. A feature that is split again
//! replaces its factor, and what the split above it then counted too much is taken away.

use crate::error::{Error, Result};
use crate::learn::ensemble::Ensemble;
use crate::learn::matrix::Matrix;
use crate::math::cos;
use crate::progress::Progress;
use rayon::prelude::*;
use std::f64::consts::PI;

/// Rows that go through a tree together.
const ROWS: usize = 128;

/// The most points: paths with twice as many different features are exact.
const MOST_POINTS: usize = 64;

/// No split of the feature above.
const NONE: u32 = u32::MAX;

/// The nodes of a tree with what is the same for every row; the vectors hold a number for each of the points.
struct TreePaths<const Q: usize> {
    /// First node of the tree in the ensemble.
    start: usize,
    /// The parent of each node but the root, within the tree.
    parent: Vec<u32>,
    /// The nearest node above whose split asks the same feature as the split above this one.
    same: Vec<u32>,
    /// The share of training rows that the splits by that feature let through to here.
    share: Vec<f64>,
    /// The factor of the feature where the row goes here, and where it does not.
    factor: [Vec<[f64; Q]>; 2],
    /// Weight of the point over the factor.
    weighted: [Vec<[f64; Q]>; 2],
    /// One over the factor.
    inverse: [Vec<[f64; Q]>; 2],
}

/// For each row, output and feature of `x` how much the feature moves the sum of the trees, one after the other; and for each output the
/// sum where nothing is known. They add up to what the trees say before their link.
pub(super) fn tree_shap(trees: &Ensemble, x: &Matrix, progress: &Progress) -> Result<(Vec<f64>, Vec<f64>)> {
    if trees.covers.is_empty() {
        return Err(Error::invalid("the model does not hold how many rows went through its trees")
            .hint("it was trained by an earlier version: train it again"));
    }
    let features = (0..trees.roots.len()).map(|tree| longest_path(trees, tree)).max().unwrap_or(0);
    match features.min(x.columns()).div_ceil(2) {
        0..=2 => explain::<2>(trees, x, progress),
        3..=4 => explain::<4>(trees, x, progress),
        5..=8 => explain::<8>(trees, x, progress),
        9..=16 => explain::<16>(trees, x, progress),
        17..=32 => explain::<32>(trees, x, progress),
        33..=MOST_POINTS => explain::<MOST_POINTS>(trees, x, progress),
        _ => Err(Error::invalid(format!("the trees ask more than {} features in a row", 2 * MOST_POINTS))
            .hint("limit them with max_depth to be able to explain them")),
    }
}

/// Nodes of a tree.
fn nodes_of(trees: &Ensemble, tree: usize) -> std::ops::Range<usize> {
    let end = trees.roots.get(tree + 1).map_or(trees.nodes.len(), |next| *next as usize);
    trees.roots[tree] as usize..end
}

/// Splits on the longest way from the root of a tree to a leaf.
fn longest_path(trees: &Ensemble, tree: usize) -> usize {
    let nodes = nodes_of(trees, tree);
    let mut depth = vec![0usize; nodes.len()];
    for node in nodes.clone().filter(|node| trees.nodes[*node].child != 0) {
        let child = trees.nodes[node].child as usize - nodes.start;
        depth[child] = depth[node - nodes.start] + 1;
        depth[child + 1] = depth[child];
    }
    depth.into_iter().max().unwrap_or(0)
}

fn explain<const Q: usize>(trees: &Ensemble, x: &Matrix, progress: &Progress) -> Result<(Vec<f64>, Vec<f64>)> {
    let (outputs, width) = (trees.baseline.len(), x.columns());
    let (points, weights) = quadrature::<Q>();
    let mut all = vec![0.0; x.rows() * outputs * width];
    let step = progress.step("explaining", Some(x.rows() as u64));
    let block = (ROWS * outputs * width).max(1);
    all.par_chunks_mut(block).enumerate().try_for_each(|(block, out)| {
        step.check()?;
        let count = out.len() / (outputs * width);
        let mut rows = Vec::new();
        x.rows_into(block * ROWS, count, &mut rows);
        for tree in 0..trees.roots.len() {
            let paths = TreePaths::<Q>::new(trees, tree, width, &points, &weights);
            let mut walk = Walk::new(&paths);
            for (row, out) in rows.chunks_exact(width).zip(out.chunks_exact_mut(outputs * width)) {
                walk.down(&paths, trees, row);
                for_outputs(trees, tree, |output, value| {
                    walk.up(&paths, trees, value, &mut out[output * width..(output + 1) * width]);
                });
            }
        }
        let scale = scale(trees);
        out.iter_mut().for_each(|x| *x *= scale);
        step.advance(count as u64);
        Ok(())
    })?;
    let mut base = trees.baseline.clone();
    for tree in 0..trees.roots.len() {
        for_outputs(trees, tree, |output, value| base[output] += expected(trees, tree, value) * scale(trees));
    }
    Ok((base, all))
}

/// What each sum of leaves is multiplied by: trees that are averaged count one over their number.
fn scale(trees: &Ensemble) -> f64 {
    let each = if trees.leaves.is_empty() { trees.baseline.len() } else { 1 };
    if trees.link.is_mean() { each as f64 / trees.roots.len() as f64 } else { 1.0 }
}

/// Calls `of` with each output that the tree adds to, and what a leaf (by its node) adds to it.
fn for_outputs(trees: &Ensemble, tree: usize, mut of: impl FnMut(usize, &dyn Fn(usize) -> f64)) {
    let outputs = trees.baseline.len();
    if trees.leaves.is_empty() {
        return of(tree % outputs, &|node| trees.nodes[node].value);
    }
    for output in 0..outputs {
        of(output, &|node| trees.leaves[trees.nodes[node].value as usize * outputs + output]);
    }
}

/// The mean of the leaves over the training rows.
fn expected(trees: &Ensemble, tree: usize, value: &dyn Fn(usize) -> f64) -> f64 {
    let nodes = nodes_of(trees, tree);
    let all = f64::from(trees.covers[nodes.start]);
    let leaves = nodes.filter(|node| trees.nodes[*node].child == 0);
    leaves.fold(0.0, |sum, node| sum + value(node) * f64::from(trees.covers[node]) / all)
}

impl<const Q: usize> TreePaths<Q> {
    fn new(trees: &Ensemble, tree: usize, features: usize, points: &[f64; Q], weights: &[f64; Q]) -> Self {
        let nodes = nodes_of(trees, tree);
        let count = nodes.len();
        let vectors = || [vec![[0.0; Q]; count], vec![[0.0; Q]; count]];
        let mut paths = TreePaths {
            start: nodes.start,
            parent: vec![NONE; count],
            same: vec![NONE; count],
            share: vec![1.0; count],
            factor: vectors(),
            weighted: vectors(),
            inverse: vectors(),
        };
        for node in nodes.clone().filter(|node| trees.nodes[*node].child != 0) {
            let (parent, split) = (node - nodes.start, &trees.nodes[node]);
            let same = paths.above(trees, parent, split.feature().min(features));
            let above = if same == NONE { 1.0 } else { paths.share[same as usize] };
            for side in 0..2 {
                let child = split.child as usize + side - nodes.start;
                let part = f64::from(trees.covers[nodes.start + child]) / f64::from(trees.covers[node]);
                paths.parent[child] = parent as u32;
                paths.same[child] = same;
                paths.share[child] = above * part;
                for at in 0..Q {
                    let unknown = paths.share[child] * (1.0 - points[at]);
                    for (way, factor) in [unknown + points[at], unknown].into_iter().enumerate() {
                        paths.factor[way][child][at] = factor;
                        paths.inverse[way][child][at] = 1.0 / factor;
                        paths.weighted[way][child][at] = weights[at] / factor;
                    }
                }
            }
        }
        paths
    }

    /// The nearest node at or above `node` that lies behind a split by this feature.
    fn above(&self, trees: &Ensemble, mut node: usize, feature: usize) -> u32 {
        while self.parent[node] != NONE {
            let parent = self.parent[node] as usize;
            if trees.nodes[self.start + parent].feature() == feature {
                return node as u32;
            }
            node = parent;
        }
        NONE
    }
}

/// What differs from row to row.
struct Walk<const Q: usize> {
    /// For each node the product of the factors on its path.
    product: Vec<[f64; Q]>,
    /// 0 where the row itself leads to the node as far as the feature above it is asked, else 1.
    astray: Vec<u8>,
    /// For each node the products of the leaves below it, times their values.
    sum: Vec<[f64; Q]>,
}

impl<const Q: usize> Walk<Q> {
    fn new(paths: &TreePaths<Q>) -> Walk<Q> {
        let count = paths.parent.len();
        Walk { product: vec![[1.0; Q]; count], astray: vec![0; count], sum: vec![[0.0; Q]; count] }
    }

    /// The products of all nodes for a row.
    fn down(&mut self, paths: &TreePaths<Q>, trees: &Ensemble, row: &[f64]) {
        for parent in 0..paths.parent.len() {
            let split = &trees.nodes[paths.start + parent];
            if split.child == 0 {
                continue;
            }
            let taken = trees.next(split, row) - paths.start;
            let first = split.child as usize - paths.start;
            for child in [first, first + 1] {
                let same = paths.same[child];
                let before = if same == NONE { 0 } else { self.astray[same as usize] };
                let astray = before | u8::from(child != taken);
                self.astray[child] = astray;
                let (product, factor) = (self.product[parent], &paths.factor[usize::from(astray)][child]);
                for at in 0..Q {
                    self.product[child][at] = product[at] * factor[at];
                }
                if same != NONE {
                    let inverse = &paths.inverse[usize::from(before)][same as usize];
                    self.product[child].iter_mut().zip(inverse).for_each(|(product, inverse)| *product *= inverse);
                }
            }
        }
    }

    /// Adds the values of all features.
    fn up(&mut self, paths: &TreePaths<Q>, trees: &Ensemble, value: &dyn Fn(usize) -> f64, out: &mut [f64]) {
        self.sum.fill([0.0; Q]);
        for node in (1..paths.parent.len()).rev() {
            let mut sum = self.sum[node];
            if trees.nodes[paths.start + node].child == 0 {
                let value = value(paths.start + node);
                sum = self.product[node].map(|product| product * value);
            }
            let parent = paths.parent[node] as usize;
            let moved = |node: usize| {
                let astray = self.astray[node];
                let weighted = &paths.weighted[usize::from(astray)][node];
                (f64::from(1 - astray) - paths.share[node]) * inner(&sum, weighted)
            };
            let mut contribution = moved(node);
            if paths.same[node] != NONE {
                contribution -= moved(paths.same[node] as usize);
            }
            if let Some(out) = out.get_mut(trees.nodes[paths.start + parent].feature()) {
                *out += contribution;
            }
            self.sum[parent].iter_mut().zip(sum).for_each(|(above, sum)| *above += sum);
        }
    }
}

#[inline]
fn inner<const Q: usize>(a: &[f64; Q], b: &[f64; Q]) -> f64 {
    let mut lanes = [0.0; 2];
    for at in 0..Q / 2 {
        lanes[0] += a[2 * at] * b[2 * at];
        lanes[1] += a[2 * at + 1] * b[2 * at + 1];
    }
    lanes[0] + lanes[1]
}

/// The points of Gauss and Legendre between 0 and 1, and their weights: the roots of Legendre's polynomial, by Newton's method.
fn quadrature<const Q: usize>() -> ([f64; Q], [f64; Q]) {
    let (mut points, mut weights) = ([0.0; Q], [0.0; Q]);
    for at in 0..Q {
        let mut x = cos(PI * (at as f64 + 0.75) / (Q as f64 + 0.5));
        let mut slope = 1.0;
        for _ in 0..100 {
            let (mut p, mut before) = (x, 1.0);
            for n in 2..=Q {
                let n = n as f64;
                (p, before) = (((2.0 * n - 1.0) * x * p - (n - 1.0) * before) / n, p);
            }
            slope = Q as f64 * (x * p - before) / (x * x - 1.0);
            let step = p / slope;
            x -= step;
            if step.abs() < 1e-15 {
                break;
            }
        }
        points[at] = (1.0 - x) / 2.0;
        weights[at] = 1.0 / ((1.0 - x * x) * slope * slope);
    }
    (points, weights)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::random::stream;
    use crate::learn::{Estimator, FeatureKind, Fitted, Target, Task};
    use serde_json::{Value, json};

    /// The sum of a tree for a row of which only the features in `known` are known.
    fn value_of(trees: &Ensemble, node: usize, row: &[f64], known: u32, leaf: &dyn Fn(usize) -> f64) -> f64 {
        let split = &trees.nodes[node];
        if split.child == 0 {
            return leaf(node);
        }
        if known >> split.feature() & 1 == 1 {
            return value_of(trees, trees.next(split, row), row, known, leaf);
        }
        let child = split.child as usize;
        let part = |child: usize| {
            f64::from(trees.covers[child]) / f64::from(trees.covers[node]) * value_of(trees, child, row, known, leaf)
        };
        part(child) + part(child + 1)
    }

    /// Shapley's formula over all subsets of features.
    fn brute_force(trees: &Ensemble, row: &[f64], output: usize) -> Vec<f64> {
        let m = row.len();
        let mut values = vec![0.0; 1 << m];
        for tree in 0..trees.roots.len() {
            for_outputs(trees, tree, |of, leaf| {
                if of == output {
                    for (known, value) in values.iter_mut().enumerate() {
                        let root = trees.roots[tree] as usize;
                        *value += scale(trees) * value_of(trees, root, row, known as u32, leaf);
                    }
                }
            });
        }
        let factorial = |n: usize| (1..=n).fold(1.0, |product, n| product * n as f64);
        let of_feature = |j: usize| {
            (0..1usize << m).filter(|known| known >> j & 1 == 0).fold(0.0, |sum, known| {
                let size = known.count_ones() as usize;
                let weight = factorial(size) * factorial(m - 1 - size) / factorial(m);
                sum + weight * (values[known | 1 << j] - values[known])
            })
        };
        (0..m).map(of_feature).collect()
    }

    /// Rows of six columns, one with holes and one of categories, and a target that they decide together.
    fn data(rows: usize) -> (Matrix, Vec<f64>) {
        let mut random = stream(5, "shap", 0);
        let mut columns: Vec<Vec<f64>> = (0..6).map(|_| (0..rows).map(|_| random.normal()).collect()).collect();
        (0..rows).filter(|row| row % 7 == 0).for_each(|row| columns[1][row] = f64::NAN);
        columns[2].iter_mut().for_each(|x| *x = (x.abs() * 4.0).floor());
        let y = (0..rows).map(|row| {
            let hole = if columns[1][row].is_nan() { 1.0 } else { columns[1][row] };
            columns[0][row] * hole + f64::from(u8::from(columns[2][row] % 3.0 == 1.0)) + columns[3][row]
                - columns[5][row]
        });
        let y = y.collect();
        let kinds = (0..6).map(|j| if j == 2 { FeatureKind::Categorical } else { FeatureKind::Numeric });
        let names = (0..6).map(|j| format!("c{j}")).collect();
        (Matrix::new(names, kinds.collect(), columns).unwrap(), y)
    }

    #[test]
    fn values_are_those_of_all_subsets_and_add_up() {
        let (x, y) = data(300);
        let thirds: Vec<f64> =
            y.iter().map(|y| if *y < -0.7 { 0.0 } else { f64::from(u8::from(*y > 0.7)) + 1.0 }).collect();
        let tasks = [
            Target::new(Task::Regression, 0, y.clone()),
            Target::new(Task::Binary, 2, y.iter().map(|y| f64::from(u8::from(*y > 0.0))).collect()),
            Target::new(Task::Multiclass, 3, thirds),
        ];
        for (model, params) in [
            ("tree", json!({"max_depth": 9})),
            ("forest", json!({"n_estimators": 3, "max_depth": 6})),
            ("extra_trees", json!({"n_estimators": 2})),
            ("boosting", json!({"max_iter": 6, "min_samples_leaf": 5})),
        ] {
            let estimator = Estimator::parse(model, params.as_object().unwrap_or(&Default::default())).unwrap();
            for target in &tasks {
                let Fitted::Trees(trees) = estimator.fit(&x, target, 3, &Progress::quiet()).unwrap() else { panic!() };
                let (base, values) = tree_shap(&trees, &x, &Progress::quiet()).unwrap();
                let outputs = base.len();
                for row in (0..300).step_by(23) {
                    let mut numbers = vec![0.0; 6];
                    x.row_into(row, &mut numbers);
                    let sums = trees.sums(&numbers);
                    for output in 0..outputs {
                        let found = &values[(row * outputs + output) * 6..(row * outputs + output + 1) * 6];
                        let expected = brute_force(&trees, &numbers, output);
                        let far = found.iter().zip(&expected).fold(0.0, |far: f64, (a, b)| far.max((a - b).abs()));
                        assert!(far < 1e-12, "{model} {:?} row {row}: {found:?} {expected:?}", target.task());
                        let all = found.iter().fold(base[output], |sum, x| sum + x);
                        assert!((all - sums[output]).abs() < 1e-12, "{model} {:?}: {all} {sums:?}", target.task());
                    }
                }
            }
        }
    }

    #[test]
    fn deep_trees_keep_their_digits() {
        let mut random = stream(9, "shap", 1);
        let columns: Vec<Vec<f64>> = (0..40).map(|_| (0..2000).map(|_| random.normal()).collect()).collect();
        let y = (0..2000).map(|row| columns.iter().fold(0.0, |sum, column| sum + column[row])).collect();
        let names = (0..40).map(|j| format!("c{j}")).collect();
        let x = Matrix::new(names, vec![FeatureKind::Numeric; 40], columns).unwrap();
        let few: Value = json!({"n_estimators": 3});
        let tree = Estimator::parse("extra_trees", few.as_object().unwrap()).unwrap();
        let Fitted::Trees(trees) = tree.fit(&x, &Target::new(Task::Regression, 0, y), 3, &Progress::quiet()).unwrap()
        else {
            panic!()
        };
        assert!((0..3).map(|tree| longest_path(&trees, tree)).max() > Some(20));
        let (base, values) = tree_shap(&trees, &x.select_rows(&[1, 2, 3]), &Progress::quiet()).unwrap();
        for (row, values) in values.chunks(40).enumerate() {
            let mut numbers = vec![0.0; 40];
            x.row_into(row + 1, &mut numbers);
            let all = values.iter().fold(base[0], |sum, x| sum + x);
            assert!((all - trees.sums(&numbers)[0]).abs() < 1e-9, "{all} {:?}", trees.sums(&numbers));
        }
    }

    #[test]
    fn the_quadrature_is_exact_for_polynomials_of_twice_its_points() {
        fn check<const Q: usize>() {
            let (points, weights) = quadrature::<Q>();
            for power in 0..2 * Q {
                let integral = (0..Q).fold(0.0, |sum, at| sum + weights[at] * points[at].powi(power as i32));
                assert!((integral * (power as f64 + 1.0) - 1.0).abs() < 1e-12, "{Q} {power}: {integral}");
            }
        }
        check::<2>();
        check::<8>();
        check::<64>();
    }
}
