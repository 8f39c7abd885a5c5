//! A checked expression as a tree over the slots of a row. Whatever is one can be evaluated: slots exist, types fit.

use super::functions::{Field, Function};
use crate::data::Kind;

/// A checked expression over the slots of a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Program {
    pub(super) root: Node,
    pub(super) kind: Kind,
    pub(super) inputs: Vec<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Null,
    Boolean(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    Time(i64),
    Slot(usize),
    Arithmetic(Arithmetic, Box<Node>, Box<Node>),
    Compare(Compare, Box<Node>, Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    Not(Box<Node>),
    IsNull(Box<Node>),
    In(Box<Node>, Vec<Node>),
    Case(Vec<(Node, Node)>, Box<Node>),
    Extract(Field, Box<Node>),
    Call(Function, Vec<Node>),
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
