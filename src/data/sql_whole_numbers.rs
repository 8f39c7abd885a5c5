//! Whole numbers in SQL have 64 bits, and what runs over is an error, as in DuckDB. Polars wraps silently (and at 127 where a column has 8
//! bits), so sums, differences and products are computed in 128 bits and brought back.

use polars::prelude::udf::UserDefinedFunction;
use polars::prelude::{
    BaseColumnUdf, Column, DataType, Expr, Field, Operator, PolarsResult, Schema, polars_bail, polars_err,
};
use polars::sql::{FunctionOptions, FunctionRegistry};
use std::sync::{Arc, LazyLock};

/// What [`narrow`] says.
pub(super) const RUNS_OVER: &str = "a whole number runs over 64 bits";

/// The functions by which the rewritten SQL computes. They are the same for all queries, for Polars tells by their address that two
/// expressions are one.
static FUNCTIONS: LazyLock<[UserDefinedFunction; 2]> = LazyLock::new(|| {
    let function = |name: &str, compute: fn(&Column) -> PolarsResult<Column>, kind: fn(&DataType) -> DataType| {
        let field = move |_: &Schema, fields: &[Field]| match fields.first() {
            Some(field) => Ok(Field::new(field.name().clone(), kind(field.dtype()))),
            None => Err(polars_err!(ComputeError: "it needs an argument")),
        };
        let compute = move |columns: &mut [Column]| match columns.first() {
            Some(column) => compute(column),
            None => Err(polars_err!(ComputeError: "it needs an argument")),
        };
        let mut made = UserDefinedFunction::new(name.into(), BaseColumnUdf::new(compute, field));
        made.options = FunctionOptions::elementwise();
        made
    };
    [function("mlops_widen", widen, widened), function("mlops_narrow", narrow, narrowed)]
});

fn widened(kind: &DataType) -> DataType {
    if kind.is_integer() { DataType::Int128 } else { kind.clone() }
}

fn narrowed(kind: &DataType) -> DataType {
    if *kind == DataType::Int128 { DataType::Int64 } else { kind.clone() }
}

/// Whole numbers with 128 bits; anything else as it is.
fn widen(column: &Column) -> PolarsResult<Column> {
    match column.dtype() {
        // The product of two such numbers would run over 128 bits.
        DataType::Int128 | DataType::UInt128 => {
            column.strict_cast(&DataType::Int64).map_err(|_| runs_over())?.cast(&DataType::Int128)
        }
        kind if kind.is_integer() => column.cast(&DataType::Int128),
        _ => Ok(column.clone()),
    }
}

/// Numbers of 128 bits with 64; anything else as it is.
fn narrow(column: &Column) -> PolarsResult<Column> {
    if *column.dtype() != DataType::Int128 {
        return Ok(column.clone());
    }
    let narrow = column.cast(&DataType::Int64)?;
    if narrow.null_count() != column.null_count() {
        return Err(runs_over());
    }
    Ok(narrow)
}

fn runs_over() -> polars::prelude::PolarsError {
    polars_err!(ComputeError: "{}", RUNS_OVER)
}

/// What Polars looks the functions up in.
pub(super) struct WholeNumberFunctions;

impl FunctionRegistry for WholeNumberFunctions {
    fn register(&mut self, name: &str, _: UserDefinedFunction) -> PolarsResult<()> {
        polars_bail!(ComputeError: "{} can't be added", name)
    }

    fn get_udf(&self, name: &str) -> PolarsResult<Option<UserDefinedFunction>> {
        Ok(FUNCTIONS.iter().find(|function| function.name == name).cloned())
    }

    fn contains(&self, name: &str) -> bool {
        FUNCTIONS.iter().any(|function| function.name == name)
    }
}

/// The functions, for a query.
pub(super) fn functions() -> Arc<dyn FunctionRegistry> {
    Arc::new(WholeNumberFunctions)
}

/// The same for a condition, which Polars reads without functions of others.
pub(super) fn checked(expr: Expr) -> Expr {
    let [widen, narrow] = &*FUNCTIONS;
    expr.map_expr(|part| match part {
        Expr::BinaryExpr { left, op: op @ (Operator::Plus | Operator::Minus | Operator::Multiply), right } => {
            let wide = |side: Arc<Expr>| match &*side {
                // A number alone takes the type of what it stands beside.
                Expr::Literal(_) => side,
                _ => Arc::new(widen.clone().call(vec![Arc::unwrap_or_clone(side)])),
            };
            narrow.clone().call(vec![Expr::BinaryExpr { left: wide(left), op, right: wide(right) }])
        }
        other => other,
    })
}
