"""Per-tenant metrics, logs, audit trail and traces for FastAPI and Dash services.

    import kyros_obs

    kyros_obs.configure(service="kyros-api", env="prod")
    kyros_obs.instrument(app)

Importing this starts no thread and touches no file.
"""

from kyros_obs import testing, vocabulary
from kyros_obs.cache import Cache, cache
from kyros_obs.config import configure
from kyros_obs.context import bind
from kyros_obs.events import event
from kyros_obs.exceptions import AuditError, ConfigError, KyrosObsError
from kyros_obs.frameworks import instrument
from kyros_obs.metrics import (
    Counter,
    Gauge,
    Histogram,
    counter,
    forget_tenant,
    gauge,
    histogram,
)
from kyros_obs.observe import observe
from kyros_obs.outgoing import propagate, trace_headers
from kyros_obs.sqlalchemy import instrument_sqlalchemy
from kyros_obs.trail import audit, migrate

__all__ = [
    "AuditError",
    "Cache",
    "ConfigError",
    "Counter",
    "Gauge",
    "Histogram",
    "KyrosObsError",
    "audit",
    "bind",
    "cache",
    "configure",
    "counter",
    "event",
    "forget_tenant",
    "gauge",
    "histogram",
    "instrument",
    "instrument_sqlalchemy",
    "migrate",
    "observe",
    "propagate",
    "testing",
    "trace_headers",
    "vocabulary",
]
