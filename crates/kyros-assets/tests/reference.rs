//! What people and programs look names up in holds every name of the schema.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "support/tools.rs"]
mod tools;

use std::path::Path;

use kyros_schema::Schema;
use kyros_schema::names::label;
use tools::outputs;

#[test]
fn each_name_of_the_schema_has_a_row_on_its_page() {
    let schema = Schema::embedded();
    check_page("metrics", schema.metrics.keys());
    check_page("metrics", schema.labels.keys());
    check_page("metrics", schema.exporters.keys());
    check_page("metrics", schema.recordings.keys());
    check_page("log-fields", schema.fields.keys());
    check_page("log-fields", schema.events.keys());
    check_page("audit", schema.columns.keys());
    check_page("audit", schema.actions.keys());
    check_page("settings", schema.settings.keys());
    check_page("alerts", schema.alerts.keys());
    check_page("objectives", schema.objectives.keys());
}

fn check_page<'a>(page: &str, names: impl Iterator<Item = &'a String>) {
    let text = output("", &format!("docs/reference/{page}.md"));
    for name in names {
        assert!(text.contains(&format!("\n| `{name}` |")), "no row for `{name}` on page {page}");
    }
}

#[test]
fn a_services_own_rows_are_on_the_pages_too() {
    let overlay = "[metric.reports_exported_total]\nkind = 'counter'\nhelp = 'Reports | exported.'\nlabels = ['tenant_id']\n\
                   [metric.slots_free]\nkind = 'gauge'\nacross = 'min'\nhelp = 'Free slots.'\n\
                   [field.report]\nkind = 'text'\nsensitivity = 'internal'\nhelp = 'The report.'";
    let metrics = output(overlay, "docs/reference/metrics.md");
    assert!(metrics.contains("## The service's own\n"), "{metrics}");
    for row in [
        "| `reports_exported_total` | counter |  |  | `tenant_id` | Reports \\| exported. |",
        "| `slots_free` | gauge |  | min |  | Free slots. |",
    ] {
        assert!(metrics.contains(row), "{metrics}");
    }
    assert!(output(overlay, "docs/reference/log-fields.md").contains("| `report` | text |"));
}

#[test]
fn every_link_of_a_page_leads_to_a_file() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for output in outputs("").iter().filter(|output| output.path.starts_with("docs/")) {
        for link in output.contents.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = repository.join(&output.path).with_file_name(link);
            assert!(target.exists(), "{} links to `{link}`", output.path);
        }
    }
}

#[test]
fn the_rust_names_compile_to_what_the_schema_says() {
    let names = output("", "crates/kyros-schema/src/names.rs");
    let committed = include_str!("../../kyros-schema/src/names.rs");
    assert_eq!(names, committed, "hint: make generate");
}

#[test]
fn the_python_vocabulary_has_a_constant_and_a_type_for_each_name() {
    let text = output("", "python/kyros_obs/_vocabulary.py");
    let schema = Schema::embedded();
    let settings = schema.settings.keys().map(|name| ("SETTING", name));
    let metrics = schema.metrics.keys().map(|name| ("METRIC", name));
    for (prefix, name) in settings.chain(metrics) {
        let constant = format!("\n{prefix}_{}: Final = \"{name}\"\n", name.to_uppercase());
        assert!(text.contains(&constant), "no `{constant}`");
        assert!(text.contains(&format!("\n    \"{name}\",\n")), "`{name}` is in no Literal");
    }
    for value in &schema.labels[label::OUTCOME].values {
        let constant = format!("\nOUTCOME_{}: Final = \"{value}\"\n", value.to_uppercase());
        assert!(text.contains(&constant), "no `{constant}`");
    }
    for known in [
        "\nMethodValue: TypeAlias = Literal[\n    \"GET\",\n",
        "\nPROBE_HEALTHZ: Final = \"/healthz\"\n",
    ] {
        assert!(text.contains(known), "no `{known}`");
    }
}

fn output(overlay: &str, path: &str) -> String {
    let found = outputs(overlay).into_iter().find(|output| output.path == path);
    found.unwrap_or_else(|| panic!("no output `{path}`")).contents
}
