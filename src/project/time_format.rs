//! Times written in a form of the person's own: `%d/%m/%Y` reads `03/10/2024` as the third of October.

use super::TimeText;
use crate::error::{Error, Result};
use chrono::format::{Fixed, Item, Numeric, Parsed, StrftimeItems};
use chrono::{DateTime, Utc};

/// A form of times, in the letters of C's `strftime`.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeFormat {
    form: String,
    items: Vec<Item<'static>>,
    kind: TimeFormatKind,
    /// Whether numbers follow each other without anything between: then each has all its digits.
    packed: bool,
}

/// What a text of a form says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeFormatKind {
    /// A day.
    Date,
    /// A day and a time of day, which is UTC.
    Time,
    /// An instant with a zone.
    Zoned,
}

/// The first instant of the year 1000 as microseconds since 1970.
const YEAR_1000: i64 = -30_610_224_000_000_000;
/// 1987-11-23 14:35:52 UTC: no two of its numbers are equal.
const SAMPLE: i64 = 564_676_552;

impl TimeFormat {
    /// Reads a form. It must say a day at least: what a sample written in it says is found out by reading it again.
    pub fn parse(form: &str) -> Result<Self> {
        let example = "%d/%m/%Y reads 24/12/2024, %m/%d/%Y %H:%M reads 12/24/2024 18:00, %s reads seconds since 1970";
        let items = StrftimeItems::new(form).parse_to_owned().map_err(|_| {
            Error::invalid(format!("{form:?} has a letter after % that stands for nothing")).hint(example)
        })?;
        let sample = DateTime::<Utc>::from_timestamp(SAMPLE, 0).unwrap_or_default();
        let text = sample.format_with_items(items.iter()).to_string();
        let read = parsed(&items, &text);
        let kind = match &read {
            Some(read) if read.to_datetime().is_ok() => Some(TimeFormatKind::Zoned),
            Some(read) if read.to_naive_datetime_with_offset(0).is_ok() => Some(TimeFormatKind::Time),
            Some(read) if read.to_naive_date().is_ok() => Some(TimeFormatKind::Date),
            _ => None,
        };
        let kind = kind.ok_or_else(|| Error::invalid(format!("{form:?} does not say a day")).hint(example))?;
        if kind == TimeFormatKind::Date && items.iter().any(is_of_clock) {
            return Err(Error::invalid(format!("{form:?} says only a part of the time of day"))
                .hint("give hours and minutes: %H:%M, or %I:%M %p"));
        }
        if items.iter().any(|item| matches!(item, Item::Fixed(Fixed::TimezoneName))) {
            return Err(Error::invalid(format!("{form:?}: a zone's name says no offset that is certain"))
                .hint("read offsets such as +0200 with %z"));
        }
        if items.iter().any(|item| matches!(item, Item::Numeric(Numeric::Nanosecond, _))) {
            return Err(Error::invalid(format!("{form:?}: %f reads whole nanoseconds"))
                .hint("read fractions of a second with %.f: %H:%M:%S%.f"));
        }
        let packed = items.windows(2).any(|two| matches!(two, [Item::Numeric(..), Item::Numeric(..)]));
        Ok(TimeFormat { form: form.to_owned(), items, kind, packed })
    }

    /// The form as it was written.
    pub fn form(&self) -> &str {
        &self.form
    }

    /// What texts of the form say.
    pub fn kind(&self) -> TimeFormatKind {
        self.kind
    }

    /// Microseconds since 1970 UTC; none if the text is not of the form, or its year is not 1000 to 9999.
    pub fn read(&self, text: &str) -> Option<i64> {
        let read = parsed(&self.items, text)?;
        let micros = match self.kind {
            TimeFormatKind::Zoned => read.to_datetime().ok()?.timestamp_micros(),
            TimeFormatKind::Time => read.to_naive_datetime_with_offset(0).ok()?.and_utc().timestamp_micros(),
            TimeFormatKind::Date => read.to_naive_date().ok()?.and_hms_opt(0, 0, 0)?.and_utc().timestamp_micros(),
        };
        // `03/10/24` is not of the year 24.
        let known = micros >= YEAR_1000 && TimeText::is_writable(micros);
        let instant = DateTime::<Utc>::from_timestamp_micros(micros)?;
        let whole = !self.packed || instant.format_with_items(self.items.iter()).to_string() == text;
        (known && whole).then_some(micros)
    }
}

fn is_of_clock(item: &Item<'_>) -> bool {
    use Numeric::{Hour, Hour12, Minute, Second};
    matches!(item, Item::Numeric(Hour | Hour12 | Minute | Second, _) | Item::Fixed(Fixed::LowerAmPm | Fixed::UpperAmPm))
}

fn parsed(items: &[Item<'static>], text: &str) -> Option<Parsed> {
    let mut parsed = Parsed::new();
    chrono::format::parse(&mut parsed, text, items.iter()).ok()?;
    Some(parsed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::time_text;

    #[test]
    fn a_form_says_what_its_texts_mean() {
        for (form, kind, text, said) in [
            ("%d/%m/%Y", TimeFormatKind::Date, "03/10/2024", Some("2024-10-03T00:00:00Z")),
            ("%m/%d/%Y", TimeFormatKind::Date, "03/10/2024", Some("2024-03-10T00:00:00Z")),
            ("%m/%d/%Y", TimeFormatKind::Date, "13/10/2024", None),
            ("%d.%m.%y %H:%M", TimeFormatKind::Time, "31.12.24 23:59", Some("2024-12-31T23:59:00Z")),
            ("%b %d, %Y", TimeFormatKind::Date, "Feb 29, 2024", Some("2024-02-29T00:00:00Z")),
            ("%b %d, %Y", TimeFormatKind::Date, "Feb 29, 2023", None),
            ("%Y%m%d", TimeFormatKind::Date, "20240301", Some("2024-03-01T00:00:00Z")),
            ("%d/%m/%Y %I:%M %p", TimeFormatKind::Time, "01/03/2024 06:30 PM", Some("2024-03-01T18:30:00Z")),
            ("%Y-%m-%dT%H:%M:%S%z", TimeFormatKind::Zoned, "2024-03-01T06:00:00+0200", Some("2024-03-01T04:00:00Z")),
            ("%s", TimeFormatKind::Zoned, "1709251200", Some("2024-03-01T00:00:00Z")),
            ("%d/%m/%Y", TimeFormatKind::Date, "03/10/2024 noon", None),
            ("%d/%m/%Y", TimeFormatKind::Date, "03/10/24", None),
            ("%d/%m/%Y", TimeFormatKind::Date, "3/1/2024", Some("2024-01-03T00:00:00Z")),
            ("%Y%m%d", TimeFormatKind::Date, "2024031", None),
            ("%Y-%m-%d %H:%M:%S%.f", TimeFormatKind::Time, "2024-03-01 06:00:00.25", Some("2024-03-01T06:00:00.250Z")),
        ] {
            let format = TimeFormat::parse(form).unwrap();
            assert_eq!(format.kind(), kind, "{form}");
            assert_eq!(format.read(text).map(time_text).as_deref(), said, "{form} {text}");
        }
    }

    #[test]
    fn a_form_without_a_day_is_refused() {
        for form in [
            "",
            "%H:%M",
            "%Y",
            "%Q",
            "day",
            "%",
            "%d/%m/%Y %H",
            "%d/%m/%Y %I:%M",
            "%d/%m/%Y %H:%M %Z",
            "%F %H:%M:%S.%f",
        ] {
            assert!(TimeFormat::parse(form).is_err(), "{form:?}");
        }
    }
}
