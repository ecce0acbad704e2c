//! A trail without a database: what it promises, and what it says when it can't.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use kyros_audit::{Error, Event, Options, Trail, spooled};
use kyros_schema::ActionClass;
use kyros_schema::names::column;

use crate::directory::temporary;
use crate::events::{recorded, spool_only, value, view};
use crate::segments::segments;

#[test]
fn threads_share_a_trail_and_no_number() {
    let spool = temporary("spool");
    let trail = spool_only(&spool);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| recorded(&trail, 25));
        }
    });
    let rows = trail.pending_events().unwrap();
    let numbers: Vec<_> =
        rows.iter().map(|row| value(row, column::WRITER_SEQ).as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=200).collect::<Vec<_>>());
    assert_eq!(trail.stats().spooled, 200);
}

#[test]
fn opening_starts_no_thread_and_leaves_nothing_but_the_directory() {
    let directory = temporary("spool");
    let spool = directory.join("deeper");
    let trail = spool_only(&spool);
    assert_eq!(fs::read_dir(&spool).unwrap().count(), 0);
    assert!(trail.pending_events().unwrap().is_empty());
    assert_eq!(trail.stats(), kyros_audit::Stats::default());
}

#[test]
fn events_are_their_owners_alone() {
    let directory = temporary("spool");
    let spool = directory.join("own");
    recorded(&spool_only(&spool), 1);
    for (path, mode) in [(&spool, 0o700), (&segments(&spool)[0], 0o600)] {
        let found = fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(found, mode, "{}", path.display());
    }
}

#[test]
fn a_spool_that_cannot_be_written_is_reported_at_once() {
    let directory = temporary("spool");
    let file = directory.join("file");
    fs::write(&file, "").unwrap();
    for spool in [file.clone(), file.join("below"), PathBuf::from("/proc/kyros")] {
        let Err(error) = Trail::open(Options::new(&*spool)) else { panic!("{}", spool.display()) };
        assert!(matches!(error, Error::Spool { .. }), "{error}");
        assert!(error.to_string().contains("hint: "), "{error}");
    }
}

#[test]
fn a_spool_that_is_lost_later_is_an_error_and_heals() {
    let spool = temporary("spool");
    let trail = spool_only(&spool);
    fs::remove_dir_all(&spool).unwrap();
    fs::write(&spool, "in the way").unwrap();
    assert!(matches!(trail.record(&view(1)), Err(Error::Spool { .. })));
    assert_eq!((trail.stats().spooled, trail.stats().spool_errors), (0, 1));
    fs::remove_file(&spool).unwrap();
    fs::create_dir(&spool).unwrap();
    assert_eq!(recorded(&trail, 1).len(), 1);
}

#[test]
fn a_lost_home_is_an_error_and_no_silence() {
    let spool = temporary("spool");
    let trail = Trail::open(Options { segment_bytes: 1, ..Options::new(&*spool) }).unwrap();
    recorded(&trail, 1);
    fs::remove_dir_all(&spool).unwrap();
    assert!(matches!(trail.record(&view(2)), Err(Error::Spool { .. })));
}

#[test]
fn over_the_limit_views_are_shed_and_nothing_else() {
    let spool = temporary("spool");
    let trail = Trail::open(Options { limit_bytes: 1_000, ..Options::new(&*spool) }).unwrap();
    recorded(&trail, 2);
    let refused = trail.record(&view(3));
    assert!(matches!(refused, Err(Error::Full { limit: 1_000 })), "{refused:?}");
    for class in [ActionClass::Standard, ActionClass::Critical] {
        trail.record(&Event { class, ..view(4) }).unwrap();
    }
    let stats = trail.stats();
    assert_eq!((stats.spooled, stats.shed, stats.spool_errors, stats.pending), (4, 1, 0, 4));
    assert!(stats.oldest_pending_seconds > 0.0);
}

#[test]
fn a_forked_child_has_a_spool_of_its_own() {
    let spool = temporary("spool");
    let trail = spool_only(&spool);
    let before = recorded(&trail, 2);
    trail.after_fork();
    assert!(trail.pending_events().unwrap().is_empty());
    assert_eq!(trail.stats(), kyros_audit::Stats::default());
    let after = recorded(&trail, 1);
    assert_ne!(value(&before[0], column::WRITER_ID), value(&after[0], column::WRITER_ID));
    assert_eq!(value(&after[0], column::WRITER_SEQ), 1);
    assert_eq!(spooled(&spool).unwrap(), [before, after].concat());
}

#[test]
fn events_after_closing_are_kept() {
    let spool = temporary("spool");
    let trail = spool_only(&spool);
    recorded(&trail, 1);
    assert!(trail.close(Duration::ZERO));
    recorded(&trail, 1);
    assert_eq!(spooled(&spool).unwrap().len(), 2);
}

#[test]
fn an_address_is_never_printed() {
    let spool = temporary("spool");
    for address in
        ["mysql://ana:pepper@db/x", "host=db password=pepper", "postgresql://a:pepper@[x/y"]
    {
        let dsn = Some(kyros_audit::Dsn::new(address));
        let options = Options { dsn, ..Options::new(&*spool) };
        assert!(!format!("{options:?}").contains("pepper"));
        let Err(error) = Trail::open(options) else { panic!("{address}") };
        assert!(matches!(error, Error::Dsn { .. }), "{error}");
        assert!(!format!("{error} {error:?}").contains("pepper"), "{error:?}");
    }
}

#[test]
fn failing_again_and_again_leaves_no_litter() {
    let spool = temporary("spool");
    let trail = spool_only(&spool);
    fs::remove_dir(&spool).unwrap();
    fs::write(&spool, "in the way").unwrap();
    for number in 0..3 {
        trail.record(&view(number)).unwrap_err();
    }
    fs::remove_file(&spool).unwrap();
    recorded(&trail, 1);
    assert_eq!(fs::read_dir(&spool).unwrap().count(), 1);
}
