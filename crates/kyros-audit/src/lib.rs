//! Audit events: durable spool, Postgres writer, migrations.
