//! SQL over tables: queries of feature views, conditions and labels of definitions. Polars evaluates it; nothing that
//! opens a file is let through.

use super::plan_size::PlanSize;
use super::polars_calls::{exact_column, guarded};
use super::query_bounds::{check_bounds, only_reads};
use super::row_expression::of_one_row;
use super::sql_arithmetic::{Truths, in_64_bits, rewrite_arithmetic};
use super::sql_refused;
use super::time_literals::rewrite_times;
use crate::error::{self, Error, Result};
use polars::prelude::{DataType, Expr, LazyFrame, Schema};
use polars::sql::{SQLContext, sql_expr};
use sqlparser::ast::{Visit, VisitMut};
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
        let names: Vec<&str> = tables.iter().map(|(name, _)| name.as_str()).collect();
        only_reads(&statements)
            .and_then(|()| check_bounds(&statements))
            .and_then(|()| sql_refused::check_query(&statements, &names))
            .map_err(place)?;
    }
    let (mut columns, mut truths): (Vec<String>, Truths) = Default::default();
    let mut context = SQLContext::new();
    for (name, table) in tables {
        let mut table = as_computed(table.clone())?;
        let schema = guarded(|| table.collect_schema())?;
        columns.extend(schema.iter_names().map(ToString::to_string));
        truths.add(&schema);
        context.register(name, table);
    }
    // Which column a name of a query means is not known here; Polars reads a text beside a time without a zone as one.
    let text = as_polars_reads(
        query,
        (&Schema::default(), &truths),
        |mut parser| parser.parse_statements(),
        |all| all.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
    )
    .map_err(place)?;
    guarded(|| context.execute(&text)).map_err(|e| place(word_of_sql(e, columns.iter().map(String::as_str))))
}

/// Says that a word which SQL takes for a function is a column only in quotes.
fn word_of_sql<'a>(error: Error, columns: impl IntoIterator<Item = &'a str>) -> Error {
    let after = |mark: &str| error.message().split_once(mark).and_then(|(_, rest)| rest.split_once('\''));
    let word = after("unsupported function '").or_else(|| after("found '"));
    match word.and_then(|(word, _)| columns.into_iter().find(|column| column.eq_ignore_ascii_case(word))) {
        Some(column) => {
            error.hint(format!("{column} alone is a word of SQL; the column is \"{column}\", in double quotes"))
        }
        None => error,
    }
}

/// The table as SQL computes with it: its times in UTC without a zone, so that they compare with literals and with each other, and its
/// whole numbers of 64 bits.
fn as_computed(mut table: LazyFrame) -> Result<LazyFrame> {
    let schema = guarded(|| table.collect_schema())?;
    let other: Vec<Expr> = schema.iter().filter_map(|(name, kind)| column_as_computed(name, kind)).collect();
    Ok(if other.is_empty() { table } else { table.with_columns(other) })
}

/// The same of one column; none if it is computed with as it is.
fn column_as_computed(name: &str, kind: &DataType) -> Option<Expr> {
    without_zone(name, kind).or_else(|| in_64_bits(name, kind))
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

/// The SQL text with its times and arithmetic as Polars reads them. A text that is not SQL is refused later, by Polars.
fn as_polars_reads<T: Visit + VisitMut>(
    text: &str,
    (columns, truths): (&Schema, &Truths),
    parse: impl FnOnce(Parser) -> std::result::Result<T, ParserError>,
    write: impl FnOnce(&T) -> String,
) -> Result<String> {
    let Ok(mut parsed) = parser().try_with_sql(text).and_then(parse) else { return Ok(text.to_owned()) };
    let times = rewrite_times(&mut parsed, columns)?;
    let arithmetic = rewrite_arithmetic(&mut parsed, truths);
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
        check_bounds(&expr).and_then(|()| sql_refused::check_condition(&expr)).map_err(place)?;
    }
    let schema = guarded(|| table.clone().collect_schema())?;
    let mut truths = Truths::default();
    truths.add(&schema);
    let written = as_polars_reads(text, (&schema, &truths), |mut parser| parser.parse_expr(), ToString::to_string)
        .map_err(place)?;
    let expr = guarded(|| sql_expr(&written)).map_err(|e| {
        let e = place(word_of_sql(e, schema.iter_names().map(|name| name.as_str())));
        if e.hint_text().is_some() { e } else { e.hint("write one SQL expression, such as dep_delay > 15") }
    })?;
    Ok(expr.map_expr(|part| match &part {
        Expr::Column(name) => schema.get(name).and_then(|kind| column_as_computed(name, kind)).unwrap_or(part),
        _ => part,
    }))
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
        let other = df!("union" => [1]).unwrap().lazy();
        assert!(
            sql_condition("union", &other).unwrap_err().hint_text().unwrap().contains("\"union\", in double quotes")
        );
        for error in [
            sql_condition("user = 'a'", &table).unwrap_err(),
            sql("SELECT user FROM t", &[("t".to_owned(), table.clone())]).map(|_| ()).unwrap_err(),
        ] {
            assert!(error.hint_text().is_some_and(|hint| hint.contains("\"user\", in double quotes")), "{error:?}");
        }
        assert_eq!(rows(table.clone().filter(sql_condition("\"user\" = 'a'", &table).unwrap())), 1);
        assert_eq!(rows(sql("SELECT \"user\" FROM t", &[("t".to_owned(), table)]).unwrap()), 2);
    }

    /// Four rows of small whole numbers, floats and a text.
    fn numbers() -> LazyFrame {
        let table = df!(
            "k" => ["x", "y", "x", "x"],
            "i8" => [100i8, -128, 7, 2],
            "u8" => [200u8, 0, 7, 2],
            "u32" => [4_000_000_000u32, 0, 7, 2],
            "u64" => [u64::MAX, 0, 7, 2],
            "f" => [0.57, 2.5, 0.06, 1.0],
            "flag" => [Some(true), Some(false), None, Some(true)],
            "at" => [0i64, 43_200_000_000, 1, 2],
        );
        table.unwrap().lazy().with_columns([col("at").cast(DataType::Datetime(TimeUnit::Microseconds, None))])
    }

    /// The cells of the column `y`.
    fn cells(frame: DataFrame) -> String {
        let column = frame.column("y").unwrap();
        (0..column.len()).map(|row| column.get(row).unwrap().to_string()).collect::<Vec<_>>().join(" ")
    }

    fn queried(query: &str) -> String {
        cells(sql(query, &[("t".to_owned(), numbers())]).and_then(collect).unwrap())
    }

    #[test]
    fn whole_numbers_have_64_bits_in_conditions_and_in_queries() {
        for (text, expected) in [
            ("i8 + i8", "200 -256 14 4"),
            ("i8 * 1000", "100000 -128000 7000 2000"),
            ("u8 - 201", "-1 -201 -194 -199"),
            ("u32 * 2", "8000000000 0 14 4"),
            ("i8 % 7", "2 -2 0 2"),
            ("ABS(i8)", "100 128 7 2"),
            ("-i8", "-100 128 -7 -2"),
            ("POWER(u8, 2)", "40000.0 0.0 49.0 4.0"),
            ("EXTRACT(hour FROM at) * 60", "0 720 0 0"),
            ("EXTRACT(epoch FROM at) * 2", "0.0 86400.0 0.000002 0.000004"),
            ("DATE_PART('minute', at) - 5", "-5 -5 -5 -5"),
            ("(f > 1) + (i8 > 5) - 3", "-2 -2 -2 -3"),
            ("flag + flag - 3", "-1 -3 null -1"),
            ("-flag", "-1 0 null -1"),
            ("flag IS TRUE", "true false false true"),
            ("flag IS NOT TRUE", "false true true false"),
            ("flag IS FALSE", "false true false false"),
            ("flag IS NOT FALSE", "true false true true"),
            ("NOT (flag IS TRUE) AND i8 > 5", "false false true false"),
            ("POWER(EXTRACT(hour FROM at), 2)", "0.0 144.0 0.0 0.0"),
            ("LENGTH(k) - 5", "-4 -4 -4 -4"),
            ("CAST(f * 2 AS INT) * 3000000000", "3000000000 15000000000 0 6000000000"),
            ("i8 + 10 - 7", "103 -125 10 5"),
            ("i8 < 24 * 60", "true true true true"),
            ("u64", "18446744073709551615 0 7 2"),
            ("CASE WHEN i8 > 5 THEN 1 + 1 ELSE 0 END", "2 0 2 0"),
        ] {
            assert_eq!(queried(&format!("SELECT {text} AS y FROM t")), expected, "{text}");
            let condition = sql_condition(text, &numbers()).unwrap();
            assert_eq!(cells(collect(numbers().select([condition.alias("y")])).unwrap()), expected, "{text}");
        }
        let long = vec!["i8"; 40].join(" + ");
        assert_eq!(queried(&format!("SELECT {long} AS y FROM t")), "4000 -5120 280 80");
    }

    #[test]
    fn whole_numbers_have_64_bits_wherever_a_query_has_them() {
        for (query, expected) in [
            ("SELECT k, COUNT(*) - 5 AS y FROM t GROUP BY k ORDER BY k", "-2 -4"),
            ("SELECT k, COUNT(*) AS y FROM t GROUP BY k HAVING COUNT(*) > 1 ORDER BY COUNT(*)", "3"),
            ("SELECT COUNT(DISTINCT k) - 3 AS y FROM t", "-1"),
            ("SELECT k, SUM(1) AS y FROM t GROUP BY k ORDER BY k", "3 1"),
            ("SELECT SUM(2) OVER (PARTITION BY k) AS y FROM t", "6 2 6 6"),
            ("SELECT ROW_NUMBER() OVER (ORDER BY f) - 3 AS y FROM t ORDER BY f", "-2 -1 0 1"),
            ("WITH q AS (SELECT LENGTH(k) AS n FROM t) SELECT n - 2 AS y FROM q", "-1 -1 -1 -1"),
            ("SELECT n - 9 AS y FROM (SELECT k, COUNT(*) AS n FROM t GROUP BY k) AS q ORDER BY y", "-8 -6"),
            ("SELECT i8 + 1 AS y FROM t UNION ALL SELECT u8 - 1 AS y FROM t WHERE u8 < 1", "101 -127 8 3 -1"),
            ("SELECT f AS y FROM t WHERE i8 IN (SELECT i8 - 0 FROM t WHERE i8 > 50)", "0.57"),
            (
                "SELECT EXTRACT(hour FROM at) AS y, COUNT(*) AS n FROM t GROUP BY EXTRACT(hour FROM at) ORDER BY y",
                "0 12",
            ),
            ("SELECT SUM(i8) AS y FROM t", "-19"),
            ("SELECT k, SUM(flag) - 3 AS y FROM t GROUP BY k ORDER BY k", "-1 -3"),
            ("SELECT SUM(f > 1) - 3 AS y FROM t", "-2"),
            ("SELECT SUM(b) - 9 AS y FROM (SELECT f > 1 AS b FROM t) AS q", "-8"),
            ("SELECT SUM(c) - 9 AS y FROM (SELECT b AS c FROM (SELECT f > 1 AS b FROM t) AS q) AS r", "-8"),
            ("SELECT f + 0 AS y FROM (SELECT f > 1 AS x, f FROM t) AS q", "0.57 2.5 0.06 1.0"),
            (
                "SELECT q.x + 0 AS y FROM (SELECT f AS x, k FROM t) AS q JOIN (SELECT f > 1 AS x, k AS l FROM t) AS r ON q.k = r.l WHERE q.k = 'y'",
                "2.5",
            ),
            ("SELECT k, SUM(flag) - 3 AS y FROM t GROUP BY k HAVING SUM(flag) - 3 < -2", "-3"),
            ("SELECT SUM(f) / 3 AS y FROM t", "1.376667"),
        ] {
            assert_eq!(queried(query), expected, "{query}");
        }
        let table = sql("SELECT k, COUNT(*), SUM(i8) FROM t GROUP BY k", &[("t".to_owned(), numbers())]);
        let names: Vec<String> =
            collect(table.unwrap()).unwrap().get_column_names().iter().map(ToString::to_string).collect();
        assert_eq!(names, ["k", "len", "i8"], "a column has the name that it has without the rewriting");
    }

    #[test]
    fn what_is_divided_and_rounded_is_exact() {
        let floats: Vec<f64> = (1..400).map(|cents| f64::from(cents) / 100.0).collect();
        let table = df!("f" => &floats, "c" => (1..400i64).collect::<Vec<_>>()).unwrap().lazy();
        for condition in ["ROUND(f, 2) = f", "f = c / 100", "ROUND(c / 100, 2) = f"] {
            let holds = sql_condition(condition, &table).unwrap();
            assert_eq!(rows(table.clone().filter(holds)), 399, "{condition}");
            let query = format!("SELECT f FROM t WHERE {condition}");
            assert_eq!(rows(sql(&query, &[("t".to_owned(), table.clone())]).unwrap()), 399, "{condition}");
        }
        let thirds = collect(table.clone().select([sql_condition("f / 3", &table).unwrap().alias("y")])).unwrap();
        let thirds = thirds.column("y").unwrap().f64().unwrap().iter().flatten().collect::<Vec<_>>();
        assert_eq!(thirds, floats.iter().map(|f| f / 3.0).collect::<Vec<_>>());
    }

    #[test]
    fn a_text_that_is_no_time_is_named() {
        let error = sql_condition("at < 'June'", &visits()).unwrap_err();
        assert!(error.message().contains("column \"at\" is a time: \"June\" is not a time"), "{error}");
    }
}
