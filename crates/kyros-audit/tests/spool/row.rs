//! What an event becomes: a row that the table takes, whatever the event holds.

use crate::directory::temporary;
use crate::events::{EMAIL, SUB, TENANT, clean, meta, recorded, spool_only, value, view};
use kyros_audit::{Error, Event};
use kyros_redact::Value as Given;
use kyros_schema::Schema;
use kyros_schema::names::column;
use serde_json::{Value, json};

/// Records an event alone; answers its row.
fn row(event: &Event<'_>) -> String {
    let spool = temporary("row");
    let trail = spool_only(&spool);
    let receipt = trail.record(event).unwrap();
    let row = trail.pending_events().unwrap().pop().unwrap();
    assert_eq!(value(&row, column::EVENT_ID), receipt.event_id.to_string());
    assert_eq!(value(&row, column::TS), receipt.ts.to_string());
    assert_eq!(value(&row, column::WRITER_ID), receipt.writer_id.to_string());
    assert_eq!(value(&row, column::WRITER_SEQ), receipt.writer_seq);
    row
}

#[test]
fn the_keys_are_the_columns_in_their_order() {
    let row: Value = serde_json::from_str(&row(&view(1))).unwrap();
    let keys: Vec<_> = row.as_object().unwrap().keys().collect();
    let generated = [column::ID, column::INGESTED_AT];
    let columns: Vec<_> =
        Schema::embedded().columns.keys().filter(|name| !generated.contains(&&***name)).collect();
    assert_eq!(keys, columns);
}

#[test]
fn an_event_is_written_as_compact_json() {
    let row = row(&view(7));
    assert!(row.contains(&format!(r#""email":"{EMAIL}""#)), "{row}");
    assert_eq!(value(&row, column::META), json!({"number": "7"}));
    assert_eq!(value(&row, column::SUB), SUB);
    assert_eq!(value(&row, column::TENANT_ID), TENANT);
    assert_eq!(value(&row, column::KNOWN_ACTION), true);
    assert_eq!(value(&row, column::TRACE_ID), Value::Null);
}

#[test]
fn what_is_no_uuid_is_kept_elsewhere() {
    let row = row(&Event { sub: Some("service:etl"), tenant_id: Some("acme"), ..view(7) });
    assert_eq!(value(&row, column::SUB), Value::Null);
    assert_eq!(value(&row, column::ACTOR_ID), "service:etl");
    assert_eq!(value(&row, column::TENANT_ID), Value::Null);
    assert_eq!(value(&row, column::META), json!({"number": "7", "tenant_id": "acme"}));
}

#[test]
fn a_uuid_is_written_as_postgres_writes_it() {
    let row = row(&Event { sub: Some(&SUB.to_uppercase()), ..view(7) });
    assert_eq!(value(&row, column::SUB), SUB);
    assert_eq!(value(&row, column::ACTOR_ID), Value::Null);
}

#[test]
fn nul_is_replaced_wherever_it_stands() {
    let inner = Given::Map(vec![("k\0".into(), Given::List(vec![Given::Text("v\0".into())]))]);
    let row =
        row(&Event { resource: Some("a\0b"), email: Some("\0"), meta: clean(&inner), ..view(7) });
    assert!(!row.contains(r"\u0000") && !row.contains('\0'), "{row}");
    assert_eq!(value(&row, column::RESOURCE), "a\u{fffd}b");
    assert_eq!(value(&row, column::META), json!({"k\u{fffd}": ["v\u{fffd}"]}));
}

#[test]
fn a_meta_that_is_no_object_becomes_one() {
    check_meta(&Given::Null, &json!({}));
    check_meta(&Given::List(vec![Given::Integer(1)]), &json!({"value": [1]}));
    check_meta(&Given::Text(r"\u0000".into()), &json!({"value": r"\u0000"}));
}

fn check_meta(given: &Given, written: &Value) {
    let row = row(&Event { meta: clean(given), ..view(7) });
    assert_eq!(value(&row, column::META), *written);
}

#[test]
fn what_would_be_too_long_for_an_index_is_cut() {
    let row = row(&Event { action: &"ä".repeat(9_000), known_action: false, ..view(7) });
    assert_eq!(value(&row, column::ACTION), "ä".repeat(256));
    assert_eq!(value(&row, column::KNOWN_ACTION), false);
}

#[test]
fn an_event_of_more_than_a_mebibyte_is_refused_and_takes_no_number() {
    let spool = temporary("row");
    let trail = spool_only(&spool);
    let large = "x".repeat(1 << 20);
    let refused = trail.record(&Event { resource: Some(&large), meta: meta(1), ..view(7) });
    assert!(matches!(refused, Err(Error::TooLarge { .. })), "{refused:?}");
    let rows = recorded(&trail, 1);
    assert_eq!(value(&rows[0], column::WRITER_SEQ), 1);
}
