//! The nearest neighbours, as scikit-learn's `KNeighborsClassifier` and `-Regressor` with Euclidean distances, found by looking at all
//! training rows.
//!
//! Distances are sums of squares in f64; of equal ones the earlier training row is nearer. For many rows at once products of matrices
//! in f32 give them roughly (‖q‖² + ‖t‖² − 2·q·t), and only those that could be near enough, by a bound of their error, are
//! computed in earnest: the neighbours of a row are the same, asked alone or among others.

use crate::error::{Error, Result};
use crate::learn::fitted::Fitted;
use crate::learn::fitted_model::FittedModel;
use crate::learn::learner::{Learner, Needs};
use crate::learn::matrix::Matrix;
use crate::learn::params::{ParamReader, object};
use crate::learn::row_products::row_products;
use crate::learn::stored_parts::{Parts, TensorReader};
use crate::learn::task::{Target, Task};
use crate::learn::tensor::Tensor;
use crate::progress::Progress;
use serde_json::{Map, Value, json};

/// How much each neighbour counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NeighbourWeight {
    /// All the same.
    Uniform,
    /// By one over its distance; neighbours at distance 0 alone, if there are any.
    Distance,
}

/// Their words.
const WEIGHTS: [(&str, NeighbourWeight); 2] =
    [("uniform", NeighbourWeight::Uniform), ("distance", NeighbourWeight::Distance)];

fn word_of(weights: NeighbourWeight) -> Option<&'static str> {
    WEIGHTS.iter().find(|(_, other)| *other == weights).map(|(word, _)| *word)
}

/// Training rows whose rough distances are computed together.
const TILE: usize = 512;

/// What a number or a product may lose in single precision because it is too small for it.
const LOST: f64 = 4.0 * f32::MIN_POSITIVE as f64;

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    n_neighbors: usize,
    weights: NeighbourWeight,
}

impl Params {
    /// Reads and checks the parameters; those not given have scikit-learn's defaults.
    pub fn parse(values: &Map<String, Value>) -> Result<Params> {
        let reader = ParamReader::new("knn", values, &["n_neighbors", "weights"])?;
        Ok(Params {
            n_neighbors: reader.integer("n_neighbors", 5, 1, 100_000)?,
            weights: reader.choice("weights", NeighbourWeight::Uniform, &WEIGHTS)?,
        })
    }
}

impl Learner for Params {
    fn name(&self) -> &'static str {
        "knn"
    }

    fn json(&self) -> Map<String, Value> {
        object([("n_neighbors", self.n_neighbors.into()), ("weights", word_of(self.weights).into())])
    }

    fn needs(&self) -> Needs {
        Needs::SCALED_NUMBERS
    }

    fn tasks(&self) -> &'static [Task] {
        &Task::ALL
    }

    fn takes_weights(&self) -> bool {
        false
    }

    fn steps(&self) -> Option<u64> {
        Some(1)
    }

    fn fit(&self, x: &Matrix, target: &Target, _seed: u64, step: &Progress) -> Result<Fitted> {
        step.check()?;
        let rows = target.len();
        if self.n_neighbors > rows {
            return Err(Error::invalid(format!(
                "knn looks at {} neighbours, and there are {rows} rows",
                self.n_neighbors
            ))
            .hint(format!("n_neighbors = {rows} at most")));
        }
        let mut values = Vec::new();
        x.rows_into(0, rows, &mut values);
        let outputs = target.task().outputs(target.classes());
        let labels = target.values().to_vec();
        let known = Neighbours {
            width: x.columns(),
            values,
            labels,
            outputs,
            k: self.n_neighbors,
            weights: self.weights,
            rough: Rough::default(),
        };
        Ok(Fitted::Neighbours(known.with_rough()))
    }
}

/// The training rows, which are the model.
#[derive(Debug, Clone)]
pub struct Neighbours {
    /// Values a row, at least 1.
    width: usize,
    /// Row after row.
    values: Vec<f64>,
    /// The class's place or the number of each row.
    labels: Vec<f64>,
    outputs: usize,
    /// Neighbours asked, from 1 to the number of rows.
    k: usize,
    weights: NeighbourWeight,
    rough: Rough,
}

/// The rows in single precision, for rough distances.
#[derive(Debug, Clone, Default)]
struct Rough {
    values: Vec<f32>,
    /// The square of each row's length.
    squares: Vec<f64>,
}

impl PartialEq for Neighbours {
    fn eq(&self, other: &Neighbours) -> bool {
        self.parts() == other.parts()
    }
}

/// The nearest rows found so far, the nearest first.
struct Nearest {
    k: usize,
    found: Vec<(f64, usize)>,
}

impl Nearest {
    /// The distance from which on no row is wanted.
    fn limit(&self) -> f64 {
        if self.found.len() < self.k { f64::INFINITY } else { self.found.last().map_or(f64::INFINITY, |last| last.0) }
    }

    /// Rows are offered in ascending order, so that of equal distances the earlier row stays in front.
    fn offer(&mut self, distance: f64, row: usize) {
        // A distance beyond the largest number is infinite, and still one.
        if distance < self.limit() || self.found.len() < self.k {
            let place = self.found.partition_point(|(other, _)| *other <= distance);
            self.found.truncate(self.k - 1);
            self.found.insert(place.min(self.found.len()), (distance, row));
        }
    }
}

/// The square of the distance, summed in a fixed order.
fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; 4];
    let (a_four, b_four) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest = a_four.remainder().iter().zip(b_four.remainder()).fold(0.0, |sum, (a, b)| sum + (a - b) * (a - b));
    for (a, b) in a_four.zip(b_four) {
        for lane in 0..4 {
            lanes[lane] += (a[lane] - b[lane]) * (a[lane] - b[lane]);
        }
    }
    (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]) + rest
}

impl Neighbours {
    /// The name of its kind in a bundle.
    pub const KIND: &str = "neighbours";

    fn with_rough(mut self) -> Neighbours {
        self.rough = Rough {
            values: self.values.iter().map(|value| *value as f32).collect(),
            squares: self.values.chunks_exact(self.width).map(square).collect(),
        };
        self
    }

    /// Puts it together again for rows of `features` values.
    pub(super) fn from_parts(attributes: &Value, mut tensors: TensorReader, features: usize) -> Result<Neighbours> {
        let number = |name: &str| attributes.get(name).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
        let wrong =
            |what: &str| Error::corrupt(format!("the attribute \"{what}\" of a model of neighbours does not fit"));
        let labels = tensors.floats("labels", None)?;
        let count = labels.len().checked_mul(features).ok_or_else(|| wrong("labels"))?;
        let values = tensors.floats("rows", Some(count))?;
        tensors.finish()?;
        let outputs =
            number("outputs").filter(|n| (1..=labels.len().max(2)).contains(n)).ok_or_else(|| wrong("outputs"))?;
        let k = number("n_neighbors").filter(|k| (1..=labels.len()).contains(k)).ok_or_else(|| wrong("n_neighbors"))?;
        let word = attributes.get("weights").and_then(Value::as_str);
        let weights = WEIGHTS.iter().find(|(other, _)| Some(*other) == word).ok_or_else(|| wrong("weights"))?.1;
        let is_class = |label: &f64| label.fract() == 0.0 && (0.0..outputs as f64).contains(label);
        if features == 0 || outputs > 1 && !labels.iter().all(is_class) {
            return Err(wrong("outputs"));
        }
        Ok(Neighbours { width: features, values, labels, outputs, k, weights, rough: Rough::default() }.with_rough())
    }

    fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.width..(row + 1) * self.width]
    }

    /// What the neighbours say: their shares of classes, or their mean.
    fn answer(&self, nearest: &Nearest, out: &mut [f64]) {
        let same = nearest.found.iter().any(|(distance, _)| *distance == 0.0);
        let weight = |distance: f64| match self.weights {
            NeighbourWeight::Uniform => 1.0,
            NeighbourWeight::Distance if same => f64::from(u8::from(distance == 0.0)),
            NeighbourWeight::Distance => 1.0 / distance.sqrt(),
        };
        out.fill(0.0);
        let mut all = 0.0;
        for (distance, row) in &nearest.found {
            let (weight, label) = (weight(*distance), self.labels[*row]);
            all += weight;
            match &mut *out {
                // Of two classes the label is the probability of the second.
                [one] => *one += weight * label,
                several => several[label as usize] += weight,
            }
        }
        out.iter_mut().for_each(|x| *x /= all);
    }
}

fn square(row: &[f64]) -> f64 {
    row.iter().fold(0.0, |sum, value| sum + value * value)
}

impl FittedModel for Neighbours {
    fn outputs(&self) -> usize {
        self.outputs
    }

    fn predict_row(&self, row: &[f64], out: &mut [f64]) {
        let mut nearest = Nearest { k: self.k, found: Vec::with_capacity(self.k) };
        (0..self.labels.len()).for_each(|other| nearest.offer(squared_distance(row, self.row(other)), other));
        self.answer(&nearest, out);
    }

    fn predict_rows(&self, rows: &[f64], width: usize, out: &mut [f64]) {
        let count = rows.len() / width;
        let rough: Vec<f32> = rows.iter().map(|value| *value as f32).collect();
        let squares: Vec<f64> = rows.chunks_exact(width).map(square).collect();
        let mut nearest: Vec<Nearest> =
            (0..count).map(|_| Nearest { k: self.k, found: Vec::with_capacity(self.k) }).collect();
        let mut products = vec![0f32; count * TILE];
        // What rounding to single precision and summing in it may change of a product of lengths 1.
        let error = (width as f64 + 8.0) * f64::from(f32::EPSILON);
        for (tile, others) in self.rough.values.chunks(TILE * width).enumerate() {
            let size = others.len() / width;
            row_products(&rough, others, width, &mut products[..count * size]);
            let first = tile * TILE;
            let longest = self.rough.squares[first..first + size].iter().fold(0.0f64, |most, square| most.max(*square));
            for (query, nearest) in nearest.iter_mut().enumerate() {
                // Products of tiny numbers are lost whole in single precision.
                let lost = LOST * width as f64 * (1.0 + squares[query].sqrt() + longest.sqrt());
                let margin = error * (squares[query] + longest) + lost;
                let of_query = &products[query * size..(query + 1) * size];
                for (at, product) in of_query.iter().enumerate() {
                    let about = squares[query] + self.rough.squares[first + at] - 2.0 * f64::from(*product);
                    // Also where the rough distance is not a number.
                    let too_far = about - margin > nearest.limit();
                    if !too_far {
                        let row = &rows[query * width..(query + 1) * width];
                        nearest.offer(squared_distance(row, self.row(first + at)), first + at);
                    }
                }
            }
        }
        out.chunks_exact_mut(self.outputs).zip(&nearest).for_each(|(out, nearest)| self.answer(nearest, out));
    }

    fn is_finite(&self) -> bool {
        self.values.iter().all(|value| value.is_finite())
    }

    fn parts(&self) -> Parts {
        let attributes = json!({ "n_neighbors": self.k, "weights": word_of(self.weights), "outputs": self.outputs });
        let tensor = |name: &str, values: &[f64]| (name.to_owned(), Tensor::F64(values.to_vec()));
        let tensors = vec![tensor("rows", &self.values), tensor("labels", &self.labels)];
        Parts { kind: Neighbours::KIND.to_owned(), attributes, tensors }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::FeatureKind;
    use crate::learn::random::stream;
    use serde_json::Map;

    #[test]
    fn neighbours_are_the_same_alone_and_among_others_whatever_the_size_of_the_numbers() {
        let mut random = stream(1, "neighbours", 0);
        for (size, outlier) in [(1.0, 0.0), (1e-21, 1.0), (1e-30, 1.0), (1e-40, 0.0), (1e30, 0.0), (1.0, 1e21)] {
            let mut columns: Vec<Vec<f64>> =
                (0..3).map(|_| (0..1300).map(|_| size * (1.0 + random.uniform())).collect()).collect();
            if outlier != 0.0 {
                columns.iter_mut().for_each(|column| column[700] = outlier);
            }
            let y = (0..1300).map(|row| columns[0][row] / size).collect();
            let names = (0..3).map(|j| format!("c{j}")).collect();
            let x = Matrix::new(names, vec![FeatureKind::Numeric; 3], columns).unwrap();
            let target = Target::new(Task::Regression, 0, y);
            let fitted = Params::parse(&Map::new()).unwrap().fit(&x, &target, 0, &Progress::quiet()).unwrap();
            let together = fitted.predict(&x);
            for row in (0..1300).step_by(61) {
                let (mut numbers, mut alone) = ([0.0; 3], [0.0]);
                x.row_into(row, &mut numbers);
                fitted.predict_row(&numbers, &mut alone);
                assert_eq!(alone[0].to_bits(), together.values()[row].to_bits(), "{size} {outlier} {row}");
            }
        }
    }
}
