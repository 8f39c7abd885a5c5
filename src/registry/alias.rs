//! Aliases: names such as `champion` that move from version to version of a model, under the registry's lock.

use super::resolve::resolve;
use crate::error::{Error, Result};
use crate::project::{Lock, Name, Project, Reference, Selector};
use serde::Serialize;

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

/// Refuses names that a reference would not read as an alias: after the `@`, `latest` and numbers mean something else.
pub(super) fn check_alias(name: &Name, alias: &Name) -> Result<()> {
    match Reference::parse(&format!("{name}@{alias}"))?.named() {
        Some((_, Selector::Alias(_))) => Ok(()),
        _ => Err(Error::invalid(format!("\"{alias}\" can't be an alias: {name}@{alias} means a version"))
            .hint("choose a word that is not \"latest\" or a number")),
    }
}

/// Points an alias at the version a reference names; without one the alias is removed.
pub fn set_alias(project: &Project, name: &Name, alias: &Name, target: Option<&Reference>) -> Result<AliasOutcome> {
    check_alias(name, alias)?;
    let _lock = Lock::acquire(project, "registry")?;
    let mut ledger = project.ledger()?;
    let aliases = ledger.aliases(name)?;
    let before = aliases.iter().find(|a| a.alias == *alias).map(|a| a.version);
    let version = match target {
        Some(target) => {
            let resolved = resolve(&ledger, target)?;
            let version = resolved.registered.filter(|(n, _)| n == name).map(|(_, v)| v);
            let version = version.ok_or_else(|| {
                Error::invalid(format!("{} is not a version of model \"{name}\"", target.text()))
                    .hint(format!("register it first: `mlops model register RUN {name}`"))
            })?;
            ledger.set_alias(name, alias, version)?;
            Some(version)
        }
        None if ledger.remove_alias(name, alias)? => None,
        None => {
            let known = aliases.iter().map(|a| a.alias.as_str());
            return Err(Error::unknown("alias", alias.as_str(), known).at(format!("model {name}")));
        }
    };
    tracing::info!(model = %name, %alias, ?before, now = ?version, "alias moved");
    Ok(AliasOutcome { name: name.clone(), alias: alias.clone(), version, before })
}
