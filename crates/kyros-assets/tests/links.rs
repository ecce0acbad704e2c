//! Every link of a dashboard leads somewhere, and every red series to its log lines.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "support/boards.rs"]
mod boards;

use boards::{Board, Link, boards, items, links, queries, text};
use serde_json::Value;

const EXPLORE: &str = "/explore?schemaVersion=1&orgId=1&panes=";

#[test]
fn every_red_panel_leads_to_log_lines() {
    let mut red = 0;
    for board in boards() {
        for panel in board.panels().filter(|panel| is_red(panel) || shows_failures(panel)) {
            assert!(links(panel).any(|url| url.starts_with(EXPLORE)), "{}", board.place(panel));
            red += 1;
        }
    }
    assert!(red > 25, "{red}");
}

/// Whether a panel turns red, or is.
fn is_red(panel: &Value) -> bool {
    let defaults = &panel["fieldConfig"]["defaults"];
    let steps = items(&defaults["thresholds"]["steps"]);
    defaults["color"]["fixedColor"] == "red" || steps.into_iter().any(|step| step["color"] == "red")
}

fn shows_failures(panel: &Value) -> bool {
    const FAILURES: [&str; 4] =
        ["code=~\"5..\"", "_errors", "outcome!=\"success\"", "status=~\"5..\""];
    queries(panel).iter().any(|(kind, query)| {
        kind == "prometheus" && FAILURES.iter().any(|failure| query.contains(failure))
    })
}

#[test]
fn links_to_explore_ask_loki_for_lines_of_the_chosen_time() {
    let mut seen = 0;
    for link in boards().iter().flat_map(Board::links) {
        let Some(panes) = link.url.strip_prefix(EXPLORE) else { continue };
        let pane = &pane(&link, panes)["logs"];
        let query = &pane["queries"][0];
        assert_eq!(pane["datasource"], "the-loki", "{}", link.place);
        assert_eq!(query["datasource"], serde_json::json!({ "type": "loki", "uid": "the-loki" }));
        assert_eq!(pane["range"], serde_json::json!({ "from": "1000", "to": "2000" }));
        boards::check_logql(&link.place, &text(&query["expr"]));
        seen += 1;
    }
    assert!(seen > 30, "{seen}");
}

/// The JSON of a link as Grafana reads it: variables filled in, then percent-decoded.
fn pane(link: &Link, panes: &str) -> Value {
    let filled = boards::filled(panes).replace("${loki}", "the-loki");
    let filled = filled.replace("${__from}", "1000").replace("${__to}", "2000");
    let filled = without_clicked(&filled);
    assert!(!filled.contains('$'), "{}: a variable is left: {filled}", link.place);
    let json = decoded(&filled);
    serde_json::from_str(&json).unwrap_or_else(|error| panic!("{}: {error}: {json}", link.place))
}

/// Puts a value in the place of what was clicked on.
fn without_clicked(text: &str) -> String {
    let (start, rest) = text.split_once("${__").unwrap_or((text, ""));
    match rest.split_once('}') {
        Some((_, rest)) => format!("{start}clicked{}", without_clicked(rest)),
        None => start.to_owned(),
    }
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

#[test]
fn what_was_clicked_on_has_the_label_that_the_link_takes() {
    for link in boards().iter().flat_map(Board::links) {
        for name in boards::variables(&link.url) {
            let label = name
                .strip_prefix("__field.labels.")
                .or_else(|| name.strip_prefix("__data.fields."));
            let Some(label) = label else { continue };
            for query in &link.queries {
                let kept = query.split(" by (").skip(1).filter_map(|rest| rest.split(')').next());
                let has = kept.into_iter().any(|labels| labels.split(", ").any(|one| one == label));
                assert!(has, "{}: no `{label}`: {query}", link.place);
            }
        }
    }
}

#[test]
fn links_to_dashboards_lead_to_one_that_has_the_variable() {
    let all = boards();
    let mut seen = 0;
    for link in all.iter().flat_map(Board::links) {
        let Some((uid, query)) = link.url.strip_prefix("/d/").and_then(|rest| rest.split_once('?'))
        else {
            continue;
        };
        let target = all.iter().find(|board| board.json["uid"] == uid);
        let target = target.unwrap_or_else(|| panic!("{}: no dashboard `{uid}`", link.place));
        let variable = query.strip_prefix("var-").and_then(|rest| rest.split('=').next()).unwrap();
        assert!(
            target.variables().iter().any(|name| name == variable),
            "{}: {variable}",
            link.place
        );
        assert!(query.ends_with("&${__url_time_range}"), "{}: {query}", link.place);
        seen += 1;
    }
    assert!(seen > 4, "{seen}");
}

#[test]
fn every_link_is_of_a_known_kind() {
    for link in boards().iter().flat_map(Board::links) {
        assert!(link.url.starts_with(EXPLORE) || link.url.starts_with("/d/"), "{}", link.url);
    }
}
