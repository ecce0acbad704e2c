//! Grafana dashboards: `dashboards/out/`, one for each source in `dashboards/`.

use kyros_schema::Schema;
use serde_json::Value;

use crate::{Error, Output, jsonnet};

/// Evaluates every `dashboards/*.jsonnet`.
pub(crate) fn render(schema: &Schema) -> Result<Vec<Output>, Error> {
    sources().map(|source| dashboard(schema, source)).collect()
}

/// The sources that are dashboards, and not parts of them.
fn sources() -> impl Iterator<Item = &'static str> {
    jsonnet::names().filter(|name| name.starts_with("dashboards/") && name.ends_with(".jsonnet"))
}

fn dashboard(schema: &Schema, source: &str) -> Result<Output, Error> {
    let mut value = jsonnet::evaluate(schema, source)?;
    note_origin(&mut value, source);
    let path = source.replacen("dashboards/", "dashboards/out/", 1).replace(".jsonnet", ".json");
    Ok(Output::new(path, format!("{value:#}\n")))
}

/// JSON has no comments, so a dashboard's description says where the file comes from.
fn note_origin(dashboard: &mut Value, source: &str) {
    let about = dashboard["description"].as_str().unwrap_or_default();
    let note = crate::yaml::note(&format!("`{source}` and `schema.toml`"));
    dashboard["description"] = format!("{about} {note}").trim().into();
}
