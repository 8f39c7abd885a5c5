//! Support vector machines with kernels, as scikit-learn's `SVC` and `SVR`, solved by `smo`. Several classes are told apart pair
//! by pair.
//!
//! Probabilities are Platt's, fitted on decisions for rows that were left out (three parts), and of several classes coupled from those
//! of the pairs; scikit-learn gives none unless asked for, and then by five parts. The time grows with the square of the rows.

use crate::error::{Error, Result};
use crate::learn::fitted::Fitted;
use crate::learn::kernel_model::{KERNELS, Kernel, KernelDecision, KernelKind, KernelMachine};
use crate::learn::learner::{Learner, Needs};
use crate::learn::matrix::Matrix;
use crate::learn::params::{ParamReader, object};
use crate::learn::platt::{LabelledRows, platt, stratified_parts};
use crate::learn::smo::DualProblem;
use crate::learn::solver::inner;
use crate::learn::task::{Target, Task};
use crate::progress::Progress;
use rayon::prelude::*;
use serde_json::{Map, Value};

/// Parts of the data that are left out in turn to fit the probabilities.
const PARTS: usize = 3;
/// Rows at most: beyond, a fit takes hours.
const MOST_ROWS: usize = 200_000;
/// Entries of a kernel row that one task computes.
const CHUNK: usize = 1024;
/// Steps at most, where `max_iter` says nothing, and so many a row.
const STEPS: usize = 1_000_000;
const STEPS_A_ROW: usize = 100;

/// γ in the kernels.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Gamma {
    /// One over the number of columns and the variance of all numbers.
    Scale,
    /// One over the number of columns.
    Auto,
    Fixed(f64),
}

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    /// Whether numbers are learned.
    is_number: bool,
    c: f64,
    kernel: KernelKind,
    gamma: Gamma,
    degree: usize,
    coef0: f64,
    epsilon: f64,
    tol: f64,
    max_iter: Option<usize>,
}

/// The names of its parameters; `epsilon` is that of numbers.
pub(super) const PARAMETERS: [&str; 7] = ["C", "kernel", "gamma", "degree", "coef0", "tol", "max_iter"];

impl Params {
    /// Reads those of classes, whose kernel is not linear.
    pub(super) fn parse_classes(values: &Map<String, Value>) -> Result<Params> {
        Params::parse(&ParamReader::new("svm", values, &PARAMETERS)?, false)
    }

    /// Reads those of numbers.
    pub(super) fn parse_numbers(values: &Map<String, Value>) -> Result<Params> {
        let known = [PARAMETERS.as_slice(), &["epsilon"]].concat();
        Params::parse(&ParamReader::new("svr", values, &known)?, true)
    }

    fn parse(reader: &ParamReader, is_number: bool) -> Result<Params> {
        let gamma = match reader.raw("gamma").and_then(Value::as_str) {
            Some("auto") => Gamma::Auto,
            Some("scale") => Gamma::Scale,
            _ if reader.raw("gamma").is_none() => Gamma::Scale,
            _ => Gamma::Fixed(reader.number("gamma", 1.0, "\"scale\", \"auto\", or a number above 0", |x| x > 0.0)?),
        };
        Ok(Params {
            is_number,
            c: reader.number("C", 1.0, "a number above 0", |c| c > 0.0)?,
            kernel: reader.choice("kernel", KernelKind::Rbf, &KERNELS)?,
            gamma,
            degree: reader.integer("degree", 3, 0, 100)?,
            coef0: reader.number("coef0", 0.0, "a number", |_| true)?,
            epsilon: reader.number("epsilon", 0.1, "a number, 0 or more", |epsilon| epsilon >= 0.0)?,
            tol: reader.number("tol", 1e-3, "a number above 0", |tol| tol > 0.0)?,
            max_iter: reader.limit("max_iter", None, 1)?,
        })
    }

    fn kernel(&self, x: &Matrix) -> Kernel {
        let width = x.columns().max(1) as f64;
        let gamma = match self.gamma {
            Gamma::Fixed(gamma) => gamma,
            Gamma::Auto => 1.0 / width,
            Gamma::Scale => {
                let count = width * x.rows() as f64;
                let sum = |of: &dyn Fn(f64) -> f64| {
                    (0..x.columns()).fold(0.0, |sum, j| x.column(j).iter().fold(sum, |sum, value| sum + of(*value)))
                };
                let mean = sum(&|value| value) / count;
                let variance = sum(&|value| (value - mean) * (value - mean)) / count;
                if variance > 0.0 { 1.0 / (width * variance) } else { 1.0 }
            }
        };
        Kernel { kind: self.kernel, gamma, coef0: self.coef0, degree: self.degree as u32 }
    }

    /// Coefficients and intercept of rows labelled −1 and 1. The problem is solved with the first class as 1, as LIBSVM does.
    fn separate(&self, rows: &Rows, signs: &[f64], weights: &[f64], progress: &Progress) -> Result<(Vec<f64>, f64)> {
        let linear = vec![-1.0; signs.len()];
        let most: Vec<f64> = weights.iter().map(|weight| self.c * weight).collect();
        let turned: Vec<f64> = signs.iter().map(|sign| -sign).collect();
        let (alphas, intercept) = rows.problem(self, &turned, &linear, &most, progress)?;
        Ok((alphas.iter().zip(signs).map(|(alpha, sign)| alpha * sign).collect(), -intercept))
    }

    /// The decision between two classes, labelled −1 and 1, with Platt's sigmoid; coefficients of all rows.
    fn decide(
        &self,
        rows: &Rows,
        signs: &[f64],
        weights: &[f64],
        progress: &Progress,
    ) -> Result<(Vec<f64>, f64, (f64, f64))> {
        let labels: Vec<f64> = signs.iter().map(|sign| f64::from(u8::from(*sign > 0.0))).collect();
        let parts = stratified_parts(&labels, PARTS);
        let mut decisions = vec![0.0; signs.len()];
        for part in 0..PARTS {
            let (out, seen): (Vec<usize>, Vec<usize>) = (0..signs.len()).partition(|&row| parts[row] == part);
            let pick = |values: &[f64]| seen.iter().map(|&row| values[row]).collect::<Vec<f64>>();
            let own = pick(signs);
            // A class of few rows may be left out whole: then every row is as likely of the other.
            let other = own.first().map_or(0.0, |sign| *sign);
            if own.iter().all(|sign| *sign == other) {
                out.iter().for_each(|&row| decisions[row] = other);
                continue;
            }
            let fewer = rows.select(&seen);
            let (coefficients, intercept) = self.separate(&fewer, &own, &pick(weights), progress)?;
            let decided: Vec<f64> =
                out.par_iter().map(|&row| fewer.decision(&coefficients, intercept, rows.row(row))).collect();
            out.iter().zip(decided).for_each(|(&row, decision)| decisions[row] = decision);
        }
        let sigmoid = platt(&decisions, &LabelledRows { y: &labels, weights: Some(weights) });
        let (coefficients, intercept) = self.separate(rows, signs, weights, progress)?;
        Ok((coefficients, intercept, sigmoid))
    }

    fn fit_classes(&self, rows: &Rows, target: &Target, progress: &Progress) -> Result<KernelMachine> {
        let mut machine = MachineBuilder::new(rows);
        for first in 0..target.classes() {
            for second in first + 1..target.classes() {
                let is_of = |row: &usize| [first, second].contains(&(target.values()[*row] as usize));
                let of_pair: Vec<usize> = (0..target.len()).filter(is_of).collect();
                let sign = |row: &usize| if target.values()[*row] as usize == second { 1.0 } else { -1.0 };
                let signs: Vec<f64> = of_pair.iter().map(sign).collect();
                let weights: Vec<f64> = of_pair.iter().map(|row| target.weight(*row)).collect();
                if signs.iter().all(|sign| *sign == signs[0]) {
                    // Only one of the classes has rows here: it is certain, as far as a sigmoid is.
                    machine.add(&[], &[], signs.first().copied().unwrap_or_default(), (-2.0, 0.0));
                    continue;
                }
                let (coefficients, intercept, sigmoid) =
                    self.decide(&rows.select(&of_pair), &signs, &weights, progress)?;
                machine.add(&of_pair, &coefficients, intercept, sigmoid);
            }
        }
        Ok(machine.finish(target.task().outputs(target.classes()), false))
    }

    fn fit_numbers(&self, rows: &Rows, target: &Target, progress: &Progress) -> Result<KernelMachine> {
        let count = target.len();
        let signs: Vec<f64> = (0..2 * count).map(|at| if at < count { 1.0 } else { -1.0 }).collect();
        let above = target.values().iter().map(|y| self.epsilon - y);
        let linear: Vec<f64> = above.chain(target.values().iter().map(|y| self.epsilon + y)).collect();
        let most: Vec<f64> = (0..2 * count).map(|at| self.c * target.weight(at % count)).collect();
        let (alphas, intercept) = rows.problem(self, &signs, &linear, &most, progress)?;
        let coefficients: Vec<f64> = (0..count).map(|row| alphas[row] - alphas[count + row]).collect();
        let mut machine = MachineBuilder::new(rows);
        machine.add(&(0..count).collect::<Vec<usize>>(), &coefficients, intercept, (0.0, 0.0));
        Ok(machine.finish(1, true))
    }
}

/// Rows one after another, with their kernel.
struct Rows {
    kernel: Kernel,
    width: usize,
    values: Vec<f64>,
    squares: Vec<f64>,
}

impl Rows {
    fn new(x: &Matrix, kernel: Kernel) -> Rows {
        let mut values = Vec::new();
        x.rows_into(0, x.rows(), &mut values);
        let squares = values.chunks_exact(x.columns()).map(|row| inner(row, row)).collect();
        Rows { kernel, width: x.columns(), values, squares }
    }

    fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.width..(row + 1) * self.width]
    }

    fn select(&self, rows: &[usize]) -> Rows {
        let values = rows.iter().flat_map(|&row| self.row(row).iter().copied()).collect();
        Rows { values, squares: rows.iter().map(|&row| self.squares[row]).collect(), ..*self }
    }

    fn decision(&self, coefficients: &[f64], intercept: f64, row: &[f64]) -> f64 {
        let square = inner(row, row);
        let each = coefficients.iter().enumerate().filter(|(_, by)| **by != 0.0);
        each.fold(intercept, |sum, (at, by)| {
            sum + by * self.kernel.of(inner(row, self.row(at)), square + self.squares[at])
        })
    }

    /// The variables and the intercept of the quadratic problem.
    fn problem(
        &self,
        params: &Params,
        signs: &[f64],
        linear: &[f64],
        most: &[f64],
        progress: &Progress,
    ) -> Result<(Vec<f64>, f64)> {
        let count = self.squares.len();
        let kernel_row = |row: usize| {
            let (own, square) = (self.row(row), self.squares[row]);
            let mut out = vec![0f32; count];
            out.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, out)| {
                for (at, out) in out.iter_mut().enumerate() {
                    let other = chunk * CHUNK + at;
                    *out = self.kernel.of(inner(own, self.row(other)), square + self.squares[other]) as f32;
                }
            });
            out
        };
        let diagonal: Vec<f64> = (0..count).map(|row| self.kernel.between(self.row(row), self.row(row))).collect();
        let iterations = params.max_iter.unwrap_or(STEPS.max(STEPS_A_ROW * count));
        let problem = DualProblem {
            rows: count,
            signs,
            linear,
            most,
            kernel_row: &kernel_row,
            diagonal: &diagonal,
            tolerance: params.tol,
            iterations,
        };
        let found = problem.solve(progress)?;
        Ok((found.alphas, found.intercept))
    }
}

/// Decisions over the rows, of which those are kept that some decision needs.
struct MachineBuilder<'a> {
    rows: &'a Rows,
    decisions: Vec<KernelDecision>,
}

impl<'a> MachineBuilder<'a> {
    fn new(rows: &'a Rows) -> MachineBuilder<'a> {
        MachineBuilder { rows, decisions: Vec::new() }
    }

    /// Adds a decision by coefficients of these rows.
    fn add(&mut self, rows: &[usize], coefficients: &[f64], intercept: f64, sigmoid: (f64, f64)) {
        let needed = rows.iter().zip(coefficients).filter(|(_, by)| **by != 0.0);
        let (vectors, coefficients) = needed.map(|(row, by)| (*row as u32, *by)).unzip();
        self.decisions.push(KernelDecision { vectors, coefficients, intercept, sigmoid });
    }

    fn finish(mut self, outputs: usize, is_number: bool) -> KernelMachine {
        let mut needed: Vec<u32> =
            self.decisions.iter().flat_map(|decision| decision.vectors.iter().copied()).collect();
        needed.sort_unstable();
        needed.dedup();
        for decision in &mut self.decisions {
            for place in &mut decision.vectors {
                *place = needed.partition_point(|row| row < place) as u32;
            }
        }
        let kept = self.rows.select(&needed.iter().map(|row| *row as usize).collect::<Vec<usize>>());
        KernelMachine {
            kernel: kept.kernel,
            width: kept.width,
            vectors: kept.values,
            squares: kept.squares,
            decisions: self.decisions,
            outputs,
            is_number,
        }
    }
}

impl Learner for Params {
    fn name(&self) -> &'static str {
        if self.is_number { "svr" } else { "svm" }
    }

    fn json(&self) -> Map<String, Value> {
        let gamma: Value = match self.gamma {
            Gamma::Scale => "scale".into(),
            Gamma::Auto => "auto".into(),
            Gamma::Fixed(gamma) => gamma.into(),
        };
        let mut all = object([
            ("C", self.c.into()),
            ("kernel", KERNELS.iter().find(|(_, kind)| *kind == self.kernel).map(|(word, _)| *word).into()),
            ("gamma", gamma),
            ("degree", self.degree.into()),
            ("coef0", self.coef0.into()),
            ("tol", self.tol.into()),
            ("max_iter", self.max_iter.into()),
        ]);
        if self.is_number {
            all.insert("epsilon".to_owned(), self.epsilon.into());
        }
        all
    }

    fn needs(&self) -> Needs {
        Needs::SCALED_NUMBERS
    }

    fn tasks(&self) -> &'static [Task] {
        if self.is_number { &[Task::Regression] } else { &[Task::Binary, Task::Multiclass] }
    }

    fn fit(&self, x: &Matrix, target: &Target, _seed: u64, step: &Progress) -> Result<Fitted> {
        if x.rows() > MOST_ROWS {
            return Err(Error::invalid(format!("{} rows are too many for {} with a kernel", x.rows(), self.name()))
                .hint(format!(
                    "it takes up to {MOST_ROWS}: use boosting, kernel = \"linear\", or a sample of the rows"
                )));
        }
        let rows = Rows::new(x, self.kernel(x));
        let machine = match self.is_number {
            true => self.fit_numbers(&rows, target, step)?,
            false => self.fit_classes(&rows, target, step)?,
        };
        Ok(Fitted::Kernel(machine))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::FeatureKind;
    use crate::math::{cos, sin};
    use serde_json::json;

    /// Forty rows of two columns, and whether their product is above 0, turned around in each seventh row.
    fn rows() -> (Matrix, Vec<f64>, Vec<f64>) {
        let (a, b): (Vec<f64>, Vec<f64>) = (0..40).map(f64::from).map(|i| (sin(i * 0.7), cos(i * 1.3))).unzip();
        let is_positive = |i: usize| (a[i] * b[i] > 0.0) != i.is_multiple_of(7);
        let classes = (0..40).map(|i| f64::from(u8::from(is_positive(i)))).collect();
        let numbers = (0..40).map(|i| a[i] * b[i] + 0.2 * a[i]).collect();
        let x = Matrix::new(vec!["a".into(), "b".into()], vec![FeatureKind::Numeric; 2], vec![a, b]).unwrap();
        (x, classes, numbers)
    }

    fn machine(params: Params, x: &Matrix, target: &Target) -> KernelMachine {
        let Fitted::Kernel(machine) = params.fit(x, target, 0, &Progress::quiet()).unwrap() else { panic!() };
        machine
    }

    /// The decision of the first rows by the coefficients of the only pair.
    fn decisions(machine: &KernelMachine, x: &Matrix) -> Vec<f64> {
        let decision = &machine.decisions[0];
        let of_row = |row: usize| {
            let mut numbers = [0.0; 2];
            x.row_into(row, &mut numbers);
            let each = decision.vectors.iter().zip(&decision.coefficients);
            each.fold(decision.intercept, |sum, (at, by)| {
                let at = *at as usize;
                sum + by * machine.kernel.between(&numbers, &machine.vectors[2 * at..2 * at + 2])
            })
        };
        (0..3).map(of_row).collect()
    }

    /// The numbers are those of scikit-learn 1.9.1: `SVC(kernel=…, C=2, gamma=0.5, tol=1e-6, …)` and `SVR(C=2, gamma=0.5,
    /// epsilon=0.1, tol=1e-6)`.
    #[test]
    fn machines_are_those_of_scikit_learn() {
        let (x, classes, numbers) = rows();
        let target = Target::new(Task::Binary, 2, classes);
        for (more, vectors, expected) in [
            (json!({"kernel": "rbf"}), 27, [1.0000003672318778, 0.7768980064745485, -1.2085254282012559]),
            (
                json!({"kernel": "poly", "degree": 2, "coef0": 1.0}),
                26,
                [0.999999512693311, 0.8869114824169553, -2.330969509265028],
            ),
            (
                json!({"kernel": "sigmoid", "coef0": 0.5}),
                33,
                [1.8766850579556018, 0.45753939313815806, 2.4685095657915945],
            ),
        ] {
            let mut params = more.as_object().unwrap().clone();
            params.extend(
                [("C", 2.0), ("gamma", 0.5), ("tol", 1e-6)].map(|(name, value)| (name.to_owned(), value.into())),
            );
            let machine = machine(Params::parse_classes(&params).unwrap(), &x, &target);
            let found = decisions(&machine, &x);
            assert_eq!(machine.decisions[0].vectors.len(), vectors, "{more}");
            assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-5), "{more}: {found:?}");
        }
        let params = json!({"C": 2.0, "gamma": 0.5, "epsilon": 0.1, "tol": 1e-6});
        let target = Target::new(Task::Regression, 0, numbers);
        let machine = machine(Params::parse_numbers(params.as_object().unwrap()).unwrap(), &x, &target);
        let found = decisions(&machine, &x);
        let expected = [0.007554553768535213, 0.39996374306345595, -0.5481610203902442];
        assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-5), "{found:?}");
    }
}
