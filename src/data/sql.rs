//! SQL over tables: queries of feature views, conditions and labels of definitions. Polars evaluates it; nothing that
//! opens a file is let through.

use super::guard::guarded;
use crate::error::{Error, Result};
use polars::prelude::{Expr, LazyFrame};
use polars::sql::{SQLContext, sql_expr};

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
    let mut context = SQLContext::new();
    for (name, table) in tables {
        context.register(name, table.clone());
    }
    guarded(|| context.execute(query)).map_err(|e| e.at(format!("query {query:?}")))
}

/// A SQL expression over the columns of a table, such as `dep_delay > 15`.
pub fn sql_condition(text: &str) -> Result<Expr> {
    guarded(|| sql_expr(text)).map_err(|e| e.at(format!("expression {text:?}")))
}
