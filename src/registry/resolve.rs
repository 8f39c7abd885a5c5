//! What a reference means where a model or a run is wanted.

use crate::error::{Error, Result, nearest};
use crate::ledger::{Ledger, ModelVersionRow, RunRow};
use crate::model::{Scorer, load};
use crate::project::{Name, Project, Reference, Selector};
use crate::store::Hash;
use serde::Serialize;
use std::collections::BTreeSet;

/// The alias of the version in charge.
pub const CHAMPION: &str = "champion";

/// What a reference to a model names.
#[derive(Debug, Clone, Serialize)]
pub struct Resolved {
    /// The registered name and version, if it is registered.
    pub registered: Option<(Name, u32)>,
    /// The bundle's hash.
    pub hash: Hash,
}

impl Resolved {
    /// `name@version`, or the beginning of the hash.
    pub fn label(&self) -> String {
        self.registered.as_ref().map_or_else(|| self.hash.short(), |(name, version)| format!("{name}@{version}"))
    }
}

/// Finds the model of `name`, `name@version`, `name@alias`, a recipe (its newest run), a run id or a bundle's hash. A
/// bare registered name is its champion, or its newest version where there is none.
pub fn resolve(ledger: &Ledger, reference: &Reference) -> Result<Resolved> {
    let versions = ledger.model_versions()?;
    if let Some((name, selector)) = reference.named() {
        let of_name: Vec<&ModelVersionRow> = versions.iter().filter(|v| v.name == *name).collect();
        let champion = || of_name.iter().find(|v| v.aliases.iter().any(|a| a.as_str() == CHAMPION));
        let found = match selector {
            Selector::Bare => champion().or(of_name.first()),
            Selector::Latest => of_name.first(),
            Selector::Version(number) => of_name.iter().find(|v| v.version == *number),
            Selector::Alias(alias) => of_name.iter().find(|v| v.aliases.contains(alias)),
        };
        if let Some(version) = found {
            return Ok(Resolved { registered: Some((version.name.clone(), version.version)), hash: version.hash });
        }
        if !of_name.is_empty() {
            let known: Vec<String> = of_name.iter().flat_map(|v| v.aliases.iter().map(Name::to_string)).collect();
            return Err(Error::not_found(format!("model \"{name}\" has no version or alias \"{}\"", reference.text()))
                .hint(format!(
                    "versions 1 to {}, aliases: {}",
                    of_name.iter().map(|v| v.version).max().unwrap_or(1),
                    if known.is_empty() { "none".to_owned() } else { known.join(", ") }
                )));
        }
        if let (Selector::Bare | Selector::Latest, Some(run)) = (selector, ledger.runs_of_recipe(name)?.first()) {
            return of_run(&versions, run);
        }
    }
    by_hash(ledger, &versions, reference)
}

fn of_run(versions: &[ModelVersionRow], run: &RunRow) -> Result<Resolved> {
    let hash = run.model.ok_or_else(|| {
        Error::invalid(format!("run {} made no model", run.id.short())).hint("choose a finished run: `mlops run list`")
    })?;
    let registered = versions.iter().find(|v| v.hash == hash).map(|v| (v.name.clone(), v.version));
    Ok(Resolved { registered, hash })
}

fn by_hash(ledger: &Ledger, versions: &[ModelVersionRow], reference: &Reference) -> Result<Resolved> {
    let Some(prefix) = reference.hash_prefix() else { return Err(unknown_model(ledger, versions, reference)?) };
    if let [run] = ledger.runs_by_prefix(prefix)?.as_slice() {
        return of_run(versions, run);
    }
    let mut hashes: Vec<Hash> = versions.iter().map(|v| v.hash).collect();
    hashes.extend(ledger.all_runs()?.into_iter().filter_map(|r| r.model));
    hashes.retain(|h| h.to_string().starts_with(prefix));
    hashes.sort();
    hashes.dedup();
    match hashes.as_slice() {
        [hash] => {
            let registered = versions.iter().find(|v| v.hash == *hash).map(|v| (v.name.clone(), v.version));
            Ok(Resolved { registered, hash: *hash })
        }
        [] => Err(unknown_model(ledger, versions, reference)?),
        several => Err(Error::invalid(format!("{prefix} begins the hashes of {} models", several.len()))
            .hint("write more of the hash")),
    }
}

fn unknown_model(ledger: &Ledger, versions: &[ModelVersionRow], reference: &Reference) -> Result<Error> {
    let names: BTreeSet<&str> = versions.iter().map(|v| v.name.as_str()).collect();
    let unknown = || Error::unknown("model", reference.text(), names);
    Ok(unfinished(&ledger.recipes_run()?, reference).unwrap_or_else(unknown))
}

/// Why a recipe names no run although it was run.
fn unfinished(recipes: &[String], reference: &Reference) -> Option<Error> {
    let (name, _) = reference.named().filter(|(name, _)| recipes.iter().any(|recipe| recipe == name.as_str()))?;
    Some(Error::not_found(format!("no run of recipe \"{name}\" has finished")).hint(format!(
        "`mlops run list --recipe {name}` says how they ended; `mlops run train {name}` makes another one"
    )))
}

/// The finished run a reference names: a run id's beginning, or a recipe's newest.
pub fn find_run(ledger: &Ledger, reference: &Reference) -> Result<RunRow> {
    if let Some(prefix) = reference.hash_prefix() {
        let mut runs = ledger.runs_by_prefix(prefix)?;
        match runs.len() {
            1 => return runs.pop().ok_or_else(|| Error::not_found("no run")),
            0 => {}
            n => {
                return Err(Error::invalid(format!("{prefix} begins the ids of {n} runs")).hint("write more of the id"));
            }
        }
    }
    if let Some((name, Selector::Bare | Selector::Latest)) = reference.named()
        && let Some(run) = ledger.runs_of_recipe(name)?.into_iter().next()
    {
        return Ok(run);
    }
    let recipes = ledger.recipes_run()?;
    if let Some(e) = unfinished(&recipes, reference) {
        return Err(e);
    }
    let recipes: Vec<&str> = recipes.iter().map(String::as_str).collect();
    Err(Error::not_found(format!("no run \"{}\"", reference.text())).hint(match nearest(reference.text(), &recipes) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => "`mlops run list` shows the runs; a recipe's name means its newest finished run".to_owned(),
    }))
}

/// A model loaded and ready to predict.
pub fn open(project: &Project, ledger: &Ledger, reference: &Reference) -> Result<(Resolved, Scorer)> {
    let resolved = resolve(ledger, reference)?;
    let scorer = Scorer::new(load(&project.store(), &resolved.hash)?)?;
    Ok((resolved, scorer))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{RunId, RunResult};

    #[test]
    fn a_recipe_whose_runs_all_failed_is_told_from_one_that_is_not_known() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&folder.path().join("ledger.db")).unwrap();
        let (id, recipe) = (RunId::random().unwrap(), Name::parse("late").unwrap());
        ledger.begin_run(&id, &recipe, 7, None).unwrap();
        let failed = RunResult { error: Some("no rows".to_owned()), ..Default::default() };
        ledger.finish_run(&id, &failed).unwrap();
        let found = |text: &str| {
            let reference = Reference::parse(text).unwrap();
            [find_run(&ledger, &reference).map(|_| ()), resolve(&ledger, &reference).map(|_| ())]
                .map(Result::unwrap_err)
        };
        for e in found("late") {
            assert_eq!(e.message(), "no run of recipe \"late\" has finished");
            assert!(e.hint_text().unwrap().contains("mlops run list --recipe late"));
        }
        assert_eq!(found("lat")[0].hint_text(), Some("did you mean \"late\"?"));
        assert_eq!(found("lat")[1].message(), "model \"lat\" is not known");
    }
}
