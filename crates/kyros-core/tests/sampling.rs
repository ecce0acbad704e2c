//! Routes that are left out, and access lines of which a share is written.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use kyros_core::{Endpoint, Runtime, Settings};
use proptest::prelude::*;
use serde_json::Value as Json;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

#[test]
fn what_is_excluded_leaves_nothing() {
    let exclude = "/healthz, /static/*,/files/{name:path}";
    for (path, route, excluded) in [
        ("/healthz", Some("/healthz"), true),
        ("/healthz/", Some("/healthz/"), false),
        ("/healthzz", None, false),
        ("/static/a.js", None, true),
        ("/static/", Some("/static/{path}"), true),
        ("/static", Some("/static"), false),
        ("/files/a", Some("/files/{name:path}"), true),
        ("/elsewhere", Some("/healthz"), true),
        ("/api/healthz", Some("/api/healthz"), false),
    ] {
        for status in [200, 401, 404, 500] {
            let runtime = runtime(&[("exclude", exclude)]);
            let before = exposition(&runtime);
            let request = runtime.request("GET", None, None);
            request.arrived(path);
            request.status(status);
            request.sent(1, true);
            request.finish(|| endpoint(route));
            assert_eq!(runtime.lines().is_empty(), excluded, "{path} {route:?} {status}");
            assert_eq!(exposition(&runtime) == before, excluded, "{path} {route:?} {status}");
        }
    }
}

#[test]
fn nothing_is_excluded_unless_it_is_said() {
    let runtime = runtime(&[]);
    assert!(!runtime.settings().excludes_some());
    ended(&runtime, "/healthz", None, 200);
    assert_eq!(runtime.lines().len(), 1);
}

#[test]
fn a_share_of_the_lines_is_written_and_says_so() {
    let runtime = runtime(&[("access_sample", "/poll=0.25, /all=1, /never=0, /*=0.5")]);
    for route in ["/poll", "/all", "/never", "/other"] {
        for number in 0..400 {
            ended(&runtime, route, Some(number), 200);
        }
    }
    let lines = lines(&runtime);
    for (route, rate, fewest, most) in
        [("/poll", Some(0.25), 60, 140), ("/all", None, 400, 400), ("/other", Some(0.5), 150, 250)]
    {
        let of_route: Vec<_> = lines.iter().filter(|line| line["route"] == route).collect();
        assert!((fewest..=most).contains(&of_route.len()), "{route}: {}", of_route.len());
        for line in of_route {
            assert_eq!(line.get("sample_rate").and_then(Json::as_f64), rate, "{line}");
        }
    }
    assert!(lines.iter().all(|line| line["route"] != "/never"));
    for (number, line) in lines.iter().enumerate() {
        assert_eq!(line["seq"], number, "no gap is left by a line that was not to be written");
    }
    let text = exposition(&runtime);
    for route in ["/poll", "/all", "/never", "/other"] {
        let sample = format!(
            r#"http_requests_total{{service="api",endpoint="{route}",method="GET",code="200",tenant_id="_none"}} 400"#
        );
        assert!(text.contains(&sample), "no {sample} in {text}");
    }
}

#[test]
fn a_failure_is_never_left_out() {
    for status in [400, 401, 404, 429, 499, 500, 503] {
        let runtime = runtime(&[("access_sample", "/poll=0")]);
        ended(&runtime, "/poll", None, status);
        let access: Vec<_> =
            lines(&runtime).into_iter().filter(|line| line["event"] == "access").collect();
        assert_eq!(access.len(), 1, "{status}");
        assert!(access[0].get("sample_rate").is_none_or(Json::is_null), "{}", access[0]);
    }
    let runtime = runtime(&[("access_sample", "/poll=0")]);
    let request = runtime.request("GET", None, None);
    request.status(200);
    request.disconnected();
    request.finish(|| endpoint(Some("/poll")));
    assert_eq!(lines(&runtime)[0]["outcome"], "disconnected");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_trace_has_one_fate(trace in any::<u128>(), share in 0.0..1.0f64) {
        prop_assume!(trace != 0);
        let given = format!("/a={share},/b={share}");
        let traceparent = format!("00-{trace:032x}-b7ad6b7169203331-01");
        let mut written = Vec::new();
        for _ in 0..2 {
            let runtime = runtime(&[("access_sample", &given)]);
            for route in ["/a", "/b", "/a"] {
                let request = runtime.request("GET", Some(&traceparent), None);
                request.status(200);
                request.sent(0, true);
                request.finish(|| endpoint(Some(route)));
            }
            written.push(runtime.lines().len());
        }
        prop_assert!(written == [0, 0] || written == [3, 3], "{written:?}");
    }
}

#[test]
fn what_names_no_route_is_refused() {
    for (name, value) in [
        ("exclude", "healthz"),
        ("exclude", "*"),
        ("exclude", "/a,,/b"),
        ("exclude", "/a/*/b"),
        ("exclude", "/a?b=c"),
        ("access_sample", "/poll"),
        ("access_sample", "/poll=often"),
        ("access_sample", "/poll=1.5"),
        ("access_sample", "/poll=-0.5"),
        ("access_sample", "/poll=nan"),
        ("access_sample", "poll=0.5"),
        ("access_sample", "/a=0.5,"),
    ] {
        let problem = Settings::resolve([("service", "a"), (name, value)]).err().unwrap();
        let text = problem.to_string();
        assert!(text.contains(&format!("setting `{name}`")) && text.contains("hint:"), "{text}");
    }
}

fn ended(runtime: &Arc<Runtime>, route: &str, number: Option<u64>, status: u16) {
    // Multiplied, for the last bytes of a trace are random.
    let random = number.map(|number| number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let traceparent =
        random.map(|last| format!("00-{}{last:016x}-b7ad6b7169203331-01", &TRACE[..16]));
    let request = runtime.request("GET", traceparent.as_deref(), None);
    request.status(status);
    request.sent(0, true);
    request.finish(|| endpoint(Some(route)));
}

fn endpoint(route: Option<&str>) -> Endpoint {
    route.map_or(Endpoint::Unmatched, |route| Endpoint::Template(route.to_owned()))
}

fn lines(runtime: &Runtime) -> Vec<Json> {
    runtime.lines().iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn exposition(runtime: &Runtime) -> String {
    let text = String::from_utf8(runtime.scrape(None, None).body).unwrap();
    text.lines().filter(|line| line.starts_with("http_") || line.contains("events")).collect()
}

fn runtime(settings: &[(&str, &str)]) -> Arc<Runtime> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let spool = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("sampling {number}"));
    let _ = std::fs::remove_dir_all(&spool);
    let given = [&[("service", "api"), ("spool_dir", spool.to_str().unwrap())], settings].concat();
    Runtime::capture(Settings::resolve(given).unwrap()).unwrap()
}
