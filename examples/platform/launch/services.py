"""The platform's services: the monolith under uvicorn, the Dash applications under gunicorn."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from examples.platform import settings
from examples.platform.launch.ports import HOST, free_port, listens
from examples.platform.launch.processes import Processes, wait_until
from examples.platform.secrets_store import SecretsStore

_DASH_APPS = {"dash-app-clv": "customer_lifetime_value", "dash-app-risk": "risk_analysis"}
_PORTS = {"kyros-api": 8000, "dash-app-clv": 8051, "dash-app-risk": 8052}
NAMES = tuple(_PORTS)
#: How many processes serve. uvicorn spawns them; gunicorn forks them, from an arbiter that has
#: loaded the application (`--preload`) or from one that leaves that to each worker.
WORKERS = {"kyros-api": 3, "dash-app-clv": 2, "dash-app-risk": 3}
_PRELOADED = {"dash-app-risk"}


@dataclass(frozen=True)
class Service:
    """A running service: its address, the process that starts its workers, its log, its spool."""

    name: str
    port: int
    supervisor: int
    log: Path
    errors: Path
    spool: Path

    @property
    def url(self) -> str:
        """The base of the service's addresses."""
        return f"http://{HOST}:{self.port}"

    @property
    def workers(self) -> int:
        """How many processes answer requests."""
        return WORKERS[self.name]

    @property
    def processes(self) -> int:
        """How many count together: an arbiter that has loaded the application does, too."""
        return self.workers + (self.name in _PRELOADED)


@dataclass(frozen=True)
class Surroundings:
    """What the services are given: secrets, databases, overlay and a place for their spools."""

    store: SecretsStore
    database_file: Path
    audit_dsn_file: Path
    overlay: Path
    spools: Path


def start_services(
    processes: Processes, surroundings: Surroundings, *, usual_ports: bool
) -> list[Service]:
    """Start all services and wait until each accepts connections."""
    services = [_start(name, processes, surroundings, usual_ports=usual_ports) for name in NAMES]
    for service in services:
        wait_until(processes, f"{service.name} accepts", partial(listens, service.port))
    return services


def _start(
    name: str, processes: Processes, surroundings: Surroundings, *, usual_ports: bool
) -> Service:
    port = free_port(_PORTS[name] if usual_ports else 0)
    spool = surroundings.spools / name
    command = [sys.executable, "-m", *_server(name, port)]
    child = processes.start(name, command, environment=_environment(name, surroundings, spool))
    return Service(name, port, child.process.pid, child.stdout, child.stderr, spool)


def _server(name: str, port: int) -> Sequence[str]:
    workers = ["--workers", str(WORKERS[name])]
    if name not in _DASH_APPS:
        where = ["--host", HOST, "--port", str(port)]
        return ["uvicorn", *workers, *where, "examples.platform.api.app:app"]
    preload = ["--preload"] if name in _PRELOADED else []
    module = f"examples.platform.dash_apps.{_DASH_APPS[name]}:server"
    where = ["--threads", "4", "--bind", f"{HOST}:{port}", "--no-control-socket"]
    return ["gunicorn", *workers, *preload, *where, module]


def _environment(name: str, surroundings: Surroundings, spool: Path) -> Mapping[str, str]:
    return {
        "PYTHONUNBUFFERED": "1",
        "KYROS_OBS_SERVICE": name,
        "KYROS_OBS_CONFIG": str(surroundings.overlay),
        "KYROS_OBS_LOG_EMAIL": "access",
        "KYROS_OBS_PII_KEY_FILE": str(surroundings.store.pii_key_file),
        "KYROS_OBS_AUDIT_DSN_FILE": str(surroundings.audit_dsn_file),
        "KYROS_OBS_SPOOL_DIR": str(spool),
        settings.SECRETS_VARIABLE: str(surroundings.store.directory),
        settings.DATABASE_VARIABLE: str(surroundings.database_file),
    }
