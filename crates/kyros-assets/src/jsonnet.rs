//! Jsonnet sources and their evaluation.
//!
//! The sources are embedded. `import` looks beside the importing file, then in `dashboards/lib`;
//! `schema.libsonnet` is the schema itself, so a name that the schema lacks is an evaluation error
//! at its line.

mod engine;
mod fault;
mod library;

use std::borrow::Cow;

use kyros_schema::Schema;
use serde_json::Value;

use crate::Error;
use engine::{Engine, Rsjsonnet};

/// The embedded sources: path in the repository, and text.
const SOURCES: &[(&str, &str)] = &include!(concat!(env!("OUT_DIR"), "/sources.rs"));

/// Where `import` looks for what doesn't lie beside the importing file.
const LIBRARY: &str = "dashboards/lib";

/// The name under which sources import the schema.
const SCHEMA: &str = "schema.libsonnet";

/// Evaluates an embedded source.
pub(crate) fn evaluate(schema: &Schema, path: &str) -> Result<Value, Error> {
    let text = embedded(path).ok_or_else(|| Error::Jsonnet {
        place: path.to_owned(),
        message: "no such source is embedded".to_owned(),
        callers: Vec::new(),
    })?;
    evaluate_source(schema, path, text)
}

/// Evaluates `text` as if it were the source at `path`, such as `dashboards/mine.jsonnet`. It may
/// import `schema.libsonnet` and whatever the embedded sources import.
///
/// ```
/// use kyros_schema::Schema;
///
/// let text = "(import 'schema.libsonnet').metrics.http_request_total.name";
/// let error = kyros_assets::evaluate_source(Schema::embedded(), "dashboards/mine.jsonnet", text);
/// assert!(error.unwrap_err().to_string().starts_with("dashboards/mine.jsonnet:1: "));
/// ```
pub fn evaluate_source(schema: &Schema, path: &str, text: &str) -> Result<Value, Error> {
    let library = library::of(schema).to_string();
    let import = |from: &str, path: &str| resolve(&library, from, path);
    Rsjsonnet.evaluate(Source { path: path.to_owned(), text: text.into() }, &import)
}

/// The paths of the embedded sources.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    SOURCES.iter().map(|(path, _)| *path)
}

/// A source that an engine evaluates.
struct Source<'a> {
    path: String,
    text: Cow<'a, str>,
}

/// Finds what the source at `from` imports as `path`.
fn resolve<'a>(library: &'a str, from: &str, path: &str) -> Option<Source<'a>> {
    if path == SCHEMA {
        return Some(Source { path: SCHEMA.to_owned(), text: library.into() });
    }
    let (folder, _) = from.rsplit_once('/').unwrap_or_default();
    [folder, LIBRARY].iter().find_map(|folder| {
        let path = format!("{folder}/{path}");
        embedded(&path).map(|text| Source { path, text: text.into() })
    })
}

fn embedded(path: &str) -> Option<&'static str> {
    SOURCES.iter().find(|(known, _)| *known == path).map(|(_, text)| *text)
}
