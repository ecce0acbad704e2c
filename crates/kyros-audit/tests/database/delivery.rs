//! From the spool into the table: every event, once.

use std::path::Path;
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use kyros_audit::{Event, Options, Trail, spooled};
use kyros_redact::Value as Given;
use kyros_schema::names::column;
use serde_json::{Value, json};

use crate::directory::temporary;
use crate::events::{clean, recorded, spool_only, value, view};
use crate::server::{Database, Server, execute, texts};

/// Longer than anything takes: what is promised has no deadline.
const PATIENCE: Duration = Duration::from_mins(2);

const ROWS: &str =
    "SELECT to_jsonb(audit_logs)::text FROM audit_logs ORDER BY writer_id, writer_seq";

fn trail(spool: &Path, dsn: &str) -> Trail {
    let dsn = Some(kyros_audit::Dsn::new(dsn));
    let adopt_every = Duration::from_millis(50);
    Trail::open(Options { dsn, adopt_every, ..Options::new(spool) }).unwrap()
}

fn numbers(database: &Database) -> Vec<String> {
    texts(&database.owner, "SELECT meta->>'number' FROM audit_logs ORDER BY writer_id, writer_seq")
}

fn expected(count: u64) -> Vec<String> {
    (0..count).map(|number| number.to_string()).collect()
}

/// Waits until the writer says what keeps it from delivering.
fn problem(trail: &Trail) -> String {
    loop {
        if let Some(problem) = trail.problem() {
            return problem;
        }
        sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_row_holds_what_the_spool_held() {
    let database = Server::shared().migrated();
    let spool = temporary("delivery");
    let odd = Given::Map(vec![("a\0\u{1f600}\\u0000'\"".into(), Given::Number(1e300))]);
    let events = [
        view(1),
        Event { sub: Some("service:etl"), tenant_id: Some("acme"), ..view(2) },
        Event { sub: None, email: None, tenant_id: None, resource: Some("\u{7}\0\\"), ..view(3) },
        Event { meta: clean(&odd), action: &"x".repeat(9_000), known_action: false, ..view(4) },
    ];
    let kept = spool_only(&spool);
    for event in &events {
        kept.record(event).unwrap();
    }
    let spooled = spooled(&spool).unwrap();
    drop(kept);
    let trail = trail(&spool, &database.writer);
    trail.start().unwrap();
    wait_for(&database, 4);
    let rows = texts(&database.owner, ROWS);
    for (row, spooled) in rows.iter().zip(&spooled) {
        assert_eq!(shipped(row), shipped(spooled));
    }
    assert!(trail.close(PATIENCE));
}

/// A row without what the database adds, and with its time as such.
fn shipped(row: &str) -> Value {
    let mut object: Value = serde_json::from_str(row).unwrap();
    let ts: jiff::Timestamp = value(row, column::TS).as_str().unwrap().parse().unwrap();
    object[column::TS] = json!(ts.as_microsecond());
    let fields = object.as_object_mut().unwrap();
    fields.retain(|name, _| name != column::ID && name != column::INGESTED_AT);
    object
}

fn wait_for(database: &Database, count: usize) {
    let counted = "SELECT count(*)::text FROM audit_logs";
    while texts(&database.owner, counted) != [count.to_string()] {
        sleep(Duration::from_millis(20));
    }
}

/// Waits for what flushing does not wait for: what dead processes left.
fn wait_until_done(trail: &Trail) {
    while trail.stats().pending > 0 {
        sleep(Duration::from_millis(5));
    }
}

#[test]
fn an_emptied_spool_leaves_nothing_behind() {
    let database = Server::shared().migrated();
    let spool = temporary("delivery");
    let trail = trail(&spool, &database.writer);
    recorded(&trail, 1_200);
    assert!(trail.flush(PATIENCE));
    let stats = trail.stats();
    assert_eq!((stats.spooled, stats.shipped, stats.rejected), (1_200, 1_200, 0));
    assert_eq!((stats.pending, stats.spool_errors, stats.shed), (0, 0, 0));
    assert_eq!(numbers(&database), expected(1_200));
    assert!(trail.close(PATIENCE));
    assert_eq!(std::fs::read_dir(&spool).unwrap().count(), 0);
}

#[test]
fn a_server_that_crashes_again_and_again_gets_every_event_once() {
    let server = Arc::new(Server::start());
    let database = Arc::clone(&server).migrated();
    let spool = temporary("delivery");
    let trail = trail(&spool, &database.writer);
    std::thread::scope(|scope| {
        let recording = scope.spawn(|| recorded(&trail, 3_000));
        for _ in 0..4 {
            sleep(Duration::from_millis(150));
            server.crash();
        }
        recording.join().unwrap();
    });
    assert!(trail.flush(PATIENCE), "{:?}", trail.problem());
    assert_eq!(numbers(&database), expected(3_000));
}

#[test]
fn a_connection_that_breaks_again_and_again_delivers_every_event_once() {
    let database = Server::shared().migrated();
    let spool = temporary("delivery");
    let trail = trail(&spool, &database.writer);
    let terminate = "SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity \
                     WHERE application_name = 'kyros-audit' AND datname = current_database()";
    let mut broken = 0;
    std::thread::scope(|scope| {
        let recording = scope.spawn(|| recorded(&trail, 3_000));
        while !recording.is_finished() || broken < 5 {
            recorded(&trail, u64::from(recording.is_finished()));
            broken += texts(&database.admin, terminate).len();
        }
    });
    assert!(trail.flush(PATIENCE), "{:?}", trail.problem());
    let spooled = usize::try_from(trail.stats().spooled).unwrap();
    let distinct = "SELECT count(DISTINCT event_id)::text FROM audit_logs";
    assert_eq!(texts(&database.owner, distinct), [spooled.to_string()]);
    assert_eq!(numbers(&database).len(), spooled);
}

#[test]
fn events_that_are_sent_again_are_there_once() {
    let database = Server::shared().migrated();
    let spool = temporary("delivery");
    let kept = spool_only(&spool);
    recorded(&kept, 40);
    drop(kept);
    let directory = temporary("delivery");
    let copy = directory.join("copy");
    let copied = std::process::Command::new("cp").arg("-r").args([&*spool, &*copy]).status();
    assert!(copied.unwrap().success());
    for spool in [&*spool, &*copy] {
        let trail = trail(spool, &database.writer);
        trail.start().unwrap();
        while trail.stats().shipped < 40 {
            sleep(Duration::from_millis(10));
        }
        assert!(trail.close(PATIENCE));
        assert_eq!(numbers(&database), expected(40));
    }
}

#[test]
fn an_event_that_is_refused_keeps_none_of_the_others() {
    let database = Server::shared().migrated();
    let check = "ALTER TABLE audit_logs ADD CONSTRAINT wholesome CHECK (resource <> 'poison')";
    execute(&database.admin, check).unwrap();
    let spool = temporary("delivery");
    let kept = spool_only(&spool);
    for number in 0..100 {
        let resource = if matches!(number, 0 | 37 | 38 | 99) { "poison" } else { "clv" };
        kept.record(&Event { resource: Some(resource), ..view(number) }).unwrap();
    }
    drop(kept);
    let trail = trail(&spool, &database.writer);
    recorded(&trail, 1);
    wait_for(&database, 97);
    wait_until_done(&trail);
    assert!(trail.close(PATIENCE));
    assert_eq!((trail.stats().rejected, trail.stats().shipped, trail.stats().pending), (4, 97, 0));
    check_rejects(&spool, &["0", "37", "38", "99"]);
}

fn check_rejects(spool: &Path, numbers: &[&str]) {
    let rejects = std::fs::read_to_string(spool.join("rejects.jsonl")).unwrap();
    let mut found = Vec::new();
    for line in rejects.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["sqlstate"], "23514");
        found.push(line["event"][column::META]["number"].as_str().unwrap().to_owned());
    }
    assert_eq!(found, numbers);
}

#[test]
fn what_an_operator_can_mend_is_no_reason_to_reject() {
    let revoked = "REVOKE INSERT ON audit_logs FROM kyros_audit_writer";
    let granted = "GRANT INSERT ON audit_logs TO kyros_audit_writer";
    check_mended(revoked, granted, "42501");
    let renamed = "ALTER TABLE audit_logs RENAME TO elsewhere";
    check_mended(renamed, "ALTER TABLE elsewhere RENAME TO audit_logs", "42P01");
    let policed = "ALTER TABLE audit_logs ENABLE ROW LEVEL SECURITY";
    check_mended(policed, "ALTER TABLE audit_logs DISABLE ROW LEVEL SECURITY", "42501");
    let dropped = "ALTER TABLE audit_logs RENAME COLUMN resource TO thing";
    check_mended(dropped, "ALTER TABLE audit_logs RENAME COLUMN thing TO resource", "42703");
}

fn check_mended(breaking: &str, mending: &str, sqlstate: &str) {
    let database = Server::shared().migrated();
    execute(&database.admin, breaking).unwrap();
    let spool = temporary("delivery");
    let trail = trail(&spool, &database.writer);
    recorded(&trail, 3);
    let problem = problem(&trail);
    assert!(problem.contains(sqlstate) && !problem.contains("clv"), "{problem}");
    assert!(!trail.flush(Duration::from_millis(1)));
    execute(&database.admin, mending).unwrap();
    assert!(trail.flush(PATIENCE));
    assert_eq!((trail.stats().rejected, trail.problem()), (0, None));
    assert_eq!(numbers(&database), expected(3));
}

#[test]
fn events_wait_for_a_partition() {
    let database = Server::shared().migrated();
    let partitions = "SELECT inhrelid::regclass::text FROM pg_inherits \
                      WHERE inhparent = 'audit_logs'::regclass";
    for partition in texts(&database.owner, partitions) {
        let detach = format!("ALTER TABLE audit_logs DETACH PARTITION {partition}");
        execute(&database.owner, &detach).unwrap();
    }
    let spool = temporary("delivery");
    let trail = trail(&spool, &database.writer);
    recorded(&trail, 3);
    assert!(problem(&trail).contains("23514"));
    let attach = "ALTER TABLE audit_logs ATTACH PARTITION kyros_audit.audit_logs_default DEFAULT";
    execute(&database.owner, attach).unwrap();
    assert!(trail.flush(PATIENCE));
    assert_eq!(numbers(&database), expected(3));
}

#[test]
fn a_database_that_is_migrated_later_gets_what_waited() {
    let server = Arc::new(Server::start());
    let owner = server.database();
    let spool = temporary("delivery");
    let trail = trail(&spool, &owner);
    recorded(&trail, 3);
    assert!(problem(&trail).contains("42P01"));
    kyros_audit::migrate(&owner).unwrap();
    execute(&owner, "GRANT INSERT ON audit_logs TO CURRENT_USER").unwrap();
    assert!(trail.flush(PATIENCE), "{:?}", trail.problem());
}

#[test]
fn what_a_dead_process_left_is_shipped_and_a_living_ones_is_not() {
    let database = Server::shared().migrated();
    let spool = temporary("delivery");
    let living = spool_only(&spool);
    let dead = spool_only(&spool);
    recorded(&living, 2);
    recorded(&dead, 700);
    drop(dead);
    let trail = trail(&spool, &database.writer);
    recorded(&trail, 1);
    wait_for(&database, 701);
    wait_until_done(&trail);
    assert!(trail.close(PATIENCE));
    assert_eq!((trail.stats().shipped, trail.stats().pending), (701, 0));
    assert_eq!(living.pending_events().unwrap(), spooled(&spool).unwrap());
}

#[test]
fn closing_without_a_server_is_bounded_and_keeps_the_events() {
    let spool = temporary("delivery");
    let trail = trail(&spool, "postgresql://ana:pepper@127.0.0.1:1/nowhere");
    recorded(&trail, 5);
    let problem = problem(&trail);
    assert!(problem.contains("refused") && !problem.contains("pepper"), "{problem}");
    assert!(!trail.close(Duration::from_millis(100)));
    assert_eq!(spooled(&spool).unwrap().len(), 5);
}

#[test]
fn a_forked_child_ships_its_own_events() {
    let database = Server::shared().migrated();
    let spool = temporary("delivery");
    let trail = trail(&spool, &database.writer);
    recorded(&trail, 3);
    trail.after_fork();
    recorded(&trail, 3);
    assert!(trail.flush(PATIENCE));
    assert_eq!(trail.stats().spooled, 3);
    wait_for(&database, 6);
    let writers = "SELECT count(DISTINCT writer_id)::text FROM audit_logs";
    assert_eq!(texts(&database.owner, writers), ["2"]);
}
