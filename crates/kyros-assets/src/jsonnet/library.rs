//! The schema as `schema.libsonnet`: for each table an object, for each row its facts by name.
//!
//! Durations and decimals are texts, so that a rule prints them as the schema writes them.

use indexmap::IndexMap;
use kyros_schema::{
    Action, Alert, Column, Decimal, Event, ExporterMetric, Field, Label, Metric, Objective, Probe,
    Recording, Schema,
};
use serde_json::{Value, json};

/// The schema as a value.
pub(super) fn of(schema: &Schema) -> Value {
    json!({
        "labels": table(&schema.labels, label),
        "metrics": table(&schema.metrics, metric),
        "exporters": table(&schema.exporters, exporter),
        "fields": table(&schema.fields, field),
        "columns": table(&schema.columns, column),
        "actions": table(&schema.actions, action),
        "events": table(&schema.events, event),
        "objectives": table(&schema.objectives, objective),
        "probes": table(&schema.probes, probe),
        "recordings": table(&schema.recordings, recording),
        "alerts": table(&schema.alerts, alert),
        "retention": {
            "logs_days": schema.retention.logs_days,
            "audit_days": schema.retention.audit_days,
        },
        "shipping": {
            "labels": schema.shipping.labels,
            "structured_metadata": schema.shipping.structured_metadata,
        },
        "deploy": deploy(schema),
    })
}

fn table<T>(rows: &IndexMap<String, T>, facts: fn(&T) -> Value) -> Value {
    rows.iter().map(|(name, row)| (name.clone(), facts(row))).collect()
}

fn label(row: &Label) -> Value {
    json!({ "name": row.name, "help": row.help, "bound": row.bound, "values": row.values })
}

fn metric(row: &Metric) -> Value {
    json!({
        "name": row.name,
        "kind": row.kind.as_str(),
        "unit": row.unit.as_str(),
        "help": row.help,
        "labels": row.labels,
        "buckets": row.buckets.iter().map(Decimal::as_str).collect::<Vec<_>>(),
        "group": row.group,
    })
}

fn exporter(row: &ExporterMetric) -> Value {
    json!({
        "name": row.name,
        "from": row.from,
        "kind": row.kind.as_str(),
        "help": row.help,
        "labels": row.labels,
    })
}

fn field(row: &Field) -> Value {
    json!({ "name": row.name, "kind": row.kind.as_str(), "unit": row.unit, "help": row.help })
}

fn column(row: &Column) -> Value {
    json!({ "name": row.name, "sql": row.sql, "help": row.help })
}

fn action(row: &Action) -> Value {
    json!({ "name": row.name, "class": row.class.as_str(), "admin": row.admin, "help": row.help })
}

fn event(row: &Event) -> Value {
    json!({ "name": row.name, "level": row.level.as_str(), "help": row.help })
}

fn objective(row: &Objective) -> Value {
    json!({
        "name": row.name,
        "kind": row.kind.as_str(),
        "help": row.help,
        "target": row.target.as_str(),
        "window": row.window.to_string(),
        "metric": row.metric,
        "threshold": row.threshold.as_ref().map(Decimal::as_str),
        "methods": row.methods,
        "endpoints": row.endpoints,
    })
}

fn probe(row: &Probe) -> Value {
    json!({ "name": row.name, "path": row.path, "help": row.help })
}

fn recording(row: &Recording) -> Value {
    json!({
        "name": row.name,
        "unit": row.unit.as_str(),
        "help": row.help,
        "labels": row.labels,
    })
}

fn alert(row: &Alert) -> Value {
    json!({
        "name": row.name,
        "severity": row.severity.as_str(),
        "threshold": row.threshold.as_str(),
        "window": row.window.to_string(),
        "hold": row.hold.to_string(),
        "metric": row.metric,
        "runbook": row.runbook,
        "dashboard": row.dashboard,
        "summary": row.summary,
        "description": row.description,
    })
}

fn deploy(schema: &Schema) -> Value {
    let deploy = &schema.deploy;
    json!({
        "namespace": deploy.namespace,
        "runbooks": deploy.runbooks,
        "prometheus_uid": deploy.prometheus_uid,
        "loki_uid": deploy.loki_uid,
        "postgres_uid": deploy.postgres_uid,
        "grafana_url": deploy.grafana_url,
        "team_webhook": deploy.team_webhook,
        "scrape_interval": deploy.scrape_interval.to_string(),
    })
}
