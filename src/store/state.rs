//! Whether a content that something names is on this machine and undamaged, and the message and hint when it is not.

use super::Hash;
use crate::error::Error;

/// Whether a content is on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlobState {
    /// Here, with the content its name says.
    Present,
    /// Not here, although the ledger, the lock file or a model names it: it was recorded on another machine, or lost.
    Elsewhere,
    /// Here, with another content than its name says.
    Damaged,
}

impl BlobState {
    /// The end of a sentence that begins with the thing: "loans.csv is damaged".
    pub fn words(self) -> &'static str {
        match self {
            BlobState::Present => "is here",
            BlobState::Elsewhere => "is not on this machine",
            BlobState::Damaged => "is damaged",
        }
    }

    /// What the person can do about it.
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

    /// The error when the content is needed and in this state.
    pub(super) fn error(self, hash: &Hash, place: &str) -> Error {
        Error::corrupt(format!("blob {} {}{place}", hash.short(), self.words())).hint(self.hint())
    }
}
