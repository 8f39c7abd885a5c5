//! Calls of Polars: its errors as ours, and a panic inside it, which damaged files can cause, as an error too.

use crate::error::{Error, ErrorKind, Result};
use polars::prelude::{DataFrame, Expr, LazyFrame, PolarsError, PolarsResult};
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

pub(super) const WRITE_AGAIN: &str = "write the file again with the tool it came from";
const RAISE_LIMITS: &str = "see the limits of this shell: `ulimit -a`; `ulimit -n 1024` lets it open more files";

/// Reads all rows of a lazy table.
pub fn collect(lazy: LazyFrame) -> Result<DataFrame> {
    guarded(|| lazy.collect())
}

/// How many calls are under [`guarded`] now, in all threads.
static GUARDED: AtomicUsize = AtomicUsize::new(0);

/// Whether a call of Polars is under way in any thread: a panic that happens now may be caught and returned as an error, so it need
/// not be printed, and the call itself cannot be interrupted.
pub fn inside_polars() -> bool {
    GUARDED.load(Ordering::Relaxed) > 0
}

/// What Polars says of its own (deprecations) goes to the log, not to standard error.
static NOTICES: Once = Once::new();

/// Does `work`; its error or panic is an error of ours.
pub(super) fn guarded<T>(work: impl FnOnce() -> PolarsResult<T>) -> Result<T> {
    NOTICES.call_once(|| {
        polars::error::set_warning_function(|text, kind| tracing::debug!(?kind, "polars: {text}"));
    });
    GUARDED.fetch_add(1, Ordering::Relaxed);
    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
    GUARDED.fetch_sub(1, Ordering::Relaxed);
    match done {
        Ok(result) => result.map_err(from_polars),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default();
            let error = match ["Os { code: ", "os error "].iter().any(|mark| text.contains(mark)) {
                true => Error::new(ErrorKind::Io, format!("the table can't be read: {text}")).hint(RAISE_LIMITS),
                false => {
                    Error::invalid("the table can't be read, or what was asked of it can't be computed").hint(
                        "leave expressions and conditions out; if that does not help, write the file again with the tool it came from",
                    )
                }
            };
            Err(error.caused_by(text))
        }
    }
}

/// `unable to find column "x"; valid columns: ["a", "b"]` as our error, which offers the nearest.
fn unknown_column(text: &str) -> Option<Error> {
    let (_, text) = text.split_once("unable to find column \"")?;
    let (name, known) = text.split_once("\"; valid columns: ")?;
    let known: Vec<String> = serde_json::from_str(known).ok()?;
    Some(Error::unknown("column", name, known.iter().map(String::as_str)))
}

/// The first paragraph of Polars' message says what is wrong; the rest is its query plan.
pub fn from_polars(error: PolarsError) -> Error {
    let text = error.to_string();
    let first = text.split("\n\n").next().unwrap_or(&text).replace('\n', " ");
    let ours = match &error {
        PolarsError::IO { error, .. } if error.kind() == std::io::ErrorKind::StorageFull => {
            Error::new(ErrorKind::Io, first).hint("free some space; nothing was changed")
        }
        _ if ["Span(", "_POLARS_TMP", "cast List type"].iter().any(|mark| first.contains(mark)) => Error::invalid(
            "the query has a part that can't be computed",
        )
        .hint("write it with plain conditions, joins and GROUP BY; conditions on a grouping column belong into WHERE"),
        _ => unknown_column(&first).unwrap_or_else(|| Error::invalid(first)),
    };
    ours.caused_by(error)
}

/// The column of exactly this name. Polars' `col` takes `*` for all columns and `^…$` for a pattern.
pub fn exact_column(name: &str) -> Expr {
    Expr::Column(name.into())
}
