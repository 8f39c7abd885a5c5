//! SQL text → [`Program`]. Names become slots, types are checked, so that evaluation can't fail.

use super::functions::{Function, TimeField};
use super::program::{Arithmetic, Compare, ExpressionNode, Program};
use crate::data::{Family, Kind};
use crate::error::{self, Error, Result};
use crate::project::parse_time;
use sqlparser::ast::{self, BinaryOperator, UnaryOperator};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;

/// Longest text and deepest nesting that is read; a definition is short.
const MAX_TEXT: usize = 10_000;
const MAX_DEPTH: usize = 60;
/// Deepest nesting of what was read: operators in a row nest on the left, and parsing does not count those.
const MAX_LEVELS: usize = 130;
/// Most operators, names and constants; BETWEEN and CASE copy what they compare, so thirty inside each other would be a billion.
const MAX_NODES: usize = 10_000;

/// An expression's type; `None` is the type of NULL, which fits everywhere.
type Typed = (ExpressionNode, Option<Kind>);

impl Program {
    /// Parses `text`; `columns` are the row's slots.
    pub fn parse(text: &str, columns: &[(String, Kind)]) -> Result<Self> {
        let place = |e: Error| e.at(format!("expression {}", error::quoted(text)));
        if text.len() > MAX_TEXT {
            return Err(place(
                Error::invalid(format!("{} bytes are too many", text.len()))
                    .hint(format!("write it in {MAX_TEXT} bytes, as several `derive` entries")),
            ));
        }
        let syntax = |e: &dyn std::fmt::Display| {
            place(Error::invalid(e.to_string()).hint("write one SQL expression, such as a / nullif(b, 0)"))
        };
        let mut parser = Parser::new(&GenericDialect {})
            .with_recursion_limit(MAX_DEPTH)
            .try_with_sql(text)
            .map_err(|e| syntax(&e))?;
        let parsed = parser.parse_expr().map_err(|e| syntax(&e))?;
        if parser.peek_token().token != sqlparser::tokenizer::Token::EOF {
            return Err(syntax(&format!("unexpected \"{}\" after the expression", parser.peek_token())));
        }
        let mut builder = ProgramBuilder { columns, inputs: Vec::new(), level: 0, nodes: 0 };
        let (root, kind) = builder.node(&parsed).map_err(place)?;
        Ok(Program { root, kind: kind.unwrap_or(Kind::Float), inputs: builder.inputs })
    }

    /// The names an expression reads, without knowing any columns.
    pub fn names(text: &str) -> Vec<String> {
        use sqlparser::tokenizer::{Token, Tokenizer};
        let tokens = Tokenizer::new(&GenericDialect {}, text).tokenize().unwrap_or_default();
        let words = tokens.into_iter().filter_map(|t| match t {
            Token::Word(word) => Some(word.value),
            _ => None,
        });
        words.collect()
    }
}

struct ProgramBuilder<'a> {
    columns: &'a [(String, Kind)],
    inputs: Vec<usize>,
    level: usize,
    nodes: usize,
}

impl ProgramBuilder<'_> {
    fn node(&mut self, expr: &ast::Expr) -> Result<Typed> {
        if self.level >= MAX_LEVELS {
            return Err(Error::invalid(format!("more than {MAX_LEVELS} operators in a row, or inside each other"))
                .hint("write it as several `derive` entries"));
        }
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(Error::invalid(format!("it has more than {MAX_NODES} parts"))
                .hint("BETWEEN and CASE copy what they hold: write it as several `derive` entries"));
        }
        self.level += 1;
        let node = self.any(expr);
        self.level -= 1;
        node
    }

    fn any(&mut self, expr: &ast::Expr) -> Result<Typed> {
        match expr {
            ast::Expr::Identifier(name) => self.slot(&name.value),
            ast::Expr::Nested(inner) => self.node(inner),
            ast::Expr::Value(value) => literal(&value.value),
            ast::Expr::TypedString(typed) => {
                let text = typed.value.value.clone().into_string().unwrap_or_default();
                Ok((ExpressionNode::Time(parse_time(&text)?), Some(Kind::Time)))
            }
            ast::Expr::UnaryOp { op, expr } => self.unary(*op, expr),
            ast::Expr::BinaryOp { left, op, right } => self.binary(left, op, right),
            ast::Expr::IsNull(inner) => {
                Ok((ExpressionNode::IsNull(Box::new(self.node(inner)?.0)), Some(Kind::Boolean)))
            }
            ast::Expr::IsNotNull(inner) => {
                let null = ExpressionNode::IsNull(Box::new(self.node(inner)?.0));
                Ok((ExpressionNode::Not(Box::new(null)), Some(Kind::Boolean)))
            }
            ast::Expr::Between { expr, negated, low, high } => {
                let (above, below) = (BinaryOperator::GtEq, BinaryOperator::LtEq);
                let (low, high) = (self.binary(expr, &above, low)?.0, self.binary(expr, &below, high)?.0);
                Ok((negate(ExpressionNode::And(Box::new(low), Box::new(high)), *negated), Some(Kind::Boolean)))
            }
            ast::Expr::InList { expr, list, negated } => {
                let subject = self.node(expr)?;
                let items = list.iter().map(|item| Ok(self.same(&subject, item)?.0)).collect::<Result<Vec<_>>>()?;
                Ok((negate(ExpressionNode::In(Box::new(subject.0), items), *negated), Some(Kind::Boolean)))
            }
            ast::Expr::Case { operand, conditions, else_result, .. } => {
                self.case(operand.as_deref(), conditions, else_result.as_deref())
            }
            ast::Expr::Extract { field, expr, .. } => {
                let field = TimeField::parse(&field.to_string())?;
                Ok((ExpressionNode::Extract(field, Box::new(self.expect(expr, Family::Time)?)), Some(Kind::Float)))
            }
            ast::Expr::Ceil { expr, .. } => self.call(Function::Ceil, &[expr]),
            ast::Expr::Floor { expr, .. } => self.call(Function::Floor, &[expr]),
            ast::Expr::Function(function) => self.function(function),
            other => Err(Error::invalid(format!("\"{other}\" is not supported here")).hint(
                "arithmetic, comparisons, AND, OR, NOT, CASE, IN, BETWEEN, EXTRACT and functions of numbers are",
            )),
        }
    }

    fn slot(&mut self, name: &str) -> Result<Typed> {
        let at = self.columns.iter().position(|(n, _)| n == name);
        let at = at.ok_or_else(|| Error::unknown("column", name, self.columns.iter().map(|(n, _)| n.as_str())))?;
        if !self.inputs.contains(&at) {
            self.inputs.push(at);
        }
        Ok((ExpressionNode::Slot(at), Some(self.columns[at].1)))
    }

    fn expect(&mut self, expr: &ast::Expr, wanted: Family) -> Result<ExpressionNode> {
        let (node, kind) = self.node(expr)?;
        match kind.map(Kind::family) {
            Some(found) if found != wanted => {
                Err(Error::invalid(format!("\"{expr}\" is a {found}, a {wanted} is needed")))
            }
            _ => Ok(node),
        }
    }

    /// Parses `expr` for a comparison with `subject`; where `subject` is a time, a text is read as a time.
    fn same(&mut self, subject: &Typed, expr: &ast::Expr) -> Result<Typed> {
        let (node, kind) = self.node(expr)?;
        match (subject.1, kind, &node) {
            (Some(Kind::Time), Some(Kind::Text), ExpressionNode::Text(text)) => {
                Ok((ExpressionNode::Time(parse_time(text)?), Some(Kind::Time)))
            }
            (Some(a), Some(b), _) if a.family() != b.family() => {
                let (a, b) = (a.family(), b.family());
                Err(Error::invalid(format!("a {a} can't be compared with \"{expr}\", a {b}")))
            }
            _ => Ok((node, kind)),
        }
    }

    fn unary(&mut self, op: UnaryOperator, expr: &ast::Expr) -> Result<Typed> {
        let node = self.expect(expr, Family::Number)?;
        Ok(match (op, node) {
            (UnaryOperator::Plus | UnaryOperator::Minus, ExpressionNode::Integer(n)) => {
                (ExpressionNode::Integer(if op == UnaryOperator::Minus { -n } else { n }), Some(Kind::Integer))
            }
            (UnaryOperator::Plus, node) => (node, Some(Kind::Float)),
            (UnaryOperator::Minus, ExpressionNode::Float(x)) => (ExpressionNode::Float(-x), Some(Kind::Float)),
            (UnaryOperator::Minus, node) => {
                let from_zero = ExpressionNode::Arithmetic(
                    Arithmetic::Subtract,
                    Box::new(ExpressionNode::Float(0.0)),
                    Box::new(node),
                );
                (from_zero, Some(Kind::Float))
            }
            (UnaryOperator::Not, node) => (ExpressionNode::Not(Box::new(node)), Some(Kind::Boolean)),
            (other, _) => return Err(Error::invalid(format!("the operator {other} is not supported here"))),
        })
    }

    fn binary(&mut self, left: &ast::Expr, op: &BinaryOperator, right: &ast::Expr) -> Result<Typed> {
        use BinaryOperator as B;
        let compare = match op {
            B::Eq => Some(Compare::Equal),
            B::NotEq => Some(Compare::NotEqual),
            B::Lt => Some(Compare::Less),
            B::LtEq => Some(Compare::LessEqual),
            B::Gt => Some(Compare::Greater),
            B::GtEq => Some(Compare::GreaterEqual),
            _ => None,
        };
        if let Some(compare) = compare {
            let subject = self.node(left)?;
            let (other, _) = self.same(&subject, right)?;
            return Ok((ExpressionNode::Compare(compare, Box::new(subject.0), Box::new(other)), Some(Kind::Boolean)));
        }
        let (a, b) = (Box::new(self.expect(left, Family::Number)?), Box::new(self.expect(right, Family::Number)?));
        let node = match op {
            B::And => return Ok((ExpressionNode::And(a, b), Some(Kind::Boolean))),
            B::Or => return Ok((ExpressionNode::Or(a, b), Some(Kind::Boolean))),
            B::Plus => ExpressionNode::Arithmetic(Arithmetic::Add, a, b),
            B::Minus => ExpressionNode::Arithmetic(Arithmetic::Subtract, a, b),
            B::Multiply => ExpressionNode::Arithmetic(Arithmetic::Multiply, a, b),
            B::Divide => ExpressionNode::Arithmetic(Arithmetic::Divide, a, b),
            B::Modulo => ExpressionNode::Arithmetic(Arithmetic::Modulo, a, b),
            other => return Err(Error::invalid(format!("the operator {other} is not supported here"))),
        };
        Ok((node, Some(Kind::Float)))
    }

    fn case(&mut self, operand: Option<&ast::Expr>, arms: &[ast::CaseWhen], last: Option<&ast::Expr>) -> Result<Typed> {
        let mut kind = None;
        let mut result = |builder: &mut Self, expr: &ast::Expr| -> Result<ExpressionNode> {
            let (node, found) = builder.node(expr)?;
            kind = common(kind, found).ok_or_else(|| Error::invalid("the branches of CASE have different types"))?;
            Ok(node)
        };
        let mut branches = Vec::new();
        for arm in arms {
            let condition = match operand {
                Some(operand) => self.binary(operand, &BinaryOperator::Eq, &arm.condition)?.0,
                None => self.expect(&arm.condition, Family::Number)?,
            };
            branches.push((condition, result(self, &arm.result)?));
        }
        let last = last.map_or(Ok(ExpressionNode::Null), |expr| result(self, expr))?;
        Ok((ExpressionNode::Case(branches, Box::new(last)), kind))
    }

    fn function(&mut self, call: &ast::Function) -> Result<Typed> {
        let function = Function::parse(&call.name.to_string())?;
        let ast::FunctionArguments::List(list) = &call.args else {
            return Err(Error::invalid(format!("{} needs arguments in parentheses", call.name)));
        };
        let arguments = list.args.iter().map(|argument| match argument {
            ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(expr)) => Ok(expr),
            other => Err(Error::invalid(format!("\"{other}\" is not an argument of {}", call.name))),
        });
        let arguments = arguments.collect::<Result<Vec<_>>>()?;
        self.call(function, &arguments)
    }

    fn call(&mut self, function: Function, arguments: &[&ast::Expr]) -> Result<Typed> {
        let (low, high) = function.arity();
        if !(low..=high).contains(&arguments.len()) {
            return Err(Error::invalid(format!(
                "{} takes {low} to {high} arguments, not {}",
                function.name(),
                arguments.len()
            )));
        }
        if !function.any_type() {
            let nodes = arguments.iter().map(|a| self.expect(a, Family::Number)).collect::<Result<_>>()?;
            return Ok((ExpressionNode::Call(function, nodes), Some(Kind::Float)));
        }
        let mut subject: Typed = (ExpressionNode::Null, None);
        let mut nodes = Vec::new();
        for argument in arguments {
            let (node, kind) = self.same(&subject, argument)?;
            // NULLIF returns its first argument or null, so the second one does not decide the type.
            let counts = function != Function::NullIf || nodes.is_empty();
            if counts {
                subject.1 = common(subject.1, kind).unwrap_or(subject.1);
            }
            nodes.push(node);
        }
        Ok((ExpressionNode::Call(function, nodes), subject.1))
    }
}

/// The type of either of two results; the type of NULL fits all. None if no type holds both.
fn common(a: Option<Kind>, b: Option<Kind>) -> Option<Option<Kind>> {
    match (a, b) {
        (Some(a), Some(b)) => a.common(b).map(Some),
        (one, None) | (None, one) => Some(one),
    }
}

fn negate(node: ExpressionNode, negated: bool) -> ExpressionNode {
    if negated { ExpressionNode::Not(Box::new(node)) } else { node }
}

fn literal(value: &ast::Value) -> Result<Typed> {
    match value {
        ast::Value::Null => Ok((ExpressionNode::Null, None)),
        ast::Value::Boolean(b) => Ok((ExpressionNode::Boolean(*b), Some(Kind::Boolean))),
        ast::Value::SingleQuotedString(text) => Ok((ExpressionNode::Text(text.clone()), Some(Kind::Text))),
        ast::Value::Number(text, _) => {
            if let Ok(whole) = text.parse::<i128>() {
                return Ok((ExpressionNode::Integer(whole), Some(Kind::Integer)));
            }
            let number = text.parse::<f64>().ok().filter(|x| x.is_finite());
            let number = number.ok_or_else(|| Error::invalid(format!("{text} is not a number")))?;
            Ok((ExpressionNode::Float(number), Some(Kind::Float)))
        }
        other => Err(Error::invalid(format!("\"{other}\" is not supported here")).hint("texts stand in single quotes")),
    }
}
