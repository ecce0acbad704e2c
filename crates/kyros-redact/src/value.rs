//! What an application gives: fields of a log line, data of an audit event.

/// A value of unknown content.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Nothing.
    #[default]
    Null,
    /// True or false.
    Flag(bool),
    /// A whole number.
    Integer(i64),
    /// A number; infinities and NaN are written as null.
    Number(f64),
    /// A text.
    Text(String),
    /// Values in order.
    List(Vec<Value>),
    /// Values by name, in order; a name that comes twice is written twice.
    Map(Vec<(String, Value)>),
}
