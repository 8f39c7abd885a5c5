//! A space of hyper-parameters and the candidates drawn from it.
//!
//! Invariant: candidate i of a random search depends on the space, the seed and i alone, so trials can run in any order, on
//! any number of threads, and more can be added later. Nothing here knows what the parameters mean.

use crate::error::{Error, Result};
use crate::learn::random::{Stream, stream};
use crate::math::{exp, ln};
use serde_json::{Map, Value};

/// Candidates of a search at most: all are drawn before the first is fitted.
pub const MAX_CANDIDATES: usize = 100_000;

/// How candidates are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Each parameter is drawn on its own.
    Random,
    /// All combinations of lists; the last parameter changes fastest.
    Grid,
}

impl Method {
    /// "random" or "grid".
    pub fn parse(name: &str) -> Result<Method> {
        match name {
            "random" => Ok(Method::Random),
            "grid" => Ok(Method::Grid),
            _ => Err(Error::unknown("search method", name, ["random", "grid"])),
        }
    }
}

/// The values one parameter may take.
#[derive(Debug, Clone, PartialEq)]
enum Range {
    Choices(Vec<Value>),
    Uniform(f64, f64),
    Log(f64, f64),
    Int(i64, i64),
    LogInt(i64, i64),
}

/// The values of all parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Space(Vec<(String, Range)>);

impl Space {
    /// Reads an object of ranges: a list of choices, `{"uniform": [low, high]}`, `{"log": …}` (log-uniform),
    /// `{"int": …}` or `{"log_int": …}` (whole numbers, both ends included).
    pub fn parse(space: &Map<String, Value>) -> Result<Space> {
        let parse = |(name, value): (&String, &Value)| {
            let range = Range::parse(value).map_err(|error| error.at(format!("search space of \"{name}\"")))?;
            Ok((name.clone(), range))
        };
        space.iter().map(parse).collect::<Result<_>>().map(Space)
    }

    /// The parameters to try: `trials` of a random search, or the whole grid, for which `trials` and `seed` do not matter.
    pub fn candidates(&self, method: Method, trials: usize, seed: u64) -> Result<Vec<Map<String, Value>>> {
        match method {
            Method::Random => Ok((0..trials as u64).map(|trial| self.draw(seed, trial)).collect()),
            Method::Grid => self.grid(),
        }
    }

    /// Candidate number `trial` of a random search.
    fn draw(&self, seed: u64, trial: u64) -> Map<String, Value> {
        let draw = |(name, range): &(String, Range)| {
            (name.clone(), range.draw(&mut stream(seed, &format!("search {name}"), trial)))
        };
        self.0.iter().map(draw).collect()
    }

    fn grid(&self) -> Result<Vec<Map<String, Value>>> {
        let mut grid = vec![Map::new()];
        for (name, range) in &self.0 {
            let Range::Choices(choices) = range else {
                return Err(Error::invalid(format!("search space of \"{name}\": a grid needs a list of choices"))
                    .hint("list the values, or use the method random"));
            };
            if grid.len() * choices.len() > MAX_CANDIDATES {
                return Err(Error::invalid(format!("the grid has more than {MAX_CANDIDATES} candidates"))
                    .hint("list fewer values, or use the method random"));
            }
            let with = |candidate: &Map<String, Value>, choice: &Value| {
                let mut candidate = candidate.clone();
                candidate.insert(name.clone(), choice.clone());
                candidate
            };
            grid = grid.iter().flat_map(|old| choices.iter().map(move |choice| with(old, choice))).collect();
        }
        Ok(grid)
    }
}

const FORMS: &str = "it is a list of choices, or {\"uniform\": [low, high]}, or the same with log, int or log_int";

impl Range {
    fn parse(value: &Value) -> Result<Range> {
        let wrong = || Error::invalid(format!("{value} is not a range")).hint(FORMS);
        if let Value::Array(choices) = value {
            return if choices.is_empty() { Err(wrong()) } else { Ok(Range::Choices(choices.clone())) };
        }
        let object = value.as_object().filter(|object| object.len() == 1).ok_or_else(wrong)?;
        let (form, ends) = object.iter().next().ok_or_else(wrong)?;
        let Some([low, high]) = ends.as_array().map(Vec::as_slice) else { return Err(wrong()) };
        match form.as_str() {
            "uniform" | "log" => {
                let (low, high) = low.as_f64().zip(high.as_f64()).ok_or_else(wrong)?;
                let finite = low < high && (high - low).is_finite();
                match (form == "log", finite) {
                    (true, true) if low > 0.0 => Ok(Range::Log(low, high)),
                    (false, true) => Ok(Range::Uniform(low, high)),
                    _ => Err(ends_wrong(value, form == "log")),
                }
            }
            "int" | "log_int" => {
                let (low, high) = low.as_i64().zip(high.as_i64()).ok_or_else(wrong)?;
                let finite = low < high && high.checked_sub(low).is_some_and(|width| width < i64::MAX);
                match (form == "log_int", finite) {
                    (true, true) if low > 0 => Ok(Range::LogInt(low, high)),
                    (false, true) => Ok(Range::Int(low, high)),
                    _ => Err(ends_wrong(value, form == "log_int")),
                }
            }
            _ => Err(wrong()),
        }
    }

    fn draw(&self, random: &mut Stream) -> Value {
        match self {
            Range::Choices(choices) => choices[random.below(choices.len())].clone(),
            Range::Uniform(low, high) => (low + (high - low) * random.uniform()).min(*high).into(),
            Range::Log(low, high) => log_uniform(*low, *high, random).clamp(*low, *high).into(),
            Range::Int(low, high) => (low + random.below((high - low) as usize + 1) as i64).into(),
            // Each whole number has the share of the log scale from half below it to half above.
            Range::LogInt(low, high) => {
                let drawn = log_uniform(*low as f64 - 0.5, *high as f64 + 0.5, random).round() as i64;
                drawn.clamp(*low, *high).into()
            }
        }
    }
}

fn ends_wrong(value: &Value, log: bool) -> Error {
    let hint = if log { "the ends go from low to high, both above 0" } else { "the ends go from low to high" };
    Error::invalid(format!("{value} has no values")).hint(hint)
}

fn log_uniform(low: f64, high: f64, random: &mut Stream) -> f64 {
    exp(ln(low) + (ln(high) - ln(low)) * random.uniform())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn space(value: Value) -> Result<Space> {
        Space::parse(value.as_object().unwrap())
    }

    #[test]
    fn a_trial_is_the_same_whatever_else_is_drawn() {
        let wide = space(json!({"C": {"log": [0.01, 100.0]}, "n": {"int": [1, 5]}, "k": [1, "a", null]})).unwrap();
        let narrow = space(json!({"n": {"int": [1, 5]}})).unwrap();
        let many = wide.candidates(Method::Random, 50, 3).unwrap();
        assert_eq!(wide.candidates(Method::Random, 7, 3).unwrap(), many[..7]);
        assert_eq!(narrow.draw(3, 20)["n"], many[20]["n"]);
        assert_ne!(wide.draw(4, 20), many[20]);
    }

    #[test]
    fn draws_stay_inside_and_reach_both_ends() {
        let space = space(json!({"l": {"log": [0.01, 100.0]}, "u": {"uniform": [-2, 3]},
            "i": {"int": [-1, 2]}, "j": {"log_int": [1, 4]}}))
        .unwrap();
        let drawn = space.candidates(Method::Random, 2000, 1).unwrap();
        let all = |name: &str| drawn.iter().map(|c| c[name].as_f64().unwrap()).collect::<Vec<_>>();
        assert!(all("l").iter().all(|x| (0.01..=100.0).contains(x)));
        assert!((900..1100).contains(&all("l").iter().filter(|x| **x < 1.0).count()));
        assert!(all("u").iter().all(|x| (-2.0..=3.0).contains(x)));
        for (name, low, high) in [("i", -1.0, 2.0), ("j", 1.0, 4.0)] {
            let values = all(name);
            assert_eq!(values.iter().copied().fold(f64::MAX, f64::min), low);
            assert_eq!(values.iter().copied().fold(f64::MIN, f64::max), high);
        }
    }

    #[test]
    fn a_grid_is_every_combination() {
        let grid = space(json!({"a": [1, 2], "b": ["x", "y", "z"]})).unwrap();
        let all = grid.candidates(Method::Grid, 0, 0).unwrap();
        assert_eq!(all.len(), 6);
        assert_eq!(Value::Object(all[1].clone()), json!({"a": 1, "b": "y"}));
        assert!(space(json!({"a": {"log": [1, 2]}})).unwrap().candidates(Method::Grid, 0, 0).is_err());
    }

    #[test]
    fn nonsense_is_refused() {
        for wrong in [
            json!([]),
            json!(3),
            json!({"log": [0, 1]}),
            json!({"int": [2, 1]}),
            json!({"log": [1]}),
            json!({"what": [1, 2]}),
            json!({"int": [0.5, 2]}),
            json!({"int": [1, 2], "log": [1, 2]}),
        ] {
            assert!(space(json!({ "a": wrong })).is_err(), "{wrong}");
        }
    }
}
