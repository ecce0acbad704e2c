//! The trail with a real Postgres.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod delivery;
#[path = "../spool/directory.rs"]
mod directory;
#[path = "../spool/events.rs"]
mod events;
mod guards;
mod migration;
mod observer;
mod server;
#[path = "../spool/witness.rs"]
mod witness;
