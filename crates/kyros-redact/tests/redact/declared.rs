//! Fields that a service declares secret.

use kyros_redact::{Findings, Redactor, Value};
use kyros_schema::Schema;
use proptest::prelude::*;
use serde_json::json as expected;

fn redactor() -> Redactor {
    let row = |name| format!("[field.{name}]\nkind = 'text'\nsensitivity = 'secret'\nhelp = 'x'\n");
    let overlay = ["plan_b", "hidden", "key_info"].map(row).concat();
    Redactor::of(&Schema::with_overlay("kyros-obs.toml", &overlay).unwrap())
}

fn word(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn encoded(name: &str, value: Value) -> serde_json::Value {
    let map = Value::Map(vec![(name.to_owned(), value)]);
    serde_json::from_str(redactor().json(&map, &mut Findings::default()).as_str()).unwrap()
}

#[test]
fn their_values_are_replaced_whatever_they_are() {
    let check = |name: &str, value: Value, written: serde_json::Value| {
        assert_eq!(encoded(name, value), expected!({ name: written }), "{name}");
    };
    let gone = || expected!("[redacted:secret]");
    check("hidden", word("leave"), gone());
    check("hidden", word("none"), gone());
    check("hidden", word(""), gone());
    check("hidden", Value::Flag(true), gone());
    check("hidden", Value::Integer(7), gone());
    check("hidden", Value::List(vec![]), gone());
    check("hidden", Value::Map(vec![("a".into(), word("b"))]), gone());
    check("plan_b", word("leave"), gone());
    check("planB", word("leave"), gone());
    check("Plan-B", word("leave"), gone());
    check("hidden", Value::Null, expected!(null));
    check("hidden_count", word("leave"), expected!("leave"));
    check("a", Value::List(vec![Value::Map(vec![("hidden".into(), word("leave"))])]), {
        expected!([{"hidden": "[redacted:secret]"}])
    });
}

#[test]
fn text_with_their_names() {
    let check = |written: &str, remains: &str| {
        assert_eq!(redactor().text(written, &mut Findings::default()), remains, "{written}");
    };
    check("hidden=leave now", "hidden=[redacted:secret] now");
    check("{'planB': 'leave', 'n': 1}", "{'planB': '[redacted:secret]', 'n': 1}");
    check("{\"plan_b\": 7}", "{\"plan_b\": [redacted:secret]}");
    check("key_info: leave", "key_info: [redacted:secret]");
    check("the hidden one, hidden_count=3", "the hidden one, hidden_count=3");
}

proptest! {
    #[test]
    fn no_value_of_a_declared_field_survives(
        name in prop::sample::select(&["hidden", "plan_b", "planB", "PLAN-B"]),
        notation in prop::sample::select(&["%=#", "'%': '#'", "\"%\":\"#\"", "% = #", "?%=#"]),
        value in "[a-z]{12}",
    ) {
        let planted = format!("x {} y", notation.replace('%', name).replace('#', &value));
        let clean = redactor().text(&planted, &mut Findings::default()).into_owned();
        prop_assert!(!clean.contains(&value), "{clean}");
        prop_assert_eq!(redactor().text(&clean, &mut Findings::default()), clean.as_str());
    }
}
