//! Times in SQL mean what they mean in row expressions: UTC, in any form that [`parse_time`] reads, and a text beside a column of times
//! is one. Polars knows neither `TIMESTAMP '2024-06-01'` nor `at < '2024-06-01'`.

use crate::error::{Error, Result};
use crate::project::{parse_time, time_text};
use polars::prelude::{self as polars_types, Schema};
use sqlparser::ast::{BinaryOperator, DataType, Expr, TimezoneInfo, TypedString, Value, VisitMut, VisitorMut};
use std::ops::ControlFlow;

/// Writes the time literals of `parsed` as Polars reads them; `columns` are those that a bare name means. Whether any was changed.
pub(super) fn rewrite_times(parsed: &mut impl VisitMut, columns: &Schema) -> Result<bool> {
    let mut rewriter = Rewriter { columns, changed: false };
    match parsed.visit(&mut rewriter) {
        ControlFlow::Break(error) => Err(error),
        ControlFlow::Continue(()) => Ok(rewriter.changed),
    }
}

struct Rewriter<'a> {
    columns: &'a Schema,
    changed: bool,
}

impl VisitorMut for Rewriter<'_> {
    type Break = Error;

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Error> {
        match self.rewrite(expr) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => ControlFlow::Break(error),
        }
    }
}

impl Rewriter<'_> {
    fn rewrite(&mut self, expr: &mut Expr) -> Result<()> {
        use BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
        match expr {
            Expr::TypedString(TypedString {
                data_type: DataType::Timestamp(..) | DataType::Datetime(_),
                value,
                ..
            }) => {
                let text = value.value.clone().into_string().unwrap_or_default();
                *expr = self.literal(&text)?;
            }
            Expr::BinaryOp { left, op: Eq | NotEq | Lt | LtEq | Gt | GtEq, right } => {
                self.beside(left, right)?;
                self.beside(right, left)?;
            }
            Expr::Between { expr, low, high, .. } => {
                self.beside(expr, low)?;
                self.beside(expr, high)?;
            }
            Expr::InList { expr, list, .. } => list.iter_mut().try_for_each(|item| self.beside(expr, item))?,
            _ => {}
        }
        Ok(())
    }

    /// Makes `other`, if it is a text, a time where `column` is the name of a column of times.
    fn beside(&mut self, column: &Expr, other: &mut Expr) -> Result<()> {
        let Expr::Identifier(name) = column else { return Ok(()) };
        if !self.columns.get(name.value.as_str()).is_some_and(is_time) {
            return Ok(());
        }
        let Expr::Value(value) = other else { return Ok(()) };
        let Value::SingleQuotedString(text) = &value.value else { return Ok(()) };
        let literal = self.literal(text).map_err(|e| e.at(format!("column \"{}\" is a time", name.value)))?;
        *other = literal;
        Ok(())
    }

    fn literal(&mut self, text: &str) -> Result<Expr> {
        let text = time_text(parse_time(text)?).trim_end_matches('Z').to_owned();
        self.changed = true;
        Ok(Expr::TypedString(TypedString {
            data_type: DataType::Timestamp(None, TimezoneInfo::None),
            value: Value::SingleQuotedString(text).with_empty_span(),
            uses_odbc_syntax: false,
        }))
    }
}

fn is_time(kind: &polars_types::DataType) -> bool {
    matches!(kind, polars_types::DataType::Datetime(..) | polars_types::DataType::Date)
}
