//! The one error type of the library: what happened, to what, and what to do next.
//!
//! The message names the thing and the place; the hint says what to do next. `kind` decides the exit code in
//! `cli/` and the status in `serve/`, and is what `--json` prints under `error.kind`. The error of another library that caused
//! one of ours is kept as its source, for `-v` and the log; the message alone must be enough to act on.

use crate::nearest_name;
use std::fmt;
use std::path::Path;

/// What every fallible function of the library returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The classes of failure a caller can act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// A check did not hold: a contract is broken, a gate not passed.
    Check,
    /// A name, version or reference that does not exist.
    NotFound,
    /// Wrong usage or bad input: arguments, `mlops.toml`, a data file, a request.
    Invalid,
    /// The operation would destroy or contradict something that is there.
    Conflict,
    /// Bytes in `.mlops` do not match their hash or their format.
    Corrupt,
    /// The operating system refused: files, disk, network.
    Io,
    /// Another process holds the lock.
    Locked,
    /// The person pressed Ctrl-C.
    Interrupted,
}

impl ErrorKind {
    /// The stable name used in JSON.
    pub fn name(self) -> &'static str {
        match self {
            ErrorKind::Check => "check",
            ErrorKind::NotFound => "not_found",
            ErrorKind::Invalid => "invalid",
            ErrorKind::Conflict => "conflict",
            ErrorKind::Corrupt => "corrupt",
            ErrorKind::Io => "io",
            ErrorKind::Locked => "locked",
            ErrorKind::Interrupted => "interrupted",
        }
    }
}

/// What caused an error: another library's error, or a text.
type Source = Box<dyn std::error::Error + Send + Sync>;

/// An error with its kind, a message and, where there are any, a hint and a source.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    hint: Option<String>,
    source: Option<Source>,
}

impl Error {
    /// The person asked to stop, and nothing was left half-done.
    pub fn interrupted() -> Self {
        Error::new(ErrorKind::Interrupted, "interrupted; nothing was left half-done")
    }

    /// An error of the given kind.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error { kind, message: message.into(), hint: None, source: None }
    }

    /// Wrong usage or bad input.
    pub fn invalid(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Invalid, message)
    }

    /// Something named that does not exist.
    pub fn not_found(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::NotFound, message)
    }

    /// A name that is unknown among `known`: the message names it, the hint offers the nearest.
    pub fn unknown<'a>(what: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        let error = Error::not_found(format!("{what} \"{name}\" is not known"));
        let otherwise = || match known.is_empty() {
            true => format!("there is no {what} yet"),
            false => format!("known: {}", shortened(&known)),
        };
        error.did_you_mean(name, &known, otherwise)
    }

    /// The same with the known name that is nearest as its hint; with what `otherwise` says where none is near.
    pub fn did_you_mean(self, name: &str, known: &[&str], otherwise: impl FnOnce() -> String) -> Self {
        let near = nearest_name::nearest(name, known).map(|near| format!("did you mean \"{near}\"?"));
        self.hint(near.unwrap_or_else(otherwise))
    }

    /// The operation would destroy or contradict something that is there.
    pub fn conflict(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Conflict, message)
    }

    /// Bytes under `.mlops` that do not match their hash or format.
    pub fn corrupt(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Corrupt, message)
    }

    /// A check that did not hold.
    pub fn check(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Check, message)
    }

    /// The operating system refused something about `path`.
    pub fn io(doing: &str, path: impl AsRef<Path>, error: std::io::Error) -> Self {
        // No kind of the standard library's: EMFILE and ENFILE on Unix.
        let too_many_open = cfg!(unix) && matches!(error.raw_os_error(), Some(23 | 24));
        let cause = error.kind();
        let message = format!("cannot {doing} {}: {error}", path.as_ref().display());
        let error = Error::new(ErrorKind::Io, message).caused_by(error);
        match cause {
            std::io::ErrorKind::PermissionDenied => error.hint("check the permissions of the file and its folder"),
            std::io::ErrorKind::StorageFull => error.hint("free some space; nothing was changed"),
            std::io::ErrorKind::FileTooLarge => error.hint("the limit is that of this shell: `ulimit -f unlimited`"),
            _ if too_many_open => error.hint("the limit is that of this shell: `ulimit -n 1024`"),
            _ => error,
        }
    }

    /// The same error with a hint: what to do next.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same error, with the error that caused it.
    pub fn caused_by(mut self, source: impl Into<Source>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The same error, its message led by where it happened.
    pub fn at(mut self, place: impl fmt::Display) -> Self {
        self.message = format!("{place}: {}", self.message);
        self
    }

    /// What class of failure this is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What happened, to what.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The causes, from the nearest to the deepest. A cause whose text is part of the text before it is left out.
    pub fn causes(&self) -> Vec<String> {
        let mut causes: Vec<String> = Vec::new();
        let mut source = std::error::Error::source(self);
        while let Some(cause) = source {
            let text = cause.to_string();
            if !causes.last().unwrap_or(&self.message).contains(&text) {
                causes.push(text);
            }
            source = cause.source();
        }
        causes
    }

    /// The message and its causes in one text, for a log.
    pub fn with_causes(&self) -> String {
        std::iter::once(self.message.clone()).chain(self.causes()).collect::<Vec<_>>().join(": ")
    }

    /// What to do next, where the error says it.
    pub fn hint_text(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// The text in quotes, for a message; of a long one, its beginning.
pub fn quoted(text: &str) -> String {
    const SHOWN: usize = 200;
    let shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() { format!("{:?}", shown + "…") } else { format!("{shown:?}") }
}

fn shortened(known: &[&str]) -> String {
    const SHOWN: usize = 12;
    let mut text = known.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    if known.len() > SHOWN {
        text.push_str(&format!(", … ({} in all)", known.len()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_go_inwards_and_repeat_nothing() {
        let disk = std::io::Error::other("the disk is gone");
        let inner = Error::new(ErrorKind::Io, "cannot read page 7").caused_by(disk);
        let outer = Error::corrupt("the ledger is damaged").caused_by(inner).at("fsck").hint("restore it");
        assert_eq!(outer.causes(), ["cannot read page 7", "the disk is gone"]);
        assert_eq!(outer.with_causes(), "fsck: the ledger is damaged: cannot read page 7: the disk is gone");
        assert_eq!(outer.to_string(), "fsck: the ledger is damaged");
        let said = Error::io("open", "a.csv", std::io::Error::other("no such thing"));
        assert_eq!((said.causes().len(), said.with_causes().as_str()), (0, "cannot open a.csv: no such thing"));
        assert!(std::error::Error::source(&said).is_some());
    }
}
