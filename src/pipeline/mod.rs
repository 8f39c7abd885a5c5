//! What came from what: the lineage of datasets, sets, runs, models, deployments and predictions.

mod lineage;

pub use lineage::{LineageGraph, LineageKind, LineageNode, LineageStart, lineage};
