//! The one connection of a writer.

use std::time::{Duration, Instant};

use kyros_schema::Schema;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, raw_sql};
use tokio::time::timeout;

use super::statement;
use super::verdict::Verdict;
use crate::{Dsn, Error};

/// The longest a connection or a batch may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Time between two calls that make partitions for the months to come.
const DAY: Duration = Duration::from_hours(24);
const HOUR: Duration = Duration::from_hours(1);

/// A commit is confirmed only when it is on the server's disk, whatever the login's default is.
const DURABLY: &str = "SELECT set_config('synchronous_commit', 'on', true) \
                       WHERE current_setting('synchronous_commit') = 'off'";

const MAKE_MONTHS: &str = "SELECT kyros_audit.make_months()";

/// Where batches go.
#[derive(Clone)]
pub(crate) struct Target {
    options: PgConnectOptions,
    insert: String,
}

impl Target {
    pub(crate) fn new(dsn: &Dsn) -> Result<Self, Error> {
        Ok(Self { options: dsn.options()?, insert: statement::insert(Schema::embedded()) })
    }
}

/// A connection that is made when it is needed, and again after it broke.
pub(super) struct Session {
    target: Target,
    connection: Option<PgConnection>,
    /// When partitions are to be made again.
    months_due: Instant,
}

impl Session {
    pub(super) fn new(target: Target) -> Self {
        Self { target, connection: None, months_due: Instant::now() }
    }

    /// Inserts the rows in one transaction.
    pub(super) async fn insert(&mut self, rows: &[String]) -> Result<(), Verdict> {
        let verdict = match timeout(PATIENCE, self.try_insert(rows)).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => Verdict::of(&error),
            Err(_) => Verdict::Later { reason: format!("no answer in {PATIENCE:?}") },
        };
        if matches!(verdict, Verdict::Later { .. }) {
            self.connection = None;
        }
        Err(verdict)
    }

    /// Each batch is one transaction of unnamed statements, as a pooler in transaction mode needs.
    async fn try_insert(&mut self, rows: &[String]) -> sqlx::Result<()> {
        let array = format!("[{}]", rows.join(","));
        self.connect().await?;
        let Some(connection) = &mut self.connection else {
            return Err(sqlx::Error::PoolClosed);
        };
        let mut transaction = connection.begin().await?;
        raw_sql(DURABLY).execute(&mut *transaction).await?;
        let insert = sqlx::query(AssertSqlSafe(self.target.insert.as_str())).bind(array);
        insert.persistent(false).execute(&mut *transaction).await?;
        transaction.commit().await
    }

    async fn connect(&mut self) -> sqlx::Result<()> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.target.options.connect().await?,
        };
        if Instant::now() >= self.months_due {
            // Without them rows go to the default partition, so a refusal is no reason to stop.
            let made = raw_sql(MAKE_MONTHS).execute(&mut connection).await.is_ok();
            self.months_due = Instant::now() + if made { DAY } else { HOUR };
        }
        self.connection = Some(connection);
        Ok(())
    }
}
