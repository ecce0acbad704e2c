//! Damage: nothing acknowledged is lost, nothing torn is delivered.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use kyros_audit::{Options, Trail, spooled};
use kyros_schema::names::column;
use proptest::prelude::*;

use crate::directory::{Directory, temporary};
use crate::events::{recorded, spool_only, value};
use crate::segments::segments;

/// Bytes of a frame that are not its text.
const HEADER: usize = 12;

/// A closed spool of one segment, its rows, and where in the segment each of them ends.
fn written(count: u64) -> (Directory, Vec<String>, Vec<usize>) {
    let spool = temporary("spool");
    let trail = spool_only(&spool);
    let rows = recorded(&trail, count);
    assert!(trail.close(Duration::ZERO));
    let ends = rows.iter().scan(0, |end, row| {
        *end += HEADER + row.len();
        Some(*end)
    });
    let ends = ends.collect();
    (spool, rows, ends)
}

fn only_segment(spool: &Path) -> (PathBuf, Vec<u8>) {
    let segment = segments(spool).pop().unwrap();
    let bytes = fs::read(&segment).unwrap();
    (segment, bytes)
}

#[test]
fn a_segment_cut_anywhere_has_all_whole_frames_and_no_torn_one() {
    let (spool, rows, ends) = written(4);
    let (segment, bytes) = only_segment(&spool);
    assert_eq!(ends.last(), Some(&bytes.len()));
    for length in 0..=bytes.len() {
        fs::write(&segment, &bytes[..length]).unwrap();
        let whole = ends.iter().filter(|end| **end <= length).count();
        assert_eq!(spooled(&spool).unwrap(), rows[..whole], "cut at {length}");
    }
}

#[test]
fn space_that_was_never_written_is_no_event() {
    let (spool, rows, _) = written(3);
    let (segment, bytes) = only_segment(&spool);
    fs::write(&segment, [bytes, vec![0; 4096]].concat()).unwrap();
    assert_eq!(spooled(&spool).unwrap(), rows);
}

#[test]
fn damage_over_several_chunks_costs_no_event_behind_it() {
    let (spool, rows, ends) = written(6);
    let (segment, bytes) = only_segment(&spool);
    for filler in [0_u8, 0xff, b'x'] {
        let (before, after) = bytes.split_at(ends[2]);
        fs::write(&segment, [before, &vec![filler; 5 << 20], after].concat()).unwrap();
        assert_eq!(spooled(&spool).unwrap(), rows, "filled with {filler}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// A flipped bit costs the event it is in, and none else.
    #[test]
    fn flipped_bits_cost_no_other_event(places in prop::collection::vec((any::<prop::sample::Index>(), 0..8_u8), 1..4)) {
        let (spool, rows, ends) = written(8);
        let (segment, mut bytes) = only_segment(&spool);
        let mut hit = vec![false; rows.len()];
        for (place, bit) in places {
            let place = place.index(bytes.len());
            bytes[place] ^= 1 << bit;
            hit[ends.iter().filter(|end| **end <= place).count()] = true;
        }
        fs::write(&segment, bytes).unwrap();
        let read = spooled(&spool).unwrap();
        let intact: Vec<_> = rows.iter().zip(&hit).filter(|(_, hit)| !**hit).map(|(row, _)| row).collect();
        // Two flips may undo each other, so a frame that was hit can be whole.
        prop_assert!(intact.iter().all(|row| read.contains(row)));
        prop_assert!(read.iter().all(|row| rows.contains(row)));
    }

    /// However small the segments, events come back in order and without gap.
    #[test]
    fn events_keep_their_order_over_segments(count in 1..40_u64, segment_bytes in 1..4_000_u64) {
        let spool = temporary("spool");
        let trail = Trail::open(Options { segment_bytes, ..Options::new(&*spool) }).unwrap();
        let rows = recorded(&trail, count);
        let numbers: Vec<_> = rows.iter().map(|row| value(row, column::WRITER_SEQ)).collect();
        prop_assert_eq!(numbers, (1..=count).map(Into::into).collect::<Vec<serde_json::Value>>());
        prop_assert_eq!(spooled(&spool).unwrap(), rows);
    }
}
