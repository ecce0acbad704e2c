//! Rows never change, whoever tries.

use std::time::Duration;

use kyros_audit::{Dsn, Options, Trail};

use crate::directory::temporary;
use crate::events::recorded;
use crate::server::{Database, Server, execute, texts};

const PARTITIONS: &str = "SELECT inhrelid::regclass::text FROM pg_inherits \
                          WHERE inhparent = 'public.audit_logs'::regclass";

/// A database with rows, in the current month and in the default partition.
fn filled() -> Database {
    let database = Server::shared().migrated();
    let dsn = Some(Dsn::new(&database.writer));
    let spool = temporary("guards");
    let trail = Trail::open(Options { dsn, ..Options::new(&*spool) }).unwrap();
    recorded(&trail, 3);
    assert!(trail.close(Duration::from_mins(1)));
    let early = "INSERT INTO audit_logs (event_id, ts, action, outcome, service, known_action, \
                 writer_id, writer_seq) VALUES (gen_random_uuid(), '2001-01-01', 'login', \
                 'success', 'test', true, gen_random_uuid(), 1)";
    execute(&database.writer, early).unwrap();
    database
}

/// Every way to change rows of the parent and of each partition.
fn tamperings(database: &Database) -> Vec<String> {
    let mut tables = texts(&database.owner, PARTITIONS);
    tables.push("public.audit_logs".to_owned());
    let ways = tables.iter().map(|table| {
        [
            format!("UPDATE {table} SET action = 'nothing'"),
            format!("UPDATE {table} SET action = 'nothing' WHERE false"),
            format!("DELETE FROM {table}"),
            format!("TRUNCATE {table}"),
        ]
    });
    ways.flatten().collect()
}

fn check(database: &Database, dsn: &str, before: &str) {
    let count = "SELECT count(*)::text FROM audit_logs WHERE action <> 'nothing'";
    for tampering in tamperings(database) {
        let (sqlstate, message) = execute(dsn, &format!("{before}{tampering}")).unwrap_err();
        assert_eq!(sqlstate, "42501", "{tampering}: {message}");
        assert_eq!(texts(&database.owner, count), ["4"], "{tampering}");
    }
}

#[test]
fn nobody_changes_a_row() {
    let database = filled();
    check(&database, &database.owner, "");
    check(&database, &database.writer, "");
    check(&database, &database.reader, "");
    check(&database, &database.admin, "");
    check(&database, &database.owner, "SET ROLE kyros_audit_owner; ");
    execute(&database.owner, "GRANT ALL ON audit_logs TO kyros_audit_owner").unwrap();
    check(&database, &database.owner, "SET ROLE kyros_audit_owner; ");
}

#[test]
fn a_session_that_replicates_changes_no_row_either() {
    let database = filled();
    check(&database, &database.admin, "SET session_replication_role = replica; ");
}

#[test]
fn an_upsert_or_a_merge_changes_no_row() {
    let database = filled();
    let merge = "MERGE INTO audit_logs USING (SELECT 1) AS one ON true \
                 WHEN MATCHED THEN UPDATE SET action = 'nothing'";
    let upsert = "INSERT INTO audit_logs (event_id, ts, action, outcome, service, known_action, \
                  writer_id, writer_seq) SELECT event_id, ts, 'nothing', outcome, service, \
                  known_action, writer_id, 9 FROM audit_logs WHERE ts < '2002-01-01' \
                  ON CONFLICT (tenant_id, ts, event_id) DO UPDATE SET action = 'nothing'";
    for tampering in [merge, upsert] {
        let (sqlstate, message) = execute(&database.admin, tampering).unwrap_err();
        assert_eq!(sqlstate, "42501", "{message}");
    }
}

#[test]
fn every_partition_has_both_guards_always() {
    let database = Server::shared().migrated();
    execute(&database.owner, "SELECT kyros_audit.make_month('1999-12-31')").unwrap();
    let guards = "SELECT tgrelid::regclass || ' ' || tgname FROM pg_trigger \
                  WHERE tgname LIKE 'audit_logs_keep_%' AND tgenabled = 'A'";
    let partitions = texts(&database.owner, PARTITIONS);
    assert!(partitions.contains(&"kyros_audit.audit_logs_1999_12".to_owned()));
    assert_eq!(texts(&database.owner, guards).len(), 2 * (partitions.len() + 1));
}

#[test]
fn writers_only_add() {
    let database = filled();
    for read in ["audit_logs", "audit_events", "kyros_audit.audit_logs_default"] {
        check_refused(&database.writer, &format!("SELECT * FROM {read}"));
    }
    check_refused(&database.writer, "INSERT INTO audit_events (action) VALUES ('login')");
    check_refused(&database.writer, "SELECT kyros_audit.make_month('2001-01-01')");
    check_refused(&database.writer, "SELECT * FROM kyros_audit.drop_months(365)");
    check_refused(&database.writer, "ALTER TABLE audit_logs DISABLE TRIGGER ALL");
    execute(&database.writer, "SELECT kyros_audit.make_months()").unwrap();
}

#[test]
fn readers_only_see_the_view() {
    let database = filled();
    let rows = "SELECT count(*)::text FROM audit_events";
    assert_eq!(texts(&database.reader, rows), ["4"]);
    for write in [
        "SELECT * FROM audit_logs",
        "SELECT * FROM kyros_audit.audit_logs_default",
        "SELECT * FROM kyros_audit.migrations",
        "INSERT INTO audit_events (action) VALUES ('login')",
        "DELETE FROM audit_events",
        "SELECT kyros_audit.make_months()",
    ] {
        check_refused(&database.reader, write);
    }
}

fn check_refused(dsn: &str, sql: &str) {
    let (sqlstate, message) = execute(dsn, sql).expect_err(sql);
    assert_eq!(sqlstate, "42501", "{sql}: {message}");
}
