//! `date_parts`: a time becomes the numbers of a calendar and a clock, in UTC. With `cycle = true` those that come round again become the sine
//! and cosine of their angle, so that December lies beside January and 23 o'clock beside midnight.
//!
//! | part | numbers | a round |
//! | --- | --- | --- |
//! | `year` | 2024 | |
//! | `quarter` | 1 to 4 | 4 |
//! | `month` | 1 to 12 | 12 |
//! | `week` | 1 to 53 (ISO 8601) | 53 |
//! | `day` | 1 to 31 | 31 |
//! | `day_of_year` | 1 to 366 | 366 |
//! | `weekday` | 0 (Monday) to 6 | 7 |
//! | `weekend` | 0 or 1 | |
//! | `hour` | 0 to 23 | 24 |
//! | `minute`, `second` | 0 to 59 | 60 |
//! | `days` | since 1970, with fractions | |
//!
//! The angle of number n is 2π · (n - the first number) / the round. A missing time has no parts.

use super::computation::{Computation, OfTime};
use super::fitted_step::{Content, FittedStep, Output, OutputRole};
use crate::error::{Error, Result};
use crate::learn::params::ParamReader;
use crate::math::{cos, sin};
use chrono::{DateTime, Datelike, Timelike, Utc};
use serde::{Deserialize, Serialize};
use std::f64::consts::TAU;

/// The parameters' names.
pub(super) const PARAMETERS: &[&str] = &["parts", "cycle"];

const MICROS_A_DAY: f64 = 86_400_000_000.0;

/// A number of the calendar or the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum DatePart {
    Year,
    Quarter,
    Month,
    Week,
    Day,
    DayOfYear,
    Weekday,
    Weekend,
    Hour,
    Minute,
    Second,
    Days,
}

/// Where a part comes round: the first number and how many there are.
type Round = (f64, f64);

/// Each part with its name and its round.
const PARTS: [(&str, DatePart, Option<Round>); 12] = [
    ("year", DatePart::Year, None),
    ("quarter", DatePart::Quarter, Some((1.0, 4.0))),
    ("month", DatePart::Month, Some((1.0, 12.0))),
    ("week", DatePart::Week, Some((1.0, 53.0))),
    ("day", DatePart::Day, Some((1.0, 31.0))),
    ("day_of_year", DatePart::DayOfYear, Some((1.0, 366.0))),
    ("weekday", DatePart::Weekday, Some((0.0, 7.0))),
    ("weekend", DatePart::Weekend, None),
    ("hour", DatePart::Hour, Some((0.0, 24.0))),
    ("minute", DatePart::Minute, Some((0.0, 60.0))),
    ("second", DatePart::Second, Some((0.0, 60.0))),
    ("days", DatePart::Days, None),
];

/// The parts when a recipe names none.
const USUAL: [DatePart; 5] = [DatePart::Year, DatePart::Month, DatePart::Day, DatePart::Weekday, DatePart::Hour];

impl DatePart {
    fn row(self) -> (&'static str, Option<Round>) {
        PARTS.iter().find(|(_, part, _)| *part == self).map_or(("", None), |(name, _, round)| (name, *round))
    }

    fn of(self, time: &DateTime<Utc>) -> f64 {
        match self {
            DatePart::Year => f64::from(time.year()),
            DatePart::Quarter => f64::from(time.month0() / 3 + 1),
            DatePart::Month => f64::from(time.month()),
            DatePart::Week => f64::from(time.iso_week().week()),
            DatePart::Day => f64::from(time.day()),
            DatePart::DayOfYear => f64::from(time.ordinal()),
            DatePart::Weekday => f64::from(time.weekday().num_days_from_monday()),
            DatePart::Weekend => f64::from(u8::from(time.weekday().num_days_from_monday() >= 5)),
            DatePart::Hour => f64::from(time.hour()),
            DatePart::Minute => f64::from(time.minute()),
            DatePart::Second => f64::from(time.second()),
            DatePart::Days => time.timestamp_micros() as f64 / MICROS_A_DAY,
        }
    }
}

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct DatePartsParams {
    parts: Vec<DatePart>,
    cycle: bool,
}

impl DatePartsParams {
    /// Reads them.
    pub(super) fn parse(reader: &ParamReader) -> Result<DatePartsParams> {
        let part = |value: &serde_json::Value| {
            let name = value.as_str().unwrap_or_default();
            let found = PARTS.iter().find(|(word, ..)| *word == name).map(|(_, part, _)| *part);
            found.ok_or_else(|| Error::unknown("part of a date", name, PARTS.map(|(word, ..)| word)))
        };
        let parts: Vec<DatePart> = match reader.raw("parts") {
            None => USUAL.to_vec(),
            Some(value) => value.as_array().into_iter().flatten().map(part).collect::<Result<_>>()?,
        };
        let twice = (1..parts.len()).any(|at| parts[..at].contains(&parts[at]));
        if parts.is_empty() || twice {
            return Err(Error::invalid("parts names none, or one twice").hint("give parts = [\"month\", \"hour\"]"));
        }
        Ok(DatePartsParams { parts, cycle: reader.flag("cycle", false)? })
    }

    /// The step for a column of times; nothing of it is fitted.
    pub(super) fn fit(&self, name: &str) -> DateParts {
        DateParts { column: name.to_owned(), parts: self.parts.clone(), cycle: self.cycle }
    }
}

/// The step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DateParts {
    /// The column that is read; columns `COLUMN_PART` take its place, or `COLUMN_PART_sin` and `COLUMN_PART_cos`.
    pub column: String,
    /// The parts, in order.
    pub parts: Vec<DatePart>,
    /// Whether parts that come round become sine and cosine.
    pub cycle: bool,
}

impl OfTime for DateParts {
    fn values(&self, time: Option<i64>, out: &mut [f64]) {
        let time = time.and_then(DateTime::from_timestamp_micros);
        let mut cells = out.iter_mut();
        let mut put = |value: f64| {
            if let Some(cell) = cells.next() {
                *cell = value;
            }
        };
        for part in &self.parts {
            let value = time.as_ref().map_or(f64::NAN, |time| part.of(time));
            match part.row().1.filter(|_| self.cycle) {
                Some((first, round)) => {
                    let angle = TAU * (value - first) / round;
                    put(sin(angle));
                    put(cos(angle));
                }
                None => put(value),
            }
        }
    }
}

impl FittedStep for DateParts {
    fn inputs(&self) -> Vec<&str> {
        vec![&self.column]
    }

    fn takes(&self) -> Content {
        Content::Time
    }

    fn outputs(&self) -> Vec<Output> {
        let names = self.parts.iter().flat_map(|part| {
            let (name, round) = part.row();
            let ends: &[&str] = if self.cycle && round.is_some() { &["_sin", "_cos"] } else { &[""] };
            ends.iter().map(move |end| format!("{}_{name}{end}", self.column))
        });
        Output::numbers(names, OutputRole::Quantity)
    }

    fn computation(&self) -> Computation<'_> {
        Computation::Time(self)
    }

    fn check(&self) -> std::result::Result<(), &'static str> {
        let few = !self.parts.is_empty() && self.parts.len() <= PARTS.len();
        few.then_some(()).ok_or("it has no part, or more than there are")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leap_day_has_the_numbers_of_its_calendar() {
        let parts = PARTS.map(|(_, part, _)| part).to_vec();
        let step = DateParts { column: "t".to_owned(), parts, cycle: false };
        let mut out = [0.0; 12];
        // Thursday, 29 February 2024, 18:30:15 UTC.
        step.values(Some(1_709_231_415_000_000), &mut out);
        let days = 1_709_231_415.0 / 86_400.0;
        assert_eq!(out, [2024.0, 1.0, 2.0, 9.0, 29.0, 60.0, 3.0, 0.0, 18.0, 30.0, 15.0, days]);
        step.values(Some(-1), &mut out);
        assert_eq!(out[..5], [1969.0, 4.0, 12.0, 1.0, 31.0], "the microsecond before 1970");
        step.values(None, &mut out);
        assert!(out.iter().all(|x| x.is_nan()));
        step.values(Some(i64::MIN + 1), &mut out);
        assert!(out[0].is_nan() || out[0] < -290_000.0, "beyond the calendar");
    }

    #[test]
    fn the_end_of_a_round_lies_beside_its_beginning() {
        let step = DateParts { column: "t".to_owned(), parts: vec![DatePart::Hour, DatePart::Year], cycle: true };
        let names: Vec<String> = step.outputs().into_iter().map(|output| output.name).collect();
        assert_eq!(names, ["t_hour_sin", "t_hour_cos", "t_year"]);
        let mut out = [0.0; 3];
        let mut at = |hour: i64| {
            step.values(Some(hour * 3_600_000_000), &mut out);
            (out[0], out[1])
        };
        let (midnight, six, last) = (at(0), at(6), at(23));
        assert_eq!(midnight, (0.0, 1.0));
        assert!((six.0 - 1.0).abs() < 1e-15 && six.1.abs() < 1e-15);
        assert!((last.0 - midnight.0).hypot(last.1 - midnight.1) < 0.27);
    }
}
