"""The whole platform, up: database, services, Prometheus, Alertmanager, the team channel."""

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from examples.platform.launch.assets import OVERLAY, Assets, generate, set_targets
from examples.platform.launch.audit_database import prepare
from examples.platform.launch.ports import HOST, free_port, listens
from examples.platform.launch.postgres import Database, start_postgres
from examples.platform.launch.processes import Processes, wait_until
from examples.platform.launch.prometheus import program, start_alertmanager, start_prometheus
from examples.platform.launch.services import Service, Surroundings, start_services
from examples.platform.prometheus_api import PrometheusApi
from examples.platform.secrets_store import SecretsStore

Announce = Callable[[str], None]


@dataclass(frozen=True)
class Options:
    """How to run: where, with which overlay, on whose database, on the usual ports or on any."""

    directory: Path
    overlay: Path = OVERLAY
    dsn: str | None = None
    usual_ports: bool = False


@dataclass(frozen=True)
class Stack:
    """What runs, and where its traces are."""

    services: list[Service]
    database: Database
    audit_dsn: str
    prometheus: PrometheusApi
    alertmanager_url: str
    notifications: Path
    assets: Assets
    store: SecretsStore


def start_stack(processes: Processes, options: Options, announce: Announce) -> Stack:
    """Start everything, in the order of who needs whom."""
    for name in ("prometheus", "alertmanager"):
        program(name)
    announce("starting PostgreSQL")
    database = start_postgres(processes, options.dsn)
    audit_dsn = prepare(database)
    store = SecretsStore.generate(options.directory / "secrets")
    store.keep("owner_dsn", database.dsn)
    announce(f"{database.server}, migrated; generating rules, routing and dashboards")
    notifications = options.directory / "notifications.jsonl"
    webhook_port = _start_receiver(processes, notifications)
    assets = generate(options.directory, options.overlay, webhook_port)
    announce("starting the services")
    surroundings = _surroundings(options.directory, store, audit_dsn, assets)
    services = start_services(processes, surroundings, usual_ports=options.usual_ports)
    announce("starting Prometheus and Alertmanager")
    prometheus, alertmanager = _start_monitoring(processes, options, assets, services)
    return Stack(
        services, database, audit_dsn, prometheus, alertmanager, notifications, assets, store
    )


def _start_monitoring(
    processes: Processes, options: Options, assets: Assets, services: list[Service]
) -> tuple[PrometheusApi, str]:
    """Start Alertmanager, then Prometheus, which has to know it; answers both."""
    usual = options.usual_ports
    data = options.directory
    port = start_alertmanager(processes, assets, data / "alertmanager", usual_ports=usual)
    ports = {service.name: service.port for service in services}
    set_targets(assets, {"services": ports, "alertmanager": {"alertmanager": port}})
    prometheus = start_prometheus(processes, assets, data / "prometheus", usual_ports=usual)
    return prometheus, f"http://{HOST}:{port}"


def empty(directory: Path) -> Path:
    """A run's directory, without what an earlier run has left."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    return directory


def _start_receiver(processes: Processes, file: Path) -> int:
    port = free_port()
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "examples.platform.launch.receiver",
        str(port),
        file,
    ]
    processes.start("team-channel", command)
    wait_until(processes, "the team channel answers", lambda: listens(port))
    return port


def _surroundings(
    directory: Path, store: SecretsStore, audit_dsn: str, assets: Assets
) -> Surroundings:
    dsn_file = store.keep("database_dsn", audit_dsn)
    return Surroundings(store, dsn_file, dsn_file, assets.overlay, directory / "spool")
