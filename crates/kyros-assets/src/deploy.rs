//! The files of a deployment: `deploy/`.

mod alloy;
mod grafana;
mod loki;
mod postgres;
mod prometheus;

use kyros_schema::Schema;

use crate::{Error, Output};

/// Writes the configuration of Prometheus, Alloy, Loki, Postgres and Grafana.
pub(crate) fn render(schema: &Schema) -> Result<Vec<Output>, Error> {
    let mut outputs = prometheus::render(schema)?;
    outputs.push(alloy::render(schema));
    outputs.push(loki::render(schema)?);
    outputs.push(postgres::render(schema));
    outputs.extend(grafana::render(schema)?);
    Ok(outputs)
}

/// Where a service of the namespace answers within the cluster.
fn address(schema: &Schema, service: &str, port: u16) -> String {
    format!("{service}.{}.svc:{port}", schema.deploy.namespace)
}

/// A configuration as YAML under a path of `deploy/`.
fn yaml(path: &str, value: &serde_json::Value) -> Result<Output, Error> {
    let text = crate::yaml::document("`schema.toml`", value)?;
    Ok(Output::new(format!("deploy/{path}"), text))
}
