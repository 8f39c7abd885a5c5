//! A condition or label says something of one row. What looks at many rows at once would be computed over whatever rows happen to be
//! there: all of the table in training, those that came late in monitoring.

use crate::error::{self, Error, Result};
use sqlparser::ast::{Expr, Function, Visit, Visitor};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;
use std::cell::RefCell;
use std::ops::ControlFlow;

/// Functions of SQL that make one value of many rows.
const OF_MANY_ROWS: [&str; 33] = [
    "ANY_VALUE",
    "ARRAY_AGG",
    "AVG",
    "CORR",
    "COUNT",
    "COVAR",
    "COVAR_POP",
    "COVAR_SAMP",
    "DENSE_RANK",
    "FIRST",
    "FIRST_VALUE",
    "LAG",
    "LAST",
    "LAST_VALUE",
    "LEAD",
    "LISTAGG",
    "MAX",
    "MEDIAN",
    "MIN",
    "QUANTILE_CONT",
    "QUANTILE_DISC",
    "RANK",
    "ROW_NUMBER",
    "STDDEV",
    "STDDEV_SAMP",
    "STDEV",
    "STDEV_SAMP",
    "STRING_AGG",
    "SUM",
    "TOTAL",
    "VAR",
    "VARIANCE",
    "VAR_SAMP",
];

/// Refuses an expression that looks at more than one row.
pub(super) fn of_one_row(text: &str) -> Result<()> {
    // A text that is not SQL is refused by Polars.
    let Ok(parsed) = Parser::new(&GenericDialect {}).try_with_sql(text).and_then(|mut parser| parser.parse_expr())
    else {
        return Ok(());
    };
    let found = RefCell::new(String::new());
    let looks_around = |expr: &Expr| {
        *found.borrow_mut() = match expr {
            Expr::Function(function) if is_of_many_rows(function) => name_of(function),
            Expr::Subquery(_) | Expr::InSubquery { .. } | Expr::Exists { .. } => "a query".to_owned(),
            _ => return false,
        };
        true
    };
    if !has(&parsed, &looks_around) {
        return Ok(());
    }
    let function = found.into_inner();
    Err(Error::invalid(format!(
        "expression {}: {function} is computed over many rows, and a condition or label sees one",
        error::quoted(text)
    ))
    .hint("write the number itself, or compute it in a view: sql = \"SELECT …\""))
}

/// Whether a function makes one value of many rows.
pub(super) fn is_of_many_rows(function: &Function) -> bool {
    function.over.is_some() || OF_MANY_ROWS.contains(&name_of(function).as_str())
}

fn name_of(function: &Function) -> String {
    function.name.to_string().replace('"', "").to_ascii_uppercase()
}

/// Whether `is_such` holds for some part of an expression or a query. All callers share this one visitor, because the compiler makes
/// code for the whole tree of SQL for each type of visitor: megabytes of binary.
pub(super) fn has(tree: &impl Visit, is_such: &dyn Fn(&Expr) -> bool) -> bool {
    tree.visit(&mut Finder(is_such)).is_break()
}

struct Finder<'a>(&'a dyn Fn(&Expr) -> bool);

impl Visitor for Finder<'_> {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        if (self.0)(expr) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_at_many_rows_is_refused_by_name() {
        for (text, named) in [
            ("x > AVG(x)", "AVG"),
            ("CASE WHEN a THEN sum(x) ELSE 0 END > 1", "SUM"),
            ("ROW_NUMBER() OVER (ORDER BY x) > 3", "ROW_NUMBER"),
            ("\"avg\"(x) > 1", "AVG"),
            ("ROW_NUMBER() > 3", "ROW_NUMBER"),
            ("x > STDEV(x)", "STDEV"),
            ("x > (SELECT MAX(x) FROM t)", "a query"),
        ] {
            let error = of_one_row(text).unwrap_err();
            assert!(error.message().contains(&format!("{named} is computed over many rows")), "{error}");
        }
        for text in ["x > 15", "GREATEST(a, b) > ABS(c)", "first + last > 1", "EXTRACT(hour FROM t) = 3", "not sql ("] {
            of_one_row(text).unwrap();
        }
    }
}
