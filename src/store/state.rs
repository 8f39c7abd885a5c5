//! How a content that something names stands here, and what is said and advised when it is not as it should be.

use super::Hash;
use crate::error::Error;

/// How a content stands on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlobState {
    /// Here, with the content its name says.
    Present,
    /// Named by the ledger, the lock file or a model, and not here: it was made on another machine, or lost.
    Elsewhere,
    /// Here, with another content than its name says.
    Damaged,
}

impl BlobState {
    /// The end of a sentence that begins with what is in this state.
    pub fn words(self) -> &'static str {
        match self {
            BlobState::Present => "is here",
            BlobState::Elsewhere => "is not on this machine",
            BlobState::Damaged => "is damaged",
        }
    }

    /// What to do about it.
    pub(super) fn hint(self) -> &'static str {
        match self {
            BlobState::Present => "nothing is to be done",
            BlobState::Elsewhere => {
                "make it again (`mlops data add`, `mlops run train`), or copy .mlops/objects from a machine that has it"
            }
            BlobState::Damaged => {
                "remove the file and make it again (`mlops data add`, `feature join`, `run train`); `mlops fsck` shows all damage"
            }
        }
    }

    /// The error of one who needs the content.
    pub(super) fn error(self, hash: &Hash, place: &str) -> Error {
        Error::corrupt(format!("blob {} {}{place}", hash.short(), self.words())).hint(self.hint())
    }
}
