//! Where arithmetic in SQL is not Polars', so that it means the same as in row expressions and DuckDB:
//!
//! - a remainder has the sign of what is divided, and halves are rounded away from zero. Polars gives a remainder the sign of the divisor
//!   and rounds halves to the even neighbour.
//! - whole numbers have 64 bits. Polars counts in 32 and gives the hour of a time 8, so `COUNT(*) - 5` and `EXTRACT(hour FROM at) * 60`
//!   would run over. [`in_64_bits`] does the same for columns.
//! - dividing by a number is exact. Polars multiplies by its reciprocal, and then `0.57` is not `ROUND(0.57, 2)`.
//! - a power is a float, and `SUM(1)` counts rows.
//! - truths that are computed with are 0 and 1, and `x IS TRUE` is false where `x` is missing. Polars counts truths in 32 bits without a
//!   sign.

use super::row_expression::{has, is_of_many_rows};
use polars::prelude::{self as polars_types, DataType, Schema};
use sqlparser::ast::{
    self, BinaryOperator, CastKind, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Select,
    SelectItem, UnaryOperator, Value, Visit, VisitMut, Visitor, VisitorMut,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

const REMAINDER: &str = "SIGN(a) * (ABS(a) % ABS(b))";
/// What is cut off, doubled, is 1 or more from a half on; both differences are exact.
const ROUND: &str = "TRUNCATE(a) + TRUNCATE(2 * (a - TRUNCATE(a)))";
const ROUND_TO: &str = "(TRUNCATE(a * b) + TRUNCATE(2 * (a * b - TRUNCATE(a * b)))) / b";
const WHOLE: &str = "CAST(a AS BIGINT)";
const POWER: &str = "POWER(CAST(a AS DOUBLE), b)";
/// At most so many times these name an argument, other names and numbers included.
pub(super) const COPIES: u64 = 4;
/// Most decimals of ROUND: a number has 17.
const MOST_DECIMALS: u32 = 17;
/// Functions that give whole numbers of fewer bits.
const NARROW: [&str; 11] = [
    "BIT_LENGTH",
    "CHARACTER_LENGTH",
    "CHAR_LENGTH",
    "COUNT",
    "DATE_PART",
    "DENSE_RANK",
    "LENGTH",
    "OCTET_LENGTH",
    "RANK",
    "ROW_NUMBER",
    "STRPOS",
];

/// A column of whole numbers of fewer than 64 bits as one of 64; none for any other.
pub(super) fn in_64_bits(name: &str, kind: &DataType) -> Option<polars_types::Expr> {
    use DataType::{Int8, Int16, Int32, UInt8, UInt16, UInt32};
    matches!(kind, Int8 | Int16 | Int32 | UInt8 | UInt16 | UInt32)
        .then(|| super::polars_calls::exact_column(name).cast(DataType::Int64))
}

/// Writes the arithmetic of `parsed` in functions that Polars computes alike. Whether there was any.
pub(super) fn rewrite_arithmetic(parsed: &mut (impl Visit + VisitMut), truths: &Truths) -> bool {
    let mut truths = truths.clone();
    // A query may name what a query inside it has named: once more for each new name.
    loop {
        let before = (truths.names.len(), truths.others.len());
        let _ = Visit::visit(parsed, &mut truths);
        if (truths.names.len(), truths.others.len()) == before {
            break;
        }
    }
    let mut rewriter = Rewriter { truths, changed: false };
    // The visitor never breaks off.
    let _ = parsed.visit(&mut rewriter);
    rewriter.changed
}

struct Rewriter {
    truths: Truths,
    changed: bool,
}

/// Which columns hold truths, by their names in small letters: those of tables, and those that a query makes of comparisons. A name that
/// another column has as well tells nothing.
#[derive(Debug, Clone, Default)]
pub(super) struct Truths {
    names: BTreeSet<String>,
    others: BTreeSet<String>,
}

impl Truths {
    /// Adds the columns of a table.
    pub(super) fn add(&mut self, table: &Schema) {
        for (name, kind) in table.iter() {
            let names = if *kind == DataType::Boolean { &mut self.names } else { &mut self.others };
            names.insert(name.to_lowercase());
        }
    }

    fn has_name(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        self.names.contains(&name) && !self.others.contains(&name)
    }
}

impl Visitor for Truths {
    type Break = ();

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        for item in &select.projection {
            let SelectItem::ExprWithAlias { expr, alias } = item else { continue };
            let plain = match expr {
                Expr::Identifier(name) => Some(name),
                Expr::CompoundIdentifier(parts) => parts.last(),
                _ => None,
            };
            // What a plain name means may not be known yet.
            let is_other = plain.is_none_or(|name| self.others.contains(&name.value.to_lowercase()));
            let alias = alias.value.to_lowercase();
            match self.has(expr) {
                true => drop(self.names.insert(alias)),
                false if is_other => drop(self.others.insert(alias)),
                false => {}
            }
        }
        ControlFlow::Continue(())
    }
}

impl VisitorMut for Rewriter {
    type Break = ();

    /// Inner expressions come first, and what is put in their place is not visited again.
    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        self.number_truths(expr);
        if let Some(written) = written(expr) {
            *expr = written;
            self.changed = true;
        }
        ControlFlow::Continue(())
    }
}

impl Rewriter {
    /// Makes whole numbers of the truths that an expression computes with.
    fn number_truths(&mut self, expr: &mut Expr) {
        use BinaryOperator::{Divide, Minus, Modulo, Multiply, Plus};
        let mut number = |part: &mut Expr| {
            if self.truths.has(part)
                && let Some(number) = filled(WHOLE, part, part)
            {
                *part = number;
                self.changed = true;
            }
        };
        match expr {
            Expr::BinaryOp { left, op: Plus | Minus | Multiply | Divide | Modulo, right } => {
                number(left);
                number(right);
            }
            Expr::UnaryOp { op: UnaryOperator::Minus, expr } => number(expr),
            Expr::Function(function) if function.name.to_string().eq_ignore_ascii_case("sum") => {
                let FunctionArguments::List(list) = &mut function.args else { return };
                for argument in &mut list.args {
                    if let FunctionArg::Unnamed(FunctionArgExpr::Expr(of)) = argument {
                        number(of);
                    }
                }
            }
            _ => {}
        }
    }
}

impl Truths {
    /// Whether an expression says a truth, as far as its form and the names of columns tell.
    fn has(&self, expr: &Expr) -> bool {
        use BinaryOperator::{And, Eq, Gt, GtEq, Lt, LtEq, NotEq, Or};
        match expr {
            Expr::Identifier(name) => self.has_name(&name.value),
            Expr::CompoundIdentifier(parts) => parts.last().is_some_and(|name| self.has_name(&name.value)),
            Expr::Nested(inner) => self.has(inner),
            Expr::BinaryOp { op: And | Or | Eq | NotEq | Lt | LtEq | Gt | GtEq, .. }
            | Expr::UnaryOp { op: UnaryOperator::Not, .. }
            | Expr::IsNull(_)
            | Expr::IsNotNull(_)
            | Expr::IsDistinctFrom(..)
            | Expr::IsNotDistinctFrom(..)
            | Expr::InList { .. }
            | Expr::Between { .. }
            | Expr::Like { .. }
            | Expr::ILike { .. } => true,
            Expr::Value(value) => matches!(value.value, Value::Boolean(_)),
            Expr::Cast { data_type, .. } => matches!(data_type, ast::DataType::Boolean | ast::DataType::Bool),
            _ => false,
        }
    }
}

fn written(expr: &Expr) -> Option<Expr> {
    match expr {
        Expr::IsTrue(of) => filled("COALESCE(a, FALSE)", of, of),
        Expr::IsNotTrue(of) => filled("NOT COALESCE(a, FALSE)", of, of),
        Expr::IsFalse(of) => filled("NOT COALESCE(a, TRUE)", of, of),
        Expr::IsNotFalse(of) => filled("COALESCE(a, TRUE)", of, of),
        Expr::BinaryOp { left, op: BinaryOperator::Modulo, right } => filled(REMAINDER, left, right),
        Expr::BinaryOp { left, op: op @ BinaryOperator::Divide, right } if is_number(right) => {
            let (left, right) = (left.clone(), Box::new(Expr::Nested(Box::new(not_constant(right, left)?))));
            Some(Expr::BinaryOp { left, op: op.clone(), right })
        }
        Expr::Extract { field, .. } if is_whole(&field.to_string()) => filled(WHOLE, expr, expr),
        Expr::Position { .. } => filled(WHOLE, expr, expr),
        Expr::Cast { kind: CastKind::Cast | CastKind::DoubleColon, expr: of, data_type, format: None, .. } => {
            is_narrow(data_type).then(|| filled(WHOLE, of, of))?
        }
        Expr::Function(function) => of_function(function, expr),
        _ => None,
    }
}

fn of_function(function: &Function, expr: &Expr) -> Option<Expr> {
    let name = function.name.to_string().to_uppercase();
    match (name.as_str(), arguments(&function.args).as_slice()) {
        ("MOD", [a, b]) => filled(REMAINDER, a, b),
        ("ROUND", [a]) => filled(ROUND, a, a),
        ("ROUND", [a, decimals]) => match decimals.to_string().parse() {
            Ok(0) => filled(ROUND, a, a),
            Ok(decimals) if decimals <= MOST_DECIMALS => {
                let power = parsed(&format!("1{}.0", "0".repeat(decimals as usize)))?;
                filled(ROUND_TO, a, &not_constant(&power, a).unwrap_or(power))
            }
            // Polars says what is wrong with it.
            _ => None,
        },
        ("POW" | "POWER", [a, b]) => filled(POWER, a, b),
        ("SUM", [number]) if is_number(number) => {
            let mut count = function.clone();
            let FunctionArguments::List(list) = &mut count.args else { return None };
            list.args = vec![FunctionArg::Unnamed(FunctionArgExpr::Wildcard)];
            count.name = vec![ast::Ident::new("COUNT")].into();
            filled("CAST(a AS BIGINT) * b", &Expr::Function(count), number)
        }
        ("DATE_PART", [part, _]) if !is_whole(&part.to_string()) => None,
        (narrow, _) if NARROW.contains(&narrow) => filled(WHOLE, expr, expr),
        _ => None,
    }
}

/// Whether a part of a time is a whole number: all are but the seconds since 1970, days with fractions and times of day.
fn is_whole(part: &str) -> bool {
    !["EPOCH", "JULIAN", "TIME", "DATE"].contains(&part.trim_matches('\'').to_uppercase().as_str())
}

/// Whether a type has whole numbers of fewer than 64 bits.
fn is_narrow(kind: &ast::DataType) -> bool {
    use ast::DataType::{Int, Int2, Int4, Integer, MediumInt, SmallInt, TinyInt};
    matches!(kind, Int(_) | Int2(_) | Int4(_) | Integer(_) | MediumInt(_) | SmallInt(_) | TinyInt(_))
}

/// Whether it is a number as it stands there.
pub(super) fn is_number(expr: &Expr) -> bool {
    match expr {
        Expr::Value(value) => matches!(value.value, Value::Number(..)),
        Expr::Nested(inner) => is_number(inner),
        Expr::UnaryOp { op: UnaryOperator::Minus | UnaryOperator::Plus, expr } => is_number(expr),
        _ => false,
    }
}

/// The number in each row, by a condition on a column of `beside`; none where that has no column, or is computed over many rows.
fn not_constant(number: &Expr, beside: &Expr) -> Option<Expr> {
    let first = RefCell::new(None);
    let is_of_many = |expr: &Expr| {
        if matches!(expr, Expr::Identifier(_) | Expr::CompoundIdentifier(_)) {
            first.borrow_mut().get_or_insert_with(|| expr.clone());
        }
        let is_query = matches!(expr, Expr::Subquery(_) | Expr::InSubquery { .. } | Expr::Exists { .. });
        is_query || matches!(expr, Expr::Function(function) if is_of_many_rows(function))
    };
    if has(beside, &is_of_many) {
        return None;
    }
    filled("CASE WHEN a IS NULL THEN b ELSE b END", &first.into_inner()?, number)
}

fn arguments(arguments: &FunctionArguments) -> Vec<&Expr> {
    let FunctionArguments::List(list) = arguments else { return Vec::new() };
    let plain = list.args.iter().filter_map(|argument| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
        _ => None,
    });
    plain.collect()
}

fn parsed(text: &str) -> Option<Expr> {
    Parser::new(&GenericDialect {}).try_with_sql(text).and_then(|mut parser| parser.parse_expr()).ok()
}

/// The template in parentheses, with these in place of its names.
fn filled(template: &str, a: &Expr, b: &Expr) -> Option<Expr> {
    struct Filler<'a>(&'a Expr, &'a Expr);
    impl VisitorMut for Filler<'_> {
        type Break = ();

        fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
            if let Expr::Identifier(name) = &*expr {
                let argument = if name.value == "a" { self.0 } else { self.1 };
                *expr = Expr::Nested(Box::new(argument.clone()));
            }
            ControlFlow::Continue(())
        }
    }
    let mut made = parsed(template)?;
    let _ = VisitMut::visit(&mut made, &mut Filler(a, b));
    Some(Expr::Nested(Box::new(made)))
}
