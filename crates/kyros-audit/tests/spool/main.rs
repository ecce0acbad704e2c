//! The spool alone, without a database.

mod crash;
mod damage;
mod directory;
mod events;
mod row;
mod segments;
mod trail;
