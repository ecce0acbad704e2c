//! What names say, as a thread remembers it: each line and each span asks for the same few.

use std::cell::RefCell;
use std::collections::HashMap;

use super::Key;

/// Names that a thread remembers; a service has fewer.
const MOST: usize = 1024;
/// Bytes of a name that is remembered.
const LONGEST: usize = 64;

thread_local! {
    static KNOWN: RefCell<HashMap<String, Option<Key>>> = RefCell::default();
}

/// What a name says; `decide` tells it of one that isn't remembered.
pub(super) fn recall(name: &str, decide: fn(&str) -> Option<Key>) -> Option<Key> {
    // A thread that is ending remembers nothing.
    let known = KNOWN.try_with(|known| known.borrow().get(name).copied()).ok().flatten();
    known.unwrap_or_else(|| {
        let decided = decide(name);
        if name.len() <= LONGEST {
            let _ = KNOWN.try_with(|known| remember(&mut known.borrow_mut(), name, decided));
        }
        decided
    })
}

fn remember(known: &mut HashMap<String, Option<Key>>, name: &str, decided: Option<Key>) {
    if known.len() >= MOST {
        known.clear();
    }
    known.insert(name.to_owned(), decided);
}
