//! From the text of a filter to conditions, each checked against its field.

use super::cursor::{Cursor, is_plain};
use super::field::{Field, NumberField, TextField};
use crate::error::{Error, Result};

/// More conditions are refused, so that a statement stays within what SQLite takes.
const MOST: usize = 200;

/// What must hold for a run: all of its conditions. The default has none and holds for every run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    pub(super) conditions: Vec<Condition>,
}

/// A field and the test of its value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Condition {
    Number(NumberField, NumberOperator, Number),
    Text(TextField, TextTest),
}

/// A test of a text.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum TextTest {
    /// It compares with this text by the operator.
    Compare(TextOperator, String),
    /// It is one of these, or none of them.
    OneOf { texts: Vec<String>, negated: bool },
    /// The run has no such value; negated: it has one.
    Null { negated: bool },
}

/// A number as it was written: times are whole.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    Whole(i64),
    Float(f64),
}

/// How numbers are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NumberOperator {
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
}

/// How texts are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextOperator {
    Equal,
    NotEqual,
    /// `%` is any text and `_` any character; upper and lower case differ.
    Like,
    /// The same, and upper and lower case do not.
    Ilike,
}

/// What stands between a field and its value.
enum Operator {
    Number(NumberOperator),
    Text(TextOperator),
    /// `=` and `!=` compare both.
    Both(NumberOperator, TextOperator),
    In {
        negated: bool,
    },
    Null {
        negated: bool,
    },
}

impl Filter {
    /// Reads a filter; the empty text is the filter of every run.
    ///
    /// Errors name the character at which the text stops making sense.
    pub fn parse(text: &str) -> Result<Self> {
        let mut cursor = Cursor::new("filter", text)?;
        let mut conditions = Vec::new();
        loop {
            // As in MLflow: `and` may be left out, and stand first and last.
            while cursor.keyword("and") {}
            if cursor.is_at_end() {
                break;
            }
            if conditions.len() == MOST {
                return Err(cursor.error(format!("more than {MOST} conditions")).hint("ask for less at once"));
            }
            conditions.push(condition(&mut cursor)?);
        }
        if conditions.is_empty() && !text.is_empty() {
            return Err(cursor.error_at(0, "no condition").hint("write one, such as metrics.auc > 0.8"));
        }
        Ok(Filter { conditions })
    }
}

fn condition(cursor: &mut Cursor) -> Result<Condition> {
    let start = cursor.place();
    if cursor.peek() == Some('(') || ["or", "not"].iter().any(|word| cursor.keyword(word)) {
        return Err(cursor
            .error_at(start, "only `and` joins conditions, without parentheses")
            .hint("write field, operator, value: metrics.auc > 0.8 and tags.team = 'risk'"));
    }
    let field = Field::read(cursor)?;
    cursor.skip_blanks();
    let place = cursor.place();
    let operator = operator(cursor)?;
    match field {
        Field::Number(field) => number_condition(cursor, place, field, operator),
        Field::Text(field) => text_condition(cursor, place, field, operator),
    }
}

fn number_condition(cursor: &mut Cursor, place: usize, field: NumberField, operator: Operator) -> Result<Condition> {
    match operator {
        Operator::Number(operator) | Operator::Both(operator, _) => {
            Ok(Condition::Number(field, operator, number(cursor)?))
        }
        Operator::Text(_) | Operator::In { .. } | Operator::Null { .. } => Err(cursor
            .error_at(place, "a number is compared with a number")
            .hint("write =, !=, <, <=, > or >= and a number")),
    }
}

fn text_condition(cursor: &mut Cursor, place: usize, field: TextField, operator: Operator) -> Result<Condition> {
    let test = match operator {
        Operator::Text(operator) | Operator::Both(_, operator) => TextTest::Compare(operator, text(cursor)?),
        Operator::Null { negated } if field.takes_null() => TextTest::Null { negated },
        Operator::In { negated } if field.takes_list() => TextTest::OneOf { texts: list(cursor)?, negated },
        Operator::Null { .. } => {
            return Err(cursor
                .error_at(place, "only params and tags are compared with null")
                .hint("compare with a text in quotes"));
        }
        Operator::In { .. } => {
            return Err(cursor
                .error_at(place, "only run_id and datasets are compared with a list")
                .hint("write = or like, and a text in quotes"));
        }
        Operator::Number(_) => {
            return Err(cursor.error_at(place, "texts have no order").hint("write =, !=, like or ilike"));
        }
    };
    Ok(Condition::Text(field, test))
}

fn operator(cursor: &mut Cursor) -> Result<Operator> {
    let place = cursor.place();
    for (wrong, right) in [("==", "="), ("<>", "!=")] {
        if cursor.take(wrong) {
            return Err(cursor
                .error_at(place, format!("\"{wrong}\" is not an operator"))
                .hint(format!("write {right}")));
        }
    }
    let signs = [
        (">=", Operator::Number(NumberOperator::GreaterOrEqual)),
        ("<=", Operator::Number(NumberOperator::LessOrEqual)),
        ("!=", Operator::Both(NumberOperator::NotEqual, TextOperator::NotEqual)),
        (">", Operator::Number(NumberOperator::Greater)),
        ("<", Operator::Number(NumberOperator::Less)),
        ("=", Operator::Both(NumberOperator::Equal, TextOperator::Equal)),
    ];
    for (sign, operator) in signs {
        if cursor.take(sign) {
            return Ok(operator);
        }
    }
    if cursor.keyword("like") {
        return Ok(Operator::Text(TextOperator::Like));
    }
    if cursor.keyword("ilike") {
        return Ok(Operator::Text(TextOperator::Ilike));
    }
    if cursor.keyword("is") {
        let negated = cursor.keyword("not");
        return match cursor.keyword("null") {
            true => Ok(Operator::Null { negated }),
            false => Err(expected(cursor, "null", "write `is null` or `is not null`")),
        };
    }
    let negated = cursor.keyword("not");
    match cursor.keyword("in") {
        true => Ok(Operator::In { negated }),
        false => Err(expected(cursor, "an operator", "write =, !=, <, <=, >, >=, like, ilike, in or is null")),
    }
}

fn number(cursor: &mut Cursor) -> Result<Number> {
    cursor.skip_blanks();
    // The sign of an exponent is part of the number: 1e-3, 1e+3.
    let mut before = ' ';
    let mut length = 0;
    for c in cursor.while_char(|c| is_plain(c) || c == '+').chars() {
        if c == '+' && !matches!(before, 'e' | 'E') {
            break;
        }
        before = c;
        length += c.len_utf8();
    }
    let written = cursor.while_char(|c| is_plain(c) || c == '+').get(..length).unwrap_or_default();
    let digits = written.strip_prefix('-').unwrap_or(written);
    // Rust reads "inf" and "nan" too.
    let plain = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let whole = written.parse::<i64>().ok().map(Number::Whole);
    let found = whole.or_else(|| written.parse::<f64>().ok().filter(|v| v.is_finite()).map(Number::Float));
    match found.filter(|_| plain) {
        Some(number) => {
            cursor.advance(written);
            Ok(number)
        }
        None => Err(expected(cursor, "a number", "write it without quotes: 0.8, -1, 1e-3")),
    }
}

fn text(cursor: &mut Cursor) -> Result<String> {
    cursor.skip_blanks();
    match cursor.peek() {
        Some(mark @ ('\'' | '"')) => cursor.between(mark),
        _ => Err(expected(cursor, "a text", "write it in quotes: 'boosting'")),
    }
}

fn list(cursor: &mut Cursor) -> Result<Vec<String>> {
    const HINT: &str = "write texts in parentheses: in ('a', 'b')";
    cursor.skip_blanks();
    if !cursor.take("(") {
        return Err(expected(cursor, "a list", HINT));
    }
    let mut texts = Vec::new();
    loop {
        texts.push(text(cursor)?);
        cursor.skip_blanks();
        let comma = cursor.take(",");
        cursor.skip_blanks();
        if cursor.take(")") {
            return Ok(texts);
        }
        if !comma {
            return Err(expected(cursor, "a comma or a closing parenthesis", HINT));
        }
    }
}

fn expected(cursor: &mut Cursor, what: &str, hint: &str) -> Error {
    cursor.skip_blanks();
    cursor.error(format!("{} where {what} should stand", cursor.shown())).hint(hint)
}
