//! Log fields, in the order they are written.

use crate::row::{Row, word_of};

/// A field of a log line.
#[derive(Clone, Debug)]
pub struct Field {
    /// The field's name.
    pub name: String,
    /// The type of its values.
    pub kind: FieldKind,
    /// The unit of its values, empty for none.
    pub unit: String,
    /// How much harm its value does in the wrong hands.
    pub sensitivity: Sensitivity,
    /// Whether every line has it.
    pub required: bool,
    /// The parameter of a route that it is read from.
    pub parameter: Option<String>,
    /// What it says.
    pub help: String,
}

/// Types of field values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldKind {
    /// RFC 3339 in UTC.
    Timestamp,
    /// debug, info, warn, error or critical.
    Level,
    /// A text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// `true` or `false`.
    Flag,
    /// An object.
    Object,
}

/// How much harm a value does in the wrong hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sensitivity {
    /// None.
    Public,
    /// Some: tells about a tenant or the inside of a service.
    Internal,
    /// It names a person.
    Personal,
    /// It opens a door; never written.
    Secret,
}

const KINDS: [(&str, FieldKind); 7] = [
    ("timestamp", FieldKind::Timestamp),
    ("level", FieldKind::Level),
    ("text", FieldKind::Text),
    ("integer", FieldKind::Integer),
    ("number", FieldKind::Number),
    ("flag", FieldKind::Flag),
    ("object", FieldKind::Object),
];

const SENSITIVITIES: [(&str, Sensitivity); 4] = [
    ("public", Sensitivity::Public),
    ("internal", Sensitivity::Internal),
    ("personal", Sensitivity::Personal),
    ("secret", Sensitivity::Secret),
];

impl Field {
    pub(crate) fn read(row: &mut Row<'_>) -> Self {
        Self {
            name: row.name.to_owned(),
            kind: row.choice("kind", &KINDS).unwrap_or(FieldKind::Text),
            unit: row.optional_text("unit").unwrap_or_default(),
            sensitivity: row.choice("sensitivity", &SENSITIVITIES).unwrap_or(Sensitivity::Secret),
            required: row.flag("required"),
            parameter: row.optional_text("parameter"),
            help: row.text("help"),
        }
    }
}

impl FieldKind {
    /// The kind's word in the schema.
    pub fn as_str(self) -> &'static str {
        word_of(self, &KINDS)
    }
}

impl Sensitivity {
    /// The word in the schema.
    pub fn as_str(self) -> &'static str {
        word_of(self, &SENSITIVITIES)
    }
}
