//! Prometheus: what is scraped, which rules are read, and where alerts go.
//!
//! Addresses are in files under `deploy/prometheus/targets/`, which Prometheus reads again when
//! they change; a deployment adds files of its own beside the generated ones.

use kyros_schema::Schema;
use kyros_schema::names::{label, probe};
use serde_json::{Value, json};

use super::{address, yaml};
use crate::{Error, Output};

/// The platform's services and the port on which each answers `/metrics`.
const SERVICES: [(&str, u16); 3] =
    [("kyros-api", 8000), ("dash-app-clv", 8050), ("dash-app-risk", 8050)];

/// What else is scraped: directory of the targets, service and port.
const EXPORTERS: [(&str, &str, u16); 7] = [
    ("postgres", "postgres-exporter", 9187),
    ("ingress", "ingress-nginx-controller-metrics", 10254),
    ("kube-state-metrics", "kube-state-metrics", 8080),
    ("cadvisor", "cadvisor", 8080),
    ("node", "node-exporter", 9100),
    ("alertmanager", "alertmanager", 9093),
    ("loki", "loki", 3100),
];

/// Writes `deploy/prometheus/prometheus.yml` and the files of targets it reads.
pub(super) fn render(schema: &Schema) -> Result<Vec<Output>, Error> {
    let mut outputs = vec![yaml("prometheus/prometheus.yml", &config(schema))?];
    for (directory, groups) in targets(schema) {
        outputs.push(yaml(&format!("prometheus/targets/{directory}/platform.yml"), &groups)?);
    }
    Ok(outputs)
}

fn config(schema: &Schema) -> Value {
    let interval = schema.deploy.scrape_interval.to_string();
    let mut jobs = vec![services(), probes(schema)];
    jobs.extend(EXPORTERS.iter().map(|(job, ..)| exporter(job)));
    json!({
        "global": { "scrape_interval": interval, "evaluation_interval": interval },
        "rule_files": ["../../alerts/out/rules.yaml", "../../alerts/out/alerts.yaml"],
        "alerting": {
            "alertmanagers": [{ "file_sd_configs": [target_files("alertmanager")] }],
        },
        "scrape_configs": jobs,
    })
}

/// The services: the label `service` of a sample stands, that of the target fills in where it lacks.
fn services() -> Value {
    json!({
        "job_name": "services",
        "honor_labels": true,
        "metrics_path": probe::METRICS,
        "file_sd_configs": [target_files("services")],
    })
}

/// The health probes of the objective on availability, through the blackbox exporter.
fn probes(schema: &Schema) -> Value {
    json!({
        "job_name": "probes",
        "metrics_path": "/probe",
        "params": { "module": ["http_2xx"] },
        "file_sd_configs": [target_files("probes")],
        "relabel_configs": [
            { "source_labels": ["__address__"], "target_label": "__param_target" },
            { "source_labels": ["__param_target"], "target_label": "instance" },
            { "target_label": "__address__", "replacement": address(schema, "blackbox-exporter", 9115) },
        ],
    })
}

fn exporter(job: &str) -> Value {
    json!({ "job_name": job, "file_sd_configs": [target_files(job)] })
}

fn target_files(directory: &str) -> Value {
    json!({ "files": [format!("targets/{directory}/*.yml")] })
}

/// The generated targets, by directory.
fn targets(schema: &Schema) -> Vec<(&'static str, Value)> {
    let of_service = |service: &str, target: String| {
        let mut labels = json!({});
        labels[label::SERVICE] = service.into();
        json!({ "targets": [target], "labels": labels })
    };
    let services = SERVICES.map(|(name, port)| of_service(name, address(schema, name, port)));
    let probes = SERVICES.map(|(name, port)| {
        of_service(name, format!("http://{}{}", address(schema, name, port), probe::HEALTHZ))
    });
    let exporters = EXPORTERS.map(|(directory, name, port)| {
        (directory, json!([{ "targets": [address(schema, name, port)] }]))
    });
    [("services", json!(services)), ("probes", json!(probes))]
        .into_iter()
        .chain(exporters)
        .collect()
}
