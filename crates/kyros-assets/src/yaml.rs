//! YAML with a header that says what it was made from.

use serde::Serialize;

use crate::Error;

/// A document under a header that names its source.
pub(crate) fn document(source: &str, value: &impl Serialize) -> Result<String, Error> {
    let unfolded = serde_saphyr::ser_options! { folded_wrap_chars: 4096 };
    let body = serde_saphyr::to_string_with_options(value, unfolded).map_err(|error| {
        Error::Yaml { source_name: source.to_owned(), reason: error.to_string() }
    })?;
    Ok(format!("{}\n{}\n", header(source), body.trim_end()))
}

/// The comment at the head of a generated file.
pub(crate) fn header(source: &str) -> String {
    format!("# {}", note(source))
}

/// What every generated file says of itself.
pub(crate) fn note(source: &str) -> String {
    format!("Generated from {source} {MARK}")
}

/// The words by which a generated file is known.
pub(crate) const MARK: &str = "by `make generate`; do not edit.";
