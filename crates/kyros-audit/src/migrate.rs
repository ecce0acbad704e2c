//! Bringing a database to the present state of the migrations.

use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write as _;
use std::thread;

use sha2::{Digest, Sha256};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, raw_sql};
use tokio::runtime::Builder;

use crate::migrations::{MIGRATIONS, Migration};
use crate::writer::spoken;
use crate::{Dsn, Error};

/// Everything is one transaction, one process at a time; nobody waits forever for a lock.
const BEGIN: &str = "SET LOCAL lock_timeout = '30s'; SET LOCAL client_min_messages = warning; \
                     SELECT pg_advisory_xact_lock(hashtext('kyros_audit.migrations'))";

const LEDGER: &str = "SELECT to_regclass('kyros_audit.migrations') IS NOT NULL";

const APPLIED: &str = "SELECT version, checksum FROM kyros_audit.migrations";

const RECORD: &str =
    "INSERT INTO kyros_audit.migrations (version, name, checksum) VALUES ($1, $2, $3)";

const MAKE_MONTHS: &str = "SELECT kyros_audit.make_months()";

/// What `migrate` found and did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MigrationReport {
    /// Migrations applied now, in order.
    pub applied: Vec<String>,
    /// Migrations that were there before.
    pub present: Vec<String>,
    /// Versions in the database that this version doesn't know: a newer one was here.
    pub unknown: Vec<i32>,
}

impl fmt::Display for MigrationReport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for name in &self.applied {
            writeln!(out, "applied {name}")?;
        }
        for version in &self.unknown {
            writeln!(out, "left alone {version}, which a newer version has applied")?;
        }
        let (applied, present) = (self.applied.len(), self.present.len());
        write!(out, "{applied} migrations applied, {present} present before")
    }
}

/// Applies the migrations that a database lacks, in one transaction: all or none.
///
/// The login needs to own the database and to have CREATEROLE; it need not be a superuser. Blocks
/// until done. Connect directly, not through a pooler in transaction mode.
pub fn migrate(dsn: &str) -> Result<MigrationReport, Error> {
    let options = Dsn::new(dsn).options()?;
    // A thread of its own: the caller may be inside of an asynchronous runtime.
    let thread = thread::Builder::new().name("kyros-audit-migrate".to_owned());
    let running = thread.spawn(move || run(&options)).map_err(|source| Error::Thread { source })?;
    running.join().unwrap_or_else(|_| {
        let source = std::io::Error::other("the thread of the migration ended early");
        Err(Error::Thread { source })
    })
}

fn run(options: &PgConnectOptions) -> Result<MigrationReport, Error> {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|source| Error::Thread { source })?;
    runtime.block_on(async {
        let mut connection = options.connect().await.map_err(|error| unreachable(&error))?;
        let report = migrated(&mut connection).await?;
        let _ = connection.close().await;
        Ok(report)
    })
}

async fn migrated(connection: &mut PgConnection) -> Result<MigrationReport, Error> {
    let mut transaction = connection.begin().await.map_err(|error| unreachable(&error))?;
    let mut applied = ledger(&mut transaction).await.map_err(|error| failed("ledger", &error))?;
    let mut report = MigrationReport::default();
    for migration in MIGRATIONS {
        match applied.remove(&migration.version) {
            Some(checksum) => check(migration, checksum, &mut report)?,
            None => apply(&mut transaction, migration, &mut report).await?,
        }
    }
    report.unknown = applied.into_keys().collect();
    let months = raw_sql(MAKE_MONTHS).execute(&mut *transaction).await;
    months.map_err(|error| failed("make_months", &error))?;
    transaction.commit().await.map_err(|error| failed("commit", &error))?;
    Ok(report)
}

/// The checksums of what was applied, by version.
async fn ledger(connection: &mut PgConnection) -> sqlx::Result<BTreeMap<i32, String>> {
    raw_sql(BEGIN).execute(&mut *connection).await?;
    if !sqlx::query_scalar(LEDGER).persistent(false).fetch_one(&mut *connection).await? {
        return Ok(BTreeMap::new());
    }
    let rows = sqlx::query_as(APPLIED).persistent(false).fetch_all(connection).await?;
    Ok(rows.into_iter().collect())
}

fn check(
    migration: &Migration,
    applied: String,
    report: &mut MigrationReport,
) -> Result<(), Error> {
    let (name, known) = (migration.name.to_owned(), checksum(migration.sql));
    if applied != known {
        return Err(Error::ChangedMigration { name, applied, known });
    }
    report.present.push(name);
    Ok(())
}

async fn apply(
    connection: &mut PgConnection,
    migration: &Migration,
    report: &mut MigrationReport,
) -> Result<(), Error> {
    let done = raw_sql(AssertSqlSafe(migration.sql)).execute(&mut *connection).await;
    done.map_err(|error| failed(migration.name, &error))?;
    let record = sqlx::query(RECORD).persistent(false).bind(migration.version);
    let record = record.bind(migration.name).bind(checksum(migration.sql));
    record.execute(connection).await.map_err(|error| failed(migration.name, &error))?;
    report.applied.push(migration.name.to_owned());
    Ok(())
}

/// SHA-256 in hexadecimal.
fn checksum(sql: &str) -> String {
    Sha256::digest(sql).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unreachable(error: &sqlx::Error) -> Error {
    Error::Connect { reason: spoken(error) }
}

fn failed(name: &str, error: &sqlx::Error) -> Error {
    Error::Migration { name: name.to_owned(), reason: spoken(error) }
}
