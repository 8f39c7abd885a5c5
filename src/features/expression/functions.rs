//! The functions of row expressions.

use crate::error::{Error, Result};
use crate::math;
use chrono::{DateTime, Datelike, Timelike, Utc};

/// A function by its SQL name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Function {
    Abs,
    Sign,
    Sqrt,
    Exp,
    Ln,
    Log10,
    Floor,
    Ceil,
    Round,
    Sin,
    Cos,
    Power,
    Least,
    Greatest,
    Coalesce,
    NullIf,
}

const FUNCTIONS: [(&str, Function); 16] = [
    ("abs", Function::Abs),
    ("sign", Function::Sign),
    ("sqrt", Function::Sqrt),
    ("exp", Function::Exp),
    ("ln", Function::Ln),
    ("log10", Function::Log10),
    ("floor", Function::Floor),
    ("ceil", Function::Ceil),
    ("round", Function::Round),
    ("sin", Function::Sin),
    ("cos", Function::Cos),
    ("power", Function::Power),
    ("least", Function::Least),
    ("greatest", Function::Greatest),
    ("coalesce", Function::Coalesce),
    ("nullif", Function::NullIf),
];

impl Function {
    pub(super) fn parse(name: &str) -> Result<Self> {
        let lowered = name.to_lowercase();
        let found = FUNCTIONS.iter().find(|(n, _)| *n == lowered).map(|(_, f)| *f);
        found.ok_or_else(|| Error::unknown("function", &lowered, FUNCTIONS.iter().map(|(n, _)| *n)))
    }

    pub(super) fn name(self) -> &'static str {
        FUNCTIONS.iter().find(|(_, f)| *f == self).map_or("?", |(n, _)| n)
    }

    /// Fewest and most arguments.
    pub(super) fn arity(self) -> (usize, usize) {
        match self {
            Function::Power | Function::NullIf => (2, 2),
            Function::Least | Function::Greatest | Function::Coalesce => (1, 64),
            _ => (1, 1),
        }
    }

    /// Whether it takes arguments of any one type, not numbers alone.
    pub(super) fn any_type(self) -> bool {
        matches!(self, Function::Coalesce | Function::NullIf)
    }

    /// A function of one number; NaN where it is not defined.
    pub(super) fn of_number(self, x: f64) -> f64 {
        match self {
            Function::Abs => x.abs(),
            Function::Sign if x == 0.0 => 0.0,
            Function::Sign => x.signum(),
            Function::Sqrt => x.sqrt(),
            Function::Exp => math::exp(x),
            Function::Ln if x > 0.0 => math::ln(x),
            Function::Log10 if x > 0.0 => math::log10(x),
            Function::Floor => x.floor(),
            Function::Ceil => x.ceil(),
            Function::Round => x.round(),
            Function::Sin => math::sin(x),
            Function::Cos => math::cos(x),
            _ => f64::NAN,
        }
    }
}

/// A part of an instant, in UTC.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum TimeField {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    DayOfWeek,
    DayOfYear,
    Epoch,
}

impl TimeField {
    pub(super) fn parse(text: &str) -> Result<Self> {
        match text.to_lowercase().as_str() {
            "year" => Ok(TimeField::Year),
            "month" => Ok(TimeField::Month),
            "day" => Ok(TimeField::Day),
            "hour" => Ok(TimeField::Hour),
            "minute" => Ok(TimeField::Minute),
            "second" => Ok(TimeField::Second),
            "dow" => Ok(TimeField::DayOfWeek),
            "doy" => Ok(TimeField::DayOfYear),
            "epoch" => Ok(TimeField::Epoch),
            other => Err(Error::unknown(
                "field of EXTRACT",
                other,
                ["year", "month", "day", "hour", "minute", "second", "dow", "doy", "epoch"],
            )),
        }
    }

    /// The part of an instant; the day of the week counts from Sunday, 0, as in PostgreSQL.
    pub(super) fn of(self, micros: i64) -> f64 {
        let Some(time) = DateTime::<Utc>::from_timestamp_micros(micros) else { return f64::NAN };
        match self {
            TimeField::Year => f64::from(time.year()),
            TimeField::Month => f64::from(time.month()),
            TimeField::Day => f64::from(time.day()),
            TimeField::Hour => f64::from(time.hour()),
            TimeField::Minute => f64::from(time.minute()),
            TimeField::Second => f64::from(time.second()),
            TimeField::DayOfWeek => f64::from(time.weekday().num_days_from_sunday()),
            TimeField::DayOfYear => f64::from(time.ordinal()),
            TimeField::Epoch => micros as f64 / 1e6,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_have_no_fraction_as_in_sql() {
        assert_eq!([59_500_000, 60_000_000].map(|micros| TimeField::Second.of(micros)), [59.0, 0.0]);
        assert_eq!(TimeField::Epoch.of(59_500_000), 59.5);
    }
}
