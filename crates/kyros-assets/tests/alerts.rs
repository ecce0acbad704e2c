//! The alerts do what the schema says: they fire over their threshold, in time, and at no other time.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "support/tools.rs"]
mod tools;

use std::fs;
use std::path::{Path, PathBuf};

use kyros_schema::{Alert, Duration, Schema};
use tools::{Verdict, generated, outputs, run, schema};

/// Numbers that a service may set; each pair of table name and overlay.
const OVERLAYS: [(&str, &str); 6] = [
    ("as shipped", ""),
    (
        "higher thresholds",
        "[alert.HttpErrorRatioHigh]\nthreshold = 0.5\n[alert.HttpLatencyP95High]\nthreshold = 3\n\
         [alert.PostgresConnectionsHigh]\nthreshold = 0.9375\n[alert.LoginFailuresHigh]\nthreshold = 250",
    ),
    (
        "lower thresholds",
        "[alert.HttpErrorRatioHigh]\nthreshold = 0.001\n[alert.HttpLatencyP95High]\nthreshold = 0.004\n\
         [alert.PostgresConnectionsHigh]\nthreshold = 0.05\n[alert.LoginFailuresHigh]\nthreshold = 0",
    ),
    (
        "thresholds no float holds exactly",
        "[alert.HttpErrorRatioHigh]\nthreshold = 0.0333\n[alert.HttpLatencyP95High]\nthreshold = 1.1\n\
         [alert.PostgresConnectionsHigh]\nthreshold = 0.57\n[alert.LoginFailuresHigh]\nthreshold = 2.5",
    ),
    (
        "short windows",
        "[alert.HttpErrorRatioHigh]\nwindow = '20s'\nfor = '5s'\n[alert.HttpLatencyP95High]\n\
         window = '15s'\nfor = '0s'\n[alert.PostgresConnectionsHigh]\nwindow = '7s'\nfor = '3s'\n\
         [alert.LoginFailuresHigh]\nwindow = '30s'\nfor = '10s'",
    ),
    (
        "long windows",
        "[alert.HttpErrorRatioHigh]\nwindow = '6h'\nfor = '1h'\n[alert.HttpLatencyP95High]\n\
         window = '1d'\nfor = '3m'\n[alert.PostgresConnectionsHigh]\nwindow = '90m'\nfor = '1d'\n\
         [alert.LoginFailuresHigh]\nwindow = '2h30m'\nfor = '1m'",
    ),
];

/// Slips of the pen: the alert, the file, what it says, and what a slip makes of it wherever it stands.
/// Words in braces stand for the alert's numbers and for others near them, see [`Numbers`].
const SLIPS: [(&str, &str, &str, &str); 44] = [
    ("HttpErrorRatioHigh", "rules", "code=~\"5..\"", "code=~\"[45]..\""),
    ("HttpErrorRatioHigh", "rules", "code=~\"5..\"", "code=\"500\""),
    ("HttpErrorRatioHigh", "rules", "[{window}]", "[{half}]"),
    ("HttpErrorRatioHigh", "rules", "[{window}]", "[{double}]"),
    ("HttpErrorRatioHigh", "rules", "/healthz|", ""),
    ("HttpErrorRatioHigh", "rules", "|/metrics", ""),
    ("HttpErrorRatioHigh", "rules", "rate(", "irate("),
    ("HttpErrorRatioHigh", "alerts", "> {threshold}", "> {higher}"),
    ("HttpErrorRatioHigh", "alerts", "> {threshold}", "> {lower}"),
    ("HttpErrorRatioHigh", "alerts", "> {threshold}", "< {threshold}"),
    ("HttpErrorRatioHigh", "alerts", "for: {for}", "for: {sooner}"),
    ("HttpErrorRatioHigh", "alerts", "for: {for}", "for: {later}"),
    ("HttpErrorRatioHigh", "alerts", "severity: page", "severity: ticket"),
    ("HttpErrorRatioHigh", "alerts", "runbooks/5xx-spike.md", "runbooks/high-latency-p95.md"),
    ("HttpLatencyP95High", "rules", "histogram_quantile(0.95", "histogram_quantile(0.99"),
    ("HttpLatencyP95High", "rules", "histogram_quantile(0.95", "histogram_quantile(0.9"),
    ("HttpLatencyP95High", "rules", "by (le, service)", "by (le)"),
    ("HttpLatencyP95High", "rules", "[{window}]", "[{half}]"),
    ("HttpLatencyP95High", "rules", "[{window}]", "[{double}]"),
    ("HttpLatencyP95High", "rules", "/healthz|", ""),
    ("HttpLatencyP95High", "rules", "rate(", "irate("),
    ("HttpLatencyP95High", "alerts", "> {threshold}", "> {higher}"),
    ("HttpLatencyP95High", "alerts", "> {threshold}", "> {lower}"),
    ("HttpLatencyP95High", "alerts", "for: {for}", "for: {sooner}"),
    ("HttpLatencyP95High", "alerts", "for: {for}", "for: {later}"),
    ("PostgresConnectionsHigh", "alerts", "> {threshold}", "> {higher}"),
    ("PostgresConnectionsHigh", "alerts", "> {threshold}", "> {lower}"),
    ("PostgresConnectionsHigh", "alerts", "> {threshold}", ">= {threshold}"),
    (
        "PostgresConnectionsHigh",
        "alerts",
        "sum by (instance) (avg_over_time(pg_stat",
        "sum by (instance, job) (avg_over_time(pg_stat",
    ),
    ("PostgresConnectionsHigh", "alerts", "sum by (instance)", "sum"),
    (
        "PostgresConnectionsHigh",
        "alerts",
        "_connections[{window}]))\n      - sum",
        "_connections[{window}]))\n      - 0 * sum",
    ),
    ("PostgresConnectionsHigh", "alerts", "avg_over_time", "max_over_time"),
    ("PostgresConnectionsHigh", "alerts", "avg_over_time", "min_over_time"),
    ("PostgresConnectionsHigh", "alerts", "activity_count[{window}]", "activity_count[{double}]"),
    ("LoginFailuresHigh", "alerts", "> {threshold}", "> {higher}"),
    ("LoginFailuresHigh", "alerts", "> {threshold}", "> {lower}"),
    ("LoginFailuresHigh", "alerts", "> {threshold}", "< {threshold}"),
    ("LoginFailuresHigh", "alerts", "for: {for}", "for: {later}"),
    ("LoginFailuresHigh", "alerts", "floor(", "ceil("),
    ("LoginFailuresHigh", "alerts", "floor(sum(", "floor(max("),
    ("LoginFailuresHigh", "alerts", ",outcome!=\"success\"", ""),
    ("LoginFailuresHigh", "alerts", "outcome!=\"success\"", "outcome=\"failure\""),
    ("LoginFailuresHigh", "alerts", "event=\"login\",", ""),
    ("LoginFailuresHigh", "alerts", "\"success\"}[{window}]", "\"success\"}[{double}]"),
];

#[test]
fn whatever_the_numbers_promtool_sees_each_alert_fire_and_stay_silent() {
    for (name, overlay) in OVERLAYS {
        let root = generated(&format!("alerts {name}"), overlay);
        let rules = ["check", "rules", "alerts/out/rules.yaml", "alerts/out/alerts.yaml"];
        assert_content(name, &run("promtool", &rules, &root));
        assert_content(name, &test_rules(&root, &alerts()));
    }
}

#[test]
fn a_rule_that_says_something_else_fails_its_tests() {
    let root = generated("alerts mutated", "");
    for (alert, file, from, to) in SLIPS {
        let numbers = Numbers(&Schema::embedded().alerts[alert]);
        let (from, to) = (&*numbers.fill(from), &*numbers.fill(to));
        let path = root.join(format!("alerts/out/{file}.yaml"));
        let rule = fs::read_to_string(&path).unwrap();
        assert!(rule.contains(from), "{file} doesn't say `{from}`:\n{rule}");
        fs::write(&path, rule.replace(from, to)).unwrap();
        let verdict = test_rules(&root, &[alert]);
        fs::write(&path, rule).unwrap();
        assert!(
            !verdict.content,
            "no test noticed `{from}` -> `{to}` in {file}:\n{}",
            verdict.said
        );
    }
}

/// The numbers of an alert, whatever they are, and others so near that only a good test tells them apart.
struct Numbers<'a>(&'a Alert);

impl Numbers<'_> {
    fn fill(&self, text: &str) -> String {
        let Alert { threshold, window, hold, .. } = self.0;
        let seconds = |seconds: u64| Duration::from_secs(seconds).to_string();
        // Two of the steps in which the tests look.
        let moment = window.as_secs() / 10;
        // A count is one more or less, a share or a time a twentieth.
        let number = threshold.as_f64();
        let near = if number < 1.0 { number / 20.0 } else { 1.0 };
        let words = [
            ("{threshold}", threshold.to_string()),
            ("{higher}", (number + near).to_string()),
            ("{lower}", (number - near).to_string()),
            ("{window}", window.to_string()),
            ("{half}", seconds(window.as_secs() / 2)),
            ("{double}", seconds(window.as_secs() * 2)),
            ("{for}", hold.to_string()),
            ("{sooner}", seconds(hold.as_secs().saturating_sub(moment))),
            ("{later}", seconds(hold.as_secs() + moment)),
        ];
        words.iter().fold(text.to_owned(), |text, (word, number)| text.replace(word, number))
    }
}

#[test]
fn alertmanager_sends_every_alert_to_the_team_channel() {
    let root = generated("alertmanager", "");
    let file = "alerts/out/alertmanager.yml";
    assert_content("alertmanager", &run("amtool", &["check-config", file], &root));
    for alert in Schema::embedded().alerts.values() {
        let name = format!("alertname={}", alert.name);
        let severity = format!("severity={}", alert.severity.as_str());
        let test = ["config", "routes", "test", "--config.file", file];
        let route = run("amtool", &[&test[..], &[&name, &severity]].concat(), &root);
        assert_eq!(route.said.lines().next(), Some("team-channel"), "{}", alert.name);
    }
}

#[test]
fn the_webhook_is_the_overlays() {
    let overlay = "[deploy]\nteam_webhook = 'http://127.0.0.1:9/hook'";
    let routing = output(overlay, "alerts/out/alertmanager.yml");
    assert!(routing.contains("url: http://127.0.0.1:9/hook"), "{routing}");
}

#[test]
fn every_alert_that_could_never_fire_is_said_with_its_line_and_remedy() {
    let overlay = "[alert.HttpErrorRatioHigh]\nthreshold = 1\n\
                   [alert.PostgresConnectionsHigh]\nthreshold = 1.5\n\
                   [metric.http_request_duration_seconds]\nbuckets = [0.1, 0.2]\n";
    let error = kyros_assets::render(&schema(overlay)).unwrap_err().to_string();
    let highest = &Schema::embedded().alerts["HttpLatencyP95High"].threshold;
    let expected = [
        "kyros-obs.toml:1: alert `HttpErrorRatioHigh` could never fire: 1 is not below the whole\n  \
         hint: give `threshold` a share below 1",
        "kyros-obs.toml:3: alert `PostgresConnectionsHigh` could never fire: 1.5 is not below the whole\n  \
         hint: give `threshold` a share below 1",
        &format!(
            "kyros-obs.toml:5: alert `HttpLatencyP95High` could never fire: no bucket of \
             `http_request_duration_seconds` lies over {highest}\n  \
             hint: lower `threshold`, or add a bucket over it"
        ),
    ];
    assert_eq!(error, expected.join("\n"));
}

#[test]
fn each_alert_has_a_runbook_that_says_what_to_do() {
    for alert in Schema::embedded().alerts.values() {
        let page = repository().join("docs/runbooks").join(format!("{}.md", alert.runbook));
        let text = fs::read_to_string(&page).unwrap_or_default();
        assert!(text.contains(&format!("`{}`", alert.name)), "{} is not in {page:?}", alert.name);
        for heading in ["## Meaning", "## Impact", "## Diagnosis", "## Mitigation"] {
            assert!(text.contains(&format!("\n{heading}\n")), "no `{heading}` in {page:?}");
        }
        let link = format!("runbook_url: docs/runbooks/{}.md", alert.runbook);
        assert!(output("", "alerts/out/alerts.yaml").contains(&link), "no `{link}`");
    }
}

#[test]
fn each_alert_leads_to_a_dashboard_that_is_there() {
    let overlay = "[deploy]\ngrafana_url = 'https://grafana.example.org'";
    let (rules, outputs) = (output(overlay, "alerts/out/alerts.yaml"), outputs(overlay));
    for alert in Schema::embedded().alerts.values() {
        let file = format!("dashboards/out/{}.json", alert.dashboard);
        let board = outputs.iter().find(|output| output.path == file).expect(&file);
        let board: serde_json::Value = serde_json::from_str(&board.contents).unwrap();
        let uid = board["uid"].as_str().unwrap();
        let link = format!("dashboard_url: https://grafana.example.org/d/{uid}\n");
        assert!(rules.contains(&link), "no `{link}`");
    }
}

#[test]
fn every_alert_of_the_schema_has_its_rule() {
    let rules = output("", "alerts/out/alerts.yaml");
    for name in alerts() {
        assert!(rules.contains(&format!("- alert: {name}\n")), "no rule for `{name}`");
    }
}

#[test]
fn generated_twice_it_is_the_same_to_the_byte() {
    let texts = |outputs: Vec<kyros_assets::Output>| {
        outputs.into_iter().map(|output| (output.path, output.contents)).collect::<Vec<_>>()
    };
    assert_eq!(texts(outputs("")), texts(outputs("")));
}

#[test]
fn a_threshold_is_printed_as_it_is_written() {
    let overlay = "[alert.HttpErrorRatioHigh]\nthreshold = 0.0200";
    let alerts = output(overlay, "alerts/out/alerts.yaml");
    assert!(alerts.contains("> 0.0200\n") && alerts.contains("More than 0.0200 of"), "{alerts}");
}
fn alerts() -> Vec<&'static str> {
    Schema::embedded().alerts.keys().map(String::as_str).collect()
}

fn test_rules(root: &Path, alerts: &[&str]) -> Verdict {
    let files: Vec<_> = alerts.iter().map(|name| format!("{name}.yaml")).collect();
    let arguments = ["test", "rules"].into_iter().chain(files.iter().map(|file| &**file));
    run("promtool", &arguments.collect::<Vec<_>>(), &root.join("alerts/out/tests"))
}

fn assert_content(name: &str, verdict: &Verdict) {
    assert!(verdict.content, "{name}: {}", verdict.said);
}

fn output(overlay: &str, path: &str) -> String {
    let found = outputs(overlay).into_iter().find(|output| output.path == path);
    found.unwrap_or_else(|| panic!("no output `{path}`")).contents
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
