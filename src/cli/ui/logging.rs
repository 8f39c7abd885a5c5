//! The log: what the library says of its work (`tracing` events), as lines on standard error.
//!
//! Warnings are always written, `-v` adds what was done, `-vv` how. Only events of this program are written, not those of the
//! libraries it is built on.

use super::bar::Bar;
use crate::document::escape;
use std::io::Write;
use std::sync::Arc;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry;

/// How lines of the log are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// Time, level, place, message and fields
    Text,
    /// One JSON object a line
    Json,
}

/// How many `-v` were given, or `--quiet`, as what is written.
pub(super) fn level(verbose: u8, quiet: bool) -> LevelFilter {
    match (verbose, quiet) {
        (_, true) => LevelFilter::OFF,
        (0, _) => LevelFilter::WARN,
        (1, _) => LevelFilter::INFO,
        _ => LevelFilter::DEBUG,
    }
}

/// Writes events from now on; without effect if something does already, as in a test.
pub(super) fn start(bar: &Arc<Bar>, level: LevelFilter, format: LogFormat) {
    let writer = Terminal(Arc::clone(bar));
    let events = registry().with(Targets::new().with_target(env!("CARGO_CRATE_NAME"), level));
    let lines = tracing_subscriber::fmt::layer().with_writer(writer);
    let _ = match format {
        LogFormat::Text => tracing::subscriber::set_global_default(events.with(lines)),
        LogFormat::Json => {
            let lines = lines.json().flatten_event(true).with_current_span(false).with_span_list(false);
            tracing::subscriber::set_global_default(events.with(lines))
        }
    };
}

/// Standard error, shared with the progress line.
struct Terminal(Arc<Bar>);

/// One event while it is written.
struct Line<'a>(&'a Bar);

impl<'a> MakeWriter<'a> for Terminal {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line(&self.0)
    }
}

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        // An event is written at once, so no character is cut in two.
        let text = String::from_utf8_lossy(bytes);
        let text = if text.starts_with('{') { escape::json(&text) } else { escape::terminal_lines(&text) };
        // Standard error may be closed; the command then does its work without a log.
        let _ = self.0.suspend(|| std::io::stderr().lock().write_all(text.as_bytes()));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_wins_over_any_number_of_v() {
        assert_eq!((level(0, false), level(1, false)), (LevelFilter::WARN, LevelFilter::INFO));
        assert_eq!((level(2, false), level(9, false)), (LevelFilter::DEBUG, LevelFilter::DEBUG));
        assert_eq!((level(0, true), level(3, true)), (LevelFilter::OFF, LevelFilter::OFF));
    }
}
