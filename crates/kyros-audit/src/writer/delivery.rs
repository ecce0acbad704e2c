//! From spool to database: in batches, again and again until each event has arrived.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use tokio::time::timeout;
use tracing::{Instrument, error, info_span};

use super::Signals;
use super::backoff::Backoff;
use super::orphan::Orphan;
use super::session::{Session, Target};
use super::verdict::Verdict;
use crate::Options;
use crate::row;
use crate::spool::{Batch, Journal, Rejects};
use crate::stats::Counters;

/// The writer's work.
pub(super) struct Delivery {
    journal: Arc<Journal>,
    counters: Arc<Counters>,
    signals: Arc<Signals>,
    session: Session,
    backoff: Backoff,
    rejects: Rejects,
    spool: PathBuf,
    orphans: Vec<Orphan>,
    adopt_every: Duration,
    adopted: Option<Instant>,
}

impl Delivery {
    pub(super) fn new(
        journal: Arc<Journal>,
        counters: Arc<Counters>,
        target: &Target,
        options: &Options,
        signals: Arc<Signals>,
    ) -> Self {
        Self {
            journal,
            counters,
            signals,
            session: Session::new(target.clone()),
            backoff: Backoff::default(),
            rejects: Rejects::of(&options.spool_dir),
            spool: options.spool_dir.clone(),
            orphans: Vec::new(),
            adopt_every: options.adopt_every,
            adopted: None,
        }
    }

    pub(super) fn counters(&self) -> Arc<Counters> {
        Arc::clone(&self.counters)
    }

    /// Never returns; it is dropped where it stands.
    pub(super) async fn run(mut self) {
        loop {
            self.adopt();
            let own = self.ship_own().await;
            let left_behind = self.ship_orphan().await;
            self.counters.publish();
            if !own && !left_behind {
                let _ = timeout(self.adopt_every, self.signals.wake.notified()).await;
            }
        }
    }

    /// Looks for homes of dead processes, if it is time to.
    fn adopt(&mut self) {
        if self.adopted.is_some_and(|adopted| adopted.elapsed() < self.adopt_every) {
            return;
        }
        self.adopted = Some(Instant::now());
        match Orphan::all(&self.spool) {
            Ok(orphans) => orphans.into_iter().for_each(|orphan| self.take_in(orphan)),
            Err(_) => self.counters.spool_error(),
        }
        self.counters.publish();
    }

    fn take_in(&mut self, orphan: Orphan) {
        self.counters.adopted(orphan.left);
        self.orphans.push(orphan);
        self.note_oldest();
    }

    /// Ships a batch of this process' events; false when there are none.
    async fn ship_own(&mut self) -> bool {
        let batch = self.journal.read();
        let Some(batch) = self.noted(batch).filter(|batch| !batch.is_empty()) else {
            return false;
        };
        self.counters.set_oldest_own(batch.rows.first().and_then(|row| row::happened(row)));
        self.deliver(&batch).await;
        let confirmed = self.journal.confirm(&batch);
        self.noted(confirmed);
        self.counters.delivered(batch.rows.len());
        true
    }

    /// Ships a batch of a dead process' events; false when there are none.
    async fn ship_orphan(&mut self) -> bool {
        let Some(mut orphan) = self.orphans.pop() else {
            return false;
        };
        match orphan.read() {
            Ok(batch) if !batch.is_empty() => {
                self.deliver(&batch).await;
                let confirmed = orphan.confirm(&batch);
                self.noted(confirmed);
                self.counters.delivered_adopted(batch.rows.len());
                self.orphans.push(orphan);
            }
            Ok(_) => {
                let buried = orphan.bury();
                self.noted(buried);
            }
            Err(_) => {
                self.counters.spool_error();
                self.counters.delivered_adopted(orphan.left);
            }
        }
        self.note_oldest();
        true
    }

    /// Returns when each event of the batch is committed or among the rejects.
    async fn deliver(&mut self, batch: &Batch) {
        self.counters.spool_errors.fetch_add(batch.damage, Relaxed);
        let mut parts = vec![&*batch.rows];
        while let Some(part) = parts.pop() {
            match self.insert(part).await {
                Ok(()) => self.committed(part.len()),
                Err(Verdict::Refused { sqlstate }) => self.split(part, &sqlstate, &mut parts).await,
                Err(Verdict::Later { reason }) => {
                    parts.push(part);
                    self.pause(reason).await;
                }
            }
        }
    }

    /// One insertion, which is a span.
    async fn insert(&mut self, part: &[String]) -> Result<(), Verdict> {
        let span = info_span!(
            "insert audit events",
            otel.kind = "client",
            db.system.name = "postgresql",
            db.operation.name = "INSERT",
            db.operation.batch.size = part.len(),
        );
        let inserted = self.session.insert(part).instrument(span.clone()).await;
        if let Err(verdict) = &inserted {
            span.in_scope(|| error!("{verdict}"));
        }
        inserted
    }

    fn committed(&mut self, count: usize) {
        self.counters.shipped.fetch_add(count as u64, Relaxed);
        self.counters.publish();
        self.counters.set_problem(None);
        self.backoff.reset();
    }

    /// Halves a refused part until the event that is to blame stands alone.
    async fn split<'a>(
        &mut self,
        part: &'a [String],
        sqlstate: &str,
        parts: &mut Vec<&'a [String]>,
    ) {
        match part {
            [row] => match self.rejects.keep(row, sqlstate) {
                Ok(()) => {
                    self.counters.rejected.fetch_add(1, Relaxed);
                    self.counters.publish();
                }
                Err(error) => {
                    parts.push(part);
                    self.counters.spool_error();
                    self.pause(format!("can't keep a refused event: {error}")).await;
                }
            },
            rows => {
                let (first, second) = rows.split_at(rows.len() / 2);
                parts.extend([second, first].into_iter().filter(|half| !half.is_empty()));
            }
        }
    }

    async fn pause(&mut self, reason: String) {
        self.counters.set_problem(Some(reason));
        self.counters.publish();
        let _ = timeout(self.backoff.next(), self.signals.hurry.notified()).await;
    }

    fn noted<T>(&self, done: std::io::Result<T>) -> Option<T> {
        done.inspect_err(|_| self.counters.spool_error()).ok()
    }

    fn note_oldest(&self) {
        let oldest = self.orphans.iter().filter_map(|orphan| orphan.oldest).min();
        self.counters.set_oldest_adopted(oldest);
    }
}
