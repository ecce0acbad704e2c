//! What the writer does is told as it is done.

use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use kyros_audit::{Dsn, Event, Options, Stats, Trail};

use crate::directory::temporary;
use crate::events::{recorded, spool_only, view};
use crate::server::{Server, execute};
use crate::witness::Witness;

fn watched(spool: &Path, dsn: &str, witness: &Witness) -> Trail {
    let (dsn, observer) = (Some(Dsn::new(dsn)), Some(witness.observer()));
    let adopt_every = Duration::from_millis(50);
    Trail::open(Options { dsn, observer, adopt_every, ..Options::new(spool) }).unwrap()
}

/// Waits until that is told; nothing is asked of the trail meanwhile.
fn wait_for(witness: &Witness, expected: Stats) {
    while witness.sum() != expected {
        sleep(Duration::from_millis(5));
    }
}

#[test]
fn deliveries_and_refusals_are_told_without_being_asked_for() {
    let database = Server::shared().migrated();
    let check = "ALTER TABLE audit_logs ADD CONSTRAINT wholesome CHECK (resource <> 'poison')";
    execute(&database.admin, check).unwrap();
    let (spool, witness) = (temporary("observer"), Witness::default());
    let trail = watched(&spool, &database.writer, &witness);
    for number in 0..300 {
        let resource = if number % 100 == 7 { "poison" } else { "clv" };
        trail.record(&Event { resource: Some(resource), ..view(number) }).unwrap();
    }
    let expected = Stats { spooled: 300, shipped: 297, rejected: 3, ..Stats::default() };
    wait_for(&witness, expected);
    assert_eq!(trail.stats(), expected);
}

#[test]
fn what_a_dead_process_left_is_told_of_by_who_ships_it() {
    let database = Server::shared().migrated();
    let (spool, witness) = (temporary("observer"), Witness::default());
    let dead = spool_only(&spool);
    recorded(&dead, 50);
    drop(dead);
    let trail = watched(&spool, &database.writer, &witness);
    trail.start().unwrap();
    wait_for(&witness, Stats { shipped: 50, ..Stats::default() });
}

#[test]
fn what_waits_for_an_operator_is_told_of_as_pending() {
    let database = Server::shared().migrated();
    execute(&database.admin, "REVOKE INSERT ON audit_logs FROM kyros_audit_writer").unwrap();
    let (spool, witness) = (temporary("observer"), Witness::default());
    let trail = watched(&spool, &database.writer, &witness);
    recorded(&trail, 3);
    let before = witness.oldest_pending_seconds();
    while witness.oldest_pending_seconds() <= before {
        sleep(Duration::from_millis(5));
    }
    assert_eq!(witness.sum(), Stats { spooled: 3, pending: 3, ..Stats::default() });
    execute(&database.admin, "GRANT INSERT ON audit_logs TO kyros_audit_writer").unwrap();
    assert!(trail.flush(Duration::from_mins(2)));
    assert_eq!(witness.sum(), Stats { spooled: 3, shipped: 3, ..Stats::default() });
}
