//! What an application gave, as the core's values. Nothing here raises, whatever the objects do.

use kyros_core::Value;
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyDict, PyFloat, PyFrozenSet, PyInt, PyList, PySet, PyString,
    PyTuple,
};

/// The deepest nesting that is looked at.
const DEEPEST: usize = 8;
/// The most values that are looked at in one call.
const MOST: usize = 1_000;
/// The longest text that is taken, in characters.
const LONGEST: usize = 16 * 1024;
/// What stands for values beyond these.
const CUT: &str = "[cut]";

/// The entries of a dictionary, each key as text.
pub(crate) fn entries(fields: &Bound<'_, PyDict>) -> Vec<(String, Value)> {
    Reader { left: MOST }.entries(fields, 0)
}

/// An object as text; a stand-in where it can't be printed.
pub(crate) fn printed(object: &Bound<'_, PyAny>) -> String {
    if let Ok(text) = object.str() {
        return cut(&text);
    }
    let kind = object.get_type().qualname();
    let kind =
        kind.map_or_else(|_| "object".to_owned(), |name| name.to_string_lossy().into_owned());
    format!("<{kind} that can't be printed>")
}

/// Reads values until it has had enough.
struct Reader {
    left: usize,
}

impl Reader {
    fn entries(&mut self, fields: &Bound<'_, PyDict>, depth: usize) -> Vec<(String, Value)> {
        let mut read = Vec::new();
        for (key, value) in fields.iter().take(MOST) {
            if self.left == 0 {
                read.push((CUT.to_owned(), Value::Null));
                break;
            }
            read.push((printed(&key), self.value(&value, depth)));
        }
        read
    }

    fn value(&mut self, object: &Bound<'_, PyAny>, depth: usize) -> Value {
        self.left = self.left.saturating_sub(1);
        if let Some(scalar) = scalar(object) {
            return scalar;
        }
        if self.left == 0 || depth >= DEEPEST {
            return Value::Text(CUT.to_owned());
        }
        if let Ok(fields) = object.cast::<PyDict>() {
            return Value::Map(self.entries(fields, depth + 1));
        }
        if is_sequence(object) {
            return self.items(object, depth + 1);
        }
        Value::Text(printed(object))
    }

    fn items(&mut self, sequence: &Bound<'_, PyAny>, depth: usize) -> Value {
        let Ok(items) = sequence.try_iter() else { return Value::Text(printed(sequence)) };
        let mut read = Vec::new();
        for item in items.flatten() {
            if self.left == 0 {
                read.push(Value::Text(CUT.to_owned()));
                break;
            }
            read.push(self.value(&item, depth));
        }
        Value::List(read)
    }
}

fn scalar(object: &Bound<'_, PyAny>) -> Option<Value> {
    if object.is_none() {
        Some(Value::Null)
    } else if let Ok(flag) = object.cast_exact::<PyBool>() {
        Some(Value::Flag(flag.is_true()))
    } else if object.cast_exact::<PyInt>().is_ok() {
        Some(object.extract().map_or_else(|_| Value::Text(printed(object)), Value::Integer))
    } else if let Ok(number) = object.cast_exact::<PyFloat>() {
        Some(Value::Number(number.value()))
    } else if let Ok(text) = object.cast::<PyString>() {
        Some(Value::Text(cut(text)))
    } else {
        size_of_bytes(object).map(|size| Value::Text(format!("<{size} bytes>")))
    }
}

/// Bytes may be a dataset or a body; their number says enough.
fn size_of_bytes(object: &Bound<'_, PyAny>) -> Option<usize> {
    let bytes = object.cast::<PyBytes>().ok().map(|bytes| bytes.as_bytes().len());
    bytes.or_else(|| object.cast::<PyByteArray>().ok().map(PyByteArrayMethods::len))
}

fn is_sequence(object: &Bound<'_, PyAny>) -> bool {
    object.is_instance_of::<PyList>()
        || object.is_instance_of::<PyTuple>()
        || object.is_instance_of::<PySet>()
        || object.is_instance_of::<PyFrozenSet>()
}

/// The text, without lone surrogates, and cut where it is long.
fn cut(text: &Bound<'_, PyString>) -> String {
    let whole = text.to_string_lossy();
    match whole.char_indices().nth(LONGEST) {
        Some((end, _)) => whole[..end].to_owned(),
        None => whole.into_owned(),
    }
}
