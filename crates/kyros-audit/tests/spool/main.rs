//! The spool alone, without a database.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod crash;
mod damage;
mod directory;
mod events;
mod observer;
mod row;
mod segments;
mod trail;
mod witness;
