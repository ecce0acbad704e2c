//! One measurement becomes samples, a line and rows that agree.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use kyros_core::Ending::{Cancelled, Raised, Returned};
use kyros_core::{Ending, Endpoint, Identity, Level, Request, Runtime, Settings, Value};
use serde_json::Value as Json;

const TENANT: &str = "8e1b3d5b-0c0f-4a51-9c3c-4f4b5b2c9f10";
const SUB: &str = "f8d1a1b2-1111-4222-8333-944445555666";
const EMAIL: &str = "analyst@client.example";
const KEY: &str = "0123456789abcdef";

/// Method, statuses sent, bytes, whether they are the last, ending, whether the client went first
/// -> method label, code, bytes counted, outcome.
type Case = (
    &'static str,
    &'static [u16],
    u64,
    bool,
    Ending,
    bool,
    &'static str,
    u16,
    u64,
    Option<&'static str>,
);

const CASES: [Case; 18] = [
    ("GET", &[200], 100, true, Returned, false, "GET", 200, 100, None),
    ("GET", &[200], 100, true, Raised, false, "GET", 200, 100, None),
    ("GET", &[200], 100, true, Cancelled, false, "GET", 200, 100, None),
    ("GET", &[200], 100, false, Returned, false, "GET", 200, 100, Some("aborted")),
    ("GET", &[200], 100, false, Raised, false, "GET", 200, 100, Some("aborted")),
    ("GET", &[200], 100, false, Cancelled, false, "GET", 200, 100, Some("cancelled")),
    ("GET", &[], 0, false, Raised, false, "GET", 500, 0, None),
    ("GET", &[], 0, false, Returned, false, "GET", 500, 0, None),
    ("GET", &[], 0, false, Cancelled, false, "GET", 499, 0, Some("cancelled")),
    ("GET", &[], 0, false, Returned, true, "GET", 499, 0, Some("disconnected")),
    ("GET", &[500], 21, true, Raised, true, "GET", 499, 0, Some("disconnected")),
    ("HEAD", &[200], 100, true, Returned, false, "HEAD", 200, 0, None),
    ("HEAD", &[200], 0, false, Returned, false, "HEAD", 200, 0, None),
    ("GET", &[204], 100, true, Returned, false, "GET", 204, 0, None),
    ("GET", &[304], 100, true, Returned, false, "GET", 304, 0, None),
    ("GET", &[103, 200, 500], 7, true, Returned, false, "GET", 200, 7, None),
    ("BREW", &[405], 0, true, Returned, false, "_OTHER", 405, 0, None),
    ("get", &[405], 0, true, Returned, false, "_OTHER", 405, 0, None),
];

#[test]
fn samples_and_line_of_a_request_agree() {
    for (method, statuses, bytes, last, ending, gone, label, code, counted, outcome) in CASES {
        let runtime = runtime(&[]);
        let request = runtime.request(method, None, None);
        if gone {
            request.disconnected();
        }
        for status in statuses {
            request.started(*status);
        }
        request.sent(bytes, last);
        request.left(ending);
        finish(&request);
        let labels = format!(r#"service="api",endpoint="/x",method="{label}""#);
        let text = exposition(&runtime);
        let requests = format!(r#"requests_total{{{labels},code="{code}",tenant_id="_none"}} 1"#);
        assert!(text.contains(&requests), "{method} {statuses:?}: no {requests} in {text}");
        let aborted = outcome.map(|outcome| {
            format!(r#"aborted_total{{{labels},outcome="{outcome}",tenant_id="_none"}} 1"#)
        });
        assert!(aborted.is_none_or(|it| text.contains(&it)), "{method} {statuses:?}: {text}");
        assert_eq!(outcome.is_some(), text.contains("aborted_total{"), "{method} {statuses:?}");
        let line = &lines(&runtime)[0];
        assert_eq!(
            (&line["method"], &line["status"], &line["bytes"], line["outcome"].as_str()),
            (&label.into(), &code.into(), &counted.into(), outcome)
        );
    }
}

/// What the server couldn't send counts as not sent, and its client as gone.
#[test]
fn refused_messages_are_taken_back() {
    for (refused, code, bytes) in [(None, 499, 0), (Some(30), 200, 70)] {
        let runtime = runtime(&[]);
        let request = runtime.request("GET", None, None);
        request.started(200);
        if let Some(count) = refused {
            request.sent(70, false);
            request.sent(count, true);
        }
        request.refused(refused);
        request.left(Raised);
        finish(&request);
        let line = &lines(&runtime)[0];
        assert_eq!(
            (&line["status"], &line["bytes"], &line["outcome"]),
            (&code.into(), &bytes.into(), &"disconnected".into())
        );
    }
}

/// A server sends the status with the first byte, so that what fails before is another status.
#[test]
fn a_status_counts_once_it_is_sent() {
    for (bytes, code) in [(0, 500), (1, 200)] {
        let runtime = runtime(&[]);
        let request = runtime.request("GET", None, None);
        request.status(200);
        request.sent(bytes, false);
        request.left(Raised);
        request.unsent();
        finish(&request);
        assert_eq!(lines(&runtime)[0]["status"], code);
    }
}

#[test]
fn a_request_ends_once() {
    let runtime = runtime(&[]);
    let request = runtime.request("GET", None, None);
    for _ in 0..3 {
        finish(&request);
    }
    assert_eq!(runtime.lines().len(), 1);
}

#[test]
fn templates_have_no_converters() {
    for (template, label) in [
        ("/", "/"),
        ("/files/{name:path}", "/files/{name}"),
        ("/{a:int}/b/{c}/{d:uuid}/e", "/{a}/b/{c}/{d}/e"),
        ("/odd:path", "/odd:path"),
        ("/unclosed/{name:path", "/unclosed/{name}"),
    ] {
        let runtime = runtime(&[]);
        let request = runtime.request("GET", None, None);
        request.finish(|| Endpoint::Template(template.to_owned()));
        assert_eq!(lines(&runtime)[0]["route"], label);
    }
}

#[test]
fn what_is_bound_goes_before_what_is_found() {
    let runtime = runtime(&[]);
    let request = runtime.request("GET", None, None);
    request.context().identify(identity("found", "found"));
    request.context().bind(
        Identity { tenant_id: Some(TENANT.to_owned()), ..Identity::default() },
        vec![("note".to_owned(), Value::Integer(1)), ("note".to_owned(), Value::Integer(2))],
    );
    request.context().identify(identity("found-later", "found-later"));
    finish(&request);
    let line = &lines(&runtime)[0];
    assert_eq!(line["tenant_id"], TENANT);
    assert_eq!(line["sub"], "found-later");
    assert_eq!(line["fields"]["note"], 2);
}

#[test]
fn an_address_is_hash_and_domain_but_where_the_setting_asks_for_it() {
    for (settings, shown, hashed) in [
        (&[][..], false, false),
        (&[("log_email", "access")], true, false),
        (&[("pii_key", KEY)], false, true),
        (&[("pii_key", KEY), ("log_email", "access")], true, true),
    ] {
        let runtime = runtime(settings);
        let request = runtime.request("GET", None, None);
        let email = Some(EMAIL.to_uppercase());
        request.context().bind(Identity { email, ..Identity::default() }, Vec::new());
        runtime.log(Level::Info, "app", "hello", None, Vec::new(), Some(request.context()));
        finish(&request);
        let lines: Vec<_> =
            lines(&runtime).into_iter().filter(|line| line["email_domain"].is_string()).collect();
        let [log, access] = &lines[..] else { panic!("two lines: {lines:?}") };
        assert!(log.get("email").is_none_or(Json::is_null), "{log}");
        assert_eq!(access.get("email").is_some_and(Json::is_string), shown, "{access}");
        for line in [log, access] {
            assert_eq!(line["email_domain"], "client.example");
            assert_eq!(line["email_hash"].is_string(), hashed, "{line}");
        }
        assert_eq!(log["email_hash"], access["email_hash"]);
    }
}

#[test]
fn a_hash_depends_on_the_key_and_not_on_the_spelling() {
    let hash = |key, email: &str| {
        let runtime = runtime(&[("pii_key", key)]);
        let request = runtime.request("GET", None, None);
        let email = Some(email.to_owned());
        request.context().bind(Identity { email, ..Identity::default() }, Vec::new());
        finish(&request);
        lines(&runtime)[0]["email_hash"].clone()
    };
    // As `printf analyst@client.example | openssl dgst -sha256 -hmac 0123456789abcdef` has it.
    let known = "1c2cdfec5eb77e70de9a8fc802921f4dc73377a1013d3e326e04d1109047a886";
    assert_eq!(hash(KEY, EMAIL), known);
    assert_eq!(hash(KEY, " Analyst@Client.Example "), known);
    assert_ne!(hash(KEY, EMAIL), hash("fedcba9876543210", EMAIL));
}

#[test]
fn an_event_is_line_counter_and_row_of_one_identity() {
    let runtime = runtime(&[]);
    let request = runtime.request("GET", None, None);
    request.context().bind(identity(TENANT, SUB), Vec::new());
    runtime.event("token_exchange", "success", Vec::new(), Some(request.context())).unwrap();
    let line = &lines(&runtime)[0];
    let row: Json = serde_json::from_str(&runtime.audit_events().unwrap()[0]).unwrap();
    for name in ["tenant_id", "sub", "trace_id", "span_id", "outcome"] {
        assert_eq!(line[name], row[name], "{name}");
    }
    let counted = format!(
        r#"kyros_events_total{{service="api",event="token_exchange",outcome="success",tenant_id="{TENANT}"}} 1"#
    );
    assert!(exposition(&runtime).contains(&counted));
}

#[test]
fn events_have_a_series_before_the_first_of_them() {
    let born =
        r#"kyros_events_total{service="api",event="login",outcome="failure",tenant_id="_none"} 0"#;
    assert!(exposition(&runtime(&[])).contains(born));
}

#[test]
fn a_critical_action_fails_where_the_spool_does_and_others_go_on() {
    let runtime = runtime(&[]);
    let spool = runtime.setting("spool_dir").unwrap();
    std::fs::remove_dir_all(spool).unwrap();
    std::fs::write(spool, "in the way").unwrap();
    let record = |action| runtime.audit(action, None, "success", Vec::new(), None);
    assert!(record("token_exchange").is_err());
    assert!(runtime.event("token_exchange", "success", Vec::new(), None).is_err());
    assert!(runtime.event("login", "success", Vec::new(), None).is_ok());
    assert!(record("view_dashboard").unwrap().is_none());
    let failures = r#"kyros_instrumentation_errors_total{component="audit"} 4"#;
    let text = exposition(&runtime);
    assert!(text.contains(failures), "{text}");
    std::fs::remove_file(spool).unwrap();
}

#[test]
fn a_secret_in_the_place_of_a_name_is_in_no_sink() {
    let jwt =
        ["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiJmOGQxIn0", "c2lnbmF0dXJlLXNpZ25hdHVyZQ"].join(".");
    let at = format!("x@{jwt}");
    for secret in [&*jwt, EMAIL] {
        let runtime = runtime(&[]);
        let given = || Some(secret.to_owned());
        let identity = Identity {
            tenant_id: given(),
            tenant_slug: given(),
            sub: given(),
            email: Some(at.clone()),
        };
        let request = runtime.request(secret, None, None);
        request.context().bind(identity.clone(), vec![(secret.to_owned(), Value::Null)]);
        request.context().identify(identity);
        request.context().dashboard(secret);
        let context = Some(&**request.context());
        runtime.event(secret, secret, Vec::new(), context).unwrap();
        runtime.audit(secret, Some(secret), secret, Vec::new(), context).unwrap();
        let kind = Some("colour".to_owned()).into_iter().collect();
        let family = runtime.register("counter", "paints_total", secret, kind, &[], "sum").unwrap();
        family.series(&[secret]).add(1.0);
        runtime.failed(secret, secret);
        finish(&request);
        let all = [runtime.lines(), runtime.audit_events().unwrap(), vec![exposition(&runtime)]];
        for text in all.concat() {
            assert!(!text.contains(secret) && !text.contains(&jwt), "{secret} in {text}");
        }
    }
}

#[test]
fn a_field_that_is_declared_secret_is_in_no_sink() {
    let overlay = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("secret-field.toml");
    let field = "[field.note]\nkind = 'text'\nsensitivity = 'secret'\nhelp = 'A note.'\n";
    std::fs::write(&overlay, field).unwrap();
    let runtime = runtime(&[("config", overlay.to_str().unwrap())]);
    let note = || vec![("note".to_owned(), Value::Text("opaque-value".to_owned()))];
    runtime.event("login", "success", note(), None).unwrap();
    runtime.audit("view_dashboard", None, "success", note(), None).unwrap();
    let all = [runtime.lines(), runtime.audit_events().unwrap()].concat();
    assert_eq!(all.len(), 3);
    assert!(!all.concat().contains("opaque-value"), "{all:?}");
}

#[test]
fn counts_go_on_in_a_child_of_a_fork() {
    let runtime = runtime(&[]);
    let record = |times: u32| {
        for _ in 0..times {
            runtime.audit("view_dashboard", None, "success", Vec::new(), None).unwrap();
        }
    };
    let spooled = |expected: &str| {
        let text = exposition(&runtime);
        assert!(text.contains(&format!("\nkyros_audit_spooled_total {expected}\n")), "{text}");
    };
    record(5);
    spooled("5");
    runtime.after_fork();
    record(3);
    spooled("8");
}

#[test]
fn who_may_scrape() {
    let token = "scrape-token-for-tests";
    let bearer = format!("Bearer {token}");
    let runtime = runtime(&[("metrics_token", token)]);
    let cases: [(Option<&str>, bool, Option<&str>, bool); 14] = [
        (Some("127.0.0.1"), false, None, true),
        (Some("::1"), false, None, true),
        (Some("::ffff:10.0.0.1"), false, None, true),
        (Some("192.168.1.1"), false, None, true),
        (Some("fd00::1"), false, None, true),
        (Some("203.0.113.9"), false, None, false),
        (Some("2001:db8::1"), false, None, false),
        (Some("127.0.0.1"), true, None, false),
        (Some("unix:"), false, None, false),
        (None, false, None, false),
        (None, false, Some(&bearer), true),
        (Some("203.0.113.9"), true, Some(&bearer), true),
        (Some("203.0.113.9"), true, Some("Bearer "), false),
        (Some("203.0.113.9"), true, Some("Bearer scrape-token-for-test"), false),
    ];
    for (peer, forwarded, authorization, may) in cases {
        let answer = runtime.authorize_scrape(peer, forwarded, authorization);
        assert_eq!(answer, may, "{peer:?} {forwarded} {authorization:?}");
    }
    let without = runtime_of("no token", &[]);
    assert!(!without.authorize_scrape(None, false, Some("Bearer ")));
}

fn identity(tenant: &str, sub: &str) -> Identity {
    Identity {
        tenant_id: Some(tenant.to_owned()),
        sub: Some(sub.to_owned()),
        ..Identity::default()
    }
}

fn exposition(runtime: &Runtime) -> String {
    String::from_utf8(runtime.scrape(Some("text/plain"), None).body).unwrap()
}

fn finish(request: &Request) {
    request.finish(|| Endpoint::Template("/x".to_owned()));
}

fn lines(runtime: &Runtime) -> Vec<Json> {
    runtime.lines().iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn runtime(settings: &[(&str, &str)]) -> Arc<Runtime> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    runtime_of(&NEXT.fetch_add(1, Ordering::Relaxed).to_string(), settings)
}

fn runtime_of(name: &str, settings: &[(&str, &str)]) -> Arc<Runtime> {
    let spool =
        std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("measurement {name}"));
    let _ = std::fs::remove_dir_all(&spool);
    let spool = spool.to_str().unwrap();
    let given = [&[("service", "api"), ("spool_dir", spool)], settings].concat();
    Runtime::capture(Settings::resolve(given).unwrap()).unwrap()
}

#[test]
fn what_was_asked_counts_where_nothing_was_found() {
    let named = |tenant: &str, sub: &str| Identity {
        tenant_id: Some(tenant.to_owned()).filter(|name| !name.is_empty()),
        sub: Some(sub.to_owned()).filter(|name| !name.is_empty()),
        ..Identity::default()
    };
    // Bound, found and asked -> whose it is: a found person never gets the tenant of another one.
    for (bound, found, asked, whose) in [
        (("", ""), ("", ""), ("t3", "s3"), ("t3", "s3")),
        (("", ""), ("", "s2"), ("t3", "s3"), ("", "s2")),
        (("", ""), ("t2", ""), ("t3", "s3"), ("t2", "")),
        (("t1", ""), ("", ""), ("t3", "s3"), ("t1", "s3")),
        (("t1", ""), ("", "s2"), ("t3", "s3"), ("t1", "s2")),
    ] {
        let request = runtime(&[]).request("GET", None, None);
        let context = request.context();
        context.fall_back(named("t0", "s0"));
        context.fall_back(named(asked.0, asked.1));
        context.identify(named(found.0, found.1));
        context.bind(named(bound.0, bound.1), Vec::new());
        assert_eq!(context.identity(), named(whose.0, whose.1), "{bound:?} {found:?} {asked:?}");
    }
}
