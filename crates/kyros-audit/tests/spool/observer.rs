//! What a trail does is told as it is done.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use kyros_audit::{Dsn, Error, Observer, Options, Stats, Trail};

use crate::directory::{Directory, temporary};
use crate::events::{recorded, view};
use crate::witness::Witness;

fn watched(spool: &Directory, witness: &Witness) -> Trail {
    let observer = Some(witness.observer());
    Trail::open(Options { observer, limit_bytes: 20_000, ..Options::new(&**spool) }).unwrap()
}

fn check(witness: &Witness, spooled: u64, shed: u64, spool_errors: u64) {
    let pending = spooled;
    let expected = Stats { spooled, shed, spool_errors, pending, ..Stats::default() };
    assert_eq!(witness.sum(), expected);
}

#[test]
fn an_event_is_told_when_it_is_recorded() {
    let (spool, witness) = (temporary("observer"), Witness::default());
    let trail = watched(&spool, &witness);
    check(&witness, 0, 0, 0);
    for spooled in 1..=3 {
        trail.record(&view(spooled)).unwrap();
        check(&witness, spooled, 0, 0);
    }
}

#[test]
fn so_is_one_that_is_not_recorded() {
    let (spool, witness) = (temporary("observer"), Witness::default());
    let trail = watched(&spool, &witness);
    fs::remove_dir_all(&spool).unwrap();
    fs::write(&spool, "in the way").unwrap();
    trail.record(&view(0)).unwrap_err();
    check(&witness, 0, 0, 1);
    fs::remove_file(&spool).unwrap();
    let mut spooled = 0;
    while trail.record(&view(spooled)).is_ok() {
        spooled += 1;
    }
    check(&witness, spooled, 1, 1);
}

#[test]
fn threads_at_once_are_told_of_exactly() {
    let (spool, witness) = (temporary("observer"), Witness::default());
    let trail = watched(&spool, &witness);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for number in 0..25 {
                    let recorded = trail.record(&view(number));
                    assert!(matches!(recorded, Ok(_) | Err(Error::Full { .. })), "{recorded:?}");
                    trail.publish();
                }
            });
        }
    });
    let stats = trail.stats();
    assert_eq!(stats.spooled + stats.shed, 200);
    check(&witness, stats.spooled, stats.shed, 0);
}

#[test]
fn a_forked_child_is_told_of_from_0() {
    let (spool, witness) = (temporary("observer"), Witness::default());
    let trail = watched(&spool, &witness);
    recorded(&trail, 5);
    trail.after_fork();
    recorded(&trail, 3);
    let sum = witness.sum();
    assert_eq!((sum.spooled, sum.pending), (8, 3));
}

#[test]
fn the_oldest_event_ages_while_it_waits() {
    let (spool, witness) = (temporary("observer"), Witness::default());
    let trail = watched(&spool, &witness);
    trail.publish();
    assert!(witness.oldest_pending_seconds() <= 0.0);
    recorded(&trail, 1);
    for _ in 0..3 {
        let before = witness.oldest_pending_seconds();
        trail.publish();
        assert!(witness.oldest_pending_seconds() > before);
    }
}

/// Nothing but the writer's own tries brings it up to date here.
#[test]
fn it_ages_without_a_database_that_answers_too() {
    let (spool, witness) = (temporary("observer"), Witness::default());
    let dsn = Some(Dsn::new("postgresql://ana@127.0.0.1:1/nowhere"));
    let observer = Some(witness.observer());
    let trail = Trail::open(Options { dsn, observer, ..Options::new(&*spool) }).unwrap();
    trail.record(&view(0)).unwrap();
    for _ in 0..3 {
        let before = witness.oldest_pending_seconds();
        while witness.oldest_pending_seconds() <= before {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    check(&witness, 1, 0, 0);
}

#[test]
fn the_observer_goes_with_its_trail() {
    let spool = temporary("observer");
    let held = Arc::new(());
    let weak = Arc::downgrade(&held);
    let observer = Observer::new(move |_, _| assert_eq!(*held, ()));
    let options = Options { observer: Some(observer), ..Options::new(&*spool) };
    let trail = Trail::open(options).unwrap();
    recorded(&trail, 1);
    trail.after_fork();
    recorded(&trail, 1);
    assert!(weak.upgrade().is_some());
    drop(trail);
    assert!(weak.upgrade().is_none());
}
