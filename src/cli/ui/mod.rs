//! The only place that prints: results to stdout as tables or `--json`, everything else to stderr.
//!
//! - `screen`: what a result shows itself on; `numbers`: counts, bytes and instants as texts
//! - `bar`: progress on a terminal; `logging`: what is said while it works

mod bar;
mod logging;
mod numbers;
mod screen;

pub use logging::LogFormat;
pub use numbers::{bytes, count, metric, shown_name, when};
pub use screen::Screen;

use crate::document::escape;
use crate::error::{Error, ErrorKind, Result};
use crate::progress::Progress;
use bar::Bar;
use serde::Serialize;
use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Set by Ctrl-C.
pub static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How results look.
pub trait Show {
    /// Writes the human form.
    fn show(&self, screen: &mut Screen);
}

/// Where everything that is printed goes through.
pub struct Ui {
    json: bool,
    quiet: bool,
    color: bool,
    color_errors: bool,
    /// How many `-v` were given.
    verbose: u8,
    bar: Arc<Bar>,
}

impl Ui {
    /// A Ui by the global flags.
    pub fn new(json: bool, quiet: bool, color: Color) -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
        let on = |terminal: bool| match color {
            Color::Auto => wanted && terminal,
            Color::Always => true,
            Color::Never => false,
        };
        let (color, color_errors) = (on(std::io::stdout().is_terminal()), on(std::io::stderr().is_terminal()));
        let bar = Arc::new(Bar::new(!json && !quiet && std::io::stderr().is_terminal()));
        Ui { json, quiet, color, color_errors, verbose: 0, bar }
    }

    /// Starts the log: warnings, with `-v` what is done, with `-vv` how. It is JSON with `--json` or if the command asks for it.
    pub fn start_log(&mut self, verbose: u8, format: Option<LogFormat>) {
        let usual = if self.json { LogFormat::Json } else { LogFormat::Text };
        self.verbose = verbose;
        logging::start(&self.bar, logging::level(verbose, self.quiet), format.unwrap_or(usual));
    }

    /// Prints a result.
    pub fn print<T: Serialize + Show>(&self, outcome: &T) -> Result<()> {
        if self.json {
            let text = serde_json::to_string_pretty(outcome).map_err(|e| Error::invalid(e.to_string()))?;
            return self.raw(&format!("{}\n", escape::json(&text)));
        }
        if self.quiet {
            return Ok(());
        }
        let mut screen = Screen::default();
        outcome.show(&mut screen);
        self.raw(&screen.into_document().to_text_within(self.color, terminal_width()))
    }

    /// Writes text to stdout as it is.
    pub fn raw(&self, text: &str) -> Result<()> {
        let write = || {
            let mut out = std::io::stdout().lock();
            out.write_all(text.as_bytes()).and_then(|()| out.flush())
        };
        match self.bar.suspend(write) {
            // The reader closed the pipe; the command does the rest of its work all the same.
            Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            Err(e) => Err(Error::io("write to", "standard output", e)),
            Ok(()) => Ok(()),
        }
    }

    /// Prints an error to stderr.
    pub fn error(&self, error: &Error) {
        if self.json {
            let mut value = serde_json::json!({
                "kind": error.kind().name(), "message": error.message(), "hint": error.hint_text() });
            if self.verbose > 0 {
                value["causes"] = error.causes().into();
            }
            return complain(&format!("{}\n", escape::json(&serde_json::json!({ "error": value }).to_string())));
        }
        let mut text =
            format!("{} {}\n", paint(self.color_errors, "1;31", "error:"), escape::terminal_lines(error.message()));
        if self.verbose > 0 {
            for cause in error.causes() {
                let cause = escape::terminal_lines(cause.trim_end()).replace('\n', "\n  ");
                text.push_str(&format!("{} {cause}\n", paint(self.color_errors, "2", "caused by:")));
            }
        }
        if let Some(hint) = error.hint_text() {
            let hint = escape::terminal_lines(hint);
            text.push_str(&format!("{} {hint}\n", paint(self.color_errors, "36", "hint:")));
        }
        complain(&text);
    }

    /// The root of what a command reports while it works.
    pub fn progress(&self) -> Progress<'_> {
        Progress::new(&*self.bar)
    }
}

/// The width of the terminal that results are shown on; none where they go elsewhere.
fn terminal_width() -> Option<u16> {
    std::io::stdout().is_terminal().then(|| comfy_table::Table::new().width()).flatten()
}

/// Writes to stderr; when that fails there is nowhere left to report it.
fn complain(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

fn paint(on: bool, code: &str, text: &str) -> String {
    if on { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
}

/// Exit codes of errors: 1 a check did not hold, 2 wrong usage or bad input, 3 the environment failed.
pub fn exit_code(error: &Error) -> u8 {
    match error.kind() {
        ErrorKind::Check => 1,
        ErrorKind::NotFound | ErrorKind::Invalid | ErrorKind::Conflict => 2,
        ErrorKind::Corrupt | ErrorKind::Io | ErrorKind::Locked => 3,
        ErrorKind::Interrupted => 130,
    }
}
