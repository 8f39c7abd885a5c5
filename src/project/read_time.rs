//! Instants as texts: `2013-04-01`, `2013-04-01 06:00`, `2013-04-01T06:00:00.5+02:00`. Only texts that begin with the year are read:
//! whether `03/10/2024` is in March or in October nobody can know.

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;
/// The instants that RFC 3339 can write: years 0 to 9999.
const WRITABLE: std::ops::RangeInclusive<i64> = -62_167_219_200_000_000..=253_402_300_799_999_999;

/// An instant that was written as a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeText {
    /// Microseconds since 1970 UTC. A text without a zone is UTC; digits beyond microseconds are cut off.
    pub micros: i64,
    /// Whether the text has a time of day.
    pub clock: bool,
    /// Whether the text names a zone.
    pub zone: bool,
}

impl TimeText {
    /// Reads `YYYY-MM-DD` (or with slashes), then if there is more a `T` or a blank, `HH:MM[:SS[.f]]`, and `Z`, `UTC` or an offset.
    /// Years are 0 to 9999, in UTC too.
    pub fn read(text: &str) -> Option<TimeText> {
        let mut rest = Rest(text.as_bytes());
        let day = rest.day()?;
        if rest.0.is_empty() {
            return Some(TimeText { micros: day * DAY, clock: false, zone: false });
        }
        if !(rest.take(b'T') || rest.take(b't') || rest.take(b' ')) {
            return None;
        }
        let clock = rest.clock()?;
        let offset = if rest.0.is_empty() { None } else { Some(rest.offset()?) };
        let micros = day * DAY + clock - offset.unwrap_or(0);
        Self::is_writable(micros).then_some(TimeText { micros, clock: true, zone: offset.is_some() })
    }

    /// Whether the instant can be written as such a text.
    pub(super) fn is_writable(micros: i64) -> bool {
        WRITABLE.contains(&micros)
    }
}

/// What is left of a text.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn take(&mut self, byte: u8) -> bool {
        match self.0 {
            [first, rest @ ..] if *first == byte => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    /// A number of `least` to `most` digits.
    fn digits(&mut self, least: usize, most: usize) -> Option<i64> {
        let count = self.0.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        (count >= least).then(|| digits.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
    }

    /// Days since 1970.
    fn day(&mut self) -> Option<i64> {
        let year = self.digits(4, 4)?;
        let mark = *self.0.first().filter(|mark| matches!(mark, b'-' | b'/'))?;
        self.take(mark);
        let month = self.digits(1, 2).filter(|month| (1..=12).contains(month))?;
        if !self.take(mark) {
            return None;
        }
        let day = self.digits(1, 2).filter(|day| (1..=days_of(year, month)).contains(day))?;
        Some(days_before(year, month) + day - 1)
    }

    /// The time of day.
    fn clock(&mut self) -> Option<i64> {
        let hour = self.digits(1, 2).filter(|hour| *hour < 24)?;
        if !self.take(b':') {
            return None;
        }
        let minute = self.digits(2, 2).filter(|minute| *minute < 60)?;
        let mut micros = (hour * 60 + minute) * 60 * SECOND;
        if self.take(b':') {
            // A leap second is the one after it.
            micros += self.digits(2, 2).filter(|second| *second <= 60)? * SECOND;
            if self.take(b'.') || self.take(b',') {
                micros += self.fraction()?;
            }
        }
        Some(micros)
    }

    fn fraction(&mut self) -> Option<i64> {
        let before = self.0.len();
        let micros = self.digits(1, 6)?;
        let count = (before - self.0.len()) as u32;
        while self.digits(1, 1).is_some() {}
        Some(micros * 10_i64.pow(6 - count))
    }

    /// How far the zone is ahead of UTC; nothing may follow.
    fn offset(&mut self) -> Option<i64> {
        self.take(b' ');
        if matches!(self.0, b"Z" | b"z" | b"UTC") {
            return Some(0);
        }
        let sign = if self.take(b'+') { 1 } else { self.take(b'-').then_some(-1)? };
        let hour = self.digits(2, 2).filter(|hour| *hour < 24)?;
        self.take(b':');
        let minute = if self.0.is_empty() { 0 } else { self.digits(2, 2).filter(|minute| *minute < 60)? };
        self.0.is_empty().then_some(sign * (hour * 60 + minute) * 60 * SECOND)
    }
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970 to the first of a month of the Gregorian calendar. The year is thought to begin in March, so that a leap day
/// is its last.
fn days_before(year: i64, month: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + (153 * month + 2) / 5 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, NaiveDate};

    #[test]
    fn days_are_those_of_the_calendar() {
        for (year, month) in (0..=9999).flat_map(|year| (1..=12).map(move |month| (year, month))) {
            let first = NaiveDate::from_ymd_opt(year as i32, month as u32, 1).unwrap();
            assert_eq!(days_before(year, month), i64::from(first.to_epoch_days()), "{year}-{month}");
            let last = first.checked_add_months(chrono::Months::new(1)).unwrap().pred_opt().unwrap();
            assert_eq!(last.format("%d").to_string(), days_of(year, month).to_string());
        }
    }

    #[test]
    fn texts_are_read_as_chrono_reads_them() {
        for text in [
            "2013-04-01T06:00:00Z",
            "1969-12-31T23:59:59.999999Z",
            "2013-04-01T06:00:00.5+02:00",
            "0000-03-01T00:00:00Z",
            "2013-04-01T06:00:00.123456789-11:30",
            "9999-12-31T23:59:59Z",
        ] {
            let known = DateTime::parse_from_rfc3339(text).unwrap().timestamp_micros();
            assert_eq!(TimeText::read(text).unwrap().micros, known, "{text}");
        }
    }

    #[test]
    fn day_clock_and_zone_are_told_apart() {
        let read = |text: &str| TimeText::read(text).map(|time| (time.micros, time.clock, time.zone));
        assert_eq!(read("1970-01-02"), Some((DAY, false, false)));
        assert_eq!(read("1970/1/2"), Some((DAY, false, false)));
        assert_eq!(read("1970-01-02 1:00"), Some((DAY + 3600 * SECOND, true, false)));
        for utc in ["1970-01-02 00:00Z", "1970-01-02 00:00:00 UTC", "1970-01-02T01:00:00+01", "1970-01-01T19:00-0500"] {
            assert_eq!(read(utc), Some((DAY, true, true)), "{utc}");
        }
    }

    #[test]
    fn other_texts_are_no_times() {
        for bad in [
            "",
            "2013",
            "2013-04",
            "13-04-01",
            "2013-04/01",
            "2013-02-29",
            "2013-13-01",
            "2013-04-01T",
            "2013-04-01T06",
            "2013-04-01T24:00",
            "2013-04-01T06:00:61",
            "2013-04-01T06:00:00.",
            "2013-04-01T06:00:00ZZ",
            "2013-04-01x06:00",
            "2013-04-01T06:00:00+2",
            "0000-01-01T00:00:00+01:00",
            "9999-12-31T23:00-05:00",
            "20130401",
            "01/04/2013",
        ] {
            assert_eq!(TimeText::read(bad), None, "{bad}");
        }
    }
}
