//! The identity of a set: a hash of everything that decides what the joined set is, which names it. Equal inputs are joined once.

use super::sources::{Sources, split_key};
use crate::error::Result;
use crate::features::view_identity::meaning;
use crate::project::{self, FeatureDef, Name, Project, SetDef, Split};
use crate::store::Hash;
use serde::Serialize;
use serde_json::Value;

/// Tag of the identity of sets; raised also when a joined set comes to look otherwise.
const FORMAT: &str = "set/5";

#[derive(Serialize)]
struct Meaning<'a> {
    set: SetDef,
    views: Vec<Value>,
    data: &'a [(Name, Hash)],
    seed: u64,
    from: Option<i64>,
    /// Given where `*` is among the features.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    kept_out: &'a [String],
}

/// The hash of everything that decides what the joined set is.
pub(super) fn set_hash(project: &Project, sources: &Sources) -> Result<Hash> {
    let definitions = project.definitions();
    let mut set = sources.definition.clone();
    if let Some(Split::Hash { key, .. } | Split::Stratified { key, .. }) = &mut set.split {
        *key = Some(split_key(project, &sources.definition));
    }
    let mut views = Vec::new();
    for name in &sources.views {
        // A training set does not depend on what the online store keeps of a view.
        let view = FeatureDef { online: None, ..definitions.view(name)?.clone() };
        views.push(meaning(definitions, name, &view)?);
    }
    let (data, seed, from) = (&sources.inputs, definitions.project.seed, sources.from);
    let star = sources.definition.features.iter().any(|feature| feature == "*");
    let kept_out = if star { &sources.kept_out[..] } else { &[] };
    project::identity(FORMAT, &Meaning { set, views, data, seed, from, kept_out })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "[project]\nseed = 7\n[data.d]\npath = 'd'\nkey = ['id']\n[data.w]\npath = 'w'\n\
        [entity.e]\nkeys = ['k']\n[feature.v]\nsource = 'w'\nentity = 'e'\nevent_time = 't'\ncolumns = ['x']\n\
        [set.s]\nspine = 'd'\nwhere = 'a > 0'\nevent_time = 't'\nlabel = 'y'\nfeatures = ['a', 'v:*']\n\
        split = { by = 'hash', validation = 0.2 }\n";

    fn hash_from(text: &str, from: Option<i64>) -> String {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("mlops.toml"), text).unwrap();
        let project = Project::open(folder.path()).unwrap();
        let (name, definition) = project.definitions().set.iter().next().unwrap();
        let views = definition.views().into_iter().map(|view| Name::parse(view).unwrap()).collect();
        let inputs = vec![(name.clone(), Hash::of(b"version 1"))];
        let kept_out = project.definitions().data[&definition.spine].key.clone();
        let sources = Sources { definition: definition.clone(), views, inputs, from, kept_out };
        set_hash(&project, &sources).unwrap().to_string()
    }

    fn hash(text: &str) -> String {
        hash_from(text, None)
    }

    #[test]
    fn the_identity_of_a_set_is_what_it_was() {
        assert_eq!(hash(PLAIN), "7c38f810ec134cdd7f2fb2a58ece084f63f7c097216115b7f5bb49aa6008c850");
    }

    #[test]
    fn what_means_the_same_has_the_same_identity() {
        for (from, to) in [
            ("validation = 0.2", "validation = 0.2, test = 0.0"),
            ("by = 'hash', validation = 0.2", "validation = 0.2, by = 'hash', key = ['id']"),
            ("label = 'y'\nfeatures = ['a', 'v:*']\n", "features = ['a', 'v:*']\nlabel = 'y'\nderive = {}\n"),
            ("columns = ['x']\n", "columns = ['x']\nonline = { history = '9d' }\nas_of = 'created'\n"),
            ("path = 'w'", "path = 'elsewhere'\nkey = ['k']"),
        ] {
            assert!(PLAIN.contains(from));
            assert_eq!(hash(&PLAIN.replace(from, to)), hash(PLAIN), "{from} → {to}");
        }
    }

    #[test]
    fn every_value_that_means_something_changes_the_identity() {
        for (from, to) in [
            ("key = ['id']", "key = ['id', 'day']"),
            ("key = ['id']\n", ""),
            ("validation = 0.2", "validation = 0.2, key = ['day']"),
            ("validation = 0.2", "validation = 0.3"),
            ("validation = 0.2", "validation = 0.2, test = 0.1"),
            ("{ by = 'hash', validation = 0.2 }", "{ by = 'column', column = 'part' }"),
            ("seed = 7", "seed = 8"),
            ("a > 0", "a > 1"),
            ("label = 'y'", "label = 'z'"),
            ("'a', 'v:*'", "'v:*', 'a'"),
            ("where = 'a > 0'\n", ""),
            ("columns = ['x']", "columns = ['x', 'z']"),
            ("columns = ['x']", "columns = ['x']\nttl = '1d'"),
            ("keys = ['k']", "keys = ['j']"),
            ("label = 'y'", "label = 'y'\nderive = { b = 'a + 1' }"),
        ] {
            assert!(PLAIN.contains(from));
            assert_ne!(hash(&PLAIN.replace(from, to)), hash(PLAIN), "{from} → {to}");
        }
        assert_ne!(hash_from(PLAIN, Some(0)), hash(PLAIN));
        let star = PLAIN.replace("'a', 'v:*'", "'*'").replace("by = 'hash', validation = 0.2", "by = 'time'");
        assert_ne!(hash(&star), hash(&star.replace("key = ['id']", "key = ['day']")), "a star leaves the key out");
        let by_time = PLAIN.replace("by = 'hash', validation = 0.2", "by = 'time', test = '2026-01-01'");
        let other_key = by_time.replace("key = ['id']", "key = ['other']");
        assert_eq!(hash(&by_time), hash(&other_key), "only a hash split goes by the key");
    }
}
