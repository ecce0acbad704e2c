//! What loom tries in every order that the memory model allows: writers that have the turn, and
//! readers that don't.

use loom::sync::Arc;
use loom::thread::spawn;

use super::{Arena, Draft, FIRST, Kind, News, Record, Room};
use crate::atomic::explore;
use crate::cells::Memory;

/// Longer than a cell, so that it takes more than one store.
const TEXTS: [&[u8]; 3] = [b"first text", b"second one", b"third text"];
/// Cells of a record with such a text and one value.
const SIZE: usize = 6 + 2 + 1;

fn arena(records: usize) -> Arc<Arena> {
    Arc::new(Arena::alone(Memory::heap(FIRST + records * SIZE)))
}

fn append(arena: &Arena, text: usize) -> Option<Record> {
    let draft = Draft { kind: Kind::Series, family: text as u64, text: TEXTS[text], values: 1 };
    arena.log().unwrap().append(&draft, Room::Reserve)
}

/// Which texts the records have that still are what they were.
fn texts(news: &News) -> Vec<usize> {
    assert_eq!(news.unsound, 0);
    let alive = news.records.iter().filter(|record| record.is_series());
    alive.filter_map(|record| Some(check_whole(record, &record.text()?))).collect()
}

/// Which text it is; text, family and number of values are of one record.
fn check_whole(record: &Record, text: &[u8]) -> usize {
    let which = TEXTS.iter().position(|known| *known == text).unwrap();
    assert_eq!((record.family, record.values()), (which as u64, 1));
    which
}

#[test]
fn a_reader_sees_whole_records_in_the_order_of_the_log() {
    explore(2, || {
        let arena = arena(2);
        let writers = [0, 1].map(|text| {
            let arena = Arc::clone(&arena);
            spawn(move || append(&arena, text).unwrap())
        });
        let reader = {
            let arena = Arc::clone(&arena);
            spawn(move || {
                let first = arena.news(None);
                let then = arena.news(Some(first.position));
                (first, then)
            })
        };
        let (first, then) = reader.join().unwrap();
        writers.into_iter().for_each(|writer| drop(writer.join().unwrap()));
        let rest = arena.news(Some(then.position));
        let seen = [first, then, rest].map(|news| texts(&news)).concat();
        assert_eq!(seen, texts(&arena.news(None)));
        assert_eq!(seen.len(), 2);
    });
}

#[test]
fn the_last_room_goes_to_one_writer() {
    explore(2, || {
        let arena = arena(1);
        let writers = [0, 1].map(|text| {
            let arena = Arc::clone(&arena);
            spawn(move || append(&arena, text).is_some())
        });
        let made = writers.map(|writer| writer.join().unwrap());
        assert!(made[0] != made[1]);
        assert_eq!(texts(&arena.news(None)), [usize::from(made[1])]);
    });
}

#[test]
fn whoever_holds_a_record_whose_place_is_used_again_never_takes_one_for_the_other() {
    explore(3, || {
        let arena = arena(1);
        let held = append(&arena, 0).unwrap();
        let before = arena.position();
        let writer = {
            let arena = Arc::clone(&arena);
            let held = held.clone();
            spawn(move || {
                // Dead since 1970, so that its place has rested.
                held.kill(0);
                append(&arena, 1).unwrap()
            })
        };
        assert!(held.text().is_none_or(|text| text == TEXTS[0]));
        let news = arena.news(None);
        assert!(texts(&news).len() <= 1);
        let made = writer.join().unwrap();
        assert!(!held.is_current() && held.text().is_none());
        assert_ne!(arena.position(), before);
        assert_eq!(made.text().unwrap(), TEXTS[1]);
        assert_eq!(texts(&arena.news(Some(before))), [1]);
    });
}

#[test]
fn word_of_a_death_comes_no_later_than_its_place_is_used_again() {
    explore(2, || {
        let arena = arena(1);
        let held = append(&arena, 0).unwrap();
        let read = arena.news(None).position;
        let writer = {
            let arena = Arc::clone(&arena);
            spawn(move || {
                arena.log().unwrap().kill([&held]);
            })
        };
        let seen = arena.news(Some(read));
        writer.join().unwrap();
        let then = arena.news(Some(seen.position));
        let missed = seen.position == read && !then.anew;
        assert!(!missed && texts(&arena.news(None)).is_empty());
    });
}
