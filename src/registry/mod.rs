//! Registered models: names, versions, aliases, and what a reference to a model means.

use crate::error::{Error, Result, nearest};
use crate::ledger::{Ledger, ModelVersionRow, RunId, RunRow, RunStatus};
use crate::model::{Scorer, load, settle};
use crate::project::{Lock, Name, Project, Reference, Selector};
use crate::store::Hash;
use serde::Serialize;

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
            Selector::Latest if reference.text().contains('@') => of_name.first(),
            Selector::Latest => champion().or(of_name.first()),
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
        if let (Selector::Latest, Some(run)) = (selector, ledger.runs_of_recipe(name)?.first()) {
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
    let unknown = || {
        let names: std::collections::BTreeSet<&str> = versions.iter().map(|v| v.name.as_str()).collect();
        Error::unknown("model", reference.text(), names)
    };
    let prefix = reference.hash_prefix().ok_or_else(unknown)?;
    if let [run] = ledger.runs_by_prefix(prefix)?.as_slice() {
        return of_run(versions, run);
    }
    let mut hashes: Vec<Hash> = versions.iter().map(|v| v.hash).collect();
    hashes.extend(ledger.runs(usize::MAX >> 1)?.into_iter().filter_map(|r| r.model));
    hashes.retain(|h| h.to_string().starts_with(prefix));
    hashes.sort();
    hashes.dedup();
    match hashes.as_slice() {
        [hash] => {
            let registered = versions.iter().find(|v| v.hash == *hash).map(|v| (v.name.clone(), v.version));
            Ok(Resolved { registered, hash: *hash })
        }
        [] => Err(unknown()),
        several => Err(Error::invalid(format!("{prefix} begins the hashes of {} models", several.len()))
            .hint("write more of the hash")),
    }
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
    if let Some((name, Selector::Latest)) = reference.named()
        && let Some(run) = ledger.runs_of_recipe(name)?.into_iter().next()
    {
        return Ok(run);
    }
    let recipes = ledger.recipes_run()?;
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

/// What was registered.
#[derive(Debug, Serialize)]
pub struct RegisterOutcome {
    /// The model.
    pub name: Name,
    /// Its version.
    pub version: u32,
    /// The bundle's hash.
    pub hash: Hash,
    /// The run that made it.
    pub run: RunId,
    /// Aliases moved to it.
    pub aliases: Vec<Name>,
}

/// Registers the model of a run under the next version of `name`; the same bundle again is the same version.
pub fn register(project: &Project, run: &Reference, name: &Name, aliases: &[Name]) -> Result<RegisterOutcome> {
    aliases.iter().try_for_each(|alias| check_alias(name, alias))?;
    let _lock = Lock::acquire(project, "registry")?;
    let mut ledger = project.ledger()?;
    let mut run = find_run(&ledger, run)?;
    settle(project, &ledger, std::slice::from_mut(&mut run))?;
    let hash = match (run.status, run.model) {
        (RunStatus::Finished, Some(hash)) => hash,
        _ => {
            return Err(Error::invalid(format!("run {} is {} and has no model", run.id.short(), run.status.name()))
                .hint("register a finished run"));
        }
    };
    load(&project.store(), &hash)?;
    let version = ledger.register_model(name, &hash, &run.id, aliases)?;
    Ok(RegisterOutcome { name: name.clone(), version, hash, run: run.id, aliases: aliases.to_vec() })
}

/// An alias that was moved or removed.
#[derive(Debug, Serialize)]
pub struct AliasOutcome {
    /// The model.
    pub name: Name,
    /// The alias.
    pub alias: Name,
    /// Where it points now; nowhere after a removal.
    pub version: Option<u32>,
    /// Where it pointed before.
    pub before: Option<u32>,
}

/// An alias is what a reference reads as one: `latest` and numbers mean something else after the `@`.
fn check_alias(name: &Name, alias: &Name) -> Result<()> {
    match Reference::parse(&format!("{name}@{alias}"))?.named() {
        Some((_, Selector::Alias(_))) => Ok(()),
        _ => Err(Error::invalid(format!("\"{alias}\" is no alias: {name}@{alias} means a version"))
            .hint("choose a word that is not \"latest\" or a number")),
    }
}

/// Points an alias at the version a reference names; without one the alias is removed.
pub fn set_alias(project: &Project, name: &Name, alias: &Name, target: Option<&Reference>) -> Result<AliasOutcome> {
    check_alias(name, alias)?;
    let _lock = Lock::acquire(project, "registry")?;
    let mut ledger = project.ledger()?;
    let before = ledger.aliases()?.into_iter().find(|a| a.name == *name && a.alias == *alias).map(|a| a.version);
    let version = match target {
        Some(target) => {
            let resolved = resolve(&ledger, target)?;
            let version = resolved.registered.filter(|(n, _)| n == name).map(|(_, v)| v);
            let version = version.ok_or_else(|| {
                Error::invalid(format!("{} is no version of model \"{name}\"", target.text()))
                    .hint(format!("register it first: `mlops model register RUN {name}`"))
            })?;
            ledger.set_alias(name, alias, version)?;
            Some(version)
        }
        None if ledger.remove_alias(name, alias)? => None,
        None => {
            let aliases = ledger.aliases()?;
            let known = aliases.iter().filter(|a| a.name == *name).map(|a| a.alias.as_str());
            return Err(Error::unknown("alias", alias.as_str(), known).at(format!("model {name}")));
        }
    };
    Ok(AliasOutcome { name: name.clone(), alias: alias.clone(), version, before })
}
