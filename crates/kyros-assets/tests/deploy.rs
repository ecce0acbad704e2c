//! The files of a deployment say what the schema says, and the vendors' tools accept them.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "support/tools.rs"]
mod tools;

use std::collections::BTreeSet;

use kyros_schema::Schema;
use kyros_schema::names::{field, label};
use serde_json::Value;
use tools::{generated, outputs, run};

#[test]
fn promtool_accepts_prometheus_with_its_rules_and_targets() {
    let root = generated("prometheus", "");
    let verdict = run("promtool", &["check", "config", "deploy/prometheus/prometheus.yml"], &root);
    assert!(verdict.content, "{}", verdict.said);
    assert!(verdict.said.contains("2 rule files found"), "{}", verdict.said);
}

#[test]
fn every_directory_of_targets_is_read_by_a_job_and_holds_targets() {
    let config = yaml("", "deploy/prometheus/prometheus.yml");
    let jobs = config["scrape_configs"].as_array().unwrap();
    let read: BTreeSet<_> =
        jobs.iter().map(|job| text(&job["file_sd_configs"][0]["files"][0])).collect();
    let generated: BTreeSet<_> = outputs("")
        .iter()
        .filter_map(|output| {
            output.path.strip_prefix("deploy/prometheus/")?.strip_suffix("platform.yml")
        })
        .map(|directory| format!("{directory}*.yml"))
        .collect();
    assert_eq!(read, generated);
}

#[test]
fn a_sample_keeps_the_service_it_names() {
    let config = yaml("", "deploy/prometheus/prometheus.yml");
    let services = &config["scrape_configs"][0];
    assert_eq!(services["job_name"], "services");
    assert_eq!(services["honor_labels"], true);
    let targets = yaml("", "deploy/prometheus/targets/services/platform.yml");
    assert!(
        targets.as_array().unwrap().iter().all(|group| group["labels"][label::SERVICE].is_string())
    );
}

#[test]
fn loki_keeps_what_the_schema_says_on_blob_storage_by_managed_identity() {
    let days = Schema::embedded().retention.logs_days;
    check_retention("", &format!("{}h", 24 * days));
    check_retention("[retention]\nlogs_days = 7", "168h");
    let config = yaml("", "deploy/loki/loki.yaml");
    assert_eq!(config["compactor"]["retention_enabled"], true);
    assert_eq!(config["compactor"]["delete_request_store"], "azure");
    assert_eq!(config["storage_config"]["use_thanos_objstore"], true);
    let azure = config["storage_config"]["object_store"]["azure"].as_object().unwrap();
    assert!(!azure.contains_key("account_key") && !azure.contains_key("connection_string"));
}

fn check_retention(overlay: &str, period: &str) {
    let config = yaml(overlay, "deploy/loki/loki.yaml");
    assert_eq!(config["limits_config"]["retention_period"], period);
}

#[test]
fn alloy_makes_stream_labels_of_the_four_and_no_others() {
    let config = output("", "deploy/alloy/config.alloy");
    let shipping = &Schema::embedded().shipping;
    let kept: Vec<_> = shipping.labels.iter().map(|name| format!("{name:?}")).collect();
    assert!(stage(&config, "label_keep").contains(&format!("values = [{}]", kept.join(", "))));
    let labels = assigned(stage(&config, "labels"));
    assert!(labels.iter().all(|name| shipping.labels.contains(name)), "{labels:?}");
    assert_eq!(assigned(stage(&config, "structured_metadata")), shipping.structured_metadata);
    let last = config.rfind("stage.").unwrap();
    assert!(config[last..].starts_with("stage.label_keep"), "a later stage could add a label");
}

#[test]
fn alloy_reads_every_field_it_makes_something_of() {
    let config = output("", "deploy/alloy/config.alloy");
    let read = assigned(stage(&config, "json"));
    let used =
        [assigned(stage(&config, "labels")), assigned(stage(&config, "structured_metadata"))];
    for name in used.concat().iter().map(String::as_str).chain([field::TS]) {
        assert!(read.iter().any(|field| field == name), "`{name}` is not read from the line");
        assert!(Schema::embedded().fields.contains_key(name), "`{name}` is no log field");
    }
}

#[test]
fn the_links_of_grafana_lead_to_the_lines_of_the_trace() {
    let sources = yaml("", "deploy/grafana/provisioning/datasources/kyros.yaml");
    let sources = sources["datasources"].as_array().unwrap();
    let exemplar = &sources[0]["jsonData"]["exemplarTraceIdDestinations"][0];
    let derived = &sources[1]["jsonData"]["derivedFields"][0];
    assert_eq!(derived["matcherType"], "label");
    assert_eq!(derived["matcherRegex"], field::TRACE_ID);
    assert_eq!(exemplar["name"], field::TRACE_ID);
    for link in [exemplar, derived] {
        let pane = &pane(&text(&link["url"]), "4bf92f35")["trace"];
        assert_eq!(pane["datasource"], sources[1]["uid"]);
        assert_eq!(pane["queries"][0]["expr"], r#"{service=~".+"} | trace_id="4bf92f35""#);
    }
}

#[test]
fn grafana_finds_the_datasources_under_the_uids_of_the_schema() {
    let sources = yaml("", "deploy/grafana/provisioning/datasources/kyros.yaml");
    let uids: Vec<_> = sources["datasources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|source| text(&source["uid"]))
        .collect();
    let deploy = &Schema::embedded().deploy;
    assert_eq!(uids, [&*deploy.prometheus_uid, &*deploy.loki_uid, &*deploy.postgres_uid]);
}

/// The JSON in a link to Explore, read as Grafana reads it: `$$` is `$`, the variable is filled in,
/// and the rest is percent-decoded.
fn pane(link: &str, value: &str) -> Value {
    let (_, panes) = link.split_once("panes=").unwrap();
    let filled = panes.replace("$$", "$").replace("${__value.raw}", value);
    serde_json::from_str(&decoded(&filled)).unwrap_or_else(|error| panic!("{error}: {filled}"))
}

fn decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let start = parts.next().unwrap_or_default().to_owned();
    parts.fold(start, |decoded, part| {
        let byte = u8::from_str_radix(&part[..2], 16).unwrap();
        assert!(byte.is_ascii());
        decoded + &char::from(byte).to_string() + &part[2..]
    })
}

/// The text of a stage, up to its closing brace.
fn stage<'a>(config: &'a str, name: &str) -> &'a str {
    let start = config.find(&format!("stage.{name} {{")).unwrap_or_else(|| panic!("no `{name}`"));
    config[start..].split("\n\t}").next().unwrap()
}

/// The names assigned in an object two levels deep.
fn assigned(stage: &str) -> Vec<String> {
    let lines = stage.lines().filter(|line| line.starts_with("\t\t\t"));
    lines.filter_map(|line| Some(line.split_once('=')?.0.trim().to_owned())).collect()
}

fn yaml(overlay: &str, path: &str) -> Value {
    serde_saphyr::from_str(&output(overlay, path)).unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn output(overlay: &str, path: &str) -> String {
    let found = outputs(overlay).into_iter().find(|output| output.path == path);
    found.unwrap_or_else(|| panic!("no output `{path}`")).contents
}
