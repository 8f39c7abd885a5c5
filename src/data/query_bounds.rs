//! What a query may ask for, looked at before Polars does it: that it only reads, how long the texts get that it makes, and that no
//! length of time in it is beyond what Polars counts in.

use crate::error::{self, Error, Result};
use sqlparser::ast::{
    BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Statement, Value, Visit, Visitor,
};
use std::ops::ControlFlow;

/// Bytes that a cell of a table is taken for.
const CELL: f64 = 1024.0;
/// Longest text that one expression makes of such cells, bytes.
const LONGEST: f64 = (1 << 20) as f64;
/// Beyond this Polars' nanoseconds of 64 bits run over.
const MOST_DAYS: f64 = 106_000.0;

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

/// Goes through expressions, the inner ones first.
#[derive(Default)]
struct Bounds {
    /// The length of the longest text that the parts of each expression make that is open.
    open: Vec<Vec<f64>>,
}

impl Visitor for Bounds {
    type Break = Error;

    fn pre_visit_expr(&mut self, _: &Expr) -> ControlFlow<Error> {
        self.open.push(Vec::new());
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &Expr) -> ControlFlow<Error> {
        let parts = self.open.pop().unwrap_or_default();
        let length = match self.length(expr, &parts) {
            Ok(length) => length,
            Err(e) => return ControlFlow::Break(e),
        };
        if length > LONGEST {
            let text = error::quoted(&expr.to_string());
            return ControlFlow::Break(
                Error::invalid(format!("{text} makes a text of {length:.0} bytes of one of {CELL}"))
                    .hint("texts of a query are at most a thousand times as long as those of the table"),
            );
        }
        if let Some(outer) = self.open.last_mut() {
            outer.push(length);
        }
        ControlFlow::Continue(())
    }
}

impl Bounds {
    /// The length of the text that an expression makes of parts of these lengths, at most.
    fn length(&self, expr: &Expr, parts: &[f64]) -> Result<f64> {
        let longest = parts.iter().copied().fold(0.0, f64::max);
        Ok(match expr {
            Expr::Identifier(_) | Expr::CompoundIdentifier(_) => CELL,
            Expr::Value(value) => match &value.value {
                Value::SingleQuotedString(text) => text.len() as f64,
                _ => 0.0,
            },
            Expr::BinaryOp { op: BinaryOperator::StringConcat, .. } => parts.iter().sum(),
            Expr::BinaryOp { .. } => 0.0,
            Expr::Interval(interval) => {
                check_interval(&interval.value, &expr.to_string())?;
                longest
            }
            Expr::Function(function) => of_function(function, parts, longest)?,
            _ => longest,
        })
    }
}

fn of_function(function: &Function, parts: &[f64], longest: f64) -> Result<f64> {
    let name = function.name.to_string().to_uppercase();
    Ok(match (name.as_str(), arguments(function).as_slice()) {
        ("CONCAT" | "CONCAT_WS" | "STRING_AGG" | "GROUP_CONCAT", _) => parts.iter().sum(),
        ("REPLACE" | "REGEXP_REPLACE", [_, from, _]) => {
            let (of, by) = (parts.first().copied().unwrap_or(CELL), parts.last().copied().unwrap_or(CELL));
            // Nothing is found before each letter and at the end.
            let found = literal(from).filter(|text| !text.is_empty() && name == "REPLACE").map_or(0, str::len);
            if found == 0 { (of + 1.0) * (by + 1.0) } else { of.max(of / found as f64 * by) }
        }
        ("LPAD" | "RPAD", [_, width, ..]) => match width {
            Expr::Value(value) => match &value.value {
                Value::Number(number, _) => longest.max(number.parse().unwrap_or(f64::INFINITY)),
                _ => longest,
            },
            _ => {
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

/// Refuses a length of time that is longer than Polars can count. One that is not understood here is left to it.
fn check_interval(value: &Expr, shown: &str) -> Result<()> {
    let Some(text) = literal(value) else { return Ok(()) };
    let words: Vec<&str> = text.split_whitespace().collect();
    let days: f64 =
        words.windows(2).filter_map(|two| Some(two.first()?.parse::<f64>().ok()? * days_of(two.get(1)?)?)).sum();
    if days.abs() > MOST_DAYS {
        return Err(Error::invalid(format!("{shown} is longer than {MOST_DAYS} days"))
            .hint("write such a time in months or years"));
    }
    Ok(())
}

/// Days of a unit that is counted in nanoseconds; months and years are not.
fn days_of(unit: &str) -> Option<f64> {
    let unit = unit.trim_end_matches(',').to_lowercase();
    Some(match unit.as_str() {
        "weeks" | "week" | "w" => 7.0,
        "days" | "day" | "d" => 1.0,
        "hours" | "hour" | "h" => 1.0 / 24.0,
        "minutes" | "minute" | "m" => 1.0 / 1440.0,
        "seconds" | "second" | "s" => 1.0 / 86_400.0,
        "milliseconds" | "millisecond" | "ms" => 1.0 / 86_400_000.0,
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
            nested("a", "x", "&amp;", 4),
            nested("a", "x", "y", 30),
            "LPAD(a, 20, '0')".to_owned(),
            "CASE WHEN a = 'x' THEN b ELSE a || b END".to_owned(),
            "CONCAT(a, b, a, b, a, b)".to_owned(),
        ] {
            assert_eq!(refused(&format!("SELECT {fine} FROM t")), None, "{fine}");
        }
        let doubled = (0..11).fold("a".to_owned(), |text, _| format!("({text} || {text})"));
        for bomb in [
            nested("a", "", &"1".repeat(2000), 1),
            nested("a", "1", &"1".repeat(39), 12),
            "LPAD('x', 100000000000, 'y')".to_owned(),
            "RPAD(a, n, 'y')".to_owned(),
            doubled,
        ] {
            assert!(refused(&format!("SELECT LENGTH({bomb}) > 0 FROM t")).is_some(), "{bomb}");
        }
    }

    #[test]
    fn lengths_of_time_are_such_as_can_be_counted() {
        for fine in ["30 days", "100000 days", "1000 years", "3 months 2 days", "90 minutes"] {
            assert_eq!(refused(&format!("SELECT at + INTERVAL '{fine}' FROM t")), None, "{fine}");
        }
        for long in ["110000 days", "20000 weeks", "3000000 hours", "10000000000 seconds"] {
            let said = refused(&format!("SELECT at + INTERVAL '{long}' FROM t")).unwrap();
            assert!(said.contains(long) && said.contains("is longer than"), "{said}");
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
