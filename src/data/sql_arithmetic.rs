//! `%` and ROUND in SQL, as row expressions and DuckDB have them: a remainder has the sign of what is divided, halves are rounded away
//! from zero. Polars gives a remainder the sign of the divisor and rounds halves to the even neighbour.

use sqlparser::ast::{BinaryOperator, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, VisitMut, VisitorMut};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;
use std::ops::ControlFlow;

const REMAINDER: &str = "SIGN(a) * (ABS(a) % ABS(b))";
/// What is cut off, doubled, is 1 or more from a half on; both differences are exact.
const ROUND: &str = "TRUNCATE(a) + TRUNCATE(2 * (a - TRUNCATE(a)))";
const ROUND_TO: &str = "(TRUNCATE(a * b) + TRUNCATE(2 * (a * b - TRUNCATE(a * b)))) / b";
/// At most so many times these name an argument, other names and numbers included.
pub(super) const COPIES: u64 = 4;
/// Most decimals of ROUND: a number has 17.
const MOST_DECIMALS: u32 = 17;

/// Writes remainders and roundings of `parsed` in functions that Polars computes alike. Whether there were any.
pub(super) fn rewrite_arithmetic(parsed: &mut impl VisitMut) -> bool {
    let mut rewriter = Rewriter { changed: false };
    // The visitor never breaks off.
    let _ = parsed.visit(&mut rewriter);
    rewriter.changed
}

struct Rewriter {
    changed: bool,
}

impl VisitorMut for Rewriter {
    type Break = ();

    /// Inner expressions come first, and what is put in their place is not visited again.
    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Some(written) = written(expr) {
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
