//! Lengths of time (`"3h"`, `"30d"`) and instants (RFC 3339), both as whole microseconds. Instants are UTC inside.

use super::read_time::TimeText;
use crate::error::{Error, Result};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A positive length of time. Printed as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span {
    text: String,
    micros: i64,
}

impl Span {
    /// Reads a whole number and a unit: `s`, `m` (minutes), `h`, `d`, `w`.
    pub fn parse(text: &str) -> Result<Self> {
        let bad = || {
            Error::invalid(format!("\"{text}\" is not a length of time"))
                .hint("write a whole number and s, m, h, d or w: \"3h\", \"30d\"")
        };
        let unit = text.chars().next_back().ok_or_else(bad)?;
        let seconds: i64 = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return Err(bad()),
        };
        let count: i64 = text[..text.len() - 1].parse().map_err(|_| bad())?;
        let micros =
            count.checked_mul(seconds).and_then(|s| s.checked_mul(1_000_000)).filter(|m| *m > 0).ok_or_else(bad)?;
        Ok(Span { text: text.to_owned(), micros })
    }

    /// The length in microseconds, above zero.
    pub fn micros(&self) -> i64 {
        self.micros
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl TryFrom<String> for Span {
    type Error = Error;
    fn try_from(text: String) -> Result<Self> {
        Span::parse(&text)
    }
}

impl From<Span> for String {
    fn from(span: Span) -> String {
        span.text
    }
}

impl std::str::FromStr for Span {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        Span::parse(text)
    }
}

/// The current instant, microseconds since 1970 UTC.
pub fn now_micros() -> i64 {
    Utc::now().timestamp_micros()
}

/// An instant as RFC 3339 UTC with microseconds where there are any.
pub fn time_text(micros: i64) -> String {
    match DateTime::<Utc>::from_timestamp_micros(micros) {
        Some(time) => time.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        None => format!("{micros}us"),
    }
}

/// An instant's day and time of day in UTC for people, `YYYY-MM-DD HH:MM UTC`.
pub fn minute_text(micros: i64) -> String {
    format!("{} UTC", time_text(micros).chars().take(16).collect::<String>().replace('T', " "))
}

/// An instant's day in UTC, `YYYY-MM-DD`.
pub fn day_text(micros: i64) -> String {
    time_text(micros).chars().take(10).collect()
}

/// Reads RFC 3339, `YYYY-MM-DD HH:MM:SS[.f]` or `YYYY-MM-DD`; without a zone the text is UTC. Years are 0 to 9999.
pub fn parse_time(text: &str) -> Result<i64> {
    TimeText::read(text).map(|time| time.micros).ok_or_else(|| {
        Error::invalid(format!("{text:?} is not a time")).hint("write 2013-04-01 or 2013-04-01T06:00:00Z")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_times_are_read() {
        assert_eq!(Span::parse("3h").unwrap().micros(), 3 * 3_600_000_000);
        for bad in ["", "h", "-1h", "0s", "1.5h", "3x", "99999999999999w", "é"] {
            assert!(Span::parse(bad).is_err(), "{bad:?}");
        }
        assert_eq!(time_text(parse_time("2013-04-01").unwrap()), "2013-04-01T00:00:00Z");
        assert_eq!(parse_time("2013-04-01T02:00:00+02:00").unwrap(), parse_time("2013-04-01 00:00:00").unwrap());
        assert_eq!(parse_time("2013-01-01T06:00:00.000000+0000").unwrap(), parse_time("2013-01-01T06:00:00Z").unwrap());
    }
}
