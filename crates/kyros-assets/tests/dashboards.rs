//! Every dashboard can be found, read and understood.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/boards.rs"]
mod boards;

use std::collections::BTreeSet;
use std::path::Path;

use boards::{boards, items, links, queries, text, variables};
use kyros_schema::Schema;
use kyros_schema::names::label;
use serde_json::Value;

#[test]
fn the_four_of_the_specification_are_there() {
    let titles: Vec<_> = boards().iter().map(boards::Board::title).collect();
    for expected in ["Dash Apps Health", "Platform & DB", "SaaS Overview", "Tenant Drill-Down"] {
        assert!(titles.iter().any(|title| title == expected), "{expected}: {titles:?}");
    }
}

#[test]
fn every_source_becomes_a_dashboard() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dashboards");
    let sources: BTreeSet<_> = std::fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| {
            entry
                .unwrap()
                .file_name()
                .into_string()
                .unwrap()
                .strip_suffix(".jsonnet")
                .map(str::to_owned)
        })
        .collect();
    assert_eq!(sources, boards().into_iter().map(|board| board.slug).collect());
}

#[test]
fn each_has_a_stable_identity_and_the_current_format() {
    for board in boards() {
        let json = &board.json;
        assert_eq!(json["uid"], format!("kyros-{}", board.slug));
        assert_eq!(json["schemaVersion"], 42, "{}", board.slug);
        assert_eq!(json["editable"], false, "{}", board.slug);
        assert_eq!(json["tags"][0], "kyros", "{}", board.slug);
        assert!(text(&json["description"]).contains('?'), "{}: opened for what?", board.slug);
    }
}

#[test]
fn each_leads_to_the_others() {
    for board in boards() {
        let link = &board.json["links"][0];
        assert_eq!((&link["type"], &link["tags"][0]), (&"dashboards".into(), &"kyros".into()));
        assert_eq!((&link["keepTime"], &link["includeVars"]), (&true.into(), &true.into()));
    }
}

#[test]
fn every_panel_says_what_question_it_answers() {
    for board in boards() {
        for panel in board.panels() {
            let place = board.place(panel);
            let question = text(&panel["description"]);
            assert!(question.contains('?'), "{place}: {question}");
            assert!(!text(&panel["title"]).is_empty(), "{place}");
        }
    }
}

#[test]
fn every_panel_has_a_unit_a_datasource_and_queries() {
    for board in boards() {
        for panel in board.panels() {
            let place = board.place(panel);
            assert!(
                !text(&panel["fieldConfig"]["defaults"]["unit"]).is_empty(),
                "{place}: no unit"
            );
            assert!(text(&panel["datasource"]["uid"]).starts_with("${"), "{place}: no variable");
            assert!(!queries(panel).is_empty(), "{place}: no query");
            let letters: BTreeSet<_> =
                items(&panel["targets"]).map(|target| text(&target["refId"])).collect();
            assert_eq!(letters.len(), queries(panel).len(), "{place}: a letter twice");
        }
    }
}

#[test]
fn a_metric_is_shown_in_its_unit() {
    for board in boards() {
        for panel in board.panels().filter(|panel| panel["type"] != "table") {
            let unit = text(&panel["fieldConfig"]["defaults"]["unit"]);
            for (_, query) in queries(panel) {
                let place = format!("{}: {query}", board.place(panel));
                let quantile = query.contains("histogram_quantile(") || query.contains(":p95");
                assert_eq!(
                    quantile || query.contains("_seconds_sum{"),
                    unit == "s" && !query.contains("time()") && !query.contains("oldest"),
                    "{place}"
                );
                assert_eq!(query.contains("_bytes_sum{"), unit == "Bps", "{place}");
            }
        }
    }
}

#[test]
fn panels_lie_beside_and_below_one_another() {
    for board in boards() {
        let places: Vec<_> =
            items(&board.json["panels"]).map(|panel| grid(&panel["gridPos"])).collect();
        for (index, a) in places.iter().enumerate() {
            assert!(a[0] + a[2] <= 24 && a[2] > 0 && a[3] > 0, "{}: {a:?}", board.slug);
            for b in &places[index + 1..] {
                assert!(apart(*a, *b), "{}: {a:?} and {b:?} overlap", board.slug);
            }
        }
        let ids: BTreeSet<_> =
            items(&board.json["panels"]).map(|panel| panel["id"].as_u64().unwrap()).collect();
        assert_eq!(ids.len(), places.len(), "{}: an id twice", board.slug);
    }
}

fn grid(place: &Value) -> [u64; 4] {
    ["x", "y", "w", "h"].map(|key| place[key].as_u64().unwrap())
}

fn apart([ax, ay, aw, ah]: [u64; 4], [bx, by, bw, bh]: [u64; 4]) -> bool {
    ax + aw <= bx || bx + bw <= ax || ay + ah <= by || by + bh <= ay
}

#[test]
fn variables_choose_among_the_values_of_a_label() {
    for board in boards() {
        for variable in
            items(&board.json["templating"]["list"]).filter(|one| one["type"] == "query")
        {
            let (name, query) = (text(&variable["name"]), text(&variable["definition"]));
            assert!(query.ends_with(&format!(", {name})")), "{}: {query}", board.slug);
            assert_eq!(query, text(&variable["query"]["query"]));
            let one_tenant = board.slug == "tenant-drill-down" && name == "tenant_id";
            assert_eq!(variable["multi"], !one_tenant, "{}: {name}", board.slug);
            assert_eq!(variable["includeAll"], !one_tenant, "{}: {name}", board.slug);
            assert_eq!(variable["allValue"].is_string(), !one_tenant, "{}: {name}", board.slug);
        }
    }
}

/// Variables that Grafana fills in, and its macro for SQL.
const BUILT_IN: [&str; 6] =
    ["__rate_interval", "__range", "__from", "__to", "__url_time_range", "__timeFilter"];

#[test]
fn every_variable_that_is_used_is_there_and_every_one_that_is_there_is_used() {
    for board in boards() {
        let known = board.variables();
        let mut unused: BTreeSet<_> = known.iter().cloned().collect();
        for panel in board.panels() {
            let texts = queries(panel).into_iter().map(|(_, text)| text).chain(links(panel));
            let sources = items(&panel["targets"]).map(|target| text(&target["datasource"]["uid"]));
            for name in texts.chain(sources).flat_map(|text| variables(&text)) {
                let built_in = BUILT_IN.contains(&&*name)
                    || name.starts_with("__field.labels.")
                    || name.starts_with("__data.fields.");
                assert!(
                    built_in || known.contains(&name),
                    "{}: no variable `{name}`",
                    board.place(panel)
                );
                unused.remove(&name);
            }
        }
        assert_eq!(unused, BTreeSet::new(), "{}", board.slug);
    }
}

#[test]
fn each_can_be_narrowed_to_services_and_tenants() {
    for board in boards() {
        for name in [label::SERVICE, label::TENANT_ID] {
            let known = board.variables();
            assert!(known.iter().any(|variable| variable == name), "{}: {name}", board.slug);
        }
    }
}

#[test]
fn every_panel_over_our_own_series_is_narrowed() {
    for board in boards() {
        for panel in board.panels() {
            for (_, query) in queries(panel).into_iter().filter(|(kind, _)| kind == "prometheus") {
                let Some(labels) = own_labels(&query) else { continue };
                let place = format!("{}: {query}", board.place(panel));
                assert!(query.contains("service=~\"$service\""), "{place}");
                let of_tenants = labels.iter().any(|name| name == label::TENANT_ID);
                let narrowed = query.contains("tenant_id=~\"$tenant_id\"");
                let question = text(&panel["description"]);
                let says_why_not = question.contains("ver all tenants");
                assert_eq!(of_tenants && !says_why_not, narrowed, "{place}: {question}");
            }
        }
    }
}

/// The labels of the first series of ours in a query; nothing where it is another exporter's.
fn own_labels(query: &str) -> Option<&'static [String]> {
    let schema = Schema::embedded();
    let metrics = schema.metrics.values().map(|row| (&row.name, &row.labels));
    let recordings = schema.recordings.values().map(|row| (&row.name, &row.labels));
    let mut rows = metrics.chain(recordings).filter(|(name, _)| query.contains(name.as_str()));
    rows.next().map(|(_, labels)| labels.as_slice())
}

#[test]
fn a_promise_is_judged_over_its_own_window() {
    let overlay = "[objective.public_get]\nwindow = '7d'\n[objective.availability]\nwindow = '90d'";
    let schema = Schema::with_overlay("kyros-obs.toml", overlay).unwrap();
    let boards = boards::boards_of(&schema);
    let overview = boards.iter().find(|board| board.slug == "saas-overview").unwrap();
    for objective in schema.objectives.values() {
        let mut panels =
            overview.panels().filter(|panel| text(&panel["description"]).contains(&objective.help));
        let panel = panels.next().unwrap();
        let (_, query) = queries(panel).remove(0);
        assert!(query.contains(&format!("[{}]", objective.window)), "{}: {query}", objective.name);
        assert_eq!(panel["targets"][0]["instant"], true, "{}", objective.name);
    }
}
