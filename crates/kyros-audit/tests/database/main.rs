//! The trail with a real Postgres.

#[path = "../spool/directory.rs"]
mod directory;
#[path = "../spool/events.rs"]
mod events;
mod server;
