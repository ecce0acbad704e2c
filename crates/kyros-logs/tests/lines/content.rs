//! What a line says.

use std::time::Duration;

use kyros_logs::{Encoder, ErrorData, Http, Identity, Level, Record};
use kyros_redact::Value;
use kyros_schema::Schema;
use serde_json::{Value as Json, json};

use crate::{encoder, read, written};

const TENANT: &str = "8e1b3d5b-0c0f-4a51-9c3c-4f4b5b2c9f10";
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

fn access() -> Record<'static> {
    let latency = Duration::from_micros(12_345);
    let route = "/api/tenant/{tenant_id}/dashboards";
    let http = Http { route, method: "GET", status: 200, latency, bytes: 512 };
    let email_hash = Some("9f86d081884c7d65");
    let identity = Identity {
        sub: Some("f8d1"),
        email_hash,
        email_domain: Some("client.example"),
        tenant_id: Some(TENANT),
        ..Identity::default()
    };
    let record = Record::new(Level::Info, "access");
    Record {
        http: Some(http),
        identity,
        trace_id: Some(TRACE),
        span_id: Some("00f067aa0ba902b7"),
        ..record
    }
}

#[test]
fn an_access_line() {
    let line = concat!(
        r#"{"ts":"2026-11-23T10:00:00.500000Z","level":"info","service":"kyros-api","env":"dev","#,
        r#""event":"access","message":null,"route":"/api/tenant/{tenant_id}/dashboards","#,
        r#""method":"GET","status":200,"latency_ms":12.345,"bytes":512,"sub":"f8d1","#,
        r#""email_hash":"9f86d081884c7d65","email_domain":"client.example","#,
        r#""tenant_id":"8e1b3d5b-0c0f-4a51-9c3c-4f4b5b2c9f10","#,
        r#""trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","seq":0}"#,
    );
    assert_eq!(written(&encoder(), &access()), format!("{line}\n"));
}

#[test]
fn the_least_line() {
    let line = read(&encoder(), &Record::new(Level::Warn, "log"));
    let expected = json!({
        "ts": "2026-11-23T10:00:00.500000Z", "level": "warn", "service": "kyros-api", "env": "dev",
        "event": "log", "message": null, "sub": null, "email_hash": null, "email_domain": null,
        "tenant_id": null, "trace_id": null, "span_id": null, "seq": 0,
    });
    assert_eq!(line, expected);
}

#[test]
fn everything_else() {
    let fields = Value::Map(vec![
        ("reports".into(), Value::Integer(3)),
        ("user_token".into(), Value::Text("opaque".into())),
    ]);
    let frames = ["/app/auth.py:12 in login".to_owned(), "password='hunter2'".to_owned()];
    let error = ErrorData { kind: "ValueError", message: "password=hunter2", frames: &frames };
    let record = Record {
        message: Some("mail to ana@client.example"),
        dashboard_slug: Some("sales"),
        outcome: Some("failure"),
        logger: Some("kyros.session"),
        error: Some(error),
        fields: &fields,
        ..Record::new(Level::Error, "log")
    };
    let line = read(&encoder(), &record);
    let check = |name: &str, value: Json| assert_eq!(line[name], value, "{name}");
    check("message", json!("mail to [redacted:email]"));
    check("dashboard_slug", json!("sales"));
    check("outcome", json!("failure"));
    check("logger", json!("kyros.session"));
    check("fields", json!({"reports": 3, "user_token": "[redacted:token]"}));
    let frames = json!(["/app/auth.py:12 in login", "password='[redacted:password]'"]);
    let message = "password=[redacted:password]";
    check("error", json!({"type": "ValueError", "message": message, "frames": frames}));
}

#[test]
fn typed_fields_are_checked() {
    let http = |route, method| Http { route, method, ..access().http.unwrap() };
    let check = |record: Record<'_>, name: &str, value: Json| {
        assert_eq!(read(&encoder(), &record)[name], value, "{name} of {record:?}");
    };
    let of = |route, method| Record { http: Some(http(route, method)), ..access() };
    check(of("/reset/{token:path}", "GET"), "route", json!("/reset/{token:path}"));
    check(of("/<string:password>", "GET"), "route", json!("/<string:password>"));
    check(of("_unmatched", "GET"), "route", json!("_unmatched"));
    check(of("/a?code=7", "GET"), "route", json!("/a?code=[redacted:query]"));
    check(of("/of/ana@client.example", "GET"), "route", json!("/[redacted:email]"));
    check(of("/", "get \n"), "method", json!("_OTHER"));
    check(of("/", "PROPFIND"), "method", json!("PROPFIND"));
    let who = |sub, email, email_hash, email_domain| {
        let identity = Identity { sub, email, email_hash, email_domain, tenant_id: sub };
        Record { identity, ..access() }
    };
    check(who(Some("auth0|77"), None, None, None), "sub", json!("auth0|77"));
    check(who(Some("ana@client.example"), None, None, None), "sub", json!("[redacted:email]"));
    check(who(Some("two words"), None, None, None), "tenant_id", json!(null));
    check(who(Some("root@db"), None, None, None), "sub", json!(null));
    check(who(None, Some("ana@client.example"), None, None), "email", json!("ana@client.example"));
    check(who(None, Some("a b@c.d"), None, None), "email", json!("a [redacted:email]"));
    check(
        who(None, Some("a@b.c,d@e.f"), None, None),
        "email",
        json!("[redacted:email],[redacted:email]"),
    );
    check(who(None, None, Some("no hash"), None), "email_hash", json!(null));
    check(who(None, None, None, Some("ana@client.example")), "email_domain", json!(null));
    check(Record { trace_id: Some("4BF9"), ..access() }, "trace_id", json!(null));
}

const OVERLAY: &str = "
[field.reports]
kind = 'integer'
sensitivity = 'public'
help = 'Reports made.'
[field.customer]
kind = 'text'
sensitivity = 'internal'
help = 'The customer.'
[field.hidden]
kind = 'text'
sensitivity = 'secret'
help = 'Never written.'
[field.token_used]
kind = 'text'
sensitivity = 'public'
help = 'Which token.'
";

#[test]
fn the_services_own_fields() {
    let schema = Schema::with_overlay("kyros-obs.toml", OVERLAY).unwrap();
    let encoder = Encoder::new(&schema, "kyros-api", "dev");
    let line = |entries: &[(&str, Value)]| {
        let entries = entries.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let fields = Value::Map(entries.collect());
        read(&encoder, &Record { fields: &fields, ..Record::new(Level::Info, "log") })
    };
    let word = |text: &str| Value::Text(text.to_owned());
    let fitting =
        line(&[("x", Value::Null), ("customer", word("ana@b.c")), ("reports", Value::Integer(3))]);
    assert_eq!(
        (&fitting["reports"], &fitting["customer"]),
        (&json!(3), &json!("[redacted:email]"))
    );
    assert_eq!(fitting["fields"], json!({"x": null}));
    let alone = line(&[("reports", Value::Integer(3))]);
    assert_eq!((&alone["reports"], alone.get("fields")), (&json!(3), None));
    let other =
        line(&[("reports", word("three")), ("level", word("debug")), ("hidden", word("h"))]);
    assert_eq!((other.get("reports"), &other["level"]), (None, &json!("info")));
    let fields = json!({"reports": "three", "level": "debug", "hidden": "[redacted:secret]"});
    assert_eq!(other["fields"], fields);
    let words = line(&[("token_used", word("first"))]);
    assert_eq!((&words["token_used"], words.get("fields")), (&json!("first"), None));
    let secrets = line(&[("token_used", word("hunter2-hunter2"))]);
    assert_eq!(secrets["fields"], json!({"token_used": "[redacted:token]"}));
    let message = "hidden=h".to_owned();
    let said = Record { message: Some(&message), ..Record::new(Level::Info, "log") };
    assert_eq!(read(&encoder, &said)["message"], "hidden=[redacted:secret]");
}

#[test]
fn levels() {
    for word in ["debug", "info", "warn", "error", "critical"] {
        assert_eq!(word.parse::<Level>().unwrap().as_str(), word);
    }
    assert!(Level::Debug < Level::Info && Level::Error < Level::Critical);
    let error = "loud".parse::<Level>().unwrap_err().to_string();
    assert!(error.starts_with("unknown level: loud\n  hint: "), "{error}");
}
