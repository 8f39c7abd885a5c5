//! Computing a program: for one row without allocation, or for whole columns by the same code in parallel.
//!
//! Missing values as in SQL: an operation on null is null, AND and OR know three values. A result that is not a
//! finite number (a division by zero, the root of -1) is null.

use super::functions::Function;
use super::program::{Arithmetic, Compare, ExpressionNode, Program};
use crate::data::{Column, Kind, OwnedValue, Value};
use rayon::prelude::*;

impl Program {
    /// The value for a row whose cells are given by slot, in the program's type.
    pub fn evaluate<'a>(&'a self, row: &[Value<'a>]) -> Value<'a> {
        self.root.evaluate(row).among(self.kind)
    }
}

/// The program's values for `rows` rows of columns given by slot.
pub fn evaluate_columns(program: &Program, columns: &[&Column], rows: usize) -> Column {
    let cell = |row: usize| -> Vec<Value<'_>> {
        let mut cells = vec![Value::Null; columns.len()];
        for slot in program.inputs() {
            cells[*slot] = columns[*slot].get(row);
        }
        cells
    };
    if program.kind() == Kind::Float {
        return Column::floats((0..rows).into_par_iter().map(|r| program.evaluate(&cell(r)).as_number()).collect());
    }
    // Texts are borrowed from the columns, which outlive the cells of a row.
    let own = |row: usize| OwnedValue::of(program.evaluate(&cell(row)));
    let values: Vec<OwnedValue> = (0..rows).into_par_iter().map(own).collect();
    Column::of_values(program.kind(), values.iter().map(OwnedValue::value))
}

fn finite<'a>(x: f64) -> Value<'a> {
    if x.is_finite() { Value::Float(x) } else { Value::Null }
}

fn truth<'a>(known: Option<bool>) -> Value<'a> {
    known.map_or(Value::Null, Value::Boolean)
}

impl ExpressionNode {
    fn evaluate<'a>(&'a self, row: &[Value<'a>]) -> Value<'a> {
        match self {
            ExpressionNode::Null => Value::Null,
            ExpressionNode::Boolean(b) => Value::Boolean(*b),
            ExpressionNode::Integer(n) => Value::Integer(*n),
            ExpressionNode::Float(x) => Value::Float(*x),
            ExpressionNode::Text(text) => Value::Text(text),
            ExpressionNode::Time(t) => Value::Time(*t),
            ExpressionNode::Slot(at) => row.get(*at).copied().unwrap_or(Value::Null),
            ExpressionNode::Arithmetic(op, a, b) => arithmetic(*op, a.evaluate(row), b.evaluate(row)),
            ExpressionNode::Compare(op, a, b) => truth(compare(*op, a.evaluate(row), b.evaluate(row))),
            ExpressionNode::And(a, b) => truth(match (a.truth(row), b.truth(row)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            }),
            ExpressionNode::Or(a, b) => truth(match (a.truth(row), b.truth(row)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            }),
            ExpressionNode::Not(a) => truth(a.truth(row).map(|b| !b)),
            ExpressionNode::IsNull(a) => truth(Some(a.evaluate(row) == Value::Null)),
            ExpressionNode::In(subject, items) => among(subject.evaluate(row), items, row),
            ExpressionNode::Case(arms, last) => {
                let arm = arms.iter().find(|(condition, _)| condition.truth(row) == Some(true));
                arm.map_or_else(|| last.evaluate(row), |(_, result)| result.evaluate(row))
            }
            ExpressionNode::Extract(field, a) => match a.evaluate(row) {
                Value::Time(t) => finite(field.of(t)),
                _ => Value::Null,
            },
            ExpressionNode::Call(function, arguments) => call(*function, arguments, row),
        }
    }

    fn truth<'a>(&'a self, row: &[Value<'a>]) -> Option<bool> {
        number(self.evaluate(row)).map(|x| x != 0.0)
    }
}

/// The number in a cell, a boolean as 0 or 1.
fn number(value: Value) -> Option<f64> {
    Some(value.as_number()).filter(|x| !x.is_nan())
}

fn arithmetic<'a>(op: Arithmetic, a: Value, b: Value) -> Value<'a> {
    let (Some(a), Some(b)) = (number(a), number(b)) else { return Value::Null };
    finite(match op {
        Arithmetic::Add => a + b,
        Arithmetic::Subtract => a - b,
        Arithmetic::Multiply => a * b,
        Arithmetic::Divide => a / b,
        Arithmetic::Modulo => a % b,
    })
}

fn compare(op: Compare, a: Value, b: Value) -> Option<bool> {
    let order = match (a, b) {
        // Whole numbers are compared with all their bits.
        (Value::Integer(a), Value::Integer(b)) => a.cmp(&b),
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::Time(a), Value::Time(b)) => a.cmp(&b),
        (a, b) => number(a)?.partial_cmp(&number(b)?)?,
    };
    Some(match op {
        Compare::Equal => order.is_eq(),
        Compare::NotEqual => order.is_ne(),
        Compare::Less => order.is_lt(),
        Compare::LessEqual => order.is_le(),
        Compare::Greater => order.is_gt(),
        Compare::GreaterEqual => order.is_ge(),
    })
}

fn among<'a>(subject: Value<'a>, items: &'a [ExpressionNode], row: &[Value<'a>]) -> Value<'a> {
    let mut unknown = false;
    for item in items {
        match compare(Compare::Equal, subject, item.evaluate(row)) {
            Some(true) => return Value::Boolean(true),
            Some(false) => {}
            None => unknown = true,
        }
    }
    truth((!unknown).then_some(false))
}

fn call<'a>(function: Function, arguments: &'a [ExpressionNode], row: &[Value<'a>]) -> Value<'a> {
    let first = || arguments.first().map_or(Value::Null, |a| a.evaluate(row));
    let second = || arguments.get(1).map_or(Value::Null, |a| a.evaluate(row));
    match function {
        Function::Coalesce => {
            arguments.iter().map(|a| a.evaluate(row)).find(|v| *v != Value::Null).unwrap_or(Value::Null)
        }
        Function::NullIf => {
            let value = first();
            if compare(Compare::Equal, value, second()) == Some(true) { Value::Null } else { value }
        }
        Function::Least | Function::Greatest => extreme(function == Function::Greatest, arguments, row),
        Function::Power => match (number(first()), number(second())) {
            (Some(a), Some(b)) => finite(crate::math::pow(a, b)),
            _ => Value::Null,
        },
        other => number(first()).map_or(Value::Null, |x| finite(other.of_number(x))),
    }
}

/// The smallest or greatest of the arguments that are not null, as in PostgreSQL.
fn extreme<'a>(greatest: bool, arguments: &'a [ExpressionNode], row: &[Value<'a>]) -> Value<'a> {
    let numbers = arguments.iter().map(|a| a.evaluate(row).as_number()).filter(|x| !x.is_nan());
    let best = numbers.reduce(|a, b| if (b > a) == greatest { b } else { a });
    best.map_or(Value::Null, Value::Float)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<(String, Kind)> {
        vec![("a".into(), Kind::Integer), ("b".into(), Kind::Float), ("t".into(), Kind::Time), ("c".into(), Kind::Text)]
    }

    fn run(text: &str) -> Option<f64> {
        let time = crate::project::parse_time("2013-04-01T06:30:00Z").unwrap();
        let row = [Value::Integer(6), Value::Null, Value::Time(time), Value::Text("JFK")];
        number(Program::parse(text, &columns()).unwrap().evaluate(&row))
    }

    #[test]
    fn sql_means_what_it_means_elsewhere() {
        assert_eq!(run("a / nullif(2, 0) + 1 * -2"), Some(1.0));
        assert_eq!(run("a / 0"), None);
        assert_eq!(run("b + 1"), None);
        assert_eq!(run("b > 1 OR a > 1"), Some(1.0));
        assert_eq!(run("b > 1 AND a > 1"), None);
        assert_eq!(run("b IS NULL AND c IN ('LGA', 'JFK') AND a BETWEEN 6 AND 7"), Some(1.0));
        assert_eq!(run("CASE WHEN c = 'EWR' THEN 1 WHEN a >= 6 THEN 2 ELSE 3 END"), Some(2.0));
        assert_eq!(run("EXTRACT(dow FROM t) * 100 + EXTRACT(hour FROM t)"), Some(106.0));
        assert_eq!(run("t >= '2013-04-01'"), Some(1.0));
        assert_eq!(run("coalesce(b, greatest(a, b, 3), 1)"), Some(6.0));
        assert_eq!(run("c NOT IN ('LGA', NULL)"), None);
    }

    #[test]
    fn mistakes_are_named() {
        let fails = |text: &str| Program::parse(text, &columns()).unwrap_err().to_string();
        assert!(fails("aa + 1").contains("\"aa\""));
        assert!(fails("a + c").contains("a number is needed"));
        assert!(fails("a +").contains("expression"));
        assert!(fails("a b").contains("unexpected"));
        assert!(fails("read_csv('x')").contains("function"));
        let deep = format!("{}a{}", "(".repeat(500), ")".repeat(500));
        assert!(Program::parse(&deep, &columns()).is_err());
    }

    #[test]
    fn columns_equal_rows() {
        let program = Program::parse("a * 2 + coalesce(b, 1)", &columns()).unwrap();
        let (a, b) = (Column::integers([Some(1), None]), Column::floats(vec![f64::NAN, 2.0]));
        let (t, c) = (Column::times(vec![0, 1]), Column::texts([Some("x"), None]));
        let out = evaluate_columns(&program, &[&a, &b, &t, &c], 2).into_numbers().unwrap();
        assert_eq!(out[0], 3.0);
        assert!(out[1].is_nan());
    }

    #[test]
    fn an_expression_has_the_type_that_its_parts_say() {
        let kind = |text: &str| Program::parse(text, &columns()).unwrap().kind();
        assert_eq!((kind("a"), kind("b"), kind("c"), kind("t")), (Kind::Integer, Kind::Float, Kind::Text, Kind::Time));
        assert_eq!(
            (kind("a > 1"), kind("NOT (b IS NULL)"), kind("true")),
            (Kind::Boolean, Kind::Boolean, Kind::Boolean)
        );
        assert_eq!(
            (kind("a + 1"), kind("EXTRACT(hour FROM t)"), kind("abs(a)")),
            (Kind::Float, Kind::Float, Kind::Float)
        );
        assert_eq!((kind("coalesce(a, 1)"), kind("coalesce(a, b)")), (Kind::Integer, Kind::Float));
        assert_eq!(kind("CASE WHEN a > 1 THEN 1 ELSE 0.5 END"), Kind::Float);
    }

    #[test]
    fn whole_numbers_are_compared_with_all_their_bits() {
        let row = [Value::Integer(9_007_199_254_740_993), Value::Null, Value::Null, Value::Null];
        for (text, expected) in [
            ("a = 9007199254740993", Value::Boolean(true)),
            ("a = 9007199254740992", Value::Boolean(false)),
            ("a IN (1, 9007199254740992)", Value::Boolean(false)),
            ("coalesce(a, 0)", Value::Integer(9_007_199_254_740_993)),
        ] {
            assert_eq!(Program::parse(text, &columns()).unwrap().evaluate(&row), expected, "{text}");
        }
    }
}
