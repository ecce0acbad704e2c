//! Runs of Dash callbacks: what one counts as, however it ends and wherever it runs.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use kyros_core::{Callback, CallbackName, Carried, Identity, Phase, Runtime, Settings};

const TENANT: &str = "8e1b3d5b-0c0f-4a51-9c3c-4f4b5b2c9f10";
const OTHER: &str = "1f0e9d8c-7b6a-4594-8372-615049382716";
const LABELS: &str = r#"app_slug="clv",callback="out.children""#;

/// What a callback does, and what it counts as: runs, durations, errors, logged errors.
type Row = (&'static str, fn(&Callback), Option<&'static str>, [u8; 4]);

#[test]
fn a_run_has_one_outcome() {
    let rows: [Row; 8] = [
        ("returns", |_| (), Some("ok"), [1, 1, 0, 0]),
        ("logs an error", Callback::logged_error, Some("ok"), [1, 1, 0, 1]),
        ("is handled", Callback::handled, Some("handled"), [1, 1, 1, 0]),
        ("raises", |run| run.outcome("error"), Some("error"), [1, 1, 1, 0]),
        ("logs and raises", logs_and_raises, Some("error"), [1, 1, 1, 0]),
        ("has nothing", |run| run.outcome("prevent_update"), Some("prevent_update"), [1, 1, 0, 0]),
        ("is set up", |run| run.phase(Phase::Setup), None, [0, 0, 0, 0]),
        ("fails to be set up", fails_to_be_set_up, Some("error"), [1, 0, 1, 0]),
    ];
    for (name, act, outcome, counts) in rows {
        let runtime = runtime();
        let run = runtime.callback(&callback(), None);
        act(&run);
        run.finish();
        run.finish();
        let families = ["callbacks_total", "callback_duration_seconds_count"];
        let errors = ["callback_errors_total", "callback_logged_errors_total"];
        for (family, count) in families.iter().chain(&errors).zip(counts) {
            assert_eq!(
                sum(&runtime, &format!("dash_{family}{{{LABELS}")),
                count,
                "{name}: {family}"
            );
        }
        if let Some(outcome) = outcome {
            let sample =
                format!(r#"dash_callbacks_total{{{LABELS},tenant_id="_none",outcome="{outcome}""#);
            assert_eq!(sum(&runtime, &sample), 1, "{name}: {outcome}");
        }
    }
}

fn logs_and_raises(run: &Callback) {
    run.logged_error();
    run.outcome("error");
}

fn fails_to_be_set_up(run: &Callback) {
    run.phase(Phase::Setup);
    run.outcome("error");
}

#[test]
fn a_run_in_the_background_is_for_whom_it_was_set_up() {
    let (web, worker) = (runtime(), runtime());
    let request =
        web.request("POST", Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), None);
    request.context().bind(identity(TENANT), Vec::new());
    let set_up = web.callback(&callback(), Some(&request));
    set_up.phase(Phase::Setup);
    let carried = set_up.carried();
    set_up.finish();
    let run = worker.background(&callback(), &carried);
    assert_eq!(run.context().identity(), identity(TENANT));
    assert_eq!(run.context().trace().trace_id, request.context().trace().trace_id);
    run.finish_last();
    for (runtime, phase) in [(&web, "setup"), (&worker, "run")] {
        let sample = format!(
            r#"dash_background_callbacks_total{{{LABELS},tenant_id="{TENANT}",phase="{phase}""#
        );
        assert_eq!(sum(runtime, &sample), 1, "{phase}");
        assert_eq!(sum(runtime, "dash_background_callbacks_total"), 1);
    }
    assert_eq!(sum(&worker, &format!("dash_callback_wait_seconds_count{{{LABELS}")), 1);
}

#[test]
fn what_is_carried_may_be_nothing_or_nonsense() {
    let nonsense = Carried {
        traceparent: Some("none".to_owned()),
        set_up: Some(u64::MAX),
        ..Carried::default()
    };
    for carried in [Carried::default(), nonsense] {
        let runtime = runtime();
        runtime.background(&callback(), &carried).finish_last();
        assert_eq!(sum(&runtime, "dash_callbacks_total"), 1);
        assert_eq!(sum(&runtime, "dash_callback_wait_seconds_count"), 0);
    }
}

#[test]
fn what_is_bound_over_a_websocket_is_the_runs_own() {
    let runtime = runtime();
    let socket = runtime.websocket(None, None);
    socket.context().identify(identity(TENANT));
    let first = runtime.callback(&callback(), Some(&socket));
    first.context().bind(identity(OTHER), Vec::new());
    let second = runtime.callback(&callback(), Some(&socket));
    assert_eq!(second.context().identity(), identity(TENANT));
    assert_eq!(socket.context().identity(), identity(TENANT));
    first.finish();
    second.finish();
    for tenant in [TENANT, OTHER] {
        let sample = format!(r#"dash_callbacks_total{{{LABELS},tenant_id="{tenant}""#);
        assert_eq!(sum(&runtime, &sample), 1, "{tenant}");
    }
}

#[test]
fn pages_are_counted_for_their_tenant() {
    let runtime = runtime();
    let request = runtime.request("GET", None, None);
    request.context().bind(identity(TENANT), Vec::new());
    runtime.page_view("clv", "/", Some(request.context()));
    runtime.page_view("clv", "/", None);
    for tenant in [TENANT, "_none"] {
        let sample =
            format!(r#"dash_page_views_total{{app_slug="clv",page="/",tenant_id="{tenant}"}}"#);
        assert_eq!(sum(&runtime, &sample), 1, "{tenant}");
    }
}

fn callback() -> Arc<CallbackName> {
    Arc::new(CallbackName {
        app_slug: "clv".to_owned(),
        label: "out.children".to_owned(),
        id: "out.children".to_owned(),
        function: "app.out".to_owned(),
    })
}

fn identity(tenant: &str) -> Identity {
    Identity { tenant_id: Some(tenant.to_owned()), ..Identity::default() }
}

/// The sum of all samples that begin so.
fn sum(runtime: &Runtime, begin: &str) -> u8 {
    let text = String::from_utf8(runtime.scrape(None, None).body).unwrap();
    let samples = text.lines().filter(|line| line.starts_with(begin));
    samples.map(|line| line.rsplit(' ').next().unwrap().parse::<u8>().unwrap()).sum()
}

fn runtime() -> Arc<Runtime> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let spool = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("callback {number}"));
    let _ = std::fs::remove_dir_all(&spool);
    let settings = Settings::resolve([("service", "app"), ("spool_dir", spool.to_str().unwrap())]);
    Runtime::capture(settings.unwrap()).unwrap()
}
