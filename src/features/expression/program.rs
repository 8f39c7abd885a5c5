//! A checked expression as a tree over the slots of a row. A `Program` can always be evaluated: its slots exist and its types fit.

use super::functions::{Function, TimeField};
use crate::data::Kind;

/// A checked expression over the slots of a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Program {
    pub(super) root: ExpressionNode,
    pub(super) kind: Kind,
    pub(super) inputs: Vec<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum ExpressionNode {
    Null,
    Boolean(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    Time(i64),
    Slot(usize),
    Arithmetic(Arithmetic, Box<ExpressionNode>, Box<ExpressionNode>),
    Compare(Compare, Box<ExpressionNode>, Box<ExpressionNode>),
    And(Box<ExpressionNode>, Box<ExpressionNode>),
    Or(Box<ExpressionNode>, Box<ExpressionNode>),
    Not(Box<ExpressionNode>),
    IsNull(Box<ExpressionNode>),
    In(Box<ExpressionNode>, Vec<ExpressionNode>),
    Case(Vec<(ExpressionNode, ExpressionNode)>, Box<ExpressionNode>),
    Extract(TimeField, Box<ExpressionNode>),
    Call(Function, Vec<ExpressionNode>),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Compare {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

impl Program {
    /// The type of its value.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The slots it reads, each once, in order of first use.
    pub fn inputs(&self) -> &[usize] {
        &self.inputs
    }
}
