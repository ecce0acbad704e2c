//! Every query of a dashboard can be parsed and names only what the schema names.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/boards.rs"]
mod boards;

use std::collections::BTreeSet;

use boards::{Query, boards};
use kyros_schema::{MetricKind, Schema};
use promql_parser::parser::{self, Expr, VectorSelector};
use promql_parser::util::{ExprVisitor, walk_expr};

fn of_kind(kind: &str) -> Vec<Query> {
    boards().iter().flat_map(boards::Board::queries).filter(|query| query.kind == kind).collect()
}

#[test]
fn promql_names_metrics_and_labels_of_the_schema() {
    let queries = of_kind("prometheus");
    assert!(queries.len() > 60, "{}", queries.len());
    for Query { place, text, .. } in queries {
        let expr = parser::parse(&text).unwrap_or_else(|error| panic!("{place}: {error}: {text}"));
        let mut names = Names::default();
        walk_expr(&mut names, &expr).unwrap_or_else(|fault| panic!("{place}: {fault}: {text}"));
        for label in &names.kept {
            assert!(
                names.there.contains(label),
                "{place}: nothing has the label `{label}`: {text}"
            );
        }
    }
}

#[test]
fn a_name_that_the_schema_lacks_would_be_found() {
    for text in [
        "http_request_total",
        "http_requests_total{cod=\"200\"}",
        "http_requests_total_bucket",
        "http_response_size_bytes_bucket",
        "http_request_duration_seconds",
    ] {
        let expr = parser::parse(text).unwrap();
        assert!(walk_expr(&mut Names::default(), &expr).is_err(), "{text}");
    }
}

#[test]
fn rates_are_of_counters_and_quantiles_keep_the_bounds() {
    for Query { place, text, .. } in of_kind("prometheus") {
        for call in ["rate(", "increase("] {
            for (start, _) in text.match_indices(call) {
                let name: String =
                    text[start + call.len()..].chars().take_while(|c| is_of_name(*c)).collect();
                let counts =
                    ["_total", "_bucket", "_count", "_sum"].iter().any(|end| name.ends_with(end));
                assert!(counts || name == "nginx_ingress_controller_requests", "{place}: {text}");
            }
        }
        let bounds = text.matches("sum by (le").count();
        assert_eq!(text.matches("histogram_quantile(").count(), bounds, "{place}: {text}");
    }
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == ':'
}

/// The labels that selectors have, and those that aggregations keep.
#[derive(Default)]
struct Names {
    there: BTreeSet<String>,
    kept: BTreeSet<String>,
}

impl ExprVisitor for Names {
    type Error = String;

    fn pre_visit(&mut self, expr: &Expr) -> Result<bool, String> {
        match expr {
            Expr::VectorSelector(selector) => self.selector(selector)?,
            Expr::MatrixSelector(selector) => self.selector(&selector.vs)?,
            Expr::Aggregate(aggregate) => {
                let labels = aggregate.modifier.iter().flat_map(|by| &by.labels().labels);
                self.kept.extend(labels.cloned());
            }
            _ => {}
        }
        Ok(true)
    }
}

impl Names {
    fn selector(&mut self, selector: &VectorSelector) -> Result<(), String> {
        let name = selector.name.clone().unwrap_or_default();
        let labels = labels(&name).ok_or_else(|| format!("no metric `{name}`"))?;
        for matcher in &selector.matchers.matchers {
            if !labels.contains(&matcher.name) {
                return Err(format!("`{name}` has no label `{}`", matcher.name));
            }
        }
        self.there.extend(labels);
        Ok(())
    }
}

/// The labels of a series, those of its target included; nothing for a series nobody exposes.
fn labels(series: &str) -> Option<Vec<String>> {
    let schema = Schema::embedded();
    let family = |name: &str| {
        let own = schema.metrics.get(name).map(|row| (row.kind, row.labels.clone()));
        own.or_else(|| schema.exporters.get(name).map(|row| (row.kind, row.labels.clone())))
    };
    let part = |suffix: &str, kinds: &[MetricKind]| {
        let (kind, labels) = family(series.strip_suffix(suffix)?)?;
        kinds.contains(&kind).then_some(labels)
    };
    let whole =
        family(series).filter(|(kind, _)| matches!(kind, MetricKind::Counter | MetricKind::Gauge));
    let sums = [MetricKind::Histogram, MetricKind::Summary];
    let found = whole
        .map(|(_, labels)| labels)
        .or_else(|| Some([part("_bucket", &sums[..1])?, vec!["le".to_owned()]].concat()))
        .or_else(|| part("_sum", &sums))
        .or_else(|| part("_count", &sums));
    let targets = &schema.exporters["up"].labels;
    let scraped = found.map(|labels| [labels, targets.clone()].concat());
    scraped.or_else(|| schema.recordings.get(series).map(|row| row.labels.clone()))
}

#[test]
fn logql_names_fields_of_the_schema() {
    let queries = of_kind("loki");
    assert!(!queries.is_empty());
    for Query { place, text, .. } in queries {
        boards::check_logql(&place, &text);
    }
}

#[test]
fn sql_names_columns_and_actions_of_the_schema() {
    let schema = Schema::embedded();
    let queries = of_kind("grafana-postgresql-datasource");
    assert!(queries.len() > 1);
    assert_readable("audit_events");
    for Query { place, text, .. } in queries {
        for (index, part) in text.split('\'').enumerate() {
            if index % 2 == 1 {
                let known = schema.actions.contains_key(part) || part.starts_with('^');
                assert!(known, "{place}: no action `{part}`: {text}");
                continue;
            }
            let words = part.split(|c: char| !(c.is_alphanumeric() || c == '_'));
            for word in words.filter(|word| word.starts_with(|c: char| c.is_lowercase())) {
                let known = schema.columns.contains_key(word);
                assert!(
                    known || ["audit_events", "text", "time_filter"].contains(&word),
                    "{place}: no column `{word}`: {text}"
                );
            }
        }
    }
}

/// Grafana logs in as a reader of the audit trail, who may select from the view alone.
fn assert_readable(relation: &str) {
    let outputs = kyros_assets::render(Schema::embedded()).unwrap();
    let mut migrations = outputs.iter().filter(|output| output.path.starts_with("migrations/"));
    let grant = format!("GRANT SELECT ON public.{relation} TO ");
    assert!(migrations.any(|output| output.contents.contains(&grant)), "no `{grant}`");
}
