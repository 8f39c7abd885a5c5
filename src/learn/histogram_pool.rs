//! Memory for histograms, used again from node to node and from tree to tree.

use crate::learn::histogram::{Criterion, FeatureHistogram, empty};

/// The histograms of all useful features of a node.
pub(super) type Histograms<C> = Vec<FeatureHistogram<C>>;

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
    pub(super) fn take(&mut self, features: usize) -> Histograms<C> {
        match self.0.pop() {
            Some(mut old) if old.len() == features => {
                old.fill(empty::<C>());
                old
            }
            _ => vec![empty::<C>(); features],
        }
    }

    /// Takes back histograms that are no longer needed.
    pub(super) fn give(&mut self, old: Option<Histograms<C>>) {
        self.0.extend(old);
    }
}
