//! SQL text → [`Program`]. Names become slots, types are checked, so that evaluation can't fail.

use super::functions::{Field, Function};
use super::program::{Arithmetic, Compare, Node, Program};
use crate::data::Kind;
use crate::error::{Error, Result, quoted};
use crate::project::parse_time;
use sqlparser::ast::{self, BinaryOperator, UnaryOperator};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;

/// Longest text and deepest nesting that is read; a definition is short.
const MAX_TEXT: usize = 10_000;
const MAX_DEPTH: usize = 60;
/// Deepest nesting of what was read: operators in a row nest on the left, and parsing does not count those.
const MAX_LEVELS: usize = 130;

/// An expression's type; `None` is the type of NULL, which fits everywhere.
type Typed = (Node, Option<Kind>);

impl Program {
    /// Parses `text`; `columns` are the row's slots.
    pub fn parse(text: &str, columns: &[(String, Kind)]) -> Result<Self> {
        let place = |e: Error| e.at(format!("expression {}", quoted(text)));
        if text.len() > MAX_TEXT {
            return Err(place(
                Error::invalid(format!("{} bytes are too many", text.len()))
                    .hint(format!("write it in {MAX_TEXT} bytes, in steps that read each other")),
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
        let mut builder = Builder { columns, inputs: Vec::new(), level: 0 };
        let (root, kind) = builder.node(&parsed).map_err(place)?;
        Ok(Program { root, kind: kind.unwrap_or(Kind::Number), inputs: builder.inputs })
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

struct Builder<'a> {
    columns: &'a [(String, Kind)],
    inputs: Vec<usize>,
    level: usize,
}

impl Builder<'_> {
    fn node(&mut self, expr: &ast::Expr) -> Result<Typed> {
        if self.level >= MAX_LEVELS {
            return Err(Error::invalid(format!("more than {MAX_LEVELS} operators in a row, or inside each other"))
                .hint("write it in steps that read each other"));
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
                Ok((Node::Time(parse_time(&text)?), Some(Kind::Time)))
            }
            ast::Expr::UnaryOp { op, expr } => self.unary(*op, expr),
            ast::Expr::BinaryOp { left, op, right } => self.binary(left, op, right),
            ast::Expr::IsNull(inner) => Ok((Node::IsNull(Box::new(self.node(inner)?.0)), Some(Kind::Number))),
            ast::Expr::IsNotNull(inner) => {
                let null = Node::IsNull(Box::new(self.node(inner)?.0));
                Ok((Node::Not(Box::new(null)), Some(Kind::Number)))
            }
            ast::Expr::Between { expr, negated, low, high } => {
                let (above, below) = (BinaryOperator::GtEq, BinaryOperator::LtEq);
                let (low, high) = (self.binary(expr, &above, low)?.0, self.binary(expr, &below, high)?.0);
                Ok((negate(Node::And(Box::new(low), Box::new(high)), *negated), Some(Kind::Number)))
            }
            ast::Expr::InList { expr, list, negated } => {
                let subject = self.node(expr)?;
                let items = list.iter().map(|item| self.same(&subject, item)).collect::<Result<Vec<_>>>()?;
                Ok((negate(Node::In(Box::new(subject.0), items), *negated), Some(Kind::Number)))
            }
            ast::Expr::Case { operand, conditions, else_result, .. } => {
                self.case(operand.as_deref(), conditions, else_result.as_deref())
            }
            ast::Expr::Extract { field, expr, .. } => {
                let field = Field::parse(&field.to_string())?;
                Ok((Node::Extract(field, Box::new(self.expect(expr, Kind::Time)?)), Some(Kind::Number)))
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
        Ok((Node::Slot(at), Some(self.columns[at].1)))
    }

    fn expect(&mut self, expr: &ast::Expr, wanted: Kind) -> Result<Node> {
        let (node, kind) = self.node(expr)?;
        match kind {
            Some(found) if found != wanted => {
                Err(Error::invalid(format!("\"{expr}\" is a {}, a {} is needed", found.name(), wanted.name())))
            }
            _ => Ok(node),
        }
    }

    /// An expression of the same type as `subject`; a text beside a time is read as a time.
    fn same(&mut self, subject: &Typed, expr: &ast::Expr) -> Result<Node> {
        let (node, kind) = self.node(expr)?;
        match (subject.1, kind, &node) {
            (Some(Kind::Time), Some(Kind::Text), Node::Text(text)) => Ok(Node::Time(parse_time(text)?)),
            (Some(a), Some(b), _) if a != b => {
                Err(Error::invalid(format!("a {} can't be compared with \"{expr}\", a {}", a.name(), b.name())))
            }
            _ => Ok(node),
        }
    }

    fn unary(&mut self, op: UnaryOperator, expr: &ast::Expr) -> Result<Typed> {
        let node = self.expect(expr, Kind::Number)?;
        let made = match op {
            UnaryOperator::Plus => node,
            UnaryOperator::Minus => match node {
                Node::Number(x) => Node::Number(-x),
                other => Node::Arithmetic(Arithmetic::Subtract, Box::new(Node::Number(0.0)), Box::new(other)),
            },
            UnaryOperator::Not => Node::Not(Box::new(node)),
            other => return Err(Error::invalid(format!("the operator {other} is not supported here"))),
        };
        Ok((made, Some(Kind::Number)))
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
            let other = self.same(&subject, right)?;
            return Ok((Node::Compare(compare, Box::new(subject.0), Box::new(other)), Some(Kind::Number)));
        }
        let (a, b) = (Box::new(self.expect(left, Kind::Number)?), Box::new(self.expect(right, Kind::Number)?));
        let node = match op {
            B::And => Node::And(a, b),
            B::Or => Node::Or(a, b),
            B::Plus => Node::Arithmetic(Arithmetic::Add, a, b),
            B::Minus => Node::Arithmetic(Arithmetic::Subtract, a, b),
            B::Multiply => Node::Arithmetic(Arithmetic::Multiply, a, b),
            B::Divide => Node::Arithmetic(Arithmetic::Divide, a, b),
            B::Modulo => Node::Arithmetic(Arithmetic::Modulo, a, b),
            other => return Err(Error::invalid(format!("the operator {other} is not supported here"))),
        };
        Ok((node, Some(Kind::Number)))
    }

    fn case(&mut self, operand: Option<&ast::Expr>, arms: &[ast::CaseWhen], last: Option<&ast::Expr>) -> Result<Typed> {
        let mut kind = None;
        let mut result = |builder: &mut Self, expr: &ast::Expr| -> Result<Node> {
            let (node, found) = builder.node(expr)?;
            match (kind, found) {
                (Some(a), Some(b)) if a != b => Err(Error::invalid("the branches of CASE have different types")),
                _ => {
                    kind = kind.or(found);
                    Ok(node)
                }
            }
        };
        let mut branches = Vec::new();
        for arm in arms {
            let condition = match operand {
                Some(operand) => self.binary(operand, &BinaryOperator::Eq, &arm.condition)?.0,
                None => self.expect(&arm.condition, Kind::Number)?,
            };
            branches.push((condition, result(self, &arm.result)?));
        }
        let last = last.map_or(Ok(Node::Null), |expr| result(self, expr))?;
        Ok((Node::Case(branches, Box::new(last)), kind))
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
            let nodes = arguments.iter().map(|a| self.expect(a, Kind::Number)).collect::<Result<_>>()?;
            return Ok((Node::Call(function, nodes), Some(Kind::Number)));
        }
        let mut subject: Typed = (Node::Null, None);
        let mut nodes = Vec::new();
        for argument in arguments {
            let node = self.same(&subject, argument)?;
            if subject.1.is_none() {
                subject = self.node(argument)?;
            }
            nodes.push(node);
        }
        Ok((Node::Call(function, nodes), subject.1))
    }
}

fn negate(node: Node, negated: bool) -> Node {
    if negated { Node::Not(Box::new(node)) } else { node }
}

fn literal(value: &ast::Value) -> Result<Typed> {
    match value {
        ast::Value::Null => Ok((Node::Null, None)),
        ast::Value::Boolean(b) => Ok((Node::Number(f64::from(u8::from(*b))), Some(Kind::Number))),
        ast::Value::SingleQuotedString(text) => Ok((Node::Text(text.clone()), Some(Kind::Text))),
        ast::Value::Number(text, _) => {
            let number = text.parse::<f64>().ok().filter(|x| x.is_finite());
            let number = number.ok_or_else(|| Error::invalid(format!("{text} is not a number")))?;
            Ok((Node::Number(number), Some(Kind::Number)))
        }
        other => Err(Error::invalid(format!("\"{other}\" is not supported here")).hint("texts stand in single quotes")),
    }
}
