//! Trees as tensors, and back. Whatever [`from_parts`] lets through can be predicted with: no index is out of range, every
//! walk through a tree ends, every number is finite.

use crate::error::{Error, Result};
use crate::learn::ensemble::{Ensemble, Link, MAX_FEATURES, TreeNode};
use crate::learn::feature_split::BinSet;
use crate::learn::stored_parts::{Parts, TensorReader};
use crate::learn::tensor::Tensor;
use serde_json::{Value, json};

/// The name of the kind in a bundle.
pub(super) const KIND: &str = "trees";

/// An ensemble taken apart.
pub(super) fn parts(trees: &Ensemble) -> Parts {
    let nodes = &trees.nodes;
    let flags = nodes.iter().map(|node| u8::from(node.missing_left()) | (u8::from(node.is_categorical()) << 1));
    let sets = trees.sets.iter().flat_map(|set| set.0).flat_map(|word| [word as u32, (word >> 32) as u32]);
    let mut ends = Vec::with_capacity(trees.tables.len());
    trees.tables.iter().fold(0u32, |end, table| {
        ends.push(end + table.len() as u32);
        end + table.len() as u32
    });
    let mut tensors = vec![
        ("roots", Tensor::U32(trees.roots.clone())),
        ("child", Tensor::U32(nodes.iter().map(|node| node.child).collect())),
        ("feature", Tensor::U32(nodes.iter().map(|node| node.feature() as u32).collect())),
        ("flags", Tensor::U8(flags.collect())),
        ("value", Tensor::F64(nodes.iter().map(|node| node.value).collect())),
        ("sets", Tensor::U32(sets.collect())),
        ("codes", Tensor::U8(trees.tables.concat())),
        ("codes_end", Tensor::U32(ends)),
        ("importance", Tensor::F64(trees.importance.clone())),
        ("baseline", Tensor::F64(trees.baseline.clone())),
    ];
    if !trees.covers.is_empty() {
        tensors.push(("cover", Tensor::U32(trees.covers.clone())));
    }
    if !trees.leaves.is_empty() {
        tensors.push(("leaves", Tensor::F64(trees.leaves.clone())));
    }
    let link = Link::NAMES.into_iter().find(|(link, _)| *link == trees.link).map(|(_, name)| name);
    let tensors = tensors.into_iter().map(|(name, tensor)| (name.to_string(), tensor)).collect();
    Parts { kind: KIND.to_string(), attributes: json!({ "link": link }), tensors }
}

/// Puts an ensemble for rows of `features` values together again.
pub(super) fn from_parts(attributes: &Value, mut tensors: TensorReader, features: usize) -> Result<Ensemble> {
    let word = attributes.get("link").and_then(Value::as_str).unwrap_or_default();
    let link = Link::NAMES.into_iter().find(|(_, name)| *name == word).map(|(link, _)| link);
    let link =
        link.ok_or_else(|| Error::corrupt(format!("the attribute \"link\" is \"{word}\", which is not known")))?;
    if features >= MAX_FEATURES {
        return Err(Error::corrupt(format!("{features} features are too many")));
    }
    let child = tensors.integers("child", None)?;
    let feature = tensors.integers("feature", Some(child.len()))?;
    let flags = tensors.bytes("flags", Some(child.len()))?;
    let value = tensors.floats("value", Some(child.len()))?;
    let sets = sets_of(tensors.integers("sets", None)?)?;
    let tables = tables_of(tensors.integers("codes_end", Some(features))?, &tensors.bytes("codes", None)?)?;
    let nodes: Vec<TreeNode> = (0..child.len())
        .map(|i| node_of(i, child[i] as usize, feature[i] as usize, flags[i], value[i], sets.len(), &tables))
        .collect::<Result<_>>()?;
    let roots = tensors.integers("roots", None)?;
    check_trees(&nodes, &roots)?;
    let covers = if tensors.has("cover") { tensors.integers("cover", Some(nodes.len()))? } else { Vec::new() };
    check_covers(&nodes, &covers)?;
    let importance = tensors.floats("importance", Some(features))?;
    let baseline = tensors.floats("baseline", None)?;
    let (trees, outputs) = (roots.len(), baseline.len());
    let fits = match link {
        Link::Softmax => outputs > 1 && trees.is_multiple_of(outputs),
        Link::Mean => outputs > 0 && baseline.iter().all(|start| *start == 0.0),
        Link::MeanNumber => baseline == [0.0],
        Link::Identity | Link::Sigmoid | Link::Exp => outputs == 1,
    };
    if !fits {
        return Err(Error::corrupt(format!("{trees} trees and {outputs} outputs do not fit the link \"{word}\"")));
    }
    let ends = || nodes.iter().filter(|node| node.child == 0).map(|node| node.value);
    let several = link == Link::Mean && outputs > 1;
    let leaves = if several { tensors.floats("leaves", None)? } else { Vec::new() };
    let last = leaves.len() / outputs;
    if !leaves.len().is_multiple_of(outputs)
        || (several && ends().any(|leaf| leaf.fract() != 0.0 || !(0.0..last as f64).contains(&leaf)))
    {
        return Err(Error::corrupt("a leaf has no numbers"));
    }
    let probability = |value: f64| (0.0..=1.0).contains(&value);
    let are_probabilities = if several { leaves.iter().copied().all(probability) } else { ends().all(probability) };
    if link == Link::Mean && !are_probabilities {
        return Err(Error::corrupt("a leaf holds no probability"));
    }
    tensors.finish()?;
    Ok(Ensemble { nodes, roots, sets, leaves, covers, tables, importance, baseline, link })
}

/// Sets of 256 bits from words of 32.
fn sets_of(words: Vec<u32>) -> Result<Vec<BinSet>> {
    let (sets, rest) = words.as_chunks::<8>();
    if !rest.is_empty() {
        return Err(Error::corrupt("the tensor \"sets\" is not a whole number of sets"));
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
) -> Result<TreeNode> {
    let wrong = |what: &str| Error::corrupt(format!("node {i}: {what}"));
    if child == 0 {
        return if feature == 0 && flags == 0 {
            Ok(TreeNode::leaf(value))
        } else {
            Err(wrong("a leaf that also splits"))
        };
    }
    let table = tables.get(feature).ok_or_else(|| wrong("its feature does not exist"))?;
    let missing_left = flags & 1 != 0;
    match flags {
        0 | 1 => Ok(TreeNode::numeric(feature, value, child, missing_left)),
        2 | 3 if table.is_empty() => Err(wrong("its feature has no categories")),
        2 | 3 if value.fract() == 0.0 && value >= 0.0 && value < sets as f64 => {
            Ok(TreeNode::categorical(feature, value as usize, child, missing_left))
        }
        2 | 3 => Err(wrong("its category set does not exist")),
        _ => Err(wrong("its flags are not known")),
    }
}

/// Every node has rows, and no more than its parent; models of before this was kept have none.
fn check_covers(nodes: &[TreeNode], covers: &[u32]) -> Result<()> {
    let fits = |(node, cover): (&TreeNode, &u32)| {
        let children = node.child as usize..node.child as usize + 2;
        *cover > 0 && (node.child == 0 || covers[children].iter().all(|child| child <= cover))
    };
    match nodes.iter().zip(covers).all(fits) {
        true => Ok(()),
        false => Err(Error::corrupt("the tensor \"cover\" does not fit the trees")),
    }
}

/// Each tree has a root; children lie behind their parent, inside the tree.
fn check_trees(nodes: &[TreeNode], roots: &[u32]) -> Result<()> {
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
