//! Which texts are e-mail addresses, as a thread remembers it: each request of somebody asks again.
//!
//! What is kept are fingerprints under keys of the thread's own, so that no address stays in memory
//! for having been asked for.

use std::cell::RefCell;
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

/// Addresses that a thread remembers.
const MOST: usize = 1024;

thread_local! {
    static ADDRESSES: RefCell<Addresses> = RefCell::default();
}

#[derive(Default)]
struct Addresses {
    keys: [RandomState; 2],
    known: HashSet<[u64; 2]>,
}

/// Whether a text is an address; `check` says so of one that isn't remembered as one.
pub(crate) fn is_address(text: &str, check: fn(&str) -> bool) -> bool {
    let remembered = ADDRESSES.try_with(|addresses| addresses.borrow_mut().have(text, check));
    remembered.unwrap_or_else(|_| check(text))
}

impl Addresses {
    fn have(&mut self, text: &str, check: fn(&str) -> bool) -> bool {
        let print = self.keys.each_ref().map(|key| key.hash_one(text));
        if self.known.contains(&print) {
            return true;
        }
        let is_one = check(text);
        if is_one {
            if self.known.len() >= MOST {
                self.known.clear();
            }
            self.known.insert(print);
        }
        is_one
    }
}
