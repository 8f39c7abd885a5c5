//! A fitted model: what predicts, and its parts as named tensors.
//!
//! Invariant: whatever `from_parts` lets through can be predicted with: no index is out of range, every walk through a
//! tree ends, every number is finite. Parts of a file nobody trusts give an error, never a panic or an endless loop.

use crate::error::{Error, Result};
use crate::learn::ensemble::{Ensemble, MAX_FEATURES, Node, Output};
use crate::learn::linear::Linear;
use crate::learn::matrix::Matrix;
use crate::learn::split::BinSet;
use crate::learn::tensor::Tensor;
use rayon::prelude::*;
use serde_json::{Value, json};

/// Rows that are predicted together.
const BLOCK: usize = 256;

/// A model that predicts.
#[derive(Debug, Clone, PartialEq)]
pub enum Fitted {
    /// Weights and an intercept.
    Linear(Linear),
    /// One tree or many.
    Trees(Ensemble),
}

/// A fitted model taken apart: what a bundle stores.
#[derive(Debug, Clone, PartialEq)]
pub struct Parts {
    /// "linear" or "trees".
    pub kind: String,
    /// What is not a tensor, as an object.
    pub attributes: Value,
    /// Named flat arrays, in a fixed order.
    pub tensors: Vec<(String, Tensor)>,
}

impl Fitted {
    /// The probability of the positive class for one row, one value a feature. Trees take NaN as missing; a linear model
    /// gives NaN for it.
    pub fn predict_row(&self, row: &[f64]) -> f64 {
        match self {
            Fitted::Linear(linear) => linear.probability(row),
            Fitted::Trees(trees) => trees.probability(row),
        }
    }

    /// The probability of the positive class for each row, bit for bit what `predict_row` gives.
    pub fn predict(&self, x: &Matrix) -> Vec<f64> {
        let width = x.columns().max(1);
        let mut out = vec![0.0; x.rows()];
        out.par_chunks_mut(BLOCK).enumerate().for_each_init(Vec::new, |rows, (block, out)| {
            x.rows_into(block * BLOCK, out.len(), rows);
            match self {
                Fitted::Linear(linear) => {
                    out.iter_mut().zip(rows.chunks_exact(width)).for_each(|(out, row)| *out = linear.probability(row));
                }
                Fitted::Trees(trees) => trees.probabilities(rows, width, out),
            }
        });
        out
    }

    /// How much each feature matters: for trees its share of all gains (they sum to 1, or are all 0), for linear models
    /// the size of its weight.
    pub fn importance(&self) -> Vec<f64> {
        match self {
            Fitted::Linear(linear) => linear.weights.iter().map(|weight| weight.abs()).collect(),
            Fitted::Trees(trees) => trees.importance.clone(),
        }
    }

    /// The model taken apart. Equal models have equal parts.
    pub fn parts(&self) -> Parts {
        match self {
            Fitted::Linear(linear) => linear_parts(linear),
            Fitted::Trees(trees) => trees_parts(trees),
        }
    }

    /// Puts a model for rows of `features` values together again; an error of kind `Corrupt` if anything does not fit.
    pub fn from_parts(parts: Parts, features: usize) -> Result<Fitted> {
        let kind = parts.kind.clone();
        let fitted = match kind.as_str() {
            "linear" => linear_of(Shelf(parts.tensors), features).map(Fitted::Linear),
            "trees" => trees_of(&parts.attributes, Shelf(parts.tensors), features).map(Fitted::Trees),
            _ => Err(Error::corrupt(format!("the kind \"{kind}\" is not known"))),
        };
        fitted.map_err(|error| error.at("model"))
    }
}

fn linear_parts(linear: &Linear) -> Parts {
    let tensors = vec![
        ("weights".to_string(), Tensor::F64(linear.weights.clone())),
        ("intercept".to_string(), Tensor::F64(vec![linear.intercept])),
        ("sigmoid".to_string(), Tensor::F64(vec![linear.sigmoid.0, linear.sigmoid.1])),
    ];
    Parts { kind: "linear".to_string(), attributes: json!({}), tensors }
}

fn trees_parts(trees: &Ensemble) -> Parts {
    let nodes = &trees.nodes;
    let flags = nodes.iter().map(|node| u8::from(node.missing_left()) | (u8::from(node.is_categorical()) << 1));
    let sets = trees.sets.iter().flat_map(|set| set.0).flat_map(|word| [word as u32, (word >> 32) as u32]);
    let mut ends = Vec::with_capacity(trees.tables.len());
    trees.tables.iter().fold(0u32, |end, table| {
        ends.push(end + table.len() as u32);
        end + table.len() as u32
    });
    let tensors = [
        ("roots", Tensor::U32(trees.roots.clone())),
        ("child", Tensor::U32(nodes.iter().map(|node| node.child).collect())),
        ("feature", Tensor::U32(nodes.iter().map(|node| node.feature() as u32).collect())),
        ("flags", Tensor::U8(flags.collect())),
        ("value", Tensor::F64(nodes.iter().map(|node| node.value).collect())),
        ("sets", Tensor::U32(sets.collect())),
        ("codes", Tensor::U8(trees.tables.concat())),
        ("codes_end", Tensor::U32(ends)),
        ("importance", Tensor::F64(trees.importance.clone())),
        ("baseline", Tensor::F64(vec![trees.baseline])),
    ];
    let output = match trees.output {
        Output::Mean => "mean",
        Output::Sigmoid => "sigmoid",
    };
    let tensors = tensors.into_iter().map(|(name, tensor)| (name.to_string(), tensor)).collect();
    Parts { kind: "trees".to_string(), attributes: json!({ "output": output }), tensors }
}

/// The tensors of a model, taken off one by one.
struct Shelf(Vec<(String, Tensor)>);

impl Shelf {
    fn take(&mut self, name: &str) -> Result<Tensor> {
        match self.0.iter().position(|(other, _)| other == name) {
            Some(i) => Ok(self.0.swap_remove(i).1),
            None => Err(Error::corrupt(format!("the tensor \"{name}\" is not there"))),
        }
    }

    /// Finite numbers; `count` of them if given.
    fn floats(&mut self, name: &str, count: Option<usize>) -> Result<Vec<f64>> {
        match self.take(name)? {
            Tensor::F64(values) if values.iter().any(|value| !value.is_finite()) => {
                Err(Error::corrupt(format!("the tensor \"{name}\" holds a number that is not finite")))
            }
            Tensor::F64(values) => counted(name, values, count),
            other => Err(mistyped(name, &other, "f64")),
        }
    }

    fn integers(&mut self, name: &str, count: Option<usize>) -> Result<Vec<u32>> {
        match self.take(name)? {
            Tensor::U32(values) => counted(name, values, count),
            other => Err(mistyped(name, &other, "u32")),
        }
    }

    fn bytes(&mut self, name: &str, count: Option<usize>) -> Result<Vec<u8>> {
        match self.take(name)? {
            Tensor::U8(values) => counted(name, values, count),
            other => Err(mistyped(name, &other, "u8")),
        }
    }

    /// An error if anything is left that no model of this kind has.
    fn is_used_up(&self) -> Result<()> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => Err(Error::corrupt(format!("the tensor \"{name}\" does not belong there"))),
        }
    }
}

fn counted<T>(name: &str, values: Vec<T>, count: Option<usize>) -> Result<Vec<T>> {
    match count {
        Some(count) if values.len() != count => {
            Err(Error::corrupt(format!("the tensor \"{name}\" has {} elements, not {count}", values.len())))
        }
        _ => Ok(values),
    }
}

fn mistyped(name: &str, found: &Tensor, wanted: &str) -> Error {
    Error::corrupt(format!("the tensor \"{name}\" is of {}, not {wanted}", found.dtype()))
}

fn linear_of(mut shelf: Shelf, features: usize) -> Result<Linear> {
    let weights = shelf.floats("weights", Some(features))?;
    let intercept = shelf.floats("intercept", Some(1))?[0];
    let sigmoid = shelf.floats("sigmoid", Some(2))?;
    shelf.is_used_up()?;
    Ok(Linear { weights, intercept, sigmoid: (sigmoid[0], sigmoid[1]) })
}

fn trees_of(attributes: &Value, mut shelf: Shelf, features: usize) -> Result<Ensemble> {
    let output = match attributes.get("output").and_then(Value::as_str) {
        Some("mean") => Output::Mean,
        Some("sigmoid") => Output::Sigmoid,
        _ => return Err(Error::corrupt("the attribute \"output\" is neither \"mean\" nor \"sigmoid\"")),
    };
    if features >= MAX_FEATURES {
        return Err(Error::corrupt(format!("{features} features are too many")));
    }
    let child = shelf.integers("child", None)?;
    let feature = shelf.integers("feature", Some(child.len()))?;
    let flags = shelf.bytes("flags", Some(child.len()))?;
    let value = shelf.floats("value", Some(child.len()))?;
    let sets = sets_of(shelf.integers("sets", None)?)?;
    let tables = tables_of(shelf.integers("codes_end", Some(features))?, &shelf.bytes("codes", None)?)?;
    let nodes: Vec<Node> = (0..child.len())
        .map(|i| node_of(i, child[i] as usize, feature[i] as usize, flags[i], value[i], sets.len(), &tables))
        .collect::<Result<_>>()?;
    let roots = shelf.integers("roots", None)?;
    check_trees(&nodes, &roots)?;
    let importance = shelf.floats("importance", Some(features))?;
    let baseline = shelf.floats("baseline", Some(1))?[0];
    let leaves = || nodes.iter().filter(|node| node.child == 0);
    if output == Output::Mean && (baseline != 0.0 || leaves().any(|leaf| !(0.0..=1.0).contains(&leaf.value))) {
        return Err(Error::corrupt("a leaf holds no probability"));
    }
    shelf.is_used_up()?;
    Ok(Ensemble { nodes, roots, sets, tables, importance, baseline, output })
}

/// Sets of 256 bits from words of 32.
fn sets_of(words: Vec<u32>) -> Result<Vec<BinSet>> {
    let (sets, rest) = words.as_chunks::<8>();
    if !rest.is_empty() {
        return Err(Error::corrupt("the tensor \"sets\" is no whole number of sets"));
    }
    let word = |low: u32, high: u32| u64::from(low) | (u64::from(high) << 32);
    Ok(sets.iter().map(|s| BinSet([word(s[0], s[1]), word(s[2], s[3]), word(s[4], s[5]), word(s[6], s[7])])).collect())
}

/// The tables of category codes, one behind the other in `codes`.
fn tables_of(ends: Vec<u32>, codes: &[u8]) -> Result<Vec<Vec<u8>>> {
    let mut start = 0;
    let mut tables = Vec::with_capacity(ends.len());
    for end in ends {
        let table = codes.get(start..end as usize);
        tables.push(table.ok_or_else(|| Error::corrupt("the tensor \"codes_end\" does not fit \"codes\""))?.to_vec());
        start = end as usize;
    }
    if start != codes.len() {
        return Err(Error::corrupt("the tensor \"codes\" is longer than its tables"));
    }
    Ok(tables)
}

/// Node `i`, if all that it names exists.
fn node_of(
    i: usize,
    child: usize,
    feature: usize,
    flags: u8,
    value: f64,
    sets: usize,
    tables: &[Vec<u8>],
) -> Result<Node> {
    let wrong = |what: &str| Error::corrupt(format!("node {i}: {what}"));
    if child == 0 {
        return if feature == 0 && flags == 0 { Ok(Node::leaf(value)) } else { Err(wrong("a leaf that also splits")) };
    }
    let table = tables.get(feature).ok_or_else(|| wrong("its feature does not exist"))?;
    let missing_left = flags & 1 != 0;
    match flags {
        0 | 1 => Ok(Node::numeric(feature, value, child, missing_left)),
        2 | 3 if table.is_empty() => Err(wrong("its feature has no categories")),
        2 | 3 if value.fract() == 0.0 && value >= 0.0 && value < sets as f64 => {
            Ok(Node::categorical(feature, value as usize, child, missing_left))
        }
        2 | 3 => Err(wrong("its category set does not exist")),
        _ => Err(wrong("its flags are not known")),
    }
}

/// Each tree has a root; children lie behind their parent, inside the tree.
fn check_trees(nodes: &[Node], roots: &[u32]) -> Result<()> {
    let ends = roots.iter().skip(1).map(|root| *root as usize).chain([nodes.len()]);
    if roots.first() != Some(&0) {
        return Err(Error::corrupt("the first tree does not begin at node 0"));
    }
    for (tree, (start, end)) in roots.iter().map(|root| *root as usize).zip(ends).enumerate() {
        if start >= end || end > nodes.len() {
            return Err(Error::corrupt(format!("tree {tree} has no nodes of its own")));
        }
        let mut inside = nodes[start..end].iter().enumerate().filter(|(_, node)| node.child != 0);
        if let Some((i, _)) =
            inside.find(|(i, node)| node.child as usize <= start + i || node.child as usize + 1 >= end)
        {
            return Err(Error::corrupt(format!("node {}: its children are not behind it in its tree", start + i)));
        }
    }
    Ok(())
}
