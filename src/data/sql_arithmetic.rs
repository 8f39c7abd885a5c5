//! `%` and ROUND in SQL, as row expressions and DuckDB have them: a remainder has the sign of what is divided, halves are rounded away
//! from zero. Polars gives a remainder the sign of the divisor and rounds halves to the even neighbour. In queries sums, differences and
//! products are checked as well: see [`super::sql_whole_numbers`].

use sqlparser::ast::{
    BinaryOperator, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, Value, Visit, VisitMut, Visitor, VisitorMut,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;
use std::ops::ControlFlow;

const REMAINDER: &str = "SIGN(a) * (ABS(a) % ABS(b))";
/// What is cut off, doubled, is 1 or more from a half on; both differences are exact.
const ROUND: &str = "TRUNCATE(a) + TRUNCATE(2 * (a - TRUNCATE(a)))";
const ROUND_TO: &str = "(TRUNCATE(a * b) + TRUNCATE(2 * (a * b - TRUNCATE(a * b)))) / b";
const PLUS: &str = "mlops_narrow(mlops_widen(a) + mlops_widen(b))";
const MINUS: &str = "mlops_narrow(mlops_widen(a) - mlops_widen(b))";
const MULTIPLY: &str = "mlops_narrow(mlops_widen(a) * mlops_widen(b))";
const NARROW: &str = "mlops_narrow(a)";
const WIDEN: &str = "mlops_widen(a)";
/// At most so many times these name an argument, other names and numbers included.
pub(super) const COPIES: u64 = 4;
/// Most decimals of ROUND: a number has 17.
const MOST_DECIMALS: u32 = 17;

/// Writes remainders and roundings of `parsed` in functions that Polars computes alike; of a query sums, differences and products too.
/// Whether there were any.
pub(super) fn rewrite_arithmetic(parsed: &mut impl VisitMut, is_query: bool) -> bool {
    let mut rewriter = Rewriter { changed: false, is_query };
    // The visitor never breaks off.
    let _ = parsed.visit(&mut rewriter);
    rewriter.changed
}

struct Rewriter {
    changed: bool,
    is_query: bool,
}

impl VisitorMut for Rewriter {
    type Break = ();

    /// Inner expressions come first, and what is put in their place is not visited again.
    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Some(written) = written(expr).or_else(|| checked(expr).filter(|_| self.is_query)) {
            *expr = written;
            self.changed = true;
        }
        ControlFlow::Continue(())
    }
}

fn written(expr: &Expr) -> Option<Expr> {
    match expr {
        Expr::BinaryOp { left, op: BinaryOperator::Modulo, right } => filled(REMAINDER, left, right),
        Expr::Function(function) => {
            let name = function.name.to_string().to_uppercase();
            match (name.as_str(), arguments(&function.args).as_slice()) {
                ("MOD", [a, b]) => filled(REMAINDER, a, b),
                ("ROUND", [a]) => filled(ROUND, a, a),
                ("ROUND", [a, decimals]) => match decimals.to_string().parse() {
                    Ok(0) => filled(ROUND, a, a),
                    Ok(decimals) if decimals <= MOST_DECIMALS => {
                        filled(ROUND_TO, a, &parsed(&format!("1{}.0", "0".repeat(decimals as usize)))?)
                    }
                    // Polars says what is wrong with it.
                    _ => None,
                },
                _ => None,
            }
        }
        _ => None,
    }
}

/// A sum, difference or product of what may be whole numbers, checked.
fn checked(expr: &Expr) -> Option<Expr> {
    match expr {
        Expr::BinaryOp { left, op, right } if may_be_whole(left) && may_be_whole(right) => match op {
            BinaryOperator::Plus => filled(PLUS, left, right),
            BinaryOperator::Minus => filled(MINUS, left, right),
            BinaryOperator::Multiply => filled(MULTIPLY, left, right),
            _ => None,
        },
        Expr::Function(function) if function.name.to_string().eq_ignore_ascii_case("sum") => {
            let mut sum = function.clone();
            let FunctionArguments::List(list) = &mut sum.args else { return None };
            let [FunctionArg::Unnamed(FunctionArgExpr::Expr(of))] = list.args.as_mut_slice() else { return None };
            *of = filled(WIDEN, of, of)?;
            let sum = Expr::Function(sum);
            filled(NARROW, &sum, &sum)
        }
        _ => None,
    }
}

/// Whether it is neither a length of time, nor a text, nor a number with decimals as it stands there.
fn may_be_whole(expr: &Expr) -> bool {
    struct Finder;
    impl Visitor for Finder {
        type Break = ();

        fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
            if matches!(expr, Expr::Interval(_)) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }
    }
    let literal = match expr {
        Expr::Value(value) => {
            matches!(&value.value, Value::Number(number, _) if number.bytes().all(|b| b.is_ascii_digit()))
        }
        _ => true,
    };
    literal && expr.visit(&mut Finder).is_continue()
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
