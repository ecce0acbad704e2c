//! Grafana Alloy: container output to Loki, with the schema's stream labels and no others.

use kyros_schema::Schema;
use kyros_schema::names::field;

use super::address;
use crate::Output;

/// Where a stream label that is no field of the line comes from.
const DISCOVERED: [(&str, &str); 3] = [
    (field::SERVICE, "__meta_kubernetes_pod_label_app_kubernetes_io_name"),
    ("namespace", "__meta_kubernetes_namespace"),
    ("container", "__meta_kubernetes_pod_container_name"),
];

/// Writes `deploy/alloy/config.alloy`.
pub(super) fn render(schema: &Schema) -> Output {
    let header = crate::yaml::header("`schema.toml`").replacen('#', "//", 1);
    let parts = [header, discovery(schema), processing(schema), writing(schema)];
    Output::new("deploy/alloy/config.alloy", tabbed(&parts.join("\n\n")))
}

/// Indents by tabs, as `alloy fmt` does.
fn tabbed(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let rest = line.trim_start();
        "\t".repeat((line.len() - rest.len()) / 2) + rest + "\n"
    });
    lines.collect()
}

fn discovery(schema: &Schema) -> String {
    let namespace = &schema.deploy.namespace;
    let rules = DISCOVERED.iter().map(|(label, source)| {
        format!(
            "  rule {{\n    source_labels = [\"{source}\"]\n    target_label  = \"{label}\"\n  }}\n"
        )
    });
    format!(
        "discovery.kubernetes \"pods\" {{
  role = \"pod\"

  namespaces {{
    names = [\"{namespace}\"]
  }}
}}

discovery.relabel \"pods\" {{
  targets = discovery.kubernetes.pods.targets

{}}}

loki.source.kubernetes \"pods\" {{
  targets    = discovery.relabel.pods.output
  forward_to = [loki.process.lines.receiver]
}}",
        rules.collect::<Vec<_>>().join("\n")
    )
}

/// A field of the line wins over what discovery found; a line that is no JSON keeps the latter.
fn processing(schema: &Schema) -> String {
    let shipping = &schema.shipping;
    let fields = shipping.labels.iter().filter(|name| schema.fields.contains_key(*name));
    let labels: Vec<_> = fields.map(String::as_str).collect();
    let metadata: Vec<_> = shipping.structured_metadata.iter().map(String::as_str).collect();
    let read = labels.iter().chain(&metadata).chain(&[field::TS]);
    let kept: Vec<_> = shipping.labels.iter().map(|name| format!("{name:?}")).collect();
    let stages = [
        stage("json", "expressions", &object(read.map(|name| (*name, *name)))),
        timestamp(),
        stage("labels", "values", &object(labels.iter().map(|name| (*name, "")))),
        stage("structured_metadata", "values", &object(metadata.iter().map(|name| (*name, "")))),
        format!(
            "  // Whatever else discovery found is no stream label.\n{}",
            stage("label_keep", "values", &format!("[{}]", kept.join(", ")))
        ),
    ];
    format!(
        "loki.process \"lines\" {{\n  forward_to = [loki.write.loki.receiver]\n\n{}\n}}",
        stages.join("\n\n")
    )
}

/// A stage of one argument.
fn stage(name: &str, argument: &str, value: &str) -> String {
    format!("  stage.{name} {{\n    {argument} = {value}\n  }}")
}

fn timestamp() -> String {
    let source = field::TS;
    format!("  stage.timestamp {{\n    source = {source:?}\n    format = \"RFC3339Nano\"\n  }}")
}

/// An object, its entries aligned as `alloy fmt` does.
fn object<'a>(entries: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let entries: Vec<_> = entries.collect();
    let width = entries.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let lines = entries.iter().map(|(name, value)| format!("      {name:width$} = {value:?},\n"));
    format!("{{\n{}    }}", lines.collect::<String>())
}

fn writing(schema: &Schema) -> String {
    let loki = address(schema, "loki", 3100);
    format!(
        "loki.write \"loki\" {{
  endpoint {{
    url = \"http://{loki}/loki/api/v1/push\"
  }}
}}"
    )
}
