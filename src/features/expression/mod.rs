//! Row expressions of definitions, such as `dep_delay_mean_3h / nullif(dep_delay_mean_1d, 0)`: SQL text, parsed once
//! into a checked program that computes a cell from a row, offline and at request by the same code.
//!
//! - `parse`: a text as a checked `program`
//! - `evaluate`: a program over columns or a row; `functions`: what it can call
//!
//! For example, over the columns `a` (slot 0) and `b` (slot 1), both floats, `a / nullif(b, 0)` is parsed into a division of slot
//! 0 by the function `nullif` of slot 1 and 0. The rows `[6, 3]`, `[6, 0]` and `[null, 3]` give 2, null and null.

mod evaluate;
mod functions;
mod parse;
mod program;

pub use crate::data::Kind;
pub use evaluate::evaluate_columns;
pub use program::Program;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{self, Column};
    use polars::prelude::{DataType, IntoLazy, TimeUnit, col, df};

    /// What stands in `derive` and what stands in `where`, `label` or a query means one thing.
    #[test]
    fn every_function_is_the_same_in_an_expression_and_in_sql() {
        let times = ["2023-12-31T23:59:59.5Z", "2024-01-01T00:00:00Z", "2024-02-29T12:30:15Z", "1969-12-31T06:00:00Z"];
        let micros: Vec<i64> =
            times.iter().cycle().take(10).map(|text| crate::project::parse_time(text).unwrap()).collect();
        let floats = [2.5, -2.5, 0.5, -0.5, 0.49999999999999994, -7.25, 3.5, 1e300, 0.0, 1234567.5];
        let whole = [-7i64, 7, 0, 1, -1, 8, -8, 9_007_199_254_740_991, -9_007_199_254_740_991, 2];
        let divisors = [Some(3i64), Some(-3), Some(5), Some(0), None, Some(3), Some(-3), Some(10), Some(10), Some(2)];
        let frame = df!("a" => floats, "i" => whole, "b" => divisors, "t" => micros).unwrap();
        let time = DataType::Datetime(TimeUnit::Microseconds, None);
        let table = data::collect(frame.lazy().with_column(col("t").cast(time))).unwrap();
        let ours = data::frame_from(&table).unwrap();
        let slots: Vec<(String, Kind)> =
            ours.columns().iter().map(|(name, column)| (name.clone(), column.kind())).collect();
        let columns: Vec<&Column> = ours.columns().iter().map(|(_, column)| column).collect();
        let mut texts: Vec<String> =
            ["abs", "sign", "sqrt", "exp", "ln", "log10", "floor", "ceil", "round", "sin", "cos"]
                .iter()
                .flat_map(|name| [format!("{name}(a)"), format!("{name}(i)"), format!("{name}(b)")])
                .collect();
        let more = [
            "i % b",
            "a % b",
            "a % 2",
            "-a % 0.75",
            "(i % 4) % b",
            "a / b",
            "i / b",
            "i * 2 - b",
            "power(a, 2)",
            "power(b, 2)",
            "least(a, i, b)",
            "greatest(a, i, b)",
            "coalesce(b, 1)",
            "nullif(b, 3)",
            "CASE WHEN i % 2 = 1 THEN a ELSE 0 END",
            "CASE WHEN round(a) = 3 OR b IS NULL THEN 1 ELSE 2 END",
            "i BETWEEN -7 AND 7",
            "i IN (7, 8)",
            "NOT (a > 0)",
            "t < '2024-01-01'",
            "t >= TIMESTAMP '2024-01-01T01:00:00+01:00'",
            "t BETWEEN '2023-01-01' AND '2024-01-01'",
        ];
        texts.extend(more.map(str::to_owned));
        let fields = ["year", "month", "day", "hour", "minute", "second", "dow", "doy", "epoch"];
        texts.extend(fields.map(|field| format!("EXTRACT({field} FROM t)")));
        let mut different = Vec::new();
        for text in texts {
            let program = Program::parse(&text, &slots).unwrap();
            let read: Vec<&Column> = columns.clone();
            let expression = evaluate_columns(&program, &read, table.height());
            let lazy = table.clone().lazy();
            let condition = data::sql_condition(&text, &lazy).unwrap();
            let sql = data::collect(lazy.select([condition.alias("x")])).unwrap_or_else(|e| panic!("{text}: {e}"));
            let sql = data::column_from(sql.column("x").unwrap()).unwrap();
            for row in 0..table.height() {
                let (one, other) = (expression.get(row).as_number(), sql.get(row).as_number());
                // What is not finite is missing in an expression.
                let same = (one - other).abs() <= 1e-12 * one.abs() || !one.is_finite() && !other.is_finite();
                if !same {
                    different.push(format!("{text}, row {row}: {one} in an expression, {other} in SQL"));
                }
            }
        }
        assert!(different.is_empty(), "{}", different.join("\n"));
    }
}
