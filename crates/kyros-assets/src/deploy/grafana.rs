//! Grafana: datasources under fixed uids, and the folder of dashboards.
//!
//! Grafana fills `$NAME` from its environment in these files, so a `$` of its own is doubled.

use kyros_schema::Schema;
use kyros_schema::names::field;
use serde_json::{Value, json};

use super::{address, yaml};
use crate::{Error, Output};

const FOLDER: &str = "grafana/provisioning";

/// Writes `deploy/grafana/provisioning/`.
pub(super) fn render(schema: &Schema) -> Result<Vec<Output>, Error> {
    Ok(vec![
        yaml(&format!("{FOLDER}/datasources/kyros.yaml"), &datasources(schema))?,
        yaml(&format!("{FOLDER}/dashboards/kyros.yaml"), &dashboards())?,
    ])
}

fn datasources(schema: &Schema) -> Value {
    json!({
        "apiVersion": 1,
        "prune": true,
        "datasources": [prometheus(schema), loki(schema), postgres(schema)],
    })
}

fn prometheus(schema: &Schema) -> Value {
    json!({
        "name": "Kyros Prometheus",
        "uid": schema.deploy.prometheus_uid,
        "type": "prometheus",
        "access": "proxy",
        "url": format!("http://{}", address(schema, "prometheus", 9090)),
        "isDefault": true,
        "editable": false,
        "jsonData": {
            "httpMethod": "POST",
            "timeInterval": schema.deploy.scrape_interval.to_string(),
            "exemplarTraceIdDestinations": [{
                "name": field::TRACE_ID,
                "url": lines_of_trace(schema),
                "urlDisplayLabel": "Log lines of this trace",
            }],
        },
    })
}

fn loki(schema: &Schema) -> Value {
    json!({
        "name": "Kyros Loki",
        "uid": schema.deploy.loki_uid,
        "type": "loki",
        "access": "proxy",
        "url": format!("http://{}", address(schema, "loki", 3100)),
        "editable": false,
        "jsonData": {
            "derivedFields": [{
                "name": field::TRACE_ID,
                "matcherType": "label",
                "matcherRegex": field::TRACE_ID,
                "url": lines_of_trace(schema),
                "urlDisplayLabel": "All lines of this trace",
            }],
        },
    })
}

/// The audit trail, read as the reporting role.
fn postgres(schema: &Schema) -> Value {
    json!({
        "name": "Kyros audit trail",
        "uid": schema.deploy.postgres_uid,
        "type": "grafana-postgresql-datasource",
        "access": "proxy",
        "url": "$KYROS_AUDIT_HOST",
        "user": "$KYROS_AUDIT_READER",
        "editable": false,
        "jsonData": { "database": "$KYROS_AUDIT_DATABASE", "sslmode": "verify-full" },
        "secureJsonData": { "password": "$KYROS_AUDIT_READER_PASSWORD" },
    })
}

/// A link to Explore with every line of a trace; Grafana fills the value in.
fn lines_of_trace(schema: &Schema) -> String {
    let uid = &schema.deploy.loki_uid;
    let panes = json!({
        "trace": {
            "datasource": uid,
            "queries": [{
                "refId": "A",
                "datasource": { "type": "loki", "uid": uid },
                "expr": format!("{{{}=~\".+\"}} | {}=\"{VALUE}\"", field::SERVICE, field::TRACE_ID),
                "queryType": "range",
            }],
            "range": { "from": "now-24h", "to": "now" },
        },
    });
    let encoded = encode(&panes.to_string()).replace(&encode(VALUE), "$${__value.raw}");
    format!("/explore?schemaVersion=1&orgId=1&panes={encoded}")
}

/// Grafana's variable for the value that was clicked.
const VALUE: &str = "${__value.raw}";

/// Percent-encodes all that is not unreserved in a URL.
fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |encoded, byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            encoded + char::from(byte).encode_utf8(&mut [0; 4])
        }
        _ => encoded + &format!("%{byte:02X}"),
    })
}

fn dashboards() -> Value {
    json!({
        "apiVersion": 1,
        "providers": [{
            "name": "kyros",
            "orgId": 1,
            "folder": "Kyros",
            "folderUid": "kyros",
            "type": "file",
            "disableDeletion": true,
            "allowUiUpdates": false,
            "updateIntervalSeconds": 30,
            "options": { "path": "/var/lib/grafana/dashboards/kyros" },
        }],
    })
}
