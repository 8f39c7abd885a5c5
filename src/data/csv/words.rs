//! What one cell looks like, and which type a column has whose cells look like this and that.

use crate::project::TimeText;

/// What stands for a missing value, as pandas and R write it, besides an empty cell.
const MISSING: [&str; 18] = [
    "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA", "NULL",
    "NaN", "None", "n/a", "nan", "null",
];

/// The looks of all cells of a column: a set, so that the parts of a file can be looked at in any order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Looks(u16);

impl Looks {
    /// `true`, `False`, …
    pub const BOOLEAN: Looks = Looks(1);
    /// A whole number of 64 bits.
    pub const WHOLE: Looks = Looks(1 << 1);
    /// A whole number beyond 64 bits.
    pub const LARGE: Looks = Looks(1 << 2);
    /// Digits that nobody writes of a number: with a zero in front, or a whole number with a plus.
    pub const CODE: Looks = Looks(1 << 3);
    /// A number with a decimal point.
    pub const FLOAT: Looks = Looks(1 << 4);
    /// A number with a decimal comma.
    pub const COMMA: Looks = Looks(1 << 5);
    /// Digits and one comma that may be a decimal comma, or group thousands: `1,234`.
    pub const GROUPED: Looks = Looks(1 << 6);
    /// A day.
    pub const DATE: Looks = Looks(1 << 7);
    /// A day and a time of day without a zone.
    pub const TIME: Looks = Looks(1 << 8);
    /// An instant with a zone.
    pub const ZONED: Looks = Looks(1 << 9);
    /// A number with an exponent and neither point nor comma, or an infinite one.
    pub const SCIENTIFIC: Looks = Looks(1 << 10);
    /// Anything else.
    pub const TEXT: Looks = Looks(1 << 11);

    /// Both together.
    pub const fn or(self, other: Looks) -> Looks {
        Looks(self.0 | other.0)
    }

    /// Whether some cell looks like one of these.
    pub fn has(self, any: Looks) -> bool {
        self.0 & any.0 != 0
    }

    fn only(self, of: &[Looks]) -> bool {
        of.iter().fold(self.0, |rest, one| rest & !one.0) == 0
    }

    /// The type of the column; `comma` says that a comma is the decimal sign of the file.
    pub fn column_type(self, comma: bool) -> ColumnType {
        use ColumnType as Type;
        let floats: &[Looks] = match comma {
            true => &[Looks::WHOLE, Looks::COMMA, Looks::GROUPED, Looks::SCIENTIFIC],
            false => &[Looks::WHOLE, Looks::FLOAT, Looks::SCIENTIFIC],
        };
        match self {
            Looks(0) => Type::Missing,
            Looks::BOOLEAN => Type::Boolean,
            Looks::WHOLE => Type::Whole,
            Looks::DATE => Type::Date,
            _ if self.only(floats) => Type::Float,
            _ if self.only(&[Looks::DATE, Looks::TIME, Looks::ZONED]) => Type::Time { zoned: self.has(Looks::ZONED) },
            _ => Type::Text,
        }
    }
}

/// The type of a column of a CSV file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::data) enum ColumnType {
    /// Every cell is missing.
    Missing,
    Boolean,
    Whole,
    Float,
    Text,
    Date,
    /// Instants; without a zone they are UTC.
    Time {
        /// Whether a cell names a zone.
        zoned: bool,
    },
}

/// Whether a cell stands for a missing value where nothing else is said.
pub(super) fn is_usually_missing(text: &str) -> bool {
    let (Some(first), Some(last)) = (text.as_bytes().first(), text.as_bytes().last()) else { return true };
    // Most cells are told by their ends.
    let likely = matches!(first, b'#' | b'-' | b'1' | b'<' | b'N' | b'n' | b' ' | b'\t') && !last.is_ascii_digit();
    likely && matches!(text.trim_ascii(), text if text.is_empty() || MISSING.contains(&text))
}

/// The look of a cell that is not missing. Blanks around numbers, times and booleans count for nothing.
pub(super) fn look(text: &str) -> Looks {
    let text = text.trim_ascii();
    match text.as_bytes().first() {
        Some(b'0'..=b'9' | b'-' | b'+' | b'.' | b',') => look_of_number(text.as_bytes()).unwrap_or_else(|| time(text)),
        Some(b'i' | b'I') if is_infinite(text) => Looks::SCIENTIFIC,
        Some(b't' | b'T' | b'f' | b'F') if boolean(text).is_some() => Looks::BOOLEAN,
        _ => Looks::TEXT,
    }
}

/// The truth that a text says.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// The truth that a text says in a column of which it is known that it holds truths.
pub(super) fn truth(text: &str) -> Option<bool> {
    let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    match (is(&["true", "yes", "t", "y", "1"]), is(&["false", "no", "f", "n", "0"])) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}

/// Whether a comma is the decimal sign in columns of these looks: some number has one, and none has a decimal point. Columns of texts
/// say nothing.
pub(super) fn decimal_comma(columns: impl Iterator<Item = Looks>) -> bool {
    let numbers = columns.filter(|looks| !looks.has(Looks::TEXT));
    let any = numbers.fold(Looks::default(), Looks::or);
    any.has(Looks::COMMA) && !any.has(Looks::FLOAT)
}

/// The number that a text says, with a point or a comma before its decimals: where that is a comma, a point groups thousands, and which
/// of both is meant nobody knows.
pub(super) fn number(text: &str, decimal_comma: bool) -> Option<f64> {
    match decimal_comma {
        true if text.contains('.') => None,
        true if text.contains(',') => text.replace(',', ".").parse().ok(),
        _ => text.parse().ok(),
    }
}

fn is_infinite(text: &str) -> bool {
    ["inf", "infinity"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

fn time(text: &str) -> Looks {
    match TimeText::read(text) {
        Some(TimeText { clock: false, .. }) => Looks::DATE,
        Some(TimeText { zone: true, .. }) => Looks::ZONED,
        Some(_) => Looks::TIME,
        None => Looks::TEXT,
    }
}

/// The look of a number; none if it is no number.
fn look_of_number(text: &[u8]) -> Option<Looks> {
    let (sign, digits) = match text {
        [sign @ (b'-' | b'+'), rest @ ..] => (Some(*sign), rest),
        _ => (None, text),
    };
    let whole = leading_digits(digits);
    let (whole, rest) = digits.split_at_checked(whole)?;
    let padded = whole.len() > 1 && whole.first() == Some(&b'0');
    match rest {
        [] if whole.is_empty() => None,
        [] if padded || sign == Some(b'+') => Some(Looks::CODE),
        [] if whole.len() <= 18 || std::str::from_utf8(text).is_ok_and(|text| text.parse::<i64>().is_ok()) => {
            Some(Looks::WHOLE)
        }
        [] => Some(Looks::LARGE),
        [mark @ (b'.' | b','), rest @ ..] => {
            let (after, rest) = rest.split_at_checked(leading_digits(rest))?;
            let number = !(whole.is_empty() && after.is_empty()) && is_exponent(rest);
            let grouped = after.len() == 3 && (1..=3).contains(&whole.len()) && rest.is_empty() && !padded;
            match (number, mark) {
                (false, _) => None,
                (true, _) if padded => Some(Looks::CODE),
                (true, b'.') => Some(Looks::FLOAT),
                (true, _) if grouped && whole != b"0" => Some(Looks::GROUPED),
                (true, _) => Some(Looks::COMMA),
            }
        }
        _ if whole.is_empty() => {
            let infinite = sign.is_some() && std::str::from_utf8(rest).is_ok_and(is_infinite);
            infinite.then_some(Looks::SCIENTIFIC)
        }
        _ => is_exponent(rest).then_some(if padded { Looks::CODE } else { Looks::SCIENTIFIC }),
    }
}

fn leading_digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// Nothing, or `e`, a sign or none, and digits.
fn is_exponent(text: &[u8]) -> bool {
    match text {
        [] => true,
        [b'e' | b'E', b'-' | b'+', digits @ ..] | [b'e' | b'E', digits @ ..] => {
            !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn type_of(cells: &[&str]) -> ColumnType {
        let cells = cells.iter().filter(|cell| !is_usually_missing(cell));
        cells.fold(Looks::default(), |looks, cell| looks.or(look(cell))).column_type(false)
    }

    #[test]
    fn cells_look_like_what_they_are() {
        for (cells, look_of_each) in [
            (&["0", "7", "-7", " 12 ", "9223372036854775807", "-9223372036854775808"][..], Looks::WHOLE),
            (&["9223372036854775808", "-9223372036854775809", "100000000000000000000000"], Looks::LARGE),
            (&["007", "00", "-07", "+49", "01.5", "007e3"], Looks::CODE),
            (&["0.5", ".5", "5.", "-0.0", "+1.5", "1.5e3"], Looks::FLOAT),
            (&["1e3", "1E-3", "inf", "-inf", "+inf", "Infinity"], Looks::SCIENTIFIC),
            (&[".inf", ",inf", "-.inf", ".", "-"], Looks::TEXT),
            (&["0,5", "-1,25", "1234,567", "0,123"], Looks::COMMA),
            (&["1,234", "-12,345"], Looks::GROUPED),
            (&["2024-03-01", "2024/3/1"], Looks::DATE),
            (&["2024-03-01T06:00", "2024-03-01 06:00:00.25"], Looks::TIME),
            (&["2024-03-01T06:00:00Z", "2024-03-01 06:00:00+02:00", "2024-03-01T06:00:00.000000+0000"], Looks::ZONED),
            (&["true", "False", "TRUE"], Looks::BOOLEAN),
            (
                &[
                    "a",
                    "-",
                    "+",
                    ".",
                    "1.2.3",
                    "1,234,567",
                    "03/10/2024",
                    "2024-13-01",
                    "1e",
                    "12h",
                    "é",
                    "infinite",
                    "--1",
                ],
                Looks::TEXT,
            ),
        ] {
            for cell in cells {
                assert_eq!(look(cell), look_of_each, "{cell:?}");
            }
        }
    }

    #[test]
    fn a_column_is_the_narrowest_type_of_its_cells() {
        assert_eq!(type_of(&["1", "NA", ""]), ColumnType::Whole);
        assert_eq!(type_of(&["1", "2.5", "nan"]), ColumnType::Float);
        assert_eq!(type_of(&["1", "007"]), ColumnType::Text, "a code anywhere, and all are codes");
        assert_eq!(type_of(&["1", "9223372036854775808"]), ColumnType::Text, "no id goes through a float");
        assert_eq!(type_of(&["2024-03-01", "2024-03-01T06:00:00"]), ColumnType::Time { zoned: false });
        assert_eq!(type_of(&["2024-03-01 06:00", "2024-03-01T06:00:00Z"]), ColumnType::Time { zoned: true });
        assert_eq!(type_of(&["1", "true"]), ColumnType::Text);
        assert_eq!(type_of(&["NA", " ", "None"]), ColumnType::Missing);
        assert_eq!(type_of(&["2024-03-01", "5"]), ColumnType::Text);
    }
}
