//! What a query may ask for, looked at before Polars does it: that it only reads, how long the texts get that it makes, and that no
//! length of time in it is beyond what Polars counts in.

use crate::error::{self, Error, Result};
use sqlparser::ast::{
    BinaryOperator, DataType, ExactNumberInfo, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Query,
    Statement, Value, Visit, Visitor,
};
use std::ops::ControlFlow;

/// Bytes that a cell of a table is taken for.
const CELL: f64 = 1024.0;
/// How many times as long as those of the table texts may get.
const MOST_GROWTH: f64 = 4096.0;
/// Beyond this Polars' nanoseconds of 64 bits run over.
const MOST_DAYS: f64 = 106_000.0;
/// Beyond these years no time can be written.
const MOST_MONTHS: f64 = 120_000.0;

/// Refuses a statement that is no query.
pub(super) fn only_reads(statements: &[Statement]) -> Result<()> {
    match statements.iter().find(|statement| !matches!(statement, Statement::Query(_))) {
        Some(other) => {
            let word = other.to_string().split_whitespace().next().unwrap_or_default().to_owned();
            Err(Error::invalid(format!("{} changes or asks about tables", error::quoted(&word)))
                .hint("a query begins with SELECT or WITH"))
        }
        None => Ok(()),
    }
}

/// Refuses texts and lengths of time that are out of bounds.
pub(super) fn check_bounds(parsed: &impl Visit) -> Result<()> {
    match parsed.visit(&mut Bounds::default()) {
        ControlFlow::Break(error) => Err(error),
        ControlFlow::Continue(()) => Ok(()),
    }
}

/// The length of a text: so many times that of a cell of the tables that are read, and so many bytes more.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Length {
    cells: f64,
    more: f64,
}

impl Length {
    const OF_CELL: Length = Length { cells: 1.0, more: 0.0 };

    fn bytes(bytes: f64) -> Length {
        Length { cells: 0.0, more: bytes }
    }

    fn plus(self, other: Length) -> Length {
        Length { cells: self.cells + other.cells, more: self.more + other.more }
    }

    fn times(self, factor: f64) -> Length {
        Length { cells: self.cells * factor, more: self.more * factor }
    }

    fn or(self, other: Length) -> Length {
        Length { cells: self.cells.max(other.cells), more: self.more.max(other.more) }
    }

    /// In bytes, where a cell has so many.
    fn where_cell_has(self, bytes: f64) -> f64 {
        self.cells * bytes + self.more
    }
}

/// A query whose parts are being visited.
struct OpenQuery {
    /// Bytes of a cell of what it reads: of tables, and of the queries inside it.
    cell: f64,
    /// The longest text that it makes.
    longest: Length,
}

/// Goes through expressions and queries, the inner ones first.
struct Bounds {
    /// The lengths of the texts that the parts of each expression make that is open.
    open: Vec<Vec<Length>>,
    queries: Vec<OpenQuery>,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds { open: Vec::new(), queries: vec![OpenQuery { cell: CELL, longest: Length::default() }] }
    }
}

impl Visitor for Bounds {
    type Break = Error;

    /// A table expression may read the ones before it.
    fn pre_visit_query(&mut self, _: &Query) -> ControlFlow<Error> {
        let cell = self.queries.last().map_or(CELL, |outer| outer.cell);
        self.queries.push(OpenQuery { cell, longest: Length::OF_CELL });
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, query: &Query) -> ControlFlow<Error> {
        let Some(made) = self.queries.pop() else { return ControlFlow::Continue(()) };
        let bytes = made.longest.where_cell_has(made.cell);
        if let Some(outer) = self.queries.last_mut() {
            outer.cell = outer.cell.max(bytes);
        }
        self.within_bounds(bytes, query)
    }

    fn pre_visit_expr(&mut self, _: &Expr) -> ControlFlow<Error> {
        self.open.push(Vec::new());
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &Expr) -> ControlFlow<Error> {
        let parts = self.open.pop().unwrap_or_default();
        let length = match length(expr, &parts) {
            Ok(length) => length,
            Err(e) => return ControlFlow::Break(e),
        };
        if let Some(outer) = self.open.last_mut() {
            outer.push(length);
        }
        let mut bytes = 0.0;
        if let Some(query) = self.queries.last_mut() {
            query.longest = query.longest.or(length);
            bytes = length.where_cell_has(query.cell);
        }
        self.within_bounds(bytes, expr)
    }
}

impl Bounds {
    fn within_bounds(&self, bytes: f64, part: &impl ToString) -> ControlFlow<Error> {
        if bytes <= CELL * MOST_GROWTH {
            return ControlFlow::Continue(());
        }
        let times = bytes / CELL;
        ControlFlow::Break(
            Error::invalid(format!(
                "{} may make texts {times:.0} times as long as those of the table, {MOST_GROWTH} times is the most",
                error::quoted(&part.to_string())
            ))
            .hint("replace in fewer steps, or prepare the texts before they come here"),
        )
    }
}

/// The length of the text that an expression makes of parts of these lengths, at most.
fn length(expr: &Expr, parts: &[Length]) -> Result<Length> {
    let longest = parts.iter().copied().fold(Length::default(), Length::or);
    let sum = || parts.iter().copied().fold(Length::default(), Length::plus);
    Ok(match expr {
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) => Length::OF_CELL,
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Length::bytes(text.len() as f64),
            _ => Length::default(),
        },
        // Polars joins texts by `+` as well.
        Expr::BinaryOp { op: BinaryOperator::StringConcat | BinaryOperator::Plus, .. } => sum(),
        Expr::BinaryOp { op: BinaryOperator::Multiply, left, right } => {
            check_multiple(left, right)?;
            check_multiple(right, left)?;
            Length::default()
        }
        Expr::BinaryOp { .. } => Length::default(),
        Expr::Interval(interval) => {
            check_interval(&interval.value, 1.0, &expr.to_string())?;
            Length::default()
        }
        Expr::Function(function) => of_function(function, parts, longest)?,
        Expr::Cast { data_type, .. } => {
            check_decimal(data_type)?;
            longest
        }
        _ => longest,
    })
}

/// Digits that a decimal number may have.
const MOST_DIGITS: u64 = 38;

/// Refuses a type of decimal numbers that Polars does not have.
fn check_decimal(kind: &DataType) -> Result<()> {
    let (DataType::Decimal(digits) | DataType::Dec(digits) | DataType::Numeric(digits)) = kind else { return Ok(()) };
    let (all, behind) = match digits {
        ExactNumberInfo::None => return Ok(()),
        ExactNumberInfo::Precision(all) => (*all, 0),
        ExactNumberInfo::PrecisionAndScale(all, behind) => (*all, *behind),
    };
    match (1..=MOST_DIGITS).contains(&all) && u64::try_from(behind).is_ok_and(|behind| behind <= all) {
        true => Ok(()),
        false => Err(Error::invalid(format!("there are no numbers {kind}")).hint(format!(
            "DECIMAL(DIGITS, BEHIND): at most {MOST_DIGITS} digits, and no more of them behind the point than there are"
        ))),
    }
}

fn of_function(function: &Function, parts: &[Length], longest: Length) -> Result<Length> {
    let name = function.name.to_string().to_uppercase();
    let arguments = arguments(function);
    Ok(match (name.as_str(), arguments.as_slice()) {
        ("CONCAT" | "CONCAT_WS", _) => parts.iter().copied().fold(Length::default(), Length::plus),
        ("REPLACE" | "REGEXP_REPLACE", [_, from, by]) => {
            let of = parts.first().copied().unwrap_or(Length::OF_CELL);
            let found = literal(from).map_or(0, str::len);
            match literal(by) {
                // What stands in the place of so many letters.
                Some(by) if found > 0 && name == "REPLACE" => of.times((by.len() as f64 / found as f64).max(1.0)),
                // Nothing is found before each letter and at the end.
                Some(by) => of.plus(Length::bytes(1.0)).times(by.len() as f64 + 1.0),
                None => of.plus(Length::bytes(1.0)).times(CELL + 1.0),
            }
        }
        ("LPAD" | "RPAD", [_, width, ..]) => match number(width) {
            Some(width) => longest.or(Length::bytes(width)),
            None => {
                return Err(Error::invalid(format!("{name} to a width that is no plain number"))
                    .hint("write the width as a number"));
            }
        },
        ("REPEAT", _) => {
            return Err(Error::invalid("REPEAT makes texts of any length").hint("write the text out"));
        }
        _ => longest,
    })
}

fn arguments(function: &Function) -> Vec<&Expr> {
    let FunctionArguments::List(list) = &function.args else { return Vec::new() };
    let plain = list.args.iter().filter_map(|argument| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
        _ => None,
    });
    plain.collect()
}

fn literal(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

fn number(expr: &Expr) -> Option<f64> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::Number(number, _) => number.parse().ok(),
            _ => None,
        },
        Expr::Nested(inner) => number(inner),
        _ => None,
    }
}

/// A number written before or after a length of time makes it that much longer. A column's numbers are not known here.
fn check_multiple(of: &Expr, by: &Expr) -> Result<()> {
    match (of, number(by)) {
        (Expr::Interval(interval), Some(factor)) => check_interval(&interval.value, factor, &of.to_string()),
        (Expr::Nested(inner), Some(_)) => check_multiple(inner, by),
        _ => Ok(()),
    }
}

/// Refuses a length of time that is longer than Polars can count, and one that can't be understood.
fn check_interval(value: &Expr, times: f64, shown: &str) -> Result<()> {
    let Some(text) = literal(value) else { return Ok(()) };
    let (mut days, mut months) = (0.0, 0.0);
    let mut rest = text.trim();
    while !rest.is_empty() {
        let end = rest.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+'))).unwrap_or(rest.len());
        let (count, after) = rest.split_at(end);
        let after = after.trim_start();
        let end = after.find(|c: char| !c.is_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let (count, unit) = match (count.parse::<f64>().ok(), unit_of(unit)) {
            (Some(count), Some(unit)) => (count, unit),
            _ => {
                return Err(Error::invalid(format!("{shown} is no length of time"))
                    .hint("write numbers and units, such as INTERVAL '2 days 3 hours'"));
            }
        };
        match unit {
            Unit::Days(of) => days += count * of,
            Unit::Months(of) => months += count * of,
        }
        rest = after.trim_start_matches([' ', ',']);
    }
    if (days * times).abs() > MOST_DAYS || (months * times).abs() > MOST_MONTHS {
        return Err(Error::invalid(format!("{shown} is longer than can be counted")).hint(format!(
            "{MOST_DAYS} days and {} years are the most; write long times in months or years",
            MOST_MONTHS / 12.0
        )));
    }
    Ok(())
}

/// What a unit of time is counted in: days that are nanoseconds in the end, or months.
enum Unit {
    Days(f64),
    Months(f64),
}

fn unit_of(unit: &str) -> Option<Unit> {
    const SECOND: f64 = 1.0 / 86_400.0;
    Some(match unit.to_lowercase().as_str() {
        "years" | "year" | "y" => Unit::Months(12.0),
        "quarters" | "quarter" | "q" => Unit::Months(3.0),
        "months" | "month" | "mon" | "mo" => Unit::Months(1.0),
        "weeks" | "week" | "w" => Unit::Days(7.0),
        "days" | "day" | "d" => Unit::Days(1.0),
        "hours" | "hour" | "h" => Unit::Days(3600.0 * SECOND),
        "minutes" | "minute" | "min" | "mins" | "m" => Unit::Days(60.0 * SECOND),
        "seconds" | "second" | "sec" | "secs" | "s" => Unit::Days(SECOND),
        "milliseconds" | "millisecond" | "ms" => Unit::Days(1e-3 * SECOND),
        "microseconds" | "microsecond" | "us" | "µs" => Unit::Days(1e-6 * SECOND),
        "nanoseconds" | "nanosecond" | "ns" => Unit::Days(1e-9 * SECOND),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlparser::dialect::GenericDialect;
    use sqlparser::parser::Parser;

    fn refused(query: &str) -> Option<String> {
        let parsed = Parser::parse_sql(&GenericDialect {}, query).unwrap();
        only_reads(&parsed).and_then(|()| check_bounds(&parsed)).err().map(|e| e.message().to_owned())
    }

    #[test]
    fn texts_grow_within_bounds() {
        let nested = |inner: &str, from: &str, by: &str, times: usize| {
            (0..times).fold(inner.to_owned(), |text, _| format!("REPLACE({text}, '{from}', '{by}')"))
        };
        for fine in [
            "a || ' ' || b".to_owned(),
            "UPPER(TRIM(REPLACE(REPLACE(a, ',', '.'), ' ', '')))".to_owned(),
            nested("a", "x", "&amp;", 5),
            "price + 1 + tax + 2".to_owned(),
            nested("a", "x", "y", 30),
            "LPAD(a, 20, '0')".to_owned(),
            "CASE WHEN a = 'x' THEN b ELSE a || b END".to_owned(),
            "CONCAT(a, b, a, b, a, b)".to_owned(),
        ] {
            assert_eq!(refused(&format!("SELECT {fine} FROM t")), None, "{fine}");
        }
        let doubled = (0..13).fold("a".to_owned(), |text, _| format!("({text} || {text})"));
        for bomb in [
            nested("a", "", &"1".repeat(2000), 2),
            nested("a", "1", &"1".repeat(39), 12),
            "LPAD('x', 100000000000, 'y')".to_owned(),
            "RPAD(a, n, 'y')".to_owned(),
            doubled.replace("||", "+"),
            doubled,
        ] {
            assert!(refused(&format!("SELECT LENGTH({bomb}) > 0 FROM t")).is_some(), "{bomb}");
        }
        // Each table expression doubles what the one before it made.
        let steps = |steps: usize| {
            let more = (1..steps).map(|i| format!(", a{i} AS (SELECT x || x AS x FROM a{})", i - 1));
            format!("WITH a0 AS (SELECT x FROM t){} SELECT x FROM a{}", more.collect::<String>(), steps - 1)
        };
        assert_eq!(refused(&steps(8)), None);
        assert!(refused(&steps(28)).is_some());
        let inside =
            (0..20).fold("SELECT x FROM t".to_owned(), |inner, i| format!("SELECT x || x AS x FROM ({inner}) AS q{i}"));
        assert!(refused(&inside).is_some());
    }

    #[test]
    fn lengths_of_time_are_such_as_can_be_counted() {
        for fine in ["30 days", "100000 days", "1000 years", "3 months 2 days", "90 minutes", "2d 3h", "15min"] {
            assert_eq!(refused(&format!("SELECT at + INTERVAL '{fine}' FROM t")), None, "{fine}");
        }
        for long in [
            "110000 days",
            "110000days",
            "20000 weeks",
            "3000000h",
            "10000000000 seconds",
            "9000000000000000000 us",
            "9223372036854775807 years",
        ] {
            let said = refused(&format!("SELECT at + INTERVAL '{long}' FROM t")).unwrap();
            assert!(said.contains(long) && said.contains("is longer than can be counted"), "{said}");
        }
        assert!(refused("SELECT at + 1000 * INTERVAL '100000 days' FROM t").is_some());
        assert_eq!(refused("SELECT at + (minute + delay) * INTERVAL '1 minute' FROM t"), None);
        assert!(refused("SELECT at + INTERVAL '3 fortnights' FROM t").unwrap().contains("no length of time"));
    }

    #[test]
    fn decimals_have_digits_that_there_are() {
        for fine in ["DECIMAL", "DECIMAL(10)", "NUMERIC(38, 38)"] {
            assert_eq!(refused(&format!("SELECT CAST(a AS {fine}) FROM t")), None, "{fine}");
        }
        for wrong in ["DECIMAL(99, 99)", "NUMERIC(39)", "DECIMAL(5, 6)", "DECIMAL(0)"] {
            assert!(refused(&format!("SELECT CAST(a AS {wrong}) FROM t")).unwrap().contains("there are no numbers"));
        }
    }

    #[test]
    fn a_query_only_reads() {
        for statement in ["TRUNCATE t", "DELETE FROM t", "SHOW TABLES", "EXPLAIN SELECT a FROM t", "DROP TABLE t"] {
            assert!(refused(statement).unwrap().contains("changes or asks about tables"), "{statement}");
        }
        assert_eq!(refused("WITH b AS (SELECT a FROM t) SELECT a FROM b"), None);
    }
}
