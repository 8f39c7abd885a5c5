//! What a reference means where a model or a run is wanted.

use crate::error::{Error, Result};
use crate::ledger::{Ledger, ModelVersionRow, RunRow};
use crate::model::{self, Scorer};
use crate::project::{Name, Project, Reference, Selector};
use crate::store::Hash;
use serde::Serialize;
use std::collections::BTreeSet;

/// The alias of the version that a bare name means.
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
    if let Some((name, selector)) = reference.named() {
        let versions = ledger.versions_of_model(name)?;
        if !versions.is_empty() {
            return of_versions(&versions, name, selector, reference);
        }
        if let (Selector::Bare | Selector::Latest, Some(run)) = (selector, ledger.last_run_of_recipe(name)?) {
            return of_run(ledger, &run);
        }
    }
    by_hash(ledger, reference)
}

fn of_versions(
    versions: &[ModelVersionRow],
    name: &Name,
    selector: &Selector,
    reference: &Reference,
) -> Result<Resolved> {
    let champion = || versions.iter().find(|v| v.aliases.iter().any(|a| a.as_str() == CHAMPION));
    let found = match selector {
        Selector::Bare => champion().or(versions.first()),
        Selector::Latest => versions.first(),
        Selector::Version(number) => versions.iter().find(|v| v.version == *number),
        Selector::Alias(alias) => versions.iter().find(|v| v.aliases.contains(alias)),
    };
    if let Some(version) = found {
        return Ok(Resolved { registered: Some((version.name.clone(), version.version)), hash: version.hash });
    }
    let known: Vec<String> = versions.iter().flat_map(|v| v.aliases.iter().map(Name::to_string)).collect();
    Err(Error::not_found(format!("model \"{name}\" has no version or alias \"{}\"", reference.text())).hint(format!(
        "versions 1 to {}, aliases: {}",
        versions.iter().map(|v| v.version).max().unwrap_or(1),
        if known.is_empty() { "none".to_owned() } else { known.join(", ") }
    )))
}

fn of_run(ledger: &Ledger, run: &RunRow) -> Result<Resolved> {
    let hash = run.model.ok_or_else(|| {
        Error::invalid(format!("run {} has no model", run.id.short())).hint("choose a finished run: `mlops run list`")
    })?;
    of_bundle(ledger, hash)
}

/// A bundle, with the first name and version it is registered under, if it is registered.
fn of_bundle(ledger: &Ledger, hash: Hash) -> Result<Resolved> {
    let registered = ledger.versions_of_bundle(&hash)?.into_iter().next().map(|v| (v.name, v.version));
    Ok(Resolved { registered, hash })
}

fn by_hash(ledger: &Ledger, reference: &Reference) -> Result<Resolved> {
    let Some(prefix) = reference.hash_prefix() else { return Err(unknown_model(ledger, reference)?) };
    if let [run] = ledger.runs_by_prefix(prefix)?.as_slice() {
        return of_run(ledger, run);
    }
    match ledger.models_by_hash(prefix)?.as_slice() {
        [hash] => of_bundle(ledger, *hash),
        [] => Err(unknown_model(ledger, reference)?),
        several => Err(Error::invalid(format!("{prefix} begins the hashes of {} models", several.len()))
            .hint("write more of the hash")),
    }
}

fn unknown_model(ledger: &Ledger, reference: &Reference) -> Result<Error> {
    if let Some(e) = unfinished(&ledger.recipes_run()?, reference) {
        return Ok(e);
    }
    Ok(Error::unknown("model", reference.text(), ledger.model_names()?.iter().map(String::as_str)))
}

/// The error for a recipe that was run but has no finished run.
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
        && let Some(run) = ledger.last_run_of_recipe(name)?
    {
        return Ok(run);
    }
    let recipes = ledger.recipes_run()?;
    if let Some(e) = unfinished(&recipes, reference) {
        return Err(e);
    }
    let recipes: Vec<&str> = recipes.iter().map(String::as_str).collect();
    let otherwise = || "`mlops run list` shows the runs; a recipe's name means its newest finished run".to_owned();
    Err(Error::not_found(format!("no run \"{}\"", reference.text())).did_you_mean(
        reference.text(),
        &recipes,
        otherwise,
    ))
}

/// A model loaded and ready to predict.
pub fn open(project: &Project, ledger: &Ledger, reference: &Reference) -> Result<(Resolved, Scorer)> {
    let resolved = resolve(ledger, reference)?;
    let scorer = Scorer::new(model::load(&project.store(), &resolved.hash)?)?;
    Ok((resolved, scorer))
}

/// The one model that has a champion.
pub fn only_champion(ledger: &Ledger) -> Result<Reference> {
    let champions =
        ledger.model_versions()?.into_iter().filter(|row| row.aliases.iter().any(|alias| alias.as_str() == CHAMPION));
    let names: BTreeSet<Name> = champions.map(|row| row.name).collect();
    let known: Vec<&str> = names.iter().map(Name::as_str).collect();
    match known[..] {
        [only] => Reference::parse(only),
        [] => Err(Error::not_found("no model has a champion yet")
            .hint("mlops train FILE --target COLUMN, or register one: mlops model register RUN NAME --alias champion")),
        _ => Err(Error::invalid(format!("several models have a champion: {}", known.join(", ")))
            .hint("name one of them: mlops predict FILE --model NAME, mlops serve NAME")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{NewRun, RunId, RunResult};

    #[test]
    fn a_recipe_whose_runs_all_failed_is_told_from_one_that_is_not_known() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&folder.path().join("ledger.db")).unwrap();
        let (id, recipe) = (RunId::random().unwrap(), Name::parse("late").unwrap());
        ledger.begin_run(&NewRun::of_recipe(id.clone(), &recipe, 7, None)).unwrap();
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
