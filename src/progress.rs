//! How long work says how far it is and learns that it should stop. The library only reports; `cli/ui/bar.rs` draws.
//!
//! Work opens a step, counts its units, and the step ends with its value's scope, also when an error leaves it. Steps nest:
//! what is opened on a step lies inside it.
//!
//! ```
//! use mlops::progress::Progress;
//!
//! let progress = Progress::quiet();
//! let search = progress.step("search", Some(20));
//! search.advance(2); // two candidates are done, the third is being judged
//! let folds = search.step("fold", Some(5));
//! folds.advance(1);
//! let fit = folds.step("boosting", Some(100));
//! fit.advance(40);
//! assert_eq!(fit.path(), "search 3/20 › fold 2/5 › boosting 40/100");
//! ```

use crate::error::{Error, Result};
use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Is called as long work goes on, from any thread, so it must be cheap. The default functions do nothing.
pub trait Listener: Sync {
    /// A step began.
    fn began(&self, _step: &Progress<'_>) {}
    /// A step moved on.
    fn advanced(&self, _step: &Progress<'_>) {}
    /// A step ended; `enclosing` is what goes on, the root when nothing does.
    fn ended(&self, _enclosing: &Progress<'_>) {}
    /// Whether the person asked to stop.
    fn interrupted(&self) -> bool {
        false
    }
}

/// Long work as it is reported: the root, on which steps are opened, or a step, which ends when it is dropped.
pub struct Progress<'a> {
    listener: &'a dyn Listener,
    /// What encloses this step; the root has nothing around it.
    enclosing: Option<&'a Progress<'a>>,
    name: Cow<'a, str>,
    /// Units of the step, where their number is known.
    total: Option<u64>,
    done: AtomicU64,
    begun: Instant,
}

/// The listener of `Progress::quiet`: it hears nothing and never interrupts.
struct Nobody;

impl Listener for Nobody {}

impl<'a> Progress<'a> {
    /// The root of what `listener` hears.
    pub fn new(listener: &'a dyn Listener) -> Progress<'a> {
        Progress {
            listener,
            enclosing: None,
            name: Cow::Borrowed(""),
            total: None,
            done: AtomicU64::new(0),
            begun: Instant::now(),
        }
    }

    /// Work that nobody listens to and nobody interrupts.
    pub fn quiet() -> Progress<'static> {
        Progress::new(&Nobody)
    }

    /// Begins a step inside of this one; `total` is its number of units where it is known. It ends when it is dropped.
    pub fn step<'b>(&'b self, name: impl Into<Cow<'b, str>>, total: Option<u64>) -> Progress<'b> {
        let step = Progress {
            listener: self.listener,
            enclosing: Some(self),
            name: name.into(),
            total,
            done: AtomicU64::new(0),
            begun: Instant::now(),
        };
        self.listener.began(&step);
        step
    }

    /// `units` more of this step are done.
    pub fn advance(&self, units: u64) {
        self.done.fetch_add(units, Ordering::Relaxed);
        self.listener.advanced(self);
    }

    /// An error of kind `Interrupted` if the person asked to stop. Long loops call this often.
    pub fn check(&self) -> Result<()> {
        if self.listener.interrupted() {
            return Err(Error::interrupted());
        }
        Ok(())
    }

    /// Whether this is the root, so that nothing is being done.
    pub fn is_root(&self) -> bool {
        self.enclosing.is_none()
    }

    /// The step and all that enclose it, outermost first: `search 3/20 › fold 2/5 › boosting 40/100`. Of an enclosing step the
    /// number is that of the unit being worked on, of the innermost one how many are done.
    pub fn path(&self) -> String {
        let mut parts = vec![self.part(self.done.load(Ordering::Relaxed))];
        let mut step = self;
        while let Some(enclosing) = step.enclosing.filter(|enclosing| !enclosing.is_root()) {
            parts.push(enclosing.part(enclosing.done.load(Ordering::Relaxed).saturating_add(1)));
            step = enclosing;
        }
        parts.reverse();
        parts.join(" › ")
    }

    fn part(&self, unit: u64) -> String {
        match self.total {
            Some(total) => format!("{} {}/{total}", self.name, unit.min(total)),
            None if self.done.load(Ordering::Relaxed) > 0 => format!("{} {unit}", self.name),
            None => self.name.to_string(),
        }
    }

    /// How much of the outermost step that knows its total is done, 0 to 1; none where no step knows.
    pub fn fraction(&self) -> Option<f64> {
        let mut found: Option<f64> = None;
        let mut step = Some(self);
        while let Some(at) = step {
            if let Some(total) = at.total.filter(|total| *total > 0) {
                let done = at.done.load(Ordering::Relaxed) as f64 + found.unwrap_or(0.0);
                found = Some((done / total as f64).min(1.0));
            }
            step = at.enclosing;
        }
        found
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        if let Some(enclosing) = self.enclosing {
            if tracing::enabled!(tracing::Level::DEBUG) {
                let seconds = self.begun.elapsed().as_secs_f64();
                tracing::debug!(step = self.path(), seconds, "step ended");
            }
            self.listener.ended(enclosing);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use std::sync::Mutex;
    use std::sync::atomic::AtomicBool;

    #[derive(Default)]
    struct Recorder {
        heard: Mutex<Vec<String>>,
        stop: AtomicBool,
    }

    impl Recorder {
        fn note(&self, sign: &str, step: &Progress<'_>) {
            self.heard.lock().unwrap().push(format!("{sign}{}", step.path()));
        }

        fn take(&self) -> Vec<String> {
            std::mem::take(&mut self.heard.lock().unwrap())
        }
    }

    impl Listener for Recorder {
        fn began(&self, step: &Progress<'_>) {
            self.note("+", step);
        }

        fn advanced(&self, step: &Progress<'_>) {
            self.note("", step);
        }

        fn ended(&self, enclosing: &Progress<'_>) {
            self.note("-", enclosing);
        }

        fn interrupted(&self) -> bool {
            self.stop.load(Ordering::Relaxed)
        }
    }

    #[test]
    fn a_step_inside_a_step_is_heard_as_such_and_ends_before_it() {
        let recorder = Recorder::default();
        let root = Progress::new(&recorder);
        {
            let search = root.step("search", Some(2));
            for _ in 0..2 {
                let folds = search.step("fold", Some(5));
                folds.advance(1);
                drop(folds);
                search.advance(1);
            }
        }
        let expected = [
            "+search 0/2",
            "+search 1/2 › fold 0/5",
            "search 1/2 › fold 1/5",
            "-search 0/2",
            "search 1/2",
            "+search 2/2 › fold 0/5",
            "search 2/2 › fold 1/5",
            "-search 1/2",
            "search 2/2",
            "-",
        ];
        assert_eq!(recorder.take(), expected);
    }

    #[test]
    fn an_error_ends_every_step_it_leaves() {
        let recorder = Recorder::default();
        let root = Progress::new(&recorder);
        let work = || -> Result<()> {
            let outer = root.step("outer", None);
            let inner = outer.step("inner", None);
            recorder.stop.store(true, Ordering::Relaxed);
            inner.check()?;
            inner.advance(1);
            Ok(())
        };
        assert_eq!(work().unwrap_err().kind(), ErrorKind::Interrupted);
        assert_eq!(recorder.take(), ["+outer", "+outer › inner", "-outer", "-"]);
    }

    #[test]
    fn a_step_without_a_total_counts_only_once_it_moves() {
        let root = Progress::quiet();
        let step = root.step("iterating", None);
        assert_eq!((step.path().as_str(), step.fraction()), ("iterating", None));
        step.advance(7);
        assert_eq!(step.path(), "iterating 7");
    }

    #[test]
    fn the_fraction_is_that_of_the_outermost_step_with_the_inner_ones_in_it() {
        let root = Progress::quiet();
        let outer = root.step("training", None);
        let search = outer.step("search", Some(4));
        search.advance(1);
        let folds = search.step("fold", Some(2));
        assert_eq!(folds.fraction(), Some(0.25));
        folds.advance(1);
        assert_eq!(folds.fraction(), Some(0.375));
        folds.advance(9);
        assert_eq!(folds.fraction(), Some(0.5), "never more than one unit of what encloses it");
        assert_eq!(search.step("of nothing", Some(0)).fraction(), Some(0.25));
    }

    #[test]
    fn steps_are_advanced_from_many_threads() {
        let root = Progress::quiet();
        let step = root.step("hashing", Some(400));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..100).for_each(|_| step.advance(1)));
            }
        });
        assert_eq!(step.path(), "hashing 400/400");
    }
}
