//! One at a time, across a fork.

use crate::atomic::{AtomicU32, Ordering, yield_now};

/// Whose turn it is to change something that is read without a lock.
///
/// A child of `fork` has only the thread that forked; a turn that another thread of its parent had
/// at that moment is taken over, since nobody is left to give it back. A turn is short, so a thread
/// yields instead of sleeping.
#[derive(Debug)]
pub(crate) struct Turn {
    /// The process whose thread has the turn; 0 for nobody.
    holder: AtomicU32,
}

/// The turn, until it is dropped.
pub(crate) struct Taken<'a>(&'a Turn);

impl Turn {
    #[cfg(not(loom))]
    pub(crate) const fn new() -> Self {
        Self { holder: AtomicU32::new(0) }
    }

    #[cfg(loom)]
    pub(crate) fn new() -> Self {
        Self { holder: AtomicU32::new(0) }
    }

    /// Waits for the turn.
    pub(crate) fn take(&self) -> Taken<'_> {
        let me = std::process::id();
        while !self.try_take(me) {
            yield_now();
        }
        Taken(self)
    }

    fn try_take(&self, me: u32) -> bool {
        let take =
            |from| self.holder.compare_exchange(from, me, Ordering::Acquire, Ordering::Relaxed);
        match take(0) {
            Ok(_) => true,
            Err(holder) => holder != me && take(holder).is_ok(),
        }
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.0.holder.store(0, Ordering::Release);
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn what_a_thread_of_the_parent_held_is_taken_over() {
        let turn = Turn { holder: AtomicU32::new(std::process::id() ^ 1) };
        drop(turn.take());
        assert_eq!(turn.holder.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn threads_have_it_one_at_a_time() {
        let (turn, inside) = (Turn::new(), AtomicU32::new(0));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..10_000 {
                        let _taken = turn.take();
                        assert_eq!(inside.fetch_add(1, Ordering::Relaxed), 0);
                        inside.fetch_sub(1, Ordering::Relaxed);
                    }
                });
            }
        });
    }
}

#[cfg(all(test, loom))]
mod models {
    use loom::cell::UnsafeCell;
    use loom::sync::Arc;
    use loom::thread::spawn;

    use super::*;
    use crate::atomic::explore;

    /// Whoever has it sees what the one before has written, and is alone.
    #[test]
    fn threads_have_it_one_at_a_time() {
        explore(3, || {
            let shared = Arc::new((Turn::new(), UnsafeCell::new(0)));
            let write = |shared: &(Turn, UnsafeCell<u32>)| {
                let _taken = shared.0.take();
                shared.1.with_mut(|_| ());
            };
            let other = {
                let shared = Arc::clone(&shared);
                spawn(move || [(), ()].iter().for_each(|()| write(&shared)))
            };
            write(&shared);
            other.join().unwrap();
        });
    }
}
