//! What a request waits for: statements by their kind, and looks into caches.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use kyros_core::{Identity, Query, Runtime, Settings};
use proptest::prelude::*;

const TENANT: &str = "8e1b3d5b-0c0f-4a51-9c3c-4f4b5b2c9f10";
const TOOK: Option<Duration> = Some(Duration::from_millis(3));

#[test]
fn a_statement_is_of_the_kind_that_its_verb_says() {
    for (statement, operation) in [
        ("SELECT 1", "select"),
        ("  select * from t where a = 'delete'", "select"),
        ("(SELECT 1) UNION (SELECT 2)", "select"),
        ("VALUES (1)", "select"),
        ("INSERT INTO t SELECT * FROM u", "insert"),
        ("REPLACE INTO t VALUES (1)", "insert"),
        ("Update t SET a = 1", "update"),
        ("DELETE FROM t", "delete"),
        ("-- select\n/* update */ DELETE FROM t", "delete"),
        ("CREATE TABLE t (a int)", "ddl"),
        ("TRUNCATE t", "ddl"),
        ("SAVEPOINT sa_savepoint_1", "transaction"),
        ("ROLLBACK TO SAVEPOINT a", "transaction"),
        ("WITH a AS (SELECT 1) SELECT * FROM a", "select"),
        ("WITH a AS (DELETE FROM t RETURNING *) INSERT INTO u SELECT * FROM a", "insert"),
        ("with recursive \"update\" AS (SELECT ')' FROM t) DELETE FROM t", "delete"),
        ("WITH a AS (SELECT b #> '{c}' FROM t)\nUPDATE t SET x = 1", "update"),
        ("(WITH a AS (SELECT 1) SELECT * FROM a)", "select"),
        ("WITH a AS (SELECT 1)", "other"),
        ("EXPLAIN SELECT 1", "other"),
        ("selection", "other"),
        ("", "other"),
        ("/* never closed", "other"),
        ("'never closed", "other"),
    ] {
        let runtime = runtime();
        runtime.query(&answered(statement), None);
        let sample = format!(
            r#"db_query_duration_seconds_count{{service="api",operation="{operation}",tenant_id="_none"}} 1"#
        );
        let text = exposition(&runtime);
        assert!(text.contains(&sample), "{statement}: no {sample} in {text}");
    }
}

#[test]
fn a_failure_counts_with_and_without_a_time() {
    for (statement, took, operation, timed) in [
        (Some("SELECT 1"), TOOK, "select", true),
        (Some("COMMIT"), None, "transaction", false),
        (None, None, "connect", false),
    ] {
        let runtime = runtime();
        runtime.query(&Query { system: "sqlite", statement, took, failed: true }, None);
        let labels = format!(r#"{{service="api",operation="{operation}",tenant_id="_none"}} 1"#);
        let text = exposition(&runtime);
        assert!(text.contains(&format!("db_query_errors_total{labels}")), "{text}");
        let there = text.contains(&format!("db_query_duration_seconds_count{labels}"));
        assert_eq!(there, timed, "{text}");
    }
}

#[test]
fn both_are_of_the_tenant_that_waits() {
    let runtime = runtime();
    let request = runtime.request("GET", None, None);
    let tenant_id = Some(TENANT.to_owned());
    request.context().bind(Identity { tenant_id, ..Identity::default() }, Vec::new());
    runtime.query(&answered("SELECT 1"), Some(request.context()));
    runtime.cache_request("tenants", "hit", Some(request.context()));
    runtime.cache_request("tenants", "miss", None);
    let text = exposition(&runtime);
    for sample in [
        format!(
            r#"db_query_duration_seconds_count{{service="api",operation="select",tenant_id="{TENANT}"}} 1"#
        ),
        format!(
            r#"cache_requests_total{{service="api",cache="tenants",result="hit",tenant_id="{TENANT}"}} 1"#
        ),
        r#"cache_requests_total{service="api",cache="tenants",result="miss",tenant_id="_none"} 1"#
            .to_owned(),
    ] {
        assert!(text.contains(&sample), "no {sample} in {text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_of_a_statement_is_told(text in ".{0,80}", verb in "(?i)(with|select|[a-z(]*)") {
        let runtime = runtime();
        let marked = format!("{verb} mark7f3a {text} mark7f3a");
        runtime.query(&answered(&marked), None);
        prop_assert!(!exposition(&runtime).contains("mark7f3a"));
        prop_assert!(runtime.lines().is_empty());
    }
}

fn answered(statement: &str) -> Query<'_> {
    Query { system: "sqlite", statement: Some(statement), took: TOOK, failed: false }
}

fn exposition(runtime: &Runtime) -> String {
    String::from_utf8(runtime.scrape(None, None).body).unwrap()
}

fn runtime() -> Arc<Runtime> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let spool = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("waiting {number}"));
    let _ = std::fs::remove_dir_all(&spool);
    let settings = Settings::resolve([("service", "api"), ("spool_dir", spool.to_str().unwrap())]);
    Runtime::capture(settings.unwrap()).unwrap()
}
