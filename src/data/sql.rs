//! SQL over tables: queries of feature views, conditions and labels of definitions. Polars evaluates it; nothing that
//! opens a file is let through.

use super::plan_size::PlanSize;
use super::polars_calls::guarded;
use super::row_expression::of_one_row;
use crate::error::{self, Error, Result};
use polars::prelude::{Expr, LazyFrame};
use polars::sql::{SQLContext, sql_expr};
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
    let mut context = SQLContext::new();
    for (name, table) in tables {
        context.register(name, table.clone());
    }
    guarded(|| context.execute(query)).map_err(|e| e.at(format!("query {}", error::quoted(query))))
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
    let parser = Parser::new(&GenericDialect {}).with_recursion_limit(MAX_CHAIN);
    let Ok(size) = parser.try_with_sql(text).and_then(size) else { return Ok(()) };
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

/// A SQL expression over the columns of a table, such as `dep_delay > 15`.
pub fn sql_condition(text: &str) -> Result<Expr> {
    not_too_long("expression", text, MAX_CONDITION)?;
    not_too_large("expression", text, |mut parser| parser.parse_expr().map(|expr| PlanSize::of(&expr)))?;
    of_one_row(text)?;
    guarded(|| sql_expr(text)).map_err(|e| {
        let e = e.at(format!("expression {}", error::quoted(text)));
        if e.hint_text().is_some() { e } else { e.hint("write one SQL expression, such as dep_delay > 15") }
    })
}
