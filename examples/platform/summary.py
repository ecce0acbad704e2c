"""The state of each tenant, from Prometheus and the audit table, as one screen of text."""

import psycopg

from examples.platform.launch.stack import Stack
from examples.platform.tenants import TENANTS

_REQUESTS = 'sum by (tenant_id) (http_requests_total{endpoint!="/metrics"})'
_FAILED = 'sum by (tenant_id) (http_requests_total{code=~"5.."})'
_P95 = (
    "histogram_quantile(0.95, sum by (le, tenant_id)"
    " (rate(http_request_duration_seconds_bucket[1m])))"
)
_CALLBACKS = "sum by (tenant_id) (dash_callbacks_total)"
_CALLBACK_ERRORS = "sum by (tenant_id) (dash_callback_errors_total)"
_AUDIT = "SELECT tenant_id::text, count(*) FROM audit_logs GROUP BY tenant_id"

_HEAD = ("tenant", "requests", "5xx", "p95 s", "callbacks", "errors", "audit rows")
_ROW = "{:<18}{:>10}{:>7}{:>9}{:>11}{:>8}{:>12}"


def summary(stack: Stack) -> str:
    """One line per tenant, and the alerts that are firing."""
    columns = [_by_tenant(stack, query) for query in (_REQUESTS, _FAILED)]
    columns += [_by_tenant(stack, _P95, "{:.2f}")]
    columns += [_by_tenant(stack, query) for query in (_CALLBACKS, _CALLBACK_ERRORS)]
    columns += [_audit_rows(stack)]
    rows = [(tenant.slug, tenant.id) for tenant in TENANTS] + [("(no tenant)", "_none")]
    lines = [_ROW.format(*_HEAD)]
    lines += [
        _ROW.format(name, *(column.get(key, "-") for column in columns)) for name, key in rows
    ]
    return "\n".join([*lines, "", f"alerts firing: {_firing(stack)}"])


def addresses(stack: Stack) -> str:
    """Where everything can be looked at."""
    lines = [
        f"  {service.name:<16}{service.url}  ({service.workers} workers)"
        for service in stack.services
    ]
    lines += [f"  {'Prometheus':<16}{stack.prometheus.base_url}"]
    lines += [f"  {'Alertmanager':<16}{stack.alertmanager_url}"]
    lines += [f"  {'PostgreSQL':<16}address in {stack.store.directory / 'owner_dsn'}"]
    lines += [f"  {'logs':<16}{stack.services[0].log.parent}/*.stdout"]
    lines += [f"  {'team channel':<16}{stack.notifications}"]
    lines += [f"  {'dashboards':<16}{stack.assets.directory / 'dashboards' / 'out'}"]
    return "\n".join(lines)


def _by_tenant(stack: Stack, query: str, shape: str = "{:.0f}") -> dict[str, str]:
    samples = stack.prometheus.query(query)
    return {labels.get("tenant_id", ""): shape.format(value) for labels, value in samples}


def _audit_rows(stack: Stack) -> dict[str, str]:
    with psycopg.connect(stack.database.dsn) as connection:
        rows = connection.execute(_AUDIT).fetchall()
    return {tenant or "_none": str(count) for tenant, count in rows}


def _firing(stack: Stack) -> str:
    alerts = [alert for alert in stack.prometheus.alerts() if alert["state"] == "firing"]
    names = {str(dict(alert["labels"]).get("alertname")) for alert in alerts}  # type: ignore[call-overload]
    return ", ".join(sorted(names)) or "none"
