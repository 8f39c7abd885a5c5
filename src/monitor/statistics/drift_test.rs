//! The drift tests by name, their thresholds, the one chosen by default, and the verdict.
//!
//! Names, thresholds and the default are Evidently 0.7's (`evidently.legacy.calculations.stattests`, registry
//! function `_get_default_stattest`).

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::pairs::{self, pairs};
use super::sample::{ColumnKind, Sample};
use super::{distances, frequencies, ks_test, means, ranks};
use crate::error::{Error, Result};

/// A drift test. Its score is a p-value (small means drift) or a distance (large means drift).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Test {
    /// Kolmogorov-Smirnov, p-value.
    Ks,
    /// Z-test of the share of the first category, p-value.
    Z,
    /// Pearson's chi-square, p-value.
    ChiSquare,
    /// Wasserstein distance in standard deviations of the reference.
    Wasserstein,
    /// Jensen-Shannon distance, natural logarithm.
    JensenShannon,
    /// Population stability index.
    Psi,
    /// Kullback-Leibler divergence, natural logarithm.
    KlDiv,
    /// Hellinger distance.
    Hellinger,
    /// Anderson-Darling, p-value between 0.001 and 0.25.
    Anderson,
    /// Mann-Whitney against "the reference is smaller", p-value.
    MannWhitney,
    /// Cramér-von Mises, p-value.
    CramerVonMises,
    /// Student's t with equal variances, p-value.
    TTest,
    /// Log-likelihood ratio of counts, p-value.
    GTest,
}

impl Test {
    /// Every test.
    pub const ALL: [Test; 13] = [
        Test::Ks,
        Test::Z,
        Test::ChiSquare,
        Test::Wasserstein,
        Test::JensenShannon,
        Test::Psi,
        Test::KlDiv,
        Test::Hellinger,
        Test::Anderson,
        Test::MannWhitney,
        Test::CramerVonMises,
        Test::TTest,
        Test::GTest,
    ];

    /// The name in configuration, on the command line and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Test::Ks => "ks",
            Test::Z => "z",
            Test::ChiSquare => "chisquare",
            Test::Wasserstein => "wasserstein",
            Test::JensenShannon => "jensenshannon",
            Test::Psi => "psi",
            Test::KlDiv => "kl_div",
            Test::Hellinger => "hellinger",
            Test::Anderson => "anderson",
            Test::MannWhitney => "mannw",
            Test::CramerVonMises => "cramer_von_mises",
            Test::TTest => "t_test",
            Test::GTest => "g_test",
        }
    }

    /// The name in a report.
    pub fn title(self) -> &'static str {
        match self {
            Test::Ks => "Kolmogorov-Smirnov",
            Test::Z => "z-test",
            Test::ChiSquare => "chi-square",
            Test::Wasserstein => "Wasserstein",
            Test::JensenShannon => "Jensen-Shannon",
            Test::Psi => "PSI",
            Test::KlDiv => "Kullback-Leibler",
            Test::Hellinger => "Hellinger",
            Test::Anderson => "Anderson-Darling",
            Test::MannWhitney => "Mann-Whitney",
            Test::CramerVonMises => "Cramér-von Mises",
            Test::TTest => "t-test",
            Test::GTest => "G-test",
        }
    }

    /// Whether the score is a p-value, so that a small one means drift; else it is a distance.
    pub fn is_p_value(self) -> bool {
        !matches!(self, Test::Wasserstein | Test::JensenShannon | Test::Psi | Test::KlDiv | Test::Hellinger)
    }

    /// The threshold used when none is given.
    pub fn default_threshold(self) -> f64 {
        match self {
            Test::Ks | Test::Z | Test::ChiSquare | Test::MannWhitney | Test::TTest => 0.05,
            _ => 0.1,
        }
    }

    /// Whether `score` means drift at `threshold`. A score on the threshold does for distances, `ks` and
    /// `cramer_von_mises`, and does not for the other p-values.
    pub fn drifted(self, score: f64, threshold: f64) -> bool {
        match self {
            Test::Ks | Test::CramerVonMises => score <= threshold,
            _ if self.is_p_value() => score < threshold,
            _ => score >= threshold,
        }
    }

    /// The default choice: a p-value up to 1,000 reference rows, a distance above.
    ///
    /// `unique` is the number of distinct values in both samples together; a numeric column with at most five is
    /// compared as a categorical one.
    pub fn choose_default(kind: ColumnKind, reference_rows: usize, unique: usize) -> Test {
        let as_numeric = kind == ColumnKind::Numeric && unique > 5;
        match (reference_rows <= 1000, as_numeric) {
            (true, true) => Test::Ks,
            (true, false) if unique > 2 => Test::ChiSquare,
            (true, false) => Test::Z,
            (false, true) => Test::Wasserstein,
            (false, false) => Test::JensenShannon,
        }
    }

    /// The default choice for two samples.
    pub fn default_for(reference: &Sample, current: &Sample) -> Test {
        let unique = match (reference, current) {
            (Sample::Numeric(r), Sample::Numeric(c)) => pairs(r.values(), c.values()).take(6).count(),
            _ => pairs::counts(reference, current).map_or(0, |counts| counts.len()),
        };
        Test::choose_default(reference.kind(), reference.len(), unique)
    }

    /// Whether the test can compare columns of this kind. Tests on counts take numeric columns value by value.
    pub fn accepts(self, kind: ColumnKind) -> bool {
        let numeric_only = matches!(
            self,
            Test::Ks | Test::Wasserstein | Test::Anderson | Test::MannWhitney | Test::CramerVonMises | Test::TTest
        );
        kind == ColumnKind::Numeric || !numeric_only
    }

    /// The score: a p-value in 0..=1 or a distance ≥ 0, always finite.
    ///
    /// Errors: a sample without values, samples of different kinds, a kind the test does not take, too few values.
    pub fn run(self, reference: &Sample, current: &Sample) -> Result<f64> {
        self.check(reference, current)?;
        let ordered = match (reference, current) {
            (Sample::Numeric(r), Sample::Numeric(c)) => self.run_numeric(r.values(), c.values()),
            _ => None,
        };
        let score = ordered.map_or_else(|| self.run_any(reference, current), Ok)?;
        if score.is_finite() {
            return Ok(score);
        }
        Err(Error::invalid(format!("test \"{self}\" overflows on values this large"))
            .hint("scale the column, or choose ks"))
    }

    fn check(self, reference: &Sample, current: &Sample) -> Result<()> {
        for (sample, side) in [(reference, "reference"), (current, "current")] {
            if sample.is_empty() {
                return Err(Error::invalid(format!("the {side} sample has no values"))
                    .hint("leave the column out, or choose data in which it is filled"));
            }
        }
        let kind = reference.kind();
        if kind != current.kind() {
            let (a, b) = (kind.name(), current.kind().name());
            return Err(Error::invalid(format!("the column is {a} in the reference and {b} in the current data")));
        }
        if !self.accepts(kind) {
            return Err(Error::invalid(format!("test \"{self}\" does not take a {} column", kind.name()))
                .hint("categorical columns: chisquare, z, g_test, jensenshannon, psi, kl_div, hellinger"));
        }
        Ok(())
    }

    /// Tests on ordered values; `None` if the test is not one of ordered values, or if its statistic does not exist for these.
    fn run_numeric(self, reference: &[f64], current: &[f64]) -> Option<f64> {
        match self {
            Test::Ks => Some(ks_test::p_value(reference, current)),
            Test::Wasserstein => Some(distances::wasserstein(reference, current)),
            Test::Anderson => ranks::anderson(reference, current),
            Test::MannWhitney => Some(ranks::mann_whitney(reference, current)),
            Test::CramerVonMises => ranks::cramer_von_mises(reference, current),
            Test::TTest => means::t_test(reference, current),
            _ => None,
        }
    }

    /// Tests on shares and counts.
    fn run_any(self, reference: &Sample, current: &Sample) -> Result<f64> {
        let counts = || pairs::counts(reference, current).unwrap_or_default();
        match self {
            Test::Z => Ok(frequencies::z_test(&counts())),
            Test::ChiSquare => Ok(frequencies::chi_square(&counts())),
            Test::GTest => Ok(frequencies::g_test(&counts())),
            Test::JensenShannon => distances::jensen_shannon(reference, current),
            Test::Psi => distances::psi(reference, current),
            Test::KlDiv => distances::kl_divergence(reference, current),
            Test::Hellinger => distances::hellinger(reference, current),
            _ => Err(Error::invalid(format!("test \"{self}\" needs more values, or values that differ"))
                .hint("choose wasserstein or jensenshannon for such a column")),
        }
    }

    /// Runs the test and compares the score with `threshold`, or with the test's own.
    pub fn evaluate(self, threshold: Option<f64>, reference: &Sample, current: &Sample) -> Result<TestOutcome> {
        let threshold = threshold.unwrap_or(self.default_threshold());
        let score = self.run(reference, current)?;
        Ok(TestOutcome { test: self, score, threshold, drifted: self.drifted(score, threshold) })
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Test {
    type Err = Error;

    fn from_str(name: &str) -> Result<Test> {
        let known = || Test::ALL.iter().map(|test| test.name());
        Test::ALL
            .into_iter()
            .find(|test| test.name() == name)
            .ok_or_else(|| Error::unknown("drift test", name, known()))
    }
}

impl Serialize for Test {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// What a test found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TestOutcome {
    /// The test that was run.
    pub test: Test,
    /// A p-value in 0..=1 or a distance ≥ 0.
    pub score: f64,
    /// What the score was compared with.
    pub threshold: f64,
    /// Whether the score means drift.
    pub drifted: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_there_and_back() {
        for test in Test::ALL {
            assert_eq!(test.name().parse::<Test>().unwrap(), test);
        }
        let error = "wassertsein".parse::<Test>().unwrap_err();
        assert_eq!(error.hint_text(), Some("did you mean \"wasserstein\"?"));
    }

    #[test]
    fn the_default_is_evidentlys() {
        use ColumnKind::{Categorical, Numeric};
        let cases = [
            (Numeric, 1000, 6, Test::Ks),
            (Numeric, 1000, 5, Test::ChiSquare),
            (Numeric, 1000, 2, Test::Z),
            (Categorical, 1000, 3, Test::ChiSquare),
            (Categorical, 10, 1, Test::Z),
            (Numeric, 1001, 6, Test::Wasserstein),
            (Numeric, 1001, 5, Test::JensenShannon),
            (Categorical, 1001, 2, Test::JensenShannon),
        ];
        for (kind, rows, unique, test) in cases {
            assert_eq!(Test::choose_default(kind, rows, unique), test);
        }
    }

    #[test]
    fn every_test_answers_or_says_why_not_on_odd_samples() {
        let constant = Sample::numeric(vec![5.0; 10]);
        let one = Sample::numeric(vec![1.0]);
        let wide = Sample::numeric(vec![-f64::MAX, 0.0, f64::MAX]);
        let labels = Sample::categorical([("a", 1)]);
        let none = Sample::numeric(vec![]);
        let samples = [constant, one, wide, labels, none];
        for test in Test::ALL {
            for (reference, current) in samples.iter().flat_map(|r| samples.iter().map(move |c| (r, c))) {
                match test.run(reference, current) {
                    Ok(score) => assert!(score.is_finite() && score >= 0.0, "{test} {score}"),
                    Err(error) => assert!(!error.message().is_empty()),
                }
            }
        }
    }
}
