//! The whole `mlops.toml`: its tables, reading and checking it, and finding a definition by its name.

use super::{DataDef, EntityDef, FeatureDef, MonitorDef, RetrainDef, ServeDef, SetDef, TrainDef};
use crate::error::{Error, Result};
use crate::nearest_name;
use crate::project::Name;
use crate::project::read_text::text_of;
use crate::store::read_short_plain;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// Longest `mlops.toml`, bytes: ten thousand definitions.
const LONGEST: u64 = 1 << 20;

/// All definitions of a project.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Definitions {
    /// `[project]`
    pub project: ProjectDef,
    /// `[data.NAME]`
    pub data: BTreeMap<Name, DataDef>,
    /// `[entity.NAME]`
    pub entity: BTreeMap<Name, EntityDef>,
    /// `[feature.NAME]`
    pub feature: BTreeMap<Name, FeatureDef>,
    /// `[set.NAME]`
    pub set: BTreeMap<Name, SetDef>,
    /// `[train.NAME]`
    pub train: BTreeMap<Name, TrainDef>,
    /// `[serve.NAME]`
    pub serve: BTreeMap<Name, ServeDef>,
    /// `[monitor.NAME]`
    pub monitor: BTreeMap<Name, MonitorDef>,
    /// `[retrain.NAME]`
    pub retrain: BTreeMap<Name, RetrainDef>,
}

/// `[project]`: the project's name, and the seed of everything random.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ProjectDef {
    /// The project's name; the folder's name without one.
    pub name: Option<String>,
    /// Seed of splits, folds, searches and learners.
    pub seed: u64,
}

impl Definitions {
    /// Reads and checks the file at `path`.
    pub fn read(path: &Path) -> Result<Self> {
        let real = path.canonicalize().map_err(|e| Error::io("read", path, e))?;
        let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
        if !folder.is_some_and(|folder| real.starts_with(folder)) {
            return Err(Error::invalid(format!("{} links out of the project", path.display()))
                .hint("put the file itself there"));
        }
        let bytes = read_short_plain(&real, LONGEST)?.unwrap_or_default();
        let text = text_of(&bytes, path).map_err(|e| e.hint("save the file as UTF-8"))?;
        Definitions::parse(text)
    }

    /// Parses the text of an `mlops.toml`.
    ///
    /// Errors, all with the place: what is no TOML, unknown keys, values of another type or out of range, names of
    /// definitions that are not there.
    pub fn parse(text: &str) -> Result<Self> {
        let definitions: Definitions = toml::from_str(text).map_err(|e| {
            let place = e.span().map(|span| {
                let before = &text.as_bytes()[..span.start.min(text.len())];
                before.iter().filter(|b| **b == b'\n').count() + 1
            });
            let at = place.map_or_else(|| "mlops.toml".to_owned(), |line| format!("mlops.toml line {line}"));
            let error = Error::invalid(in_words_of_toml(e.message())).at(at).hint(hint_for(e.message()));
            error.caused_by(e)
        })?;
        definitions.check()?;
        Ok(definitions)
    }

    /// Checks what the types alone can't express.
    fn check(&self) -> Result<()> {
        each("data", &self.data, |data| data.csv_form().check())?;
        for (name, data) in &self.data {
            for (at, contract) in data.expect.iter().enumerate() {
                contract.check().map_err(|e| e.at(format!("mlops.toml [data.{name}] contract {}", at + 1)))?;
            }
        }
        each("feature", &self.feature, |view| view.check(self))?;
        each("set", &self.set, |set| set.check(self))?;
        each("train", &self.train, |recipe| recipe.check(self))?;
        each("retrain", &self.retrain, |retrain| retrain.check(self))
    }

    /// The dataset called `name`; the error offers the nearest name. So do the functions below.
    pub fn dataset(&self, name: &Name) -> Result<&DataDef> {
        find("dataset", &self.data, name)
    }

    /// The columns of a dataset that some set predicts as they are.
    pub fn targets_of(&self, dataset: &Name) -> Vec<String> {
        let sets = self.set.values().filter(|set| set.spine == *dataset);
        sets.filter_map(|set| set.label.as_ref()).map(|label| label.trim_matches('"').to_owned()).collect()
    }

    /// The entity called `name`.
    pub fn entity(&self, name: &Name) -> Result<&EntityDef> {
        find("entity", &self.entity, name)
    }

    /// The view called `name`.
    pub fn view(&self, name: &Name) -> Result<&FeatureDef> {
        find("view", &self.feature, name)
    }

    /// The training set called `name`.
    pub fn set(&self, name: &Name) -> Result<&SetDef> {
        find("set", &self.set, name)
    }

    /// The recipe called `name`.
    pub fn recipe(&self, name: &Name) -> Result<&TrainDef> {
        find("recipe", &self.train, name)
    }

    /// The monitor called `name`.
    pub fn monitor(&self, name: &Name) -> Result<&MonitorDef> {
        find("monitor", &self.monitor, name)
    }

    /// The retraining called `name`.
    pub fn retrain(&self, name: &Name) -> Result<&RetrainDef> {
        find("retrain", &self.retrain, name)
    }
}

/// The parser's message with TOML's words for Rust's types.
fn in_words_of_toml(message: &str) -> String {
    let Some((found, expected)) = message.split_once(", expected ") else { return message.to_owned() };
    let expected = match expected {
        "a sequence" => "a list",
        "a map" => "a table",
        "f64" | "f32" => "a number",
        "i64" | "i32" => "a whole number",
        "u64" | "u32" | "usize" | "u16" => "a whole number from 0 on",
        text if text.starts_with("struct ") || text.starts_with("internally tagged enum ") => {
            "a table: { KEY = VALUE, … }"
        }
        text => text,
    };
    format!("{found}, expected {expected}")
}

/// What to write instead of what the parser does not know.
fn hint_for(message: &str) -> String {
    let hint = match message {
        m if ["`min`", "`max`"].iter().any(|key| m.starts_with(&format!("unknown field {key}")))
            && m.contains("`between`") =>
        {
            "write between = [LOW, HIGH], with inf or -inf where there is no end"
        }
        m if m.starts_with("missing field `op`") => {
            "a step says what it does: { op = \"one_hot\", columns = [\"purpose\"] }"
        }
        m if m.starts_with("invalid value: string") && m.ends_with("expected a character") => {
            "one character in quotes; \"\\t\" is a tab"
        }
        m => return nearest_word(m).unwrap_or_else(|| "`mlops help toml` lists every key".to_owned()),
    };
    hint.to_owned()
}

/// Which of the words that the parser expected is near the one that it found.
fn nearest_word(message: &str) -> Option<String> {
    let (found, expected) = message.split_once(", expected ")?;
    let found = found.split('`').nth(1)?;
    let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    nearest_name::nearest(found, &known).map(|near| format!("did you mean \"{near}\"?"))
}

fn find<'a, T>(what: &str, table: &'a BTreeMap<Name, T>, name: &Name) -> Result<&'a T> {
    table.get(name).ok_or_else(|| {
        let unknown = Error::unknown(what, name.as_str(), table.keys().map(Name::as_str));
        match table.is_empty() {
            true => unknown.hint(format!("mlops.toml defines no {what} yet: `mlops help toml` shows how")),
            false => unknown,
        }
    })
}

/// Checks every definition of a section; the error says which.
fn each<T>(section: &str, table: &BTreeMap<Name, T>, check: impl Fn(&T) -> Result<()>) -> Result<()> {
    table.iter().try_for_each(|(name, one)| check(one).map_err(|e| e.at(format!("mlops.toml [{section}.{name}]"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let e = Definitions::parse("[project]\nname = \"x\"\nsead = 7\n").unwrap_err();
        assert!(e.message().contains("line 3") && e.message().contains("sead"), "{e}");
    }

    #[test]
    fn a_value_of_another_type_is_told_in_words_of_toml() {
        for (text, said) in [
            ("[train.x]\nset = 's'\nmodel = 'tree'\ncv = 5", "expected a table"),
            ("[set.x]\nspine = 's'\nfeatures = ['a']\nsplit = 'hash'", "expected a table"),
            ("[data.x]\npath = 'x'\nkey = 'id'", "expected a list"),
            ("[monitor.x]\ndrift_share = 'half'", "expected a number"),
            ("[project]\nseed = -1", "expected a whole number from 0 on"),
        ] {
            let e = Definitions::parse(text).unwrap_err();
            assert!(e.message().contains(said) && e.message().contains("line"), "{text}: {e}");
        }
    }

    #[test]
    fn words_of_other_tools_lead_to_ours() {
        for (text, hint) in [
            ("[data.a]\npath = 'a'\nexpect = [{ column = 'x', min = 0 }]\n", "between = [LOW, HIGH]"),
            ("[train.x]\nset = 's'\nmodel = 'tree'\nprep = [{ onehot = ['a'] }]\n", "op = \"one_hot\""),
            ("[data.a]\npath = 'a'\nseparator = 'tab'\n", "\"\\t\" is a tab"),
            ("[data.a]\npath = 'a'\ntypes = { x = 'int' }\n", "did you mean \"integer\"?"),
            ("[data.a]\npath = 'a'\nsepparator = ';'\n", "did you mean \"separator\"?"),
        ] {
            let e = Definitions::parse(text).unwrap_err();
            assert!(e.hint_text().unwrap().contains(hint), "{text}: {e:?}");
        }
        assert!(Definitions::parse("[data.a]\npath = 'a'\nexpect = [{ column = 'x', between = [0, inf] }]\n").is_ok());
    }

    #[test]
    fn a_contract_has_one_rule_and_a_share_that_is_one() {
        let contract = |text: &str| Definitions::parse(&format!("[data.a]\npath = 'a'\nexpect = [{{ {text} }}]\n"));
        assert!(contract("column = 'x', between = [0, 1], mostly = 0.9").is_ok());
        let e = contract("column = 'x', not_null = true, between = [0, 1]").unwrap_err();
        assert!(e.message().contains("[data.a] contract 1: 2 rules in one: not_null, between"), "{e}");
        assert!(contract("column = 'x', not_null = true, mostly = 7.0").is_err());
        assert!(contract("column = 'x', not_null = true, mostly = 0.0").is_err());
    }

    #[test]
    fn a_view_of_an_unknown_dataset_gets_the_nearest_name() {
        let text = "[data.weather]\npath='w.csv'\n[entity.airport]\nkeys=['origin']\n[feature.w]\nsource='wether'\nentity='airport'\nevent_time='t'\ncolumns=['temp']\n";
        let e = Definitions::parse(text).unwrap_err();
        assert_eq!(e.hint_text(), Some("did you mean \"weather\"?"));
    }
}
