//! Progress on the terminal: one line with the steps that are running, a bar where their number is known.
//!
//! ```text
//! training delay › search 3/20 › fold 2/5 › boosting 40/100      ███░░░░░░░░░░░░░░░░░   2m
//! ```
//!
//! Nothing is drawn where standard error is no terminal.

use super::INTERRUPTED;
use crate::document::escape;
use crate::progress::{Listener, Progress};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Steps that move faster than this are not each drawn.
const EVERY: Duration = Duration::from_millis(100);
/// The bar's length in units: enough for every width.
const UNITS: u64 = 1000;
const COUNTED: &str = "{wide_msg} {bar:20} {eta:>4}";
const UNCOUNTED: &str = "{spinner} {wide_msg} {elapsed:>4}";

/// The line on the terminal.
pub struct Bar {
    /// Where it is drawn; `None` if it is not.
    target: Option<fn() -> ProgressDrawTarget>,
    since: Instant,
    /// When an advance was last drawn, milliseconds after `since`.
    drawn: AtomicU64,
    bar: Mutex<Option<ProgressBar>>,
}

impl Bar {
    /// A line on standard error, if it is wanted.
    pub fn new(wanted: bool) -> Bar {
        Bar::on(wanted.then_some(|| ProgressDrawTarget::stderr_with_hz(10)))
    }

    fn on(target: Option<fn() -> ProgressDrawTarget>) -> Bar {
        Bar { target, since: Instant::now(), drawn: AtomicU64::new(0), bar: Mutex::new(None) }
    }

    /// Does something to the terminal while the line is not there.
    pub fn suspend<T>(&self, work: impl FnOnce() -> T) -> T {
        match self.slot().as_ref() {
            Some(bar) => bar.suspend(work),
            None => work(),
        }
    }

    fn slot(&self) -> MutexGuard<'_, Option<ProgressBar>> {
        self.bar.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn draw(&self, step: &Progress<'_>) {
        let Some(target) = self.target else { return };
        let mut slot = self.slot();
        if step.is_root() {
            slot.take().iter().for_each(ProgressBar::finish_and_clear);
            return;
        }
        let bar = slot.get_or_insert_with(|| {
            let bar = ProgressBar::with_draw_target(None, target());
            bar.enable_steady_tick(EVERY);
            bar
        });
        let fraction = step.fraction();
        if fraction.is_some() != bar.length().is_some() || bar.message().is_empty() {
            let template = if fraction.is_some() { COUNTED } else { UNCOUNTED };
            bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
        }
        match fraction {
            Some(fraction) => {
                bar.set_length(UNITS);
                bar.set_position((fraction * UNITS as f64) as u64);
            }
            None => bar.unset_length(),
        }
        bar.set_message(escape::terminal(&step.path()));
    }
}

impl Listener for Bar {
    fn began(&self, step: &Progress<'_>) {
        self.draw(step);
    }

    fn advanced(&self, step: &Progress<'_>) {
        if self.target.is_none() {
            return;
        }
        let now = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        let drawn = self.drawn.load(Ordering::Relaxed);
        let due = now.saturating_sub(drawn) >= EVERY.as_millis() as u64;
        if due && self.drawn.compare_exchange(drawn, now, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            self.draw(step);
        }
    }

    fn ended(&self, enclosing: &Progress<'_>) {
        self.draw(enclosing);
    }

    fn interrupted(&self) -> bool {
        INTERRUPTED.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(bar: &Bar) -> Option<(String, Option<u64>, u64)> {
        bar.slot().as_ref().map(|bar| (bar.message(), bar.length(), bar.position()))
    }

    #[test]
    fn the_line_says_the_steps_at_work_and_goes_with_the_last() {
        let bar = Bar::on(Some(ProgressDrawTarget::hidden));
        let root = Progress::new(&bar);
        assert_eq!(shown(&bar), None);
        let training = root.step("training delay", None);
        assert_eq!(shown(&bar), Some(("training delay".to_owned(), None, 0)));
        let search = training.step("search", Some(4));
        search.advance(2);
        let folds = search.step("fold", Some(2));
        assert_eq!(shown(&bar), Some(("training delay › search 3/4 › fold 0/2".to_owned(), Some(UNITS), 500)));
        drop(folds);
        assert_eq!(shown(&bar).map(|(text, ..)| text), Some("training delay › search 2/4".to_owned()));
        drop(search);
        assert_eq!(shown(&bar).map(|(text, length, _)| (text, length)), Some(("training delay".to_owned(), None)));
        drop(training);
        assert_eq!(shown(&bar), None);
    }

    #[test]
    fn nothing_is_drawn_where_nobody_watches() {
        let bar = Bar::new(false);
        let root = Progress::new(&bar);
        let step = root.step("hashing", Some(2));
        step.advance(1);
        assert_eq!(shown(&bar), None);
        assert_eq!(bar.suspend(|| 7), 7);
    }
}
