//! What came from what (`lineage`): that of datasets, sets, runs, models, deployments and predictions.
//!
//! For example, once `delay@2` was trained on `flights@3` and served, `mlops lineage delay@2` finds its node and all before and
//! after it:
//!
//! ```text
//! dataset flights@3 → set delay → run late 3f2a91bc → model late 06ddd3… → version delay@2 (champion)
//!                    recipe late ↗                                      ↘ deployment delay
//! ```

mod lineage;

pub use lineage::{LineageGraph, LineageKind, LineageNode, LineageStart, lineage};
