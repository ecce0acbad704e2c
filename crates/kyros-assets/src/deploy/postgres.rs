//! Postgres: what has to be run now and then, with the service's own numbers.

use kyros_schema::Schema;

use crate::Output;

const ABOUT: &str = "-- Retention of the audit trail. To be run daily by the owner of `audit_logs`, from a scheduler:
-- psql --file retention.sql, pg_cron, a job of the cluster. Drops whole months, and returns their names.";

/// Writes `deploy/postgres/retention.sql`.
pub(super) fn render(schema: &Schema) -> Output {
    let header = crate::yaml::header("`schema.toml`").replacen('#', "--", 1);
    let days = schema.retention.audit_days;
    let call = format!("SELECT kyros_audit.drop_months(keep_days => {days});");
    Output::new("deploy/postgres/retention.sql", format!("{header}\n--\n{ABOUT}\n\n{call}\n"))
}
