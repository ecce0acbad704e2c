"""`audit_logs` holds exactly what the driver did, and nobody can change it."""

from collections import Counter

import psycopg
from psycopg import sql

from examples.platform.traffic.ledger import AuditKey
from examples.platform.verify.evidence import Evidence
from examples.platform.verify.report import Report

_ROWS = """
SELECT service, action, outcome, resource, tenant_id::text, sub::text, email FROM audit_logs
"""
_FAILED_LOGINS = """
SELECT count(*), count(email_hash) FROM audit_logs WHERE action = 'login_failed' AND email IS NULL
"""
_OWNER = "SELECT tableowner FROM pg_tables WHERE tablename = 'audit_logs'"
_TAMPERING = {
    "UPDATE": "UPDATE audit_logs SET action = 'nothing'",
    "DELETE": "DELETE FROM audit_logs",
    "TRUNCATE": "TRUNCATE audit_logs",
}


def check_audit_rows(evidence: Evidence, report: Report) -> None:
    """Compare the rows with the books, action by action."""
    with psycopg.connect(evidence.stack.database.dsn) as connection:
        seen = Counter(AuditKey(*row) for row in connection.execute(_ROWS))
    driver = evidence.ledger.audit
    for action in sorted({key.action for key in (*seen, *driver)}):
        _check_action(report, action, seen, driver)
    _check_accounts(evidence, report)
    _check_refusals(evidence, report)


def _check_accounts(evidence: Evidence, report: Report) -> None:
    """A failed login is nobody's, and still says which account was tried."""
    with psycopg.connect(evidence.stack.database.dsn) as connection:
        row = connection.execute(_FAILED_LOGINS).fetchone()
    rows, hashed = row or (0, 0)
    fact = "every failed login tells the account by its hash"
    report.row(fact, holds=0 < rows == hashed, evidence=f"{hashed} of {rows} rows")


def _check_action(
    report: Report, action: str, seen: Counter[AuditKey], driver: Counter[AuditKey]
) -> None:
    keys = [key for key in {*seen, *driver} if key.action == action]
    wrong = [
        f"{key}: {seen[key]} rows, driver {driver[key]}" for key in keys if seen[key] != driver[key]
    ]
    total = sum(driver[key] for key in keys)
    report.none_of(f"audit_logs has exactly the driver's `{action}`", wrong, f"{total} rows")


def _check_refusals(evidence: Evidence, report: Report) -> None:
    """Even the owner of the table, who may do most, is refused."""
    owner, services = evidence.stack.database.dsn, evidence.stack.audit_dsn
    roles = {
        "the table's owner": (owner, _table_owner(owner)),
        "the database's owner": (owner, None),
        "the services": (services, None),
    }
    for who, (dsn, role) in roles.items():
        for verb, statement in _TAMPERING.items():
            refusal = _refusal(dsn, role, statement)
            fact = f"{verb} on audit_logs is refused to {who}"
            report.row(fact, holds=refusal is not None, evidence=refusal or "it was done")


def _table_owner(dsn: str) -> str:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(_OWNER).fetchone()
    return str(row[0]) if row else ""


def _refusal(dsn: str, role: str | None, statement: str) -> str | None:
    with psycopg.connect(dsn) as connection:
        if role is not None:
            connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
        try:
            connection.execute(sql.SQL(statement))
        except psycopg.Error as error:
            return f"{error.sqlstate}: {error.diag.message_primary}"
        connection.rollback()
    return None
