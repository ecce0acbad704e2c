//! Loki: logs on Azure Blob storage, kept as long as the schema says.
//!
//! Credentials are those of the managed identity. The names of the storage account and container
//! come from the environment (`-config.expand-env=true`).

use kyros_schema::Schema;
use serde_json::{Value, json};

use super::yaml;
use crate::{Error, Output};

/// First day of the index format; a later change adds an entry and leaves this one.
const SCHEMA_FROM: &str = "2025-01-01";

/// Writes `deploy/loki/loki.yaml`.
pub(super) fn render(schema: &Schema) -> Result<Output, Error> {
    let config = json!({
        "auth_enabled": false,
        "server": { "http_listen_port": 3100 },
        "common": {
            "path_prefix": "/var/loki",
            "replication_factor": 1,
            "ring": { "kvstore": { "store": "inmemory" } },
        },
        "schema_config": { "configs": [index()] },
        "storage_config": storage(),
        "compactor": {
            "working_directory": "/var/loki/compactor",
            "retention_enabled": true,
            "delete_request_store": "azure",
        },
        "limits_config": limits(schema),
        "analytics": { "reporting_enabled": false },
    });
    yaml("loki/loki.yaml", &config)
}

fn index() -> Value {
    json!({
        "from": SCHEMA_FROM,
        "store": "tsdb",
        "object_store": "azure",
        "schema": "v13",
        "index": { "prefix": "index_", "period": "24h" },
    })
}

fn storage() -> Value {
    json!({
        "use_thanos_objstore": true,
        "object_store": {
            "azure": {
                "account_name": "${LOKI_AZURE_ACCOUNT}",
                "container_name": "${LOKI_AZURE_CONTAINER}",
                "user_assigned_id": "${LOKI_AZURE_CLIENT_ID:-}",
            },
        },
        "tsdb_shipper": {
            "active_index_directory": "/var/loki/index",
            "cache_location": "/var/loki/index_cache",
        },
    })
}

/// What is kept, and that nothing but the schema's labels makes a stream.
fn limits(schema: &Schema) -> Value {
    json!({
        "retention_period": format!("{}h", 24 * schema.retention.logs_days),
        "allow_structured_metadata": true,
        "discover_service_name": [],
        "discover_log_levels": false,
        "max_label_names_per_series": schema.shipping.labels.len(),
    })
}
