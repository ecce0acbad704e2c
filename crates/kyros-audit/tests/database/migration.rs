//! Migrations: as an ordinary owner, once, and whole or not at all.

use std::sync::Arc;

use kyros_audit::{Error, MigrationReport, migrate};

use crate::server::{Server, execute, migrate_alone, texts};

const FIRST: &str = "0001_audit_logs";

const PARTITIONS: &str = "SELECT relname::text FROM pg_class JOIN pg_inherits ON inhrelid = oid \
                          WHERE inhparent = 'public.audit_logs'::regclass ORDER BY relname";

#[test]
fn a_second_run_finds_everything_there() {
    let server = Server::shared();
    let owner = server.database();
    let first = migrate_alone(&owner).unwrap();
    assert_eq!(first, MigrationReport { applied: vec![FIRST.into()], ..Default::default() });
    let second = migrate_alone(&owner).unwrap();
    assert_eq!(second, MigrationReport { present: vec![FIRST.into()], ..Default::default() });
}

#[test]
fn a_text_that_was_applied_by_hand_is_taken_over() {
    let database = Server::shared().migrated();
    let before = texts(&database.owner, PARTITIONS);
    execute(&database.owner, "DELETE FROM kyros_audit.migrations").unwrap();
    assert_eq!(migrate_alone(&database.owner).unwrap().applied, [FIRST]);
    assert_eq!(texts(&database.owner, PARTITIONS), before);
}

#[test]
fn processes_that_migrate_at_once_wait_for_each_other() {
    let server = Server::start();
    let owner = server.database();
    let mut applied = std::thread::scope(|scope| {
        let runs = [(); 4].map(|()| scope.spawn(|| migrate(&owner).unwrap().applied.len()));
        runs.map(|run| run.join().unwrap())
    });
    applied.sort_unstable();
    assert_eq!(applied, [0, 0, 0, 1]);
}

#[test]
fn a_changed_migration_is_refused() {
    let database = Server::shared().migrated();
    execute(&database.owner, "UPDATE kyros_audit.migrations SET checksum = 'other'").unwrap();
    let error = migrate_alone(&database.owner).unwrap_err();
    assert!(matches!(error, Error::ChangedMigration { .. }), "{error}");
}

#[test]
fn a_newer_versions_migrations_are_left_alone() {
    let database = Server::shared().migrated();
    let newer = "INSERT INTO kyros_audit.migrations VALUES (7, '0007_later', 'unknown')";
    execute(&database.owner, newer).unwrap();
    let report = migrate_alone(&database.owner).unwrap();
    assert_eq!((report.unknown, report.present), (vec![7], vec![FIRST.to_owned()]));
}

#[test]
fn a_login_without_the_right_to_roles_changes_nothing() {
    let server = Server::start();
    let owner = server.database();
    execute(server.admin(), "ALTER ROLE kyros_test_owner NOCREATEROLE").unwrap();
    let error = migrate(&owner).unwrap_err();
    assert!(matches!(&error, Error::Migration { name, .. } if name == FIRST), "{error}");
    assert_eq!(texts(&owner, "SELECT coalesce(to_regclass('audit_logs')::text, '')"), [""]);
}

#[test]
fn a_login_without_the_right_to_roles_uses_those_that_are_there() {
    let server = Server::start();
    let owner = server.database();
    let roles = "ALTER ROLE kyros_test_owner NOCREATEROLE; CREATE ROLE kyros_audit_owner; \
                 CREATE ROLE kyros_audit_writer; CREATE ROLE kyros_audit_reader";
    execute(server.admin(), roles).unwrap();
    assert_eq!(migrate(&owner).unwrap().applied, [FIRST]);
    let table = "SELECT relowner::regrole::text FROM pg_class WHERE relname = 'audit_logs'";
    assert_eq!(texts(&owner, table), ["kyros_test_owner"]);
    let (sqlstate, _) = execute(&owner, "DELETE FROM audit_logs").unwrap_err();
    assert_eq!(sqlstate, "42501");
    assert_eq!(migrate(&owner).unwrap().present, [FIRST]);
}

#[test]
fn the_table_belongs_to_a_role_that_nobody_logs_in_as() {
    let database = Arc::new(Server::start()).migrated();
    let owners = "SELECT DISTINCT rolname || ' ' || rolcanlogin FROM pg_class \
                  JOIN pg_roles ON relowner = pg_roles.oid \
                  WHERE relnamespace = 'kyros_audit'::regnamespace AND relkind = 'r' \
                  OR relname IN ('audit_logs', 'audit_events')";
    assert_eq!(texts(&database.owner, owners), ["kyros_audit_owner false"]);
    let writers = "SELECT grantee::text FROM information_schema.role_table_grants \
                   WHERE table_name = 'audit_logs' AND privilege_type = 'INSERT' \
                   AND grantee <> current_user";
    assert_eq!(texts(&database.owner, writers), ["kyros_audit_writer"]);
    let superuser = "SELECT rolsuper::text FROM pg_roles WHERE rolname = current_user";
    assert_eq!(texts(&database.owner, superuser), ["false"]);
}

#[test]
fn this_month_and_the_next_have_partitions() {
    let database = Server::shared().migrated();
    let months = "SELECT 'audit_logs_' || to_char(month, 'YYYY_MM') FROM generate_series( \
                  date_trunc('month', now() AT TIME ZONE 'UTC'), \
                  now() AT TIME ZONE 'UTC' + interval '3 months', '1 month') AS month";
    let mut expected = texts(&database.owner, months);
    expected.push("audit_logs_default".to_owned());
    assert_eq!(texts(&database.owner, PARTITIONS), expected);
}

#[test]
fn months_are_dropped_when_all_their_rows_are_old_enough() {
    let database = Server::shared().migrated();
    execute(&database.owner, "SELECT kyros_audit.make_month('2019-05-17')").unwrap();
    let partitions = texts(&database.owner, PARTITIONS);
    let refused = execute(&database.owner, "SELECT kyros_audit.drop_months(364)").unwrap_err();
    assert_eq!(refused.0, "22023");
    let dropped = texts(&database.owner, "SELECT kyros_audit.drop_months(365)");
    assert_eq!(dropped, ["audit_logs_2019_05"]);
    assert_eq!(texts(&database.owner, PARTITIONS), partitions[1..]);
}

#[test]
fn a_month_whose_rows_are_in_the_default_partition_stays_there() {
    let database = Server::shared().migrated();
    let early = "INSERT INTO audit_logs (event_id, ts, action, outcome, service, known_action, \
                 writer_id, writer_seq) VALUES (gen_random_uuid(), '2001-01-15', 'login', \
                 'success', 'test', true, gen_random_uuid(), 1)";
    execute(&database.writer, early).unwrap();
    let made = "SELECT kyros_audit.make_month('2001-01-01')::text";
    assert_eq!(texts(&database.owner, made), ["false"]);
    let row = "SELECT tableoid::regclass::text FROM audit_logs";
    assert_eq!(texts(&database.owner, row), ["kyros_audit.audit_logs_default"]);
}

#[test]
fn an_event_is_unique_even_without_a_tenant() {
    let database = Server::shared().migrated();
    let event = "INSERT INTO audit_logs (event_id, ts, action, outcome, service, known_action, \
                 writer_id, writer_seq) VALUES ('8e1b3d5b-0c0f-4a51-9c3c-4f4b5b2c9f10', now(), \
                 'login', 'success', 'test', true, gen_random_uuid(), 1)";
    let twice = format!("BEGIN; {event}; {event}; COMMIT");
    assert_eq!(execute(&database.writer, &twice).unwrap_err().0, "23505");
}

#[test]
fn an_unreachable_database_is_said_without_its_password() {
    let error = migrate("postgresql://ana:pepper@127.0.0.1:1/nowhere").unwrap_err();
    assert!(matches!(error, Error::Connect { .. }), "{error}");
    assert!(!format!("{error} {error:?}").contains("pepper"), "{error:?}");
}
