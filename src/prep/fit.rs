//! Fitting preparation on training rows: the recipe's steps in order, then what the estimator still needs (filled and
//! scaled numbers, one-hot texts for linear models; numbered categories for trees).
//!
//! Numbers are scikit-learn's: median of two middles is their mean, standard deviation divides by n, a constant column
//! is scaled by 1, quantiles are linear. Sums run in row order.

use super::chain::{Chain, Encode, NumberStep};
use super::preparation::Preparation;
use crate::data::{Column, Frame, Value};
use crate::error::{Error, Result};
use crate::learn::Needs;
use crate::learn::params::Reader;
use crate::project::PrepDef;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Most categories a one-hot encoding makes columns of when the recipe doesn't say.
const MAX_CATEGORIES: usize = 200;

/// Fits on the rows of `frame` (all of them: the caller hands in the training part).
pub fn fit(frame: &Frame, definitions: &[PrepDef], needs: Needs) -> Result<Preparation> {
    let mut columns: Vec<Working> =
        frame.columns().iter().map(|(name, column)| Working::new(name, column)).collect::<Result<_>>()?;
    for definition in definitions {
        let chosen = choose(definition, frame)?;
        let params = parameters(definition)?;
        for column in columns.iter_mut().filter(|c| chosen.contains(&c.name)) {
            column
                .step(&definition.op, &params)
                .map_err(|e| e.at(format!("preparation {} of \"{}\"", definition.op, column.name)))?;
        }
    }
    Ok(Preparation { chains: columns.into_par_iter().map(|c| c.complete(needs)).collect() })
}

/// The columns a step is about.
fn choose(definition: &PrepDef, frame: &Frame) -> Result<Vec<String>> {
    use serde_json::Value as Json;
    let all = || frame.columns().iter();
    let named = |name: &str| -> Result<String> { frame.column(name).map(|_| name.to_owned()) };
    match &definition.columns {
        Json::Null => Err(Error::invalid(format!("preparation {}: no columns", definition.op))
            .hint("give columns = \"numeric\", \"categorical\", \"all\", a name or a list")),
        Json::String(word) => match word.as_str() {
            "all" => Ok(all().map(|(n, _)| n.clone()).collect()),
            "numeric" => Ok(all().filter(|(_, c)| matches!(c, Column::Number(_))).map(|(n, _)| n.clone()).collect()),
            "categorical" => Ok(all().filter(|(_, c)| matches!(c, Column::Text(..))).map(|(n, _)| n.clone()).collect()),
            name => Ok(vec![named(name)?]),
        },
        Json::Array(names) => names
            .iter()
            .map(|n| named(n.as_str().ok_or_else(|| Error::invalid("columns is a list of names"))?))
            .collect(),
        other => Err(Error::invalid(format!("columns = {other} names no columns"))),
    }
}

/// Every step with its parameters.
pub(super) const PARAMETERS: [(&str, &[&str]); 5] = [
    ("impute", &["strategy", "value", "indicator"]),
    ("clip", &["low", "high"]),
    ("scale", &["method"]),
    ("one_hot", &["max_categories", "min_count"]),
    ("ordinal", &[]),
];

fn parameters(definition: &PrepDef) -> Result<Reader<'_>> {
    let known = PARAMETERS.iter().find(|(op, _)| *op == definition.op);
    let (op, known) =
        known.ok_or_else(|| Error::unknown("preparation", &definition.op, PARAMETERS.iter().map(|(op, _)| *op)))?;
    Reader::new(op, &definition.params, known)
}

/// A column on its way, with its values as the steps so far left them.
struct Working<'a> {
    name: String,
    state: State<'a>,
}

enum State<'a> {
    Number { values: Vec<f64>, steps: Vec<NumberStep>, indicator: bool, filled: bool, scaled: bool },
    Text { column: &'a Column, fill: Option<String>, encode: Option<Encode> },
}

impl<'a> Working<'a> {
    fn new(name: &str, column: &'a Column) -> Result<Self> {
        let state = match column {
            Column::Number(values) => State::Number {
                values: values.clone(),
                steps: Vec::new(),
                indicator: false,
                filled: false,
                scaled: false,
            },
            Column::Text(..) => State::Text { column, fill: None, encode: None },
            Column::Time(_) => {
                return Err(Error::invalid(format!("\"{name}\" is a time, which is no feature by itself")));
            }
        };
        Ok(Working { name: name.to_owned(), state })
    }

    fn step(&mut self, op: &str, params: &Reader) -> Result<()> {
        match (&mut self.state, op) {
            (State::Number { values, indicator, filled, .. }, "impute") => {
                *indicator |= params.flag("indicator", false)?;
                *filled = true;
                let value = fill_of(values, params)?;
                self.push(NumberStep::Impute { value });
            }
            (State::Number { values, .. }, "clip") => {
                let (low, high) = (share(params, "low", 0.01)?, share(params, "high", 0.99)?);
                if low > high {
                    return Err(Error::invalid(format!("low = {low} is above high = {high}"))
                        .hint("give the lower quantile as low"));
                }
                let sorted = sorted(values);
                let step = NumberStep::Clip { low: quantile(&sorted, low), high: quantile(&sorted, high) };
                self.push(step);
            }
            (State::Number { values, scaled, .. }, "scale") => {
                *scaled = true;
                let step = scale_of(values, params.choice("method", "standard", &["standard", "minmax"])?);
                self.push(step);
            }
            (State::Text { column, fill, .. }, "impute") => {
                let constant = params.text("value")?.map(str::to_owned);
                *fill = constant.or_else(|| {
                    counts(column)
                        .into_iter()
                        .max_by_key(|(w, n)| (*n, std::cmp::Reverse(*w)))
                        .map(|(w, _)| w.to_owned())
                });
            }
            (State::Text { column, encode, fill }, "one_hot") => {
                let most = params.integer("max_categories", MAX_CATEGORIES, 1, usize::MAX)?;
                let least = params.integer("min_count", 1, 1, usize::MAX)?;
                let categories = categories(column, fill.as_deref(), most, least as u64);
                *encode = Some(Encode::OneHot { categories });
            }
            (State::Text { column, encode, fill }, "ordinal") => {
                *encode = Some(Encode::Ordinal { categories: categories(column, fill.as_deref(), usize::MAX, 1) });
            }
            (State::Number { .. }, _) => {
                return Err(Error::invalid("it is a column of numbers").hint("choose columns = \"categorical\""));
            }
            (State::Text { .. }, _) => {
                return Err(Error::invalid("it is a column of texts").hint("choose columns = \"numeric\""));
            }
        }
        Ok(())
    }

    fn push(&mut self, step: NumberStep) {
        if let State::Number { values, steps, .. } = &mut self.state {
            values.iter_mut().for_each(|x| *x = step.apply(*x));
            steps.push(step);
        }
    }

    /// Adds what the estimator needs and the recipe left out.
    fn complete(mut self, needs: Needs) -> Chain {
        if let State::Number { values, indicator, filled: false, .. } = &mut self.state
            && needs.complete
        {
            *indicator = values.iter().any(|x| x.is_nan());
            let value = median(values);
            self.push(NumberStep::Impute { value });
        }
        if let State::Number { values, scaled: false, .. } = &self.state
            && needs.scaled
        {
            let step = standard(values);
            self.push(step);
        }
        match self.state {
            State::Number { steps, indicator, .. } => Chain::Number { column: self.name, steps, indicator },
            State::Text { column, fill, encode } => {
                let encode = encode.unwrap_or_else(|| match needs.numeric {
                    true => Encode::OneHot { categories: categories(column, fill.as_deref(), MAX_CATEGORIES, 1) },
                    false => Encode::Ordinal { categories: categories(column, fill.as_deref(), usize::MAX, 1) },
                });
                Chain::Text { column: self.name, fill, encode }
            }
        }
    }
}

fn share(params: &Reader, name: &str, default: f64) -> Result<f64> {
    params.number(name, default, "a quantile from 0 to 1", |x| (0.0..=1.0).contains(&x))
}

fn fill_of(values: &[f64], params: &Reader) -> Result<f64> {
    match params.choice("strategy", "median", &["median", "mean", "most_frequent", "constant"])? {
        "mean" => Ok(mean(values)),
        "most_frequent" => Ok(most_frequent(values)),
        "constant" => match params.number("value", f64::NAN, "a number", |_| true)? {
            value if value.is_nan() => {
                Err(Error::invalid("strategy constant needs a value").hint("give value = NUMBER"))
            }
            value => Ok(value),
        },
        _ => Ok(median(values)),
    }
}

fn scale_of(values: &[f64], method: &str) -> NumberStep {
    if method != "minmax" {
        return standard(values);
    }
    let sorted = sorted(values);
    let (low, high) = (quantile(&sorted, 0.0), quantile(&sorted, 1.0));
    NumberStep::Scale { center: low, scale: if high > low { (high - low).min(f64::MAX) } else { 1.0 } }
}

fn known(values: &[f64]) -> impl Iterator<Item = f64> + Clone {
    values.iter().copied().filter(|x| x.is_finite())
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted: Vec<f64> = known(values).collect();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// The quantile by linear interpolation; 0 of nothing.
fn quantile(sorted: &[f64], q: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let at = q * last as f64;
    between(sorted[at.floor() as usize], sorted[at.ceil() as usize], at.fract())
}

/// The number at this share of the way; finite even where the way is longer than any number.
fn between(low: f64, high: f64, share: f64) -> f64 {
    let way = high - low;
    if way.is_finite() { low + way * share } else { low * (1.0 - share) + high * share }
}

/// The middle value, or the mean of the two middle ones: `quantile(0.5)` without sorting the rest.
fn median(values: &[f64]) -> f64 {
    let mut known: Vec<f64> = known(values).collect();
    let Some(last) = known.len().checked_sub(1) else { return 0.0 };
    let (_, low, above) = known.select_nth_unstable_by(last / 2, f64::total_cmp);
    let low = *low;
    if last.is_multiple_of(2) {
        return low;
    }
    let high = above.iter().copied().reduce(f64::min).unwrap_or(low);
    between(low, high, 0.5)
}

fn mean(values: &[f64]) -> f64 {
    let count = known(values).count() as f64;
    let sum = known(values).fold(0.0, |a, x| a + x);
    if count == 0.0 {
        0.0
    } else if sum.is_finite() {
        sum / count
    } else {
        // The sum is beyond all numbers, the mean is not.
        known(values).fold(0.0, |a, x| a + x / count).clamp(f64::MIN, f64::MAX)
    }
}

/// The value that occurs most; the smallest of several.
fn most_frequent(values: &[f64]) -> f64 {
    let sorted = sorted(values);
    let runs = sorted.chunk_by(|a, b| a == b);
    runs.fold((0, 0.0), |best, run| if run.len() > best.0 { (run.len(), run[0]) } else { best }).1
}

fn standard(values: &[f64]) -> NumberStep {
    let center = mean(values);
    let count = known(values).count().max(1) as f64;
    let scale = (known(values).fold(0.0, |a, x| a + (x - center) * (x - center)) / count).sqrt();
    // As scikit-learn: a spread that is only rounding is none.
    let constant = scale <= 10.0 * f64::EPSILON * center.abs() || !scale.is_finite();
    NumberStep::Scale { center, scale: if constant { 1.0 } else { scale } }
}

fn counts(column: &Column) -> BTreeMap<&str, u64> {
    let mut counts = BTreeMap::new();
    for row in 0..column.len() {
        if let Value::Text(text) = column.get(row) {
            *counts.entry(text).or_default() += 1;
        }
    }
    counts
}

/// Categories sorted by name: those seen at least `least` times, the `most` most frequent.
fn categories(column: &Column, fill: Option<&str>, most: usize, least: u64) -> Vec<String> {
    let mut counted: Vec<(&str, u64)> = counts(column).into_iter().filter(|(_, n)| *n >= least).collect();
    counted.sort_by_key(|(word, n)| (std::cmp::Reverse(*n), *word));
    counted.truncate(most);
    let mut names: Vec<String> = counted.into_iter().map(|(word, _)| word.to_owned()).collect();
    names.extend(fill.filter(|f| !names.iter().any(|n| n == f)).map(str::to_owned));
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINEAR: Needs = Needs { numeric: true, complete: true, scaled: true };
    const TREES: Needs = Needs { numeric: false, complete: false, scaled: false };

    fn frame() -> Frame {
        Frame::new(vec![
            ("x".into(), Column::Number(vec![1.0, 2.0, f64::NAN, 5.0])),
            ("c".into(), Column::texts([Some("b"), Some("a"), None, Some("b")])),
        ])
        .unwrap()
    }

    #[test]
    fn a_linear_model_gets_complete_scaled_numbers() {
        let preparation = fit(&frame(), &[], LINEAR).unwrap();
        let matrix = preparation.prepare().matrix(&frame()).unwrap();
        assert_eq!(matrix.columns(), 4);
        assert_eq!(matrix.column(1), [0.0, 0.0, 1.0, 0.0]);
        assert_eq!(matrix.column(2), [0.0, 1.0, 0.0, 0.0]);
        let mean: f64 = matrix.column(0).iter().sum();
        assert!(mean.abs() < 1e-12);
    }

    #[test]
    fn the_median_is_the_quantile_in_the_middle() {
        for n in 0..9 {
            let values: Vec<f64> = (0..n).map(|i| f64::from(i * 5 % 7) / 3.0).chain([f64::NAN]).collect();
            assert_eq!(median(&values).to_bits(), quantile(&sorted(&values), 0.5).to_bits(), "{values:?}");
        }
    }

    #[test]
    fn an_unknown_step_or_parameter_is_named() {
        let step = |text: &str| vec![serde_json::from_str::<PrepDef>(text).unwrap()];
        let e = fit(&frame(), &step(r#"{"op":"inpute","columns":"all"}"#), TREES).unwrap_err();
        assert_eq!(e.hint_text(), Some("did you mean \"impute\"?"));
        assert!(fit(&frame(), &step(r#"{"op":"scale","columns":"numeric","metod":"x"}"#), TREES).is_err());
        assert!(fit(&frame(), &step(r#"{"op":"scale","columns":"c"}"#), TREES).is_err());
    }
}
