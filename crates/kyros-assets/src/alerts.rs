//! Recording rules, alerts, the proof of each alert, and where alerts go: `alerts/out/`.

mod case;
mod proof;
mod series;

use kyros_schema::{Alert, Problem, Problems, Schema};
use serde_json::Value;

use crate::{Error, Output, jsonnet, yaml};

const RECORDING_GROUP: &str = "kyros-recording";
const ALERT_GROUP: &str = "kyros-alerts";

/// The Jsonnet sources and what each becomes.
const SOURCES: [(&str, &str); 3] = [
    ("alerts/rules.jsonnet", "alerts/out/rules.yaml"),
    ("alerts/alerts.jsonnet", "alerts/out/alerts.yaml"),
    ("alerts/alertmanager.jsonnet", "alerts/out/alertmanager.yml"),
];

/// Writes the rules, a promtool test file for each alert, and Alertmanager's configuration.
pub(crate) fn render(schema: &Schema) -> Result<Vec<Output>, Error> {
    Problems(dead_alerts(schema, &Problems::default())).into_result(())?;
    let rules = SOURCES.iter().map(|(source, path)| evaluated(schema, source, path));
    let tests = schema.alerts.values().map(|alert| tested(schema, alert));
    rules.chain(tests).collect()
}

/// The alerts that could never fire, whatever happens: a problem for each, beside those of which
/// something is known already.
pub fn dead_alerts(schema: &Schema, known: &Problems) -> Vec<Problem> {
    let spoken_of = |alert: &&Alert| {
        let name = format!("alert `{}`", alert.name);
        known.0.iter().any(|problem| problem.message.contains(&name))
    };
    let alerts = schema.alerts.values().filter(|alert| !spoken_of(alert));
    alerts.filter_map(|alert| case::solve(schema, alert).err()).collect()
}

fn evaluated(schema: &Schema, source: &str, path: &str) -> Result<Output, Error> {
    let value = arranged(jsonnet::evaluate(schema, source)?);
    let text = yaml::document(&format!("`{source}` and `schema.toml`"), &value)?;
    Ok(Output::new(path, text))
}

/// The keys that people read first, in the order in which they read them.
const FIRST_KEYS: [&str; 8] =
    ["name", "record", "alert", "receiver", "matchers", "expr", "for", "labels"];

/// Jsonnet sorts keys by name; this sorts them for a reader.
fn arranged(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(arranged).collect(),
        Value::Object(entries) => {
            let mut entries: Vec<_> = entries.into_iter().collect();
            entries.sort_by_key(|(key, _)| rank(key));
            entries.into_iter().map(|(key, value)| (key, arranged(value))).collect()
        }
        scalar => scalar,
    }
}

fn rank(key: &str) -> usize {
    FIRST_KEYS.iter().position(|first| *first == key).unwrap_or(FIRST_KEYS.len())
}

fn tested(schema: &Schema, alert: &Alert) -> Result<Output, Error> {
    let text = yaml::document("`schema.toml`", &proof::tests(schema, alert)?)?;
    Ok(Output::new(format!("alerts/out/tests/{}.yaml", alert.name), text))
}
