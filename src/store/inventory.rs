//! Every blob of the store, each read and checked against its name.

use super::{BlobState, Hash, Store};
use crate::error::{Error, Result};
use crate::progress::Progress;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// The state of every blob, as found by one pass over the store.
#[derive(Debug, Default)]
pub struct Inventory {
    sound: BTreeSet<Hash>,
    damaged: BTreeMap<Hash, Error>,
}

impl Inventory {
    /// How many blobs there are.
    pub fn count(&self) -> usize {
        self.sound.len() + self.damaged.len()
    }

    /// Blobs whose content is not what their name says, or can't be read, with why.
    pub fn damaged(&self) -> &BTreeMap<Hash, Error> {
        &self.damaged
    }

    /// Whether the content is present, elsewhere or damaged.
    pub fn state(&self, hash: &Hash) -> BlobState {
        match () {
            () if self.sound.contains(hash) => BlobState::Present,
            () if self.damaged.contains_key(hash) => BlobState::Damaged,
            () => BlobState::Elsewhere,
        }
    }
}

impl Store {
    /// Reads every blob. One that can't be read counts as damaged and doesn't stop the rest.
    pub fn inventory(&self, progress: &Progress) -> Result<Inventory> {
        let all = self.list()?;
        let step = progress.step("verifying blobs", Some(all.len() as u64));
        let checked = all
            .par_iter()
            .map(|hash| {
                step.check()?;
                let found = self.verify(hash);
                step.advance(1);
                Ok((*hash, found))
            })
            .collect::<Result<Vec<_>>>()?;
        let mut inventory = Inventory::default();
        for (hash, found) in checked {
            match found {
                Ok(()) => drop(inventory.sound.insert(hash)),
                Err(e) => drop(inventory.damaged.insert(hash, e)),
            }
        }
        Ok(inventory)
    }
}
