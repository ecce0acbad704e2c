//! Route templates and label values.

use std::borrow::Cow;

use kyros_redact::label_value;
use kyros_schema::Schema;
use proptest::prelude::*;

use crate::jwt;

#[test]
fn templates_and_words_come_through() {
    for harmless in [
        "/",
        "/api/tenant/{tenant_id}/dashboards",
        "/users/{email}",
        "/reset/{token}",
        "/reset/{token:path}",
        "/<string:password>/<path:secret>",
        "/codes/{code}/{pin:int}",
        "/v1/token:{token}",
        "/static/<path:filename>",
        "/dash/clv/_dash-update-component",
        "_unmatched",
        "_none",
        "8e1b3d5b-0c0f-4a51-9c3c-4f4b5b2c9f10",
        "..fine.children...other.data..",
        "{\"index\":[\"MATCH\"],\"type\":\"token-input\"}.value",
        "password_reset",
        "kyros-api",
    ] {
        assert!(matches!(label_value(harmless), Cow::Borrowed(_)), "{harmless}");
    }
}

#[test]
fn nothing_in_the_embedded_schema_is_redacted() {
    let schema = Schema::embedded();
    let labels = schema.labels.values().flat_map(|row| row.values.iter().chain([&row.help]));
    let metrics = schema.metrics.values().flat_map(|row| [&row.name, &row.help]);
    let names = schema.events.keys().chain(schema.actions.keys());
    for text in labels.chain(metrics).chain(names) {
        assert_eq!(label_value(text), text.as_str());
    }
}

#[test]
fn values_do_not_come_through_as_parameters() {
    let check = |value: &str, remains: &str| assert_eq!(label_value(value), remains, "{value}");
    check("ana@client.example", "[redacted:email]");
    check("/users/ana@client.example", "/[redacted:email]");
    check("/reset/token:hunter2-hunter2", "/reset/token:[redacted:token]");
    check("/reset/{token:hunter2}", "/reset/{token:[redacted:token]}");
    check("/a?code=7", "/a?code=[redacted:query]");
    check("{token:abc}", "{token:[redacted:token]}");
    check(&format!("/x/{{{}}}", jwt()), "/x/{[redacted:jwt]}");
    check(&jwt(), "[redacted:jwt]");
}

proptest! {
    #[test]
    fn a_label_value_stays_as_it_is_when_it_comes_again(value in "[/{}<>:=a@.*]{0,40}|.*") {
        let once = label_value(&value).into_owned();
        prop_assert_eq!(label_value(&once), once.as_str());
    }
}
