//! SQL that Polars would answer with wrong rows or numbers and no error. It is refused here, and the hint says what to write instead. What
//! can be rewritten into SQL that Polars computes rightly is rewritten in [`super::sql_arithmetic`].

use super::row_expression::{has, is_of_many_rows};
use super::sql_arithmetic::is_number;
use crate::error::{self, Error, Result};
use sqlparser::ast::{
    BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, GroupByExpr, JoinConstraint,
    JoinOperator, Query, Select, SelectItem, SetExpr, TableFactor, TableWithJoins, Visit, Visitor, WindowType,
};
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// Whether a window with an order computes the function row by row.
fn runs_in_order(name: &str) -> bool {
    let is_rank = matches!(name, "DENSE_RANK" | "RANK" | "ROW_NUMBER");
    let is_of_place = matches!(name, "FIRST" | "FIRST_VALUE" | "LAG" | "LAST" | "LAST_VALUE" | "LEAD");
    is_rank || is_of_place || matches!(name, "COUNT" | "MAX" | "MIN" | "SUM")
}

/// Whether a window without an order computes the function over its partition.
fn keeps_to_partition(name: &str) -> bool {
    let is_spread = matches!(name, "STDDEV" | "STDDEV_SAMP" | "VARIANCE" | "VAR_SAMP");
    runs_in_order(name) || is_spread || matches!(name, "AVG" | "MEDIAN" | "TOTAL")
}

/// Refuses what would be answered wrongly, in a query over these tables.
pub(super) fn check_query(parsed: &impl Visit, tables: &[&str]) -> Result<()> {
    check(parsed, tables)
}

/// The same of a condition.
pub(super) fn check_condition(parsed: &impl Visit) -> Result<()> {
    check(parsed, &[])
}

fn check(parsed: &impl Visit, tables: &[&str]) -> Result<()> {
    match parsed.visit(&mut Refuser { tables }) {
        ControlFlow::Break(error) => Err(error),
        ControlFlow::Continue(()) => Ok(()),
    }
}

struct Refuser<'a> {
    tables: &'a [&'a str],
}

fn refused(what: String, instead: &str) -> ControlFlow<Error> {
    ControlFlow::Break(Error::invalid(what).hint(instead))
}

impl Visitor for Refuser<'_> {
    type Break = Error;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<Error> {
        let mut known: BTreeSet<String> = self.tables.iter().map(|name| name.to_lowercase()).collect();
        for table in query.with.iter().flat_map(|with| &with.cte_tables) {
            let name = &table.alias.name.value;
            if !known.insert(name.to_lowercase()) {
                return refused(format!("WITH {name}: a table is called so already"), "give it another name");
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<Error> {
        for join in select.from.iter().flat_map(|from| &from.joins) {
            use JoinOperator::{FullOuter, Left, LeftOuter, Right, RightOuter};
            if let Left(on) | LeftOuter(on) | Right(on) | RightOuter(on) | FullOuter(on) = &join.join_operator
                && let JoinConstraint::On(on) = on
                && !is_of_equalities(on)
            {
                return refused(
                    format!("JOIN … ON {}: an outer join is by equal columns", error::quoted(&on.to_string())),
                    "put other conditions into the joined table: LEFT JOIN (SELECT … WHERE …) AS other ON a.id = other.id",
                );
            }
        }
        let outputs: Vec<&Expr> = outputs(select).collect();
        let groups: &[Expr] = match &select.group_by {
            GroupByExpr::Expressions(groups, _) => groups,
            GroupByExpr::All(_) => &[],
        };
        let is_grouped = !groups.is_empty() || matches!(select.group_by, GroupByExpr::All(_));
        let is_aggregated = is_grouped || outputs.iter().any(|output| has(*output, &is_aggregate));
        if is_aggregated && outputs.iter().any(|output| has(*output, &is_window)) {
            return refused(
                "OVER (…) beside GROUP BY or aggregates of all rows".to_owned(),
                "compute the groups first: SELECT …, SUM(n) OVER () FROM (SELECT …, COUNT(*) AS n FROM … GROUP BY …) AS groups",
            );
        }
        for group in groups.iter().filter(|group| !matches!(group, Expr::Identifier(_) | Expr::CompoundIdentifier(_))) {
            let wraps = |output: &Expr| output != group && has(output, &|part| part == group);
            if !matches!(group, Expr::Value(_)) && outputs.iter().any(|output| wraps(output)) {
                return refused(
                    format!("{} of GROUP BY stands inside another expression", error::quoted(&group.to_string())),
                    "name it first: SELECT k * 10, … FROM (SELECT …, FLOOR(b / 10) AS k FROM …) AS named GROUP BY k",
                );
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<Error> {
        match expr {
            Expr::IsDistinctFrom(_, right) | Expr::IsNotDistinctFrom(_, right) if swallows(right) => refused(
                format!("{}: where the comparison ends can't be told", error::quoted(&expr.to_string())),
                "put it in parentheses: (a IS DISTINCT FROM b) AND …",
            ),
            Expr::Function(function) => of_function(function),
            Expr::Subquery(query) | Expr::InSubquery { subquery: query, .. } | Expr::Exists { subquery: query, .. } => {
                of_subquery(query)
            }
            _ => ControlFlow::Continue(()),
        }
    }
}

fn of_function(function: &Function) -> ControlFlow<Error> {
    let name = function.name.to_string().to_uppercase();
    if let Some(WindowType::WindowSpec(window)) = &function.over {
        let is_ordered = !window.order_by.is_empty();
        if is_ordered && !runs_in_order(&name) {
            return refused(
                format!("{name}(…) OVER (… ORDER BY …) would look at all rows of the partition"),
                "leave ORDER BY out, or use SUM and COUNT; for features as of a time use `windows` of a view",
            );
        }
        if !is_ordered && !keeps_to_partition(&name) {
            return refused(
                format!("{name}(…) OVER (…) would not look at the partition"),
                "compute it by GROUP BY in a table of its own, and join that",
            );
        }
    }
    // SUM(1) and COUNT(1) are counts.
    let counts = |argument: &Expr| matches!(name.as_str(), "SUM" | "COUNT") && is_number(argument);
    if is_of_many_rows(function)
        && let FunctionArguments::List(list) = &function.args
        && let [FunctionArg::Unnamed(FunctionArgExpr::Expr(argument))] = list.args.as_slice()
        && !has(argument, &|part| matches!(part, Expr::Identifier(_) | Expr::CompoundIdentifier(_)))
        && !counts(argument)
    {
        return refused(
            format!("{name}({argument}) is of a constant, and would count one row"),
            "write COUNT(*), times the constant where it is a sum",
        );
    }
    ControlFlow::Continue(())
}

/// Refuses a query inside an expression that looks at the row outside.
fn of_subquery(query: &Query) -> ControlFlow<Error> {
    let mut own = BTreeSet::new();
    names_of(&query.body, &mut own);
    let is_outside = |expr: &Expr| match expr {
        Expr::CompoundIdentifier(parts) if parts.len() > 1 => !own.contains(&parts[0].value.to_lowercase()),
        _ => false,
    };
    match has(query, &is_outside) {
        true => refused(
            "a query inside an expression can't look at the row outside".to_owned(),
            "join the two tables instead",
        ),
        false => ControlFlow::Continue(()),
    }
}

/// The names by which a query, and those inside it, call their tables.
fn names_of(body: &SetExpr, names: &mut BTreeSet<String>) {
    match body {
        SetExpr::Select(select) => {
            for TableWithJoins { relation, joins } in &select.from {
                name_of(relation, names);
                joins.iter().for_each(|join| name_of(&join.relation, names));
            }
        }
        SetExpr::Query(query) => names_of(&query.body, names),
        SetExpr::SetOperation { left, right, .. } => {
            names_of(left, names);
            names_of(right, names);
        }
        _ => {}
    }
}

fn name_of(table: &TableFactor, names: &mut BTreeSet<String>) {
    match table {
        TableFactor::Table { name, alias, .. } => {
            names.insert(
                alias.as_ref().map_or_else(|| name.to_string(), |alias| alias.name.value.clone()).to_lowercase(),
            );
        }
        TableFactor::Derived { subquery, alias, .. } => {
            names.extend(alias.as_ref().map(|alias| alias.name.value.to_lowercase()));
            names_of(&subquery.body, names);
        }
        _ => {}
    }
}

/// What a query gives: the expressions of its columns, and the condition on its groups.
fn outputs(select: &Select) -> impl Iterator<Item = &Expr> {
    let columns = select.projection.iter().filter_map(|item| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(expr),
        _ => None,
    });
    columns.chain(&select.having)
}

/// Whether a join's condition is of equal columns alone.
fn is_of_equalities(on: &Expr) -> bool {
    match on {
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => is_of_equalities(left) && is_of_equalities(right),
        Expr::BinaryOp { op: BinaryOperator::Eq, .. } => true,
        Expr::Nested(inner) => is_of_equalities(inner),
        _ => false,
    }
}

/// Whether the right side of IS DISTINCT FROM was read on beyond its end.
fn swallows(right: &Expr) -> bool {
    use BinaryOperator::{And, Eq, Gt, GtEq, Lt, LtEq, NotEq, Or};
    matches!(right, Expr::BinaryOp { op: And | Or | Eq | NotEq | Lt | LtEq | Gt | GtEq, .. })
        || matches!(right, Expr::IsNull(_) | Expr::IsNotNull(_) | Expr::Between { .. } | Expr::InList { .. })
}

fn is_window(expr: &Expr) -> bool {
    matches!(expr, Expr::Function(function) if function.over.is_some())
}

fn is_aggregate(expr: &Expr) -> bool {
    matches!(expr, Expr::Function(function) if function.over.is_none() && is_of_many_rows(function))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlparser::dialect::GenericDialect;
    use sqlparser::parser::Parser;

    fn refused(query: &str) -> Option<String> {
        let parsed = Parser::parse_sql(&GenericDialect {}, query).unwrap();
        check_query(&parsed, &["t", "u"])
            .err()
            .map(|e| format!("{}; {}", e.message(), e.hint_text().unwrap_or_default()))
    }

    #[test]
    fn what_would_be_answered_wrongly_is_refused_and_told_how_to_write() {
        for (query, said) in [
            ("SELECT a FROM t WHERE a IS DISTINCT FROM 7 AND b < 50", "put it in parentheses"),
            ("SELECT a FROM t WHERE a IS NOT DISTINCT FROM 3 OR b = 1", "put it in parentheses"),
            ("SELECT t.a FROM t LEFT JOIN u ON t.id = u.id AND u.b >= 50", "an outer join is by equal columns"),
            ("SELECT t.a FROM t FULL JOIN u ON t.id < u.id", "an outer join is by equal columns"),
            ("SELECT SUM(60 * 60) FROM t GROUP BY g", "is of a constant"),
            ("SELECT MIN(5) FROM t", "is of a constant"),
            ("SELECT COUNT(1 + 0) FROM t", "is of a constant"),
            ("SELECT SUM(CASE WHEN TRUE THEN 1 END) FROM t", "is of a constant"),
            ("SELECT CORR(a, b) OVER (PARTITION BY g) FROM t", "would not look at the partition"),
            ("SELECT QUANTILE_CONT(b, 0.25) OVER (PARTITION BY g) FROM t", "would not look at the partition"),
            ("SELECT AVG(b) OVER (PARTITION BY g ORDER BY a) FROM t", "would look at all rows"),
            ("SELECT COUNT(*) * 1.0 / SUM(COUNT(*)) OVER () FROM t GROUP BY g", "compute the groups first"),
            ("SELECT MAX(a), COUNT(*) OVER () FROM t", "compute the groups first"),
            ("SELECT FLOOR(b / 10) * 10 FROM t GROUP BY FLOOR(b / 10)", "name it first"),
            ("SELECT (b + 1) * 2 FROM t GROUP BY b + 1", "name it first"),
            ("WITH t AS (SELECT a FROM t WHERE f) SELECT a FROM t", "a table is called so already"),
            ("WITH x AS (SELECT a FROM t), x AS (SELECT b FROM t) SELECT a FROM x", "a table is called so already"),
            ("SELECT a FROM t WHERE g IN (SELECT v.g FROM t v WHERE v.id <> t.id)", "can't look at the row outside"),
        ] {
            let found = refused(query).unwrap_or_default();
            assert!(found.contains(said), "{query}: {found}");
        }
    }

    #[test]
    fn what_is_answered_rightly_is_let_through() {
        for query in [
            "SELECT a FROM t WHERE (a IS DISTINCT FROM 7) AND b < 50",
            "SELECT a FROM t WHERE b < 50 AND a IS DISTINCT FROM b + 1",
            "SELECT t.a FROM t LEFT JOIN u ON t.id = u.id AND u.g = 'x' WHERE u.b > 3",
            "SELECT t.a FROM t JOIN u ON t.id = u.id AND u.b >= 50",
            "SELECT g, SUM(1), COUNT(1), COUNT(*), SUM(a), AVG(b + 1) FROM t GROUP BY g HAVING SUM(a) > 3",
            "SELECT SUM(a) OVER (PARTITION BY g ORDER BY b), AVG(a) OVER (PARTITION BY g), LAG(a) OVER (ORDER BY b) FROM t",
            "SELECT FLOOR(b / 10) AS k, COUNT(*) FROM t GROUP BY FLOOR(b / 10)",
            "SELECT a + 1, COUNT(*) FROM t GROUP BY a",
            "SELECT 1, COUNT(*) FROM t GROUP BY 1",
            "WITH x AS (SELECT a FROM t), y AS (SELECT a FROM x) SELECT a FROM y",
            "SELECT a FROM t WHERE g IN (SELECT v.g FROM u AS v JOIN t ON t.id = v.id WHERE v.b > 3)",
            "SELECT n, SUM(n) OVER () FROM (SELECT g, COUNT(*) AS n FROM t GROUP BY g) AS q",
        ] {
            assert_eq!(refused(query), None, "{query}");
        }
    }
}
