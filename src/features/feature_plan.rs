//! What a set's `features` mean: columns of the spine, features of views, expressions over both, in the order in
//! which a model sees them. The plan lies in the model's bundle, so a server needs no definitions.

use super::compiled_view::{ViewShape, ordered};
use super::expression::{Kind, Program};
use crate::error::{self, Error, Result};
use crate::project::SetDef;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A column a request brings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: Kind,
}

/// The features of one view that a set uses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Used {
    /// The view's columns, windows and expressions.
    pub shape: ViewShape,
    /// The features chosen, in the view's order.
    pub chosen: Vec<String>,
}

/// From a request's columns to a model's features.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FeaturePlan {
    /// The time of a row, for lookups and windows.
    pub event_time: Option<String>,
    /// Columns of the spine that are features or that expressions read.
    pub inputs: Vec<Input>,
    /// The views that are looked up, with the features chosen of each.
    pub views: Vec<Used>,
    /// Expressions, in an order in which each reads only earlier ones.
    pub derive: Vec<(String, String)>,
    /// The features in order, with their types: inputs, views' features as `VIEW__FEATURE`, expressions.
    pub features: Vec<Input>,
}

/// Resolves a set's features against the spine's columns and the shapes of views; `*` leaves times and the `reserved` ones out. A time that
/// is named is a feature for a recipe that has a step for it.
pub fn feature_plan(
    set: &SetDef,
    spine: &[(String, Kind)],
    reserved: &[String],
    shapes: &[ViewShape],
) -> Result<FeaturePlan> {
    let mut plan = FeaturePlan { event_time: set.event_time.clone(), ..Default::default() };
    for text in &set.features {
        match text.split_once(':') {
            Some((view, column)) => plan.take_view(view, column, spine, shapes)?,
            None if text == "*" => {
                let all = spine.iter().filter(|(name, kind)| *kind != Kind::Time && !reserved.contains(name));
                all.for_each(|(name, kind)| plan.take_column(name, *kind));
            }
            None => {
                let known = || spine.iter().map(|(name, _)| name.as_str());
                let found = spine.iter().find(|(name, _)| name == text);
                let (name, kind) = found.ok_or_else(|| Error::unknown("column", text, known()))?;
                plan.take_column(name, *kind);
            }
        }
    }
    plan.take_derived(&set.derive, spine)?;
    Ok(plan)
}

/// Building a plan.
impl FeaturePlan {
    /// Makes a column of the spine a feature.
    fn take_column(&mut self, name: &str, kind: Kind) {
        add(&mut self.features, name, kind);
        add(&mut self.inputs, name, kind);
    }

    /// Adds the features that `VIEW:COLUMN` names.
    fn take_view(&mut self, view: &str, column: &str, spine: &[(String, Kind)], shapes: &[ViewShape]) -> Result<()> {
        let (shape, wanted) = chosen(view, column, shapes)?;
        let at = self.views.iter().position(|u| u.shape.name.as_str() == view).unwrap_or_else(|| {
            self.views.push(Used { shape: shape.clone(), chosen: Vec::new() });
            self.views.len() - 1
        });
        for (name, kind) in wanted {
            let feature = format!("{view}__{name}");
            if spine.iter().any(|(n, _)| *n == feature) {
                return Err(Error::invalid(format!("column \"{feature}\" is called like a feature of view {view}"))
                    .hint("rename the column or the view"));
            }
            let chosen = &mut self.views[at].chosen;
            if !chosen.contains(&name) {
                chosen.push(name);
            }
            add(&mut self.features, &feature, kind);
        }
        Ok(())
    }

    /// Expressions over the features so far become features; other columns of the spine that they read become inputs.
    fn take_derived(&mut self, derive: &BTreeMap<String, String>, spine: &[(String, Kind)]) -> Result<()> {
        let mut slots: Vec<(String, Kind)> = self.features.iter().map(|f| (f.name.clone(), f.kind)).collect();
        let features = slots.len();
        let others = spine.iter().filter(|(n, _)| !slots.iter().any(|(known, _)| known == n)).cloned();
        slots.extend(others.collect::<Vec<_>>());
        let from_spine = features..slots.len();
        self.derive = ordered(derive, &slots);
        for (name, text) in &self.derive {
            let program = Program::parse(text, &slots).map_err(|e| e.at(format!("derive {name}")))?;
            for slot in program.inputs().iter().filter(|slot| from_spine.contains(slot)) {
                let (column, kind) = &slots[*slot];
                add(&mut self.inputs, column, *kind);
            }
            if slots.iter().any(|(n, _)| n == name) {
                return Err(Error::invalid(format!("derive \"{name}\": there is a column of that name")));
            }
            slots.push((name.clone(), program.kind()));
            add(&mut self.features, name, program.kind());
        }
        Ok(())
    }
}

/// The features of a view that `VIEW:COLUMN` means, in the view's order.
fn chosen<'a>(view: &str, column: &str, shapes: &'a [ViewShape]) -> Result<(&'a ViewShape, Vec<(String, Kind)>)> {
    let shape = shapes.iter().find(|s| s.name.as_str() == view);
    let shape = shape.ok_or_else(|| Error::unknown("view", view, shapes.iter().map(|s| s.name.as_str())))?;
    let compiled = shape.compile()?;
    let outputs = compiled.outputs();
    let wanted: Vec<_> = outputs.iter().filter(|(name, _)| column == "*" || name == column).cloned().collect();
    if wanted.is_empty() {
        let known = outputs.iter().map(|(name, _)| name.as_str());
        return Err(Error::unknown("feature", column, known).at(format!("view {view}")));
    }
    Ok((shape, wanted))
}

/// Adds a column unless one of that name is there.
fn add(columns: &mut Vec<Input>, name: &str, kind: Kind) {
    if !columns.iter().any(|column| column.name == name) {
        columns.push(Input { name: name.to_owned(), kind });
    }
}

impl FeaturePlan {
    /// Slots that expressions may read: inputs, then views' chosen features, then derived ones.
    pub fn slots(&self) -> Result<Vec<(String, Kind)>> {
        let mut slots: Vec<(String, Kind)> = self.inputs.iter().map(|i| (i.name.clone(), i.kind)).collect();
        for used in &self.views {
            if used.shape.keys.is_empty() {
                return Err(Error::corrupt(format!("view \"{}\" has no key", used.shape.name)));
            }
            let compiled = used.shape.compile()?;
            for name in &used.chosen {
                let kind = compiled.outputs().iter().find(|(n, _)| n == name).map(|(_, k)| *k);
                let kind = kind
                    .ok_or_else(|| Error::corrupt(format!("view \"{}\" has no feature \"{name}\"", used.shape.name)))?;
                slots.push((format!("{}__{name}", used.shape.name), kind));
            }
        }
        for (name, text) in &self.derive {
            let kind = Program::parse(text, &slots)?.kind();
            slots.push((name.clone(), kind));
        }
        Ok(slots)
    }

    /// Columns that rows may bring: inputs, keys, the time.
    pub fn columns(&self) -> Vec<String> {
        let mut names: Vec<String> = self.inputs.iter().map(|input| input.name.clone()).collect();
        names.extend(self.keys().into_iter().filter(|key| !self.inputs.iter().any(|input| input.name == *key)));
        names.extend(self.event_time.clone().filter(|time| !names.contains(time)));
        names
    }

    /// The error of rows without a column that the model takes.
    pub fn missing(&self, column: &str) -> Error {
        Error::invalid(format!("column {} is missing", error::quoted(column))).hint(format!(
            "the model takes {}; a value may be null, but the column must be there",
            self.columns().join(", ")
        ))
    }

    /// Key columns of the views, each once.
    pub fn keys(&self) -> Vec<String> {
        let mut keys: Vec<String> = Vec::new();
        for (key, _) in self.views.iter().flat_map(|u| &u.shape.keys) {
            if !keys.contains(key) {
                keys.push(key.clone());
            }
        }
        keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::{Definitions, Name};

    #[test]
    fn a_column_named_twice_is_one_input() {
        let text =
            "[data.d]\npath = 'd.csv'\n[set.s]\nspine = 'd'\nfeatures = ['b', '*', 'b']\nderive = { c = 'a + b' }\n";
        let definitions = Definitions::parse(text).unwrap();
        let set = definitions.set(&Name::parse("s").unwrap()).unwrap();
        let spine = ["a", "b"].map(|name| (name.to_owned(), Kind::Float));
        let plan = feature_plan(set, &spine, &[], &[]).unwrap();
        let names = |columns: &[Input]| columns.iter().map(|c| c.name.clone()).collect::<Vec<_>>().join(" ");
        assert_eq!((names(&plan.inputs).as_str(), names(&plan.features).as_str()), ("b a", "b a c"));
    }
}
