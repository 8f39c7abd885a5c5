//! SQL over tables: queries of feature views, conditions and labels of definitions. Polars evaluates it; nothing that
//! opens a file is let through.

use super::plan_size::PlanSize;
use super::polars_calls::{exact_column, guarded};
use super::query_bounds::{check_bounds, only_reads};
use super::row_expression::of_one_row;
use super::sql_arithmetic::rewrite_arithmetic;
use super::sql_whole_numbers;
use super::time_literals::rewrite_times;
use crate::error::{self, Error, Result};
use polars::prelude::{DataType, Expr, LazyFrame, Schema};
use polars::sql::{SQLContext, sql_expr};
use sqlparser::ast::VisitMut;
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, Tokenizer};

/// Runs a query over named tables. Only these tables can be read: functions that open files are refused.
pub fn sql(query: &str, tables: &[(String, LazyFrame)]) -> Result<LazyFrame> {
    let lowered = query.to_lowercase();
    for function in ["read_csv", "read_parquet", "read_json", "read_ipc"] {
        if lowered.contains(function) {
            return Err(
                Error::invalid(format!("{function}() is not allowed in a query")).hint("name a dataset instead")
            );
        }
    }
    not_too_long("query", query, MAX_QUERY)?;
    not_too_large("query", query, |mut parser| parser.parse_statements().map(|all| PlanSize::of(&all)))?;
    let place = |e: Error| e.at(format!("query {}", error::quoted(query)));
    // A text that is not SQL is refused later, by Polars.
    if let Ok(statements) = parser().try_with_sql(query).and_then(|mut parser| parser.parse_statements()) {
        only_reads(&statements).and_then(|()| check_bounds(&statements)).map_err(place)?;
    }
    let mut columns: Vec<String> = Vec::new();
    let mut context = SQLContext::new().with_function_registry(sql_whole_numbers::functions());
    for (name, table) in tables {
        let mut table = in_utc(table.clone())?;
        columns.extend(guarded(|| table.collect_schema())?.iter_names().map(ToString::to_string));
        context.register(name, table);
    }
    // Which column a name of a query means is not known here; Polars reads a text beside a time without a zone as one.
    let text = as_polars_reads(
        query,
        None,
        |mut parser| parser.parse_statements(),
        |all| all.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
    )
    .map_err(place)?;
    guarded(|| context.execute(&text)).map_err(|e| place(word_of_sql(e, columns.iter().map(String::as_str))))
}

/// Says that a word which SQL takes for a function is a column only in quotes.
fn word_of_sql<'a>(error: Error, columns: impl IntoIterator<Item = &'a str>) -> Error {
    let word = error.message().split_once("unsupported function '").and_then(|(_, rest)| rest.split_once('\''));
    match word.and_then(|(word, _)| columns.into_iter().find(|column| column.eq_ignore_ascii_case(word))) {
        Some(column) => {
            error.hint(format!("{column} alone is a word of SQL; the column is \"{column}\", in double quotes"))
        }
        None => error,
    }
}

/// The table with its times as UTC without a zone, so that they compare with literals and with each other.
fn in_utc(mut table: LazyFrame) -> Result<LazyFrame> {
    let schema = guarded(|| table.collect_schema())?;
    let zoned: Vec<Expr> = schema.iter().filter_map(|(name, kind)| without_zone(name, kind)).collect();
    Ok(if zoned.is_empty() { table } else { table.with_columns(zoned) })
}

/// A column of times with a zone as one without; none for any other.
fn without_zone(name: &str, kind: &DataType) -> Option<Expr> {
    match kind {
        DataType::Datetime(unit, Some(_)) => Some(exact_column(name).cast(DataType::Datetime(*unit, None))),
        _ => None,
    }
}

fn parser() -> Parser<'static> {
    Parser::new(&GenericDialect {}).with_recursion_limit(MAX_CHAIN)
}

/// The SQL text with its times and arithmetic as Polars reads them: of a condition over these columns, else of a query. A text that is
/// not SQL is refused later, by Polars.
fn as_polars_reads<T: VisitMut>(
    text: &str,
    condition_over: Option<&Schema>,
    parse: impl FnOnce(Parser) -> std::result::Result<T, ParserError>,
    write: impl FnOnce(&T) -> String,
) -> Result<String> {
    let Ok(mut parsed) = parser().try_with_sql(text).and_then(parse) else { return Ok(text.to_owned()) };
    let times = rewrite_times(&mut parsed, condition_over.unwrap_or(&Schema::default()))?;
    let arithmetic = rewrite_arithmetic(&mut parsed, condition_over.is_none());
    Ok(if times || arithmetic { write(&parsed) } else { text.to_owned() })
}

/// Longest query and condition that are read: a definition is short.
const MAX_QUERY: usize = 100_000;
const MAX_CONDITION: usize = 10_000;

/// Tables that a query reads and nodes that its expressions have, each as often as Polars copies it.
const MAX_TABLES: u64 = 64;
const MAX_NODES: u64 = 10_000;

/// Refuses a text whose plan would be out of proportion to it. One that is not SQL is refused later, by Polars.
fn not_too_large(
    what: &str,
    text: &str,
    size: impl FnOnce(Parser) -> std::result::Result<PlanSize, ParserError>,
) -> Result<()> {
    let Ok(size) = parser().try_with_sql(text).and_then(size) else { return Ok(()) };
    let refused = |count: u64, most: u64, things: &str| {
        Err(Error::invalid(format!("{what} {}: it has {count} {things}, {most} are the most", error::quoted(text)))
            .hint("nullif, BETWEEN, CASE and a table named twice copy what they hold: split it into several views or `derive` entries"))
    };
    match size {
        PlanSize { tables, .. } if tables > MAX_TABLES => refused(tables, MAX_TABLES, "tables to read"),
        PlanSize { nodes, .. } if nodes > MAX_NODES => refused(nodes, MAX_NODES, "parts"),
        _ => Ok(()),
    }
}

fn not_too_long(what: &str, text: &str, most: usize) -> Result<()> {
    let refused = |text: String| Err(Error::invalid(text).hint("split it into several views or `derive` entries"));
    if text.len() > most {
        return refused(format!("{what} {}: {} bytes are more than {most}", error::quoted(text), text.len()));
    }
    match longest_chain(text) {
        chain if chain > MAX_CHAIN => {
            refused(format!("{what} {}: {chain} operators in a row are more than {MAX_CHAIN}", error::quoted(text)))
        }
        _ => Ok(()),
    }
}

/// Operators in a row nest as deep as they are many, and Polars goes through them by recursion.
const MAX_CHAIN: usize = 130;

/// The most operators in a row between two commas or parentheses, and the number of unions and joins.
fn longest_chain(text: &str) -> usize {
    // A text that is not SQL is refused later, by the parser.
    let tokens = Tokenizer::new(&GenericDialect {}, text).tokenize().unwrap_or_default();
    let (mut levels, mut most, mut tables) = (vec![0usize], 0, 0);
    for token in &tokens {
        let here = levels.len() - 1;
        match token {
            Token::LParen => levels.push(0),
            Token::RParen if here > 0 => drop(levels.pop()),
            Token::Comma => levels[here] = 0,
            Token::Whitespace(_) | Token::Number(..) | Token::SingleQuotedString(_) | Token::Period => {}
            Token::Word(word) => match word.value.to_ascii_uppercase().as_str() {
                "AND" | "OR" | "NOT" | "IS" | "LIKE" | "ILIKE" | "BETWEEN" | "IN" => levels[here] += 1,
                "UNION" | "INTERSECT" | "EXCEPT" | "JOIN" => tables += 1,
                _ => {}
            },
            _ => levels[here] += 1,
        }
        most = levels.iter().copied().fold(most.max(tables), usize::max);
    }
    most
}

/// A SQL expression over the columns of `table`, such as `dep_delay > 15`. Times are UTC without a zone, and a text beside a column of
/// times is a time.
pub fn sql_condition(text: &str, table: &LazyFrame) -> Result<Expr> {
    not_too_long("expression", text, MAX_CONDITION)?;
    not_too_large("expression", text, |mut parser| parser.parse_expr().map(|expr| PlanSize::of(&expr)))?;
    of_one_row(text)?;
    let place = |e: Error| e.at(format!("expression {}", error::quoted(text)));
    if let Ok(expr) = parser().try_with_sql(text).and_then(|mut parser| parser.parse_expr()) {
        check_bounds(&expr).map_err(place)?;
    }
    let schema = guarded(|| table.clone().collect_schema())?;
    let written =
        as_polars_reads(text, Some(&schema), |mut parser| parser.parse_expr(), ToString::to_string).map_err(place)?;
    let expr = guarded(|| sql_expr(&written)).map_err(|e| {
        let e = place(word_of_sql(e, schema.iter_names().map(|name| name.as_str())));
        if e.hint_text().is_some() { e } else { e.hint("write one SQL expression, such as dep_delay > 15") }
    })?;
    let in_utc = expr.map_expr(|part| match &part {
        Expr::Column(name) => schema.get(name).and_then(|kind| without_zone(name, kind)).unwrap_or(part),
        _ => part,
    });
    Ok(sql_whole_numbers::checked(in_utc))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::collect;
    use polars::prelude::{DataFrame, IntoLazy, TimeUnit, col, df};

    /// Three rows: a time with a zone, one without and a day.
    fn visits() -> LazyFrame {
        let texts = ["2024-03-01T00:00:00", "2024-06-01T00:00:00.250", "2024-08-01T12:00:00"];
        let micros = texts.map(|text| crate::project::parse_time(text).unwrap());
        let time = |zone| DataType::Datetime(TimeUnit::Microseconds, zone);
        let table = df!("at" => micros, "plain" => micros, "name" => texts).unwrap().lazy();
        table.with_columns([
            col("at").cast(time(Some(polars::prelude::TimeZone::UTC))),
            col("plain").cast(time(None)),
            col("plain").cast(time(None)).cast(DataType::Date).alias("day"),
        ])
    }

    fn rows(table: LazyFrame) -> usize {
        collect(table).unwrap().height()
    }

    #[test]
    fn times_compare_with_literals_and_texts_of_every_form() {
        for (condition, expected) in [
            ("COLUMN < '2024-06-01'", 1),
            ("'2024-06-01' > COLUMN", 1),
            ("COLUMN >= '2024-08-01'", 1),
            ("COLUMN < TIMESTAMP '2024-06-01'", 1),
            ("COLUMN < TIMESTAMP '2024-06-01 00:00:00'", 1),
            ("COLUMN < TIMESTAMP '2024-06-01T02:00:00+02:00'", 1),
            ("COLUMN < DATE '2024-06-01'", 1),
            ("COLUMN BETWEEN '2024-03-01' AND '2024-07-01'", 2),
            ("NOT (COLUMN < '2024-06-01') AND name > '2024-06-01'", 2),
            ("EXTRACT(month FROM COLUMN) = 8", 1),
        ] {
            for column in ["at", "plain", "day"] {
                let (text, table) = (condition.replace("COLUMN", column), visits());
                let holds = sql_condition(&text, &table).unwrap();
                assert_eq!(rows(table.filter(holds)), expected, "{text}");
            }
        }
    }

    #[test]
    fn a_query_sees_times_in_utc() {
        for (query, expected) in [
            ("SELECT at FROM v WHERE at < TIMESTAMP '2024-06-01'", 1),
            ("SELECT at FROM v WHERE at < '2024-06-01'", 1),
            ("SELECT at FROM v WHERE at = plain", 3),
            ("SELECT name FROM v WHERE name < '2024-06-01'", 1),
        ] {
            assert_eq!(rows(sql(query, &[("v".to_owned(), visits())]).unwrap()), expected, "{query}");
        }
    }

    #[test]
    fn a_column_called_like_a_word_of_sql_is_written_in_quotes() {
        let table = df!("user" => ["a", "b"]).unwrap().lazy();
        for error in [
            sql_condition("user = 'a'", &table).unwrap_err(),
            sql("SELECT user FROM t", &[("t".to_owned(), table.clone())]).map(|_| ()).unwrap_err(),
        ] {
            assert!(error.hint_text().is_some_and(|hint| hint.contains("\"user\", in double quotes")), "{error:?}");
        }
        assert_eq!(rows(table.clone().filter(sql_condition("\"user\" = 'a'", &table).unwrap())), 1);
        assert_eq!(rows(sql("SELECT \"user\" FROM t", &[("t".to_owned(), table)]).unwrap()), 2);
    }

    #[test]
    fn whole_numbers_never_wrap() {
        let table =
            df!("big" => [i64::MAX, 3], "small" => [100i8, 2], "x" => [0.5, 1.5], "n" => [2i64, 2]).unwrap().lazy();
        let queried = |text: &str| {
            let query = format!("SELECT {text} AS y FROM t");
            sql(&query, &[("t".to_owned(), table.clone())]).and_then(collect)
        };
        let condition = |text: &str| collect(table.clone().select([sql_condition(text, &table)?.alias("y")]));
        let cells = |frame: DataFrame| {
            let column = frame.column("y").unwrap();
            (0..column.len()).map(|row| column.get(row).unwrap().to_string()).collect::<Vec<_>>().join(" ")
        };
        for (text, expected) in [
            ("small + small", "200 4"),
            ("small * small * small", "1000000 8"),
            ("small - 2 * small", "-100 -2"),
            ("small * x", "50.0 3.0"),
            ("n + 1", "3 3"),
            ("n * 1.5", "3.0 3.0"),
        ] {
            assert_eq!(cells(queried(text).unwrap()), expected, "{text}");
            assert_eq!(cells(condition(text).unwrap()), expected, "{text}");
        }
        for text in ["big + 1", "big * n", "big + big", "0 - big - n"] {
            for outcome in [queried(text), condition(text)] {
                let error = outcome.map(cells).unwrap_err();
                assert!(error.message().contains("runs over 64 bits"), "{text}: {error}");
                assert!(error.hint_text().unwrap().contains("CAST"), "{error}");
            }
        }
        assert_eq!(cells(queried("SUM(small)").unwrap()), "102");
        assert_eq!(cells(queried("SUM(x)").unwrap()), "2.0");
        assert!(queried("SUM(big)").is_err());
        let groups = "SELECT small + n AS k, SUM(big) OVER (PARTITION BY small + n) AS y FROM t";
        assert_eq!(
            cells(sql(groups, &[("t".to_owned(), table.clone())]).and_then(collect).unwrap()),
            format!("{} 3", i64::MAX)
        );
        let grouped = "SELECT small + n AS k, COUNT(*) AS y FROM t GROUP BY small + n ORDER BY k";
        assert_eq!(cells(sql(grouped, &[("t".to_owned(), table.clone())]).and_then(collect).unwrap()), "1 1");
    }

    #[test]
    fn a_text_that_is_no_time_is_named() {
        let error = sql_condition("at < 'June'", &visits()).unwrap_err();
        assert!(error.message().contains("column \"at\" is a time: \"June\" is not a time"), "{error}");
    }
}
