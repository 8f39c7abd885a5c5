//! Drift statistics of one column: a reference sample against a current one.
//!
//! - `sample`: what a column is: values in order, or labels with counts
//! - `sort`: the radix sort behind a numeric sample
//! - `pairs`: both samples as one run of distinct values with a count on each side; every test is a fold over it
//! - `drift_test`: the tests by name, their thresholds, the default choice and the verdict
//! - `ks_test`, `kolmogorov_distribution`: Kolmogorov-Smirnov and its distribution, exact and asymptotic
//! - `ranks`: Anderson-Darling, Cramér-von Mises, Mann-Whitney
//! - `cramer_von_mises`: the distribution of the Cramér-von Mises criterion
//! - `means`: Student's t, and mean and standard deviation
//! - `frequencies`: chi-square, G and z on counts
//! - `distances`: Wasserstein, Jensen-Shannon, PSI, Kullback-Leibler, Hellinger
//! - `bins`: NumPy's histogram with Sturges' rule
//! - `special`: incomplete gamma and beta, normal and Student tails, a Bessel function
//!
//! Every number is a fixed sequence of operations on sorted data, so neither the order of rows nor the number of
//! threads changes it.

mod bins;
mod cramer_von_mises;
mod distances;
mod drift_test;
mod frequencies;
mod kolmogorov_distribution;
mod ks_test;
mod means;
mod pairs;
mod ranks;
mod sample;
mod sort;
mod special;

pub use drift_test::{Test, TestOutcome};
pub use sample::{ColumnKind, Counts, Sample, Sorted};

#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod vectors_tests;
