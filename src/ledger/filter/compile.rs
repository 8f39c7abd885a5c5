//! From conditions to SQL. Only fixed text and numbered parameters are put together here; whatever a person wrote is a
//! parameter.

use super::field::{NumberField, TextField};
use super::parse::{Condition, Filter, Number, NumberOperator, TextOperator, TextTest};
use rusqlite::types::Value;

/// The times of a run in milliseconds.
pub(super) const START: &str = "run.started / 1000";
pub(super) const END: &str = "run.ended / 1000";

/// A piece of a statement over the table `run`, with its parameters.
#[derive(Debug)]
pub(in crate::ledger) struct CompiledFilter {
    /// The text.
    pub sql: String,
    /// `?1` and so on.
    pub values: Vec<Value>,
    /// Ids of runs whose process is gone, as a JSON list.
    died: String,
}

impl CompiledFilter {
    /// Nothing yet.
    pub fn new(died: String) -> Self {
        CompiledFilter { sql: String::new(), values: Vec::new(), died }
    }

    /// Adds fixed text.
    pub fn push(&mut self, sql: &'static str) {
        self.sql.push_str(sql);
    }

    /// Adds a parameter.
    pub fn bind(&mut self, value: impl Into<Value>) {
        self.values.push(value.into());
        self.sql.push_str(&format!("?{}", self.values.len()));
    }

    /// Adds how the run stands, as MLflow writes it.
    pub(super) fn status(&mut self) {
        self.push("CASE WHEN run.status = 'running' AND run.id IN (SELECT value FROM json_each(");
        self.bind(self.died.clone());
        self.push(")) THEN 'DIED' ELSE upper(run.status) END");
    }

    fn number_test(&mut self, operator: NumberOperator, number: Number) {
        self.push(match operator {
            NumberOperator::Greater => " > ",
            NumberOperator::GreaterOrEqual => " >= ",
            NumberOperator::Less => " < ",
            NumberOperator::LessOrEqual => " <= ",
            NumberOperator::Equal => " = ",
            NumberOperator::NotEqual => " <> ",
        });
        match number {
            Number::Whole(number) => self.bind(number),
            Number::Float(number) => self.bind(number),
        }
    }

    fn text_test(&mut self, test: &TextTest) {
        match test {
            TextTest::Compare(operator, text) => {
                self.push(match operator {
                    TextOperator::Equal => " = ",
                    TextOperator::NotEqual => " <> ",
                    // SQLite's LIKE disregards case, its GLOB does not.
                    TextOperator::Like => " GLOB ",
                    TextOperator::Ilike => " LIKE ",
                });
                self.bind(if *operator == TextOperator::Like { glob(text) } else { text.clone() });
            }
            TextTest::OneOf { texts, negated } => {
                self.push(if *negated { " NOT IN (" } else { " IN (" });
                for (at, text) in texts.iter().enumerate() {
                    self.push(if at == 0 { "" } else { ", " });
                    self.bind(text.clone());
                }
                self.push(")");
            }
            TextTest::Null { negated } => self.push(if *negated { " IS NOT NULL" } else { " IS NULL" }),
        }
    }

    /// Adds a condition on a table of keys and values: whether the run has a fitting row, or has none.
    fn keyed_test(&mut self, table: &'static str, key: &str, test: &TextTest) {
        let absent = *test == TextTest::Null { negated: false };
        self.push(if absent { "NOT EXISTS (SELECT 1 FROM " } else { "EXISTS (SELECT 1 FROM " });
        self.push(table);
        self.push(" AS t WHERE t.run = run.id AND t.key = ");
        self.bind(key.to_owned());
        if !absent {
            self.push(" AND t.value");
            self.text_test(test);
        }
        self.push(")");
    }

    /// Adds a condition on the datasets that the run used.
    fn dataset_test(&mut self, column: &'static str, test: &TextTest) {
        self.push("EXISTS (SELECT 1 FROM input AS i WHERE i.consumer = 'run:' || run.id AND i.kind = 'dataset' AND ");
        self.push(column);
        self.text_test(test);
        self.push(")");
    }
}

/// The pattern of GLOB that means the same as this one of LIKE.
fn glob(like: &str) -> String {
    let mut glob = String::with_capacity(like.len());
    for c in like.chars() {
        match c {
            '%' => glob.push('*'),
            '_' => glob.push('?'),
            '*' | '?' | '[' => glob.extend(['[', c, ']']),
            other => glob.push(other),
        }
    }
    glob
}

/// A status is written in capitals in MLflow and in small letters here.
fn in_capitals(test: &TextTest) -> TextTest {
    match test {
        TextTest::Compare(operator, text) => TextTest::Compare(*operator, text.to_ascii_uppercase()),
        other => other.clone(),
    }
}

impl Filter {
    /// Adds the conditions, joined by `AND`; `TRUE` if there is none.
    pub(in crate::ledger) fn compile(&self, sql: &mut CompiledFilter) {
        sql.push("TRUE");
        for condition in &self.conditions {
            sql.push(" AND ");
            match condition {
                Condition::Number(field, operator, number) => compile_number(field, *operator, *number, sql),
                Condition::Text(field, test) => compile_text(field, test, sql),
            }
        }
    }
}

fn compile_number(field: &NumberField, operator: NumberOperator, number: Number, sql: &mut CompiledFilter) {
    match field {
        NumberField::Metric(key) => {
            sql.push("EXISTS (SELECT 1 FROM latest_metric AS m WHERE m.run = run.id AND m.key = ");
            sql.bind(key.clone());
            sql.push(" AND m.is_nan = 0 AND m.value");
            sql.number_test(operator, number);
            sql.push(")");
        }
        NumberField::Start => {
            sql.push(START);
            sql.number_test(operator, number);
        }
        NumberField::End => {
            sql.push(END);
            sql.number_test(operator, number);
        }
    }
}

fn compile_text(field: &TextField, test: &TextTest, sql: &mut CompiledFilter) {
    match field {
        TextField::Param(key) => return sql.keyed_test("run_param", key, test),
        TextField::Tag(key) => return sql.keyed_test("run_tag", key, test),
        TextField::DatasetName => return sql.dataset_test("i.name", test),
        TextField::DatasetDigest => return sql.dataset_test("i.hash", test),
        TextField::DatasetContext => return sql.dataset_test("i.context", test),
        TextField::Status => {
            sql.push("(");
            sql.status();
            sql.push(")");
            return sql.text_test(&in_capitals(test));
        }
        TextField::Id => sql.push("run.id"),
        TextField::Name => sql.push("run.name"),
        TextField::User => sql.push("run.user"),
    }
    sql.text_test(test);
}
