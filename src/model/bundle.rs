//! A model's bundle: a JSON manifest (signature, features, preparation, estimator, lineage, metrics) and one blob of
//! flat tensors. Its hash is the manifest's. It does not say when, where or by which run it was trained, so equal
//! models have equal hashes. Loading runs no code; whatever doesn't fit together is an error.

use super::signature::Signature;
use crate::error::{Error, Result};
use crate::features::FeaturePlan;
use crate::learn::{Fitted, Parts, Tensor};
use crate::prep::Preparation;
use crate::store::{Hash, Store};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

const FORMAT: u32 = 3;

/// What the model was trained from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lineage {
    /// The training set's hash.
    pub set: Hash,
    /// Names and hashes of the dataset versions.
    pub data: Vec<(String, Hash)>,
    /// The recipe's identity hash.
    pub recipe: Hash,
    /// The seed of folds, search and estimator.
    pub seed: u64,
    /// The instants of the first and last training row, microseconds UTC, if rows have a time.
    pub trained_on: Option<(i64, i64)>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct TensorEntry {
    name: String,
    dtype: String,
    offset: u64,
    bytes: u64,
}

/// The manifest as it lies in the store.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct BundleManifest {
    mlops_model: u32,
    signature: Signature,
    features: FeaturePlan,
    preparation: Preparation,
    estimator: String,
    parameters: Map<String, Value>,
    kind: String,
    attributes: Value,
    tensors: Vec<TensorEntry>,
    tensor_blob: Hash,
    metrics: Map<String, Value>,
    lineage: Lineage,
}

/// A model with everything it needs to predict.
#[derive(Debug, Clone)]
pub struct Bundle {
    /// What it predicts, and how its numbers become an answer.
    pub signature: Signature,
    /// From a request to the features.
    pub features: FeaturePlan,
    /// From the features to numbers.
    pub preparation: Preparation,
    /// The estimator's name.
    pub estimator: String,
    /// Its parameters, defaults filled in.
    pub parameters: Map<String, Value>,
    /// What it learned.
    pub fitted: Fitted,
    /// Metrics of its training.
    pub metrics: Map<String, Value>,
    /// What it was trained from.
    pub lineage: Lineage,
}

/// Stores a bundle; equal bundles have equal hashes. Returns the hash and the bytes stored.
pub fn save(store: &Store, bundle: &Bundle) -> Result<(Hash, u64)> {
    let parts = bundle.fitted.parts();
    let mut bytes = Vec::new();
    let mut tensors = Vec::new();
    for (name, tensor) in &parts.tensors {
        let encoded = tensor.to_bytes();
        let (offset, length) = (bytes.len() as u64, encoded.len() as u64);
        tensors.push(TensorEntry { name: name.clone(), dtype: tensor.dtype().to_owned(), offset, bytes: length });
        bytes.extend(encoded);
    }
    let batch = store.batch();
    let blob = batch.put(&bytes)?;
    let manifest = BundleManifest {
        mlops_model: FORMAT,
        signature: bundle.signature.clone(),
        features: bundle.features.clone(),
        preparation: bundle.preparation.clone(),
        estimator: bundle.estimator.clone(),
        parameters: bundle.parameters.clone(),
        kind: parts.kind,
        attributes: parts.attributes,
        tensors,
        tensor_blob: blob.hash,
        metrics: bundle.metrics.clone(),
        lineage: bundle.lineage.clone(),
    };
    let text =
        serde_json::to_vec_pretty(&manifest).map_err(|e| Error::invalid(format!("cannot write the model: {e}")))?;
    let stored = batch.put(&text)?;
    batch.commit()?;
    Ok((stored.hash, stored.size + blob.size))
}

/// The hash of the blob with a bundle's tensors: the one content that the bundle needs beside its manifest.
pub fn tensor_blob(store: &Store, hash: &Hash) -> Result<Hash> {
    read_manifest(store, hash).map(|manifest| manifest.tensor_blob)
}

fn read_manifest(store: &Store, hash: &Hash) -> Result<BundleManifest> {
    let place = |e: Error| e.at(format!("model {}", hash.short()));
    let bytes = store.read(hash).map_err(place)?;
    let damaged = |e: String| place(Error::corrupt(format!("not a bundle: {e}")));
    let manifest: BundleManifest = serde_json::from_slice(&bytes).map_err(|e| damaged(e.to_string()))?;
    if manifest.mlops_model != FORMAT {
        return Err(damaged(format!("format {} is not known to this mlops", manifest.mlops_model)));
    }
    Ok(manifest)
}

/// Reads a bundle and checks that everything fits together.
pub fn load(store: &Store, hash: &Hash) -> Result<Bundle> {
    let place = |e: Error| e.at(format!("model {}", hash.short()));
    let damaged = |e: String| place(Error::corrupt(format!("not a bundle: {e}")));
    let manifest = read_manifest(store, hash)?;
    let blob = store.read(&manifest.tensor_blob).map_err(place)?;
    let mut tensors = Vec::new();
    for entry in &manifest.tensors {
        let end = entry.offset.checked_add(entry.bytes);
        let range = end.and_then(|end| blob.get(usize::try_from(entry.offset).ok()?..usize::try_from(end).ok()?));
        let range = range.ok_or_else(|| damaged(format!("tensor \"{}\" lies outside its blob", entry.name)))?;
        tensors.push((entry.name.clone(), Tensor::from_bytes(&entry.dtype, range).map_err(place)?));
    }
    let parts = Parts { kind: manifest.kind, attributes: manifest.attributes, tensors };
    let features: Vec<_> = manifest.features.features.iter().map(|f| (f.name.clone(), f.kind)).collect();
    let prepared = manifest.preparation.prepare(&features).map_err(place)?;
    let fitted = Fitted::from_parts(parts, prepared.width()).map_err(place)?;
    manifest.signature.check(fitted.outputs()).map_err(place)?;
    manifest.features.slots().map_err(place)?;
    Ok(Bundle {
        signature: manifest.signature,
        features: manifest.features,
        preparation: manifest.preparation,
        estimator: manifest.estimator,
        parameters: manifest.parameters,
        fitted,
        metrics: manifest.metrics,
        lineage: manifest.lineage,
    })
}
