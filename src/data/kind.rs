//! The type of a column or a cell as people see it, apart from how it is stored.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A logical type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// True or false.
    Boolean,
    /// Whole numbers of up to 128 bits, exact.
    Integer,
    /// 64-bit floats.
    Float,
    /// Texts.
    Text,
    /// Instants.
    Time,
    /// Floats, as many in each row.
    Vector,
}

/// Types that may stand for each other: a boolean, a whole number and a float are all numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Booleans (as 0 and 1), whole numbers and floats.
    Number,
    /// Texts.
    Text,
    /// Instants.
    Time,
    /// Vectors of floats.
    Vector,
}

impl Kind {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Boolean => "boolean",
            Kind::Integer => "integer",
            Kind::Float => "float",
            Kind::Text => "text",
            Kind::Time => "time",
            Kind::Vector => "vector",
        }
    }

    /// The types it may stand for.
    pub fn family(self) -> Family {
        match self {
            Kind::Boolean | Kind::Integer | Kind::Float => Family::Number,
            Kind::Text => Family::Text,
            Kind::Time => Family::Time,
            Kind::Vector => Family::Vector,
        }
    }

    /// The word for it as a key: keys that can be equal have one word.
    pub fn key_word(self) -> &'static str {
        if self == Kind::Boolean { self.name() } else { self.family().name() }
    }

    /// Whether its values are numbers.
    pub fn is_number(self) -> bool {
        self.family() == Family::Number
    }

    /// Whether a key of this type can be equal to one of the other: whole numbers and floats can, a boolean and a number cannot.
    pub fn same_key(self, other: Kind) -> bool {
        self.key_word() == other.key_word()
    }

    /// What a column of this recorded type (`integer`, `text`, `date`, …) is in memory.
    pub fn of_type(word: &str) -> Self {
        match word {
            "boolean" => Kind::Boolean,
            "integer" => Kind::Integer,
            "text" => Kind::Text,
            "time" | "date" => Kind::Time,
            "vector" => Kind::Vector,
            _ => Kind::Float,
        }
    }

    /// The type that holds the values of both: the same, or of two kinds of numbers the float.
    pub fn common(self, other: Kind) -> Option<Kind> {
        match (self == other, self.is_number() && other.is_number()) {
            (true, _) => Some(self),
            (false, true) => Some(Kind::Float),
            (false, false) => None,
        }
    }
}

impl Family {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Family::Number => "number",
            Family::Text => "text",
            Family::Time => "time",
            Family::Vector => "vector",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
