//! Which features a prepared column is made of: what is said of the columns that a learner sees can then be said of the features that
//! a person knows.

use super::fitted_preparation::Preparation;
use std::collections::{BTreeMap, BTreeSet};

impl Preparation {
    /// For each of these prepared columns the feature that it is made of; none where it is made of several.
    ///
    /// For example `city=Oslo` and `city=Rome` both come from `city`.
    pub fn origins<'a>(&self, features: &[&'a str], columns: impl Iterator<Item = &'a str>) -> Vec<Option<usize>> {
        let mut made_of: BTreeMap<String, BTreeSet<usize>> =
            features.iter().enumerate().map(|(at, name)| ((*name).to_owned(), BTreeSet::from([at]))).collect();
        for step in &self.steps {
            let step = step.fitted();
            let inputs = step.inputs();
            let read: BTreeSet<usize> =
                inputs.iter().filter_map(|name| made_of.get(*name)).flatten().copied().collect();
            for output in step.outputs() {
                // A column that keeps its name is still that feature, whatever helped to fill or choose it.
                if !inputs.contains(&output.name.as_str()) {
                    made_of.insert(output.name, read.clone());
                }
            }
        }
        let only =
            |column: &str| made_of.get(column).filter(|from| from.len() == 1).and_then(|from| from.first().copied());
        columns.map(only).collect()
    }
}
