-- Generated from `schema.toml` by `make generate`; do not edit.
--
-- Retention of the audit trail. To be run daily by the owner of `audit_logs`, from a scheduler:
-- psql --file retention.sql, pg_cron, a job of the cluster. Drops whole months, and returns their names.

SELECT kyros_audit.drop_months(keep_days => 365);
