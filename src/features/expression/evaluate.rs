//! Computing a program: for one row without allocation, or for whole columns by the same code in parallel.
//!
//! Missing values as in SQL: an operation on null is null, AND and OR know three values. A result that is not a
//! finite number (a division by zero, the root of -1) is null.

use super::functions::Function;
use super::program::{Arithmetic, Compare, Node, Program};
use crate::data::{Column, Kind, Value};
use rayon::prelude::*;

impl Program {
    /// The value for a row whose cells are given by slot.
    pub fn evaluate<'a>(&'a self, row: &[Value<'a>]) -> Value<'a> {
        self.root.evaluate(row)
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
    match program.kind() {
        Kind::Number => {
            Column::Number((0..rows).into_par_iter().map(|r| program.evaluate(&cell(r)).as_number()).collect())
        }
        Kind::Time => Column::Time(
            (0..rows)
                .into_par_iter()
                .map(|r| match program.evaluate(&cell(r)) {
                    Value::Time(t) => t,
                    _ => Column::NO_TIME,
                })
                .collect(),
        ),
        Kind::Text => {
            let texts: Vec<Option<String>> = (0..rows)
                .into_par_iter()
                .map(|r| match program.evaluate(&cell(r)) {
                    Value::Text(t) => Some(t.to_owned()),
                    _ => None,
                })
                .collect();
            Column::texts(texts.iter().map(Option::as_deref))
        }
    }
}

fn finite<'a>(x: f64) -> Value<'a> {
    if x.is_finite() { Value::Number(x) } else { Value::Null }
}

fn truth<'a>(known: Option<bool>) -> Value<'a> {
    known.map_or(Value::Null, |b| Value::Number(f64::from(u8::from(b))))
}

impl Node {
    fn evaluate<'a>(&'a self, row: &[Value<'a>]) -> Value<'a> {
        match self {
            Node::Null => Value::Null,
            Node::Number(x) => Value::Number(*x),
            Node::Text(text) => Value::Text(text),
            Node::Time(t) => Value::Time(*t),
            Node::Slot(at) => row.get(*at).copied().unwrap_or(Value::Null),
            Node::Arithmetic(op, a, b) => arithmetic(*op, a.evaluate(row), b.evaluate(row)),
            Node::Compare(op, a, b) => truth(compare(*op, a.evaluate(row), b.evaluate(row))),
            Node::And(a, b) => truth(match (a.truth(row), b.truth(row)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            }),
            Node::Or(a, b) => truth(match (a.truth(row), b.truth(row)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            }),
            Node::Not(a) => truth(a.truth(row).map(|b| !b)),
            Node::IsNull(a) => truth(Some(a.evaluate(row) == Value::Null)),
            Node::In(subject, items) => among(subject.evaluate(row), items, row),
            Node::Case(arms, last) => {
                let arm = arms.iter().find(|(condition, _)| condition.truth(row) == Some(true));
                arm.map_or_else(|| last.evaluate(row), |(_, result)| result.evaluate(row))
            }
            Node::Extract(field, a) => match a.evaluate(row) {
                Value::Time(t) => finite(field.of(t)),
                _ => Value::Null,
            },
            Node::Call(function, arguments) => call(*function, arguments, row),
        }
    }

    fn truth<'a>(&'a self, row: &[Value<'a>]) -> Option<bool> {
        match self.evaluate(row) {
            Value::Number(x) => Some(x != 0.0),
            _ => None,
        }
    }
}

fn arithmetic<'a>(op: Arithmetic, a: Value, b: Value) -> Value<'a> {
    let (Value::Number(a), Value::Number(b)) = (a, b) else { return Value::Null };
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
        (Value::Number(a), Value::Number(b)) => a.partial_cmp(&b)?,
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::Time(a), Value::Time(b)) => a.cmp(&b),
        _ => return None,
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

fn among<'a>(subject: Value<'a>, items: &'a [Node], row: &[Value<'a>]) -> Value<'a> {
    let mut unknown = false;
    for item in items {
        match compare(Compare::Equal, subject, item.evaluate(row)) {
            Some(true) => return Value::Number(1.0),
            Some(false) => {}
            None => unknown = true,
        }
    }
    truth((!unknown).then_some(false))
}

fn call<'a>(function: Function, arguments: &'a [Node], row: &[Value<'a>]) -> Value<'a> {
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
        Function::Power => match (first(), second()) {
            (Value::Number(a), Value::Number(b)) => finite(crate::math::pow(a, b)),
            _ => Value::Null,
        },
        other => match first() {
            Value::Number(x) => finite(other.of_number(x)),
            _ => Value::Null,
        },
    }
}

/// The smallest or greatest of the arguments that are not null, as in PostgreSQL.
fn extreme<'a>(greatest: bool, arguments: &'a [Node], row: &[Value<'a>]) -> Value<'a> {
    let numbers = arguments.iter().map(|a| a.evaluate(row).as_number()).filter(|x| !x.is_nan());
    let best = numbers.reduce(|a, b| if (b > a) == greatest { b } else { a });
    best.map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<(String, Kind)> {
        vec![("a".into(), Kind::Number), ("b".into(), Kind::Number), ("t".into(), Kind::Time), ("c".into(), Kind::Text)]
    }

    fn run(text: &str) -> Option<f64> {
        let time = crate::project::parse_time("2013-04-01T06:30:00Z").unwrap();
        let row = [Value::Number(6.0), Value::Null, Value::Time(time), Value::Text("JFK")];
        match Program::parse(text, &columns()).unwrap().evaluate(&row) {
            Value::Number(x) => Some(x),
            _ => None,
        }
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
        let (a, b) = (Column::Number(vec![1.0, f64::NAN]), Column::Number(vec![f64::NAN, 2.0]));
        let (t, c) = (Column::Time(vec![0, 1]), Column::texts([Some("x"), None]));
        let Column::Number(out) = evaluate_columns(&program, &[&a, &b, &t, &c], 2) else { panic!() };
        assert_eq!(out[0], 3.0);
        assert!(out[1].is_nan());
    }
}
