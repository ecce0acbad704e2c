//! Events to record, and what a trail has made of them.

use std::path::Path;

use kyros_audit::{Event, Options, Trail};
use kyros_redact::{CleanJson, Findings, json};
use kyros_schema::ActionClass;
use kyros_schema::names::action;
use serde_json::Value;

pub(crate) const TENANT: &str = "8e1b3d5b-0c0f-4a51-9c3c-4f4b5b2c9f10";
pub(crate) const SUB: &str = "f8d1a1b2-1111-4222-8333-944445555666";
pub(crate) const EMAIL: &str = "analyst@client.example";

/// A meta with a number in it.
pub(crate) fn meta(number: u64) -> CleanJson {
    let number = kyros_redact::Value::Text(number.to_string());
    clean(&kyros_redact::Value::Map(vec![("number".into(), number)]))
}

pub(crate) fn clean(value: &kyros_redact::Value) -> CleanJson {
    json(value, &mut Findings::default())
}

/// A view of a dashboard by somebody of a tenant.
pub(crate) fn view(number: u64) -> Event<'static> {
    Event {
        resource: Some("clv"),
        sub: Some(SUB),
        email: Some(EMAIL),
        tenant_id: Some(TENANT),
        env: Some("test"),
        ..Event::new(action::VIEW_DASHBOARD, ActionClass::View, "success", "test", meta(number))
    }
}

/// A trail without a database.
pub(crate) fn spool_only(spool: &Path) -> Trail {
    Trail::open(Options::new(spool)).unwrap()
}

/// Records that many views; answers their rows.
pub(crate) fn recorded(trail: &Trail, count: u64) -> Vec<String> {
    for number in 0..count {
        trail.record(&view(number)).unwrap();
    }
    trail.pending_events().unwrap()
}

/// A value of a row.
pub(crate) fn value(row: &str, column: &str) -> Value {
    let row: Value = serde_json::from_str(row).unwrap();
    row.get(column).unwrap_or_else(|| panic!("no column `{column}`: {row}")).clone()
}
