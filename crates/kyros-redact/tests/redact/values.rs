//! Structured values: keys first, everything bounded, always JSON.

use kyros_redact::{CleanJson, Findings, Redactor, Value, json, write_string, write_text};
use kyros_schema::Schema;
use proptest::prelude::*;
use serde_json::json as expected;

use crate::jwt;

fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Map(entries.map(|(name, value)| (name.to_owned(), value)).into())
}

fn word(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn encoded(value: &Value) -> serde_json::Value {
    serde_json::from_str(json(value, &mut Findings::default()).as_str()).unwrap()
}

#[test]
fn keys_decide_before_values() {
    let check = |name: &str, value: Value, written: serde_json::Value| {
        assert_eq!(encoded(&map([(name, value)])), expected!({ name: written }), "{name}");
    };
    check("password", word("hunter2"), expected!("[redacted:password]"));
    check("userToken", word("opaque"), expected!("[redacted:token]"));
    check("X-Api-Key", word("opaque"), expected!("[redacted:key]"));
    check("pin", Value::Integer(1234), expected!("[redacted:password]"));
    check("secret", Value::List(vec![word("a")]), expected!("[redacted:secret]"));
    check("credentials", map([("user", word("u"))]), expected!("[redacted:secret]"));
    check("session", word("abcdef"), expected!("[redacted:session]"));
    check("cookie", word("a=b"), expected!("[redacted:cookie]"));
    check("password", Value::Null, expected!(null));
    check("has_password", Value::Flag(true), expected!(true));
    check("max_tokens", Value::Integer(500), expected!(500));
    check("token_count", Value::Integer(5), expected!(5));
    check("password", word("required"), expected!("required"));
    check("password_attempts", word("hunter2-hunter2"), expected!("[redacted:password]"));
    check("password_attempts", Value::Integer(3), expected!(3));
    check("token_used", Value::Flag(true), expected!(true));
    check("token_used", Value::List(vec![word("hunter2-hunter2")]), {
        expected!("[redacted:token]")
    });
    check("token_type", word("bearer"), expected!("bearer"));
    check("tokenType", word("Bearer"), expected!("Bearer"));
    check("code", word("E1234"), expected!("E1234"));
    check("SAMLResponse", word("opaque"), expected!("[redacted:token]"));
    check("dsn", word("opaque"), expected!("[redacted:secret]"));
    check("pw", word("opaque"), expected!("[redacted:password]"));
    check("body", word(&jwt()), expected!("[redacted:jwt]"));
    check("n", Value::Number(f64::NAN), expected!(null));
    check("n", Value::Number(1e300), expected!(1e300));
    check("n", Value::Integer(i64::MIN), expected!(i64::MIN));
}

#[test]
fn a_code_is_one_beside_its_grant() {
    let grant = ("grant_type", word("authorization_code"));
    let exchange = map([("code", word("opaque")), grant.clone(), ("n", Value::Integer(1))]);
    let written = encoded(&Value::List(vec![exchange, map([("code", word("E1234"))])]));
    let grant = "authorization_code";
    let expected = expected!([
        {"code": "[redacted:token]", "grant_type": grant, "n": 1},
        {"code": "E1234"},
    ]);
    assert_eq!(written, expected);
}

#[test]
fn names_are_texts_too() {
    let written = encoded(&map([("ana@client.example", Value::Integer(1))]));
    assert_eq!(written, expected!({"[redacted:email]": 1}));
}

#[test]
fn what_is_too_much_is_cut() {
    let deep = (0..10_000).fold(Value::Null, |inner, _| Value::List(vec![inner]));
    let wide = Value::List((0..10_000).map(Value::Integer).collect());
    let many: Vec<_> = (0..10_000).map(|n| (format!("k{n}"), word(&"x".repeat(999)))).collect();
    let long = word(&"\0".repeat(1_000_000));
    for value in [&deep, &wide, &Value::Map(many), &long] {
        let clean = json(value, &mut Findings::default());
        assert!(clean.as_str().len() < 18 * 1024, "{}", clean.as_str().len());
        assert!(clean.as_str().contains("[truncated]"));
        serde_json::from_str::<serde_json::Value>(clean.as_str()).unwrap();
    }
    std::mem::forget(deep);
}

#[test]
fn a_secret_is_not_cut_in_two() {
    let filler = "x ".repeat(2040);
    let address = "somebody.with.a.name@client.example";
    let mut out = String::new();
    write_text(&mut out, &format!("{filler}{address}"), 4096, &mut Findings::default());
    assert!(!out.contains("somebody"), "{out}");
    assert!(out.ends_with("[truncated]\""));
}

#[test]
fn strings_hide_nothing_from_whoever_reads_the_line() {
    let mut out = String::new();
    write_string(&mut out, "a\n\"\\\u{7f}\u{9b}\u{2028}\u{202e}é", 100);
    assert_eq!(out, "\"a\\n\\\"\\\\\\u007f\\u009b\\u2028\\u202eé\"");
    assert_eq!(CleanJson::empty().as_str(), "{}");
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Flag),
        any::<i64>().prop_map(Value::Integer),
        any::<f64>().prop_map(Value::Number),
        any::<String>().prop_map(Value::Text),
    ];
    leaf.prop_recursive(12, 200, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::List),
            prop::collection::vec((any::<String>(), inner), 0..8).prop_map(Value::Map),
        ]
    })
}

proptest! {
    #[test]
    fn any_value_becomes_json(value in any_value()) {
        let clean = json(&value, &mut Findings::default());
        prop_assert!(serde_json::from_str::<serde_json::Value>(clean.as_str()).is_ok());
        if let Value::Map(entries) = &value {
            prop_assert_eq!(Redactor::of(Schema::embedded()).json_map(entries.iter(), &mut Findings::default()), clean);
        }
    }

    #[test]
    fn a_string_is_what_was_written(text: String) {
        let mut out = String::new();
        write_string(&mut out, &text, usize::from(u16::MAX));
        prop_assert_eq!(serde_json::from_str::<String>(&out).ok(), Some(text));
    }
}
