//! The part of an exporter that one process has: after a fork the child gets another.

use std::sync::atomic::{AtomicBool, Ordering::Acquire, Ordering::Release};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Instant;

use kyros_redact::Redactor;

use crate::queue::Queue;
use crate::stats::locked;
use crate::worker::Worker;
use crate::{Observer, Options, Span, Stats};

/// What each process' part is made from.
pub(crate) struct Setup {
    pub(crate) options: Arc<Options>,
    pub(crate) redactor: Redactor,
    pub(crate) observer: Option<Observer>,
}

/// Queue and thread of one process; none of its locks outlives a fork.
pub(crate) struct Process {
    pid: u32,
    queue: Arc<Queue>,
    /// Somebody has taken care of the thread.
    started: AtomicBool,
    /// Nobody will send what is in the queue.
    closed: AtomicBool,
    worker: Mutex<State>,
    child: OnceLock<Box<Self>>,
}

#[derive(Default)]
enum State {
    #[default]
    Unstarted,
    Running(Worker),
    Closed,
}

impl Process {
    pub(crate) fn new(setup: &Setup) -> Self {
        Self {
            pid: std::process::id(),
            queue: Arc::new(Queue::new(&setup.options, setup.observer.clone())),
            started: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            worker: Mutex::default(),
            child: OnceLock::new(),
        }
    }

    /// The part of the process that is running, which is not this one after a fork.
    pub(crate) fn current(&self, setup: &Setup) -> &Self {
        self.own().unwrap_or_else(|| self.succeed(setup))
    }

    /// The part of the process that is running, where it has one.
    pub(crate) fn own(&self) -> Option<&Self> {
        Some(self.newest()).filter(|newest| newest.pid == std::process::id())
    }

    /// Makes another part; what waits in this one is the parent's to send.
    pub(crate) fn succeed(&self, setup: &Setup) -> &Self {
        self.newest().child.get_or_init(|| Box::new(Self::new(setup)))
    }

    pub(crate) fn export(&self, span: Span, setup: &Setup) {
        self.queue.push(span);
        if !self.started.load(Acquire) {
            self.start(setup);
        }
        if self.closed.load(Acquire) {
            self.queue.abandon();
        }
    }

    pub(crate) fn stats(&self) -> Stats {
        self.queue.counters.stats()
    }

    pub(crate) fn publish(&self) {
        self.queue.counters.publish();
    }

    pub(crate) fn problem(&self) -> Option<String> {
        self.queue.counters.problem()
    }

    pub(crate) fn flush(&self, until: Instant) -> bool {
        self.queue.wake.notify_one();
        let settled = self.queue.counters.wait_settled(until);
        self.queue.counters.publish();
        settled
    }

    /// Stops the thread; what it hasn't sent by then is given up, and so is what comes later.
    pub(crate) fn close(&self, until: Instant) {
        let state = std::mem::replace(&mut *locked(&self.worker), State::Closed);
        if let State::Running(worker) = state {
            worker.stop(until);
        }
        self.closed.store(true, Release);
        self.queue.abandon();
        self.queue.counters.publish();
    }

    /// Whoever is first starts the thread; the others needn't wait for it.
    fn start(&self, setup: &Setup) {
        if self.started.swap(true, Acquire) {
            return;
        }
        let mut state = locked(&self.worker);
        if matches!(*state, State::Closed) {
            return;
        }
        let (queue, options) = (Arc::clone(&self.queue), Arc::clone(&setup.options));
        match Worker::start(queue, options, setup.redactor.clone()) {
            Ok(worker) => *state = State::Running(worker),
            Err(error) => {
                self.queue.counters.set_problem(format!("can't start the thread: {error}"));
                self.started.store(false, Release);
            }
        }
    }

    /// The part that was made last.
    pub(crate) fn newest(&self) -> &Self {
        let mut newest = self;
        while let Some(child) = newest.child.get() {
            newest = child;
        }
        newest
    }
}
