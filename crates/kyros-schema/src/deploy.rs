//! Retention, log shipping and the facts of a deployment.

use crate::duration::Duration;
use crate::problem::Place;
use crate::row::Row;

/// How long telemetry is kept.
#[derive(Clone, Debug)]
pub struct Retention {
    /// Days of logs in Loki.
    pub logs_days: u32,
    /// Days of audit rows; the least is 365.
    pub audit_days: u32,
    pub(crate) place: Place,
}

/// What a shipper makes of a log line.
#[derive(Clone, Debug)]
pub struct Shipping {
    /// The stream labels in Loki.
    pub labels: Vec<String>,
    /// The fields kept as structured metadata.
    pub structured_metadata: Vec<String>,
    pub(crate) place: Place,
}

/// Names and addresses of the deployment that generated files speak of.
#[derive(Clone, Debug)]
pub struct Deploy {
    /// The Kubernetes namespace.
    pub namespace: String,
    /// Base of every runbook link: a URL or a path.
    pub runbooks: String,
    /// Grafana's uid of the Prometheus datasource.
    pub prometheus_uid: String,
    /// Grafana's uid of the Loki datasource.
    pub loki_uid: String,
    /// Grafana's uid of the Postgres datasource.
    pub postgres_uid: String,
    /// Where Grafana answers.
    pub grafana_url: String,
    /// Where Alertmanager posts for the team channel.
    pub team_webhook: String,
    /// Time between two scrapes.
    pub scrape_interval: Duration,
}

impl Retention {
    pub(crate) fn read(row: &mut Row<'_>) -> Self {
        Self {
            place: row.place.clone(),
            logs_days: row.number("logs_days").unwrap_or(1),
            audit_days: row.number("audit_days").unwrap_or(365),
        }
    }
}

impl Shipping {
    pub(crate) fn read(row: &mut Row<'_>) -> Self {
        Self {
            place: row.place.clone(),
            labels: row.texts("labels"),
            structured_metadata: row.texts("structured_metadata"),
        }
    }
}

impl Deploy {
    pub(crate) fn read(row: &mut Row<'_>) -> Self {
        Self {
            namespace: row.text("namespace"),
            runbooks: row.text("runbooks"),
            prometheus_uid: row.text("prometheus_uid"),
            loki_uid: row.text("loki_uid"),
            postgres_uid: row.text("postgres_uid"),
            grafana_url: row.text("grafana_url"),
            team_webhook: row.text("team_webhook"),
            scrape_interval: row.duration("scrape_interval"),
        }
    }
}
