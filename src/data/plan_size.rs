//! How large the plan of a query becomes, counted before Polars makes it. Polars copies: a common table expression is planned anew
//! wherever it is named, and `nullif`, BETWEEN, CASE and functions of texts copy what they compare. Thirty such steps inside each
//! other are thirty lines of SQL and a plan of a billion nodes.

use super::sql_arithmetic::COPIES;
use sqlparser::ast::{BinaryOperator, Expr, FunctionArguments, ObjectName, Query, Visit, Visitor};
use std::collections::HashMap;
use std::ops::ControlFlow;

/// A size: tables read and nodes of expressions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct PlanSize {
    /// Tables, each as often as it is read.
    pub tables: u64,
    /// Columns, constants, operators and functions, each as often as it is copied.
    pub nodes: u64,
}

impl PlanSize {
    /// The size of a query's plan.
    pub(super) fn of(query: &impl Visit) -> PlanSize {
        Counter::default().count(query)
    }

    fn add(&mut self, more: PlanSize) {
        self.tables = self.tables.saturating_add(more.tables);
        self.nodes = self.nodes.saturating_add(more.nodes);
    }
}

#[derive(Default)]
struct Counter {
    /// The common table expressions so far, by their name in small letters.
    named: HashMap<String, PlanSize>,
    /// The size of each expression that is open, the outermost first.
    open: Vec<PlanSize>,
    total: PlanSize,
}

impl Counter {
    fn count(mut self, part: &impl Visit) -> PlanSize {
        // The visitor never breaks off.
        let _ = part.visit(&mut self);
        self.total
    }

    fn add(&mut self, more: PlanSize) {
        self.open.last_mut().unwrap_or(&mut self.total).add(more);
    }
}

impl Visitor for Counter {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        for table in query.with.iter().flat_map(|with| &with.cte_tables) {
            let inner = Counter { named: self.named.clone(), ..Counter::default() };
            let size = inner.count(&*table.query);
            self.named.insert(table.alias.name.value.to_lowercase(), size);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, name: &ObjectName) -> ControlFlow<()> {
        let one = PlanSize { tables: 1, nodes: 0 };
        self.add(self.named.get(&name.to_string().to_lowercase()).copied().unwrap_or(one));
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, _: &Expr) -> ControlFlow<()> {
        self.open.push(PlanSize::default());
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        let inner = self.open.pop().unwrap_or_default();
        let copies = copies(expr);
        let nodes = inner.nodes.saturating_mul(copies).saturating_add(1);
        self.add(PlanSize { tables: inner.tables.saturating_mul(copies), nodes });
        ControlFlow::Continue(())
    }
}

/// How often Polars copies the largest part of an expression, at most.
fn copies(expr: &Expr) -> u64 {
    match expr {
        Expr::Between { .. } | Expr::Extract { .. } | Expr::Like { .. } | Expr::ILike { .. } => 2,
        Expr::BinaryOp { op: BinaryOperator::Modulo, .. } => COPIES,
        Expr::Case { operand: Some(_), conditions, .. } => conditions.len() as u64,
        Expr::Substring { .. } | Expr::Position { .. } => 5,
        Expr::Function(function) if matches!(function.args, FunctionArguments::List(_)) => {
            match function.name.to_string().to_uppercase().as_str() {
                "NULLIF" | "DATE_PART" | "LPAD" | "RPAD" => 2,
                "MOD" | "ROUND" => COPIES,
                "LEFT" | "RIGHT" | "SUBSTR" | "SUBSTRING" | "STRPOS" | "SPLIT_PART" | "ARRAY_GET" => 5,
                _ => 1,
            }
        }
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlparser::dialect::GenericDialect;
    use sqlparser::parser::Parser;

    fn size(query: &str) -> (u64, u64) {
        let size = PlanSize::of(&Parser::parse_sql(&GenericDialect {}, query).unwrap());
        (size.tables, size.nodes)
    }

    #[test]
    fn what_is_copied_counts_as_often_as_it_is_copied() {
        assert_eq!(size("SELECT a, b + 1 FROM t"), (1, 4));
        assert_eq!(size("SELECT nullif(nullif(a, 0), 0) FROM t"), (1, (2 * 2 + 1 + 1) * 2 + 1));
        assert_eq!(size("SELECT a FROM t UNION ALL SELECT a FROM t JOIN u ON t.a = u.a").0, 3);
        let doubling = |steps: usize| {
            let more =
                (1..steps).map(|i| format!(", A{i} AS (SELECT * FROM a{0} UNION ALL SELECT * FROM a{0})", i - 1));
            format!("WITH a0 AS (SELECT * FROM t){} SELECT * FROM a{}", more.collect::<String>(), steps - 1)
        };
        // Each step is counted where it stands, and once more in the query that names it.
        assert!((1 << 9..1 << 11).contains(&size(&doubling(10)).0), "{:?}", size(&doubling(10)));
        assert!(size(&doubling(80)).0 > 1 << 60);
    }
}
