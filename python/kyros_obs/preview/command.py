"""`kyros-obs preview`: reads arguments, and serves until it is told to stop."""

import argparse
import importlib.util
import logging
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import kyros_obs
from kyros_obs.preview.failure import PreviewError

if TYPE_CHECKING:
    from kyros_obs.preview.answers import Sources

_USUAL_PORT = 8085
_WRONG = 2
_SERVICE = "kyros-obs-preview"


def main(arguments: Sequence[str]) -> int:
    """Serve the dashboards; the exit code."""
    given = _arguments(arguments)
    try:
        _check_packages(given)
        return _serve(given)
    except PreviewError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201 — a command speaks
        return _WRONG
    except KeyboardInterrupt:
        return 0


def _check_packages(given: argparse.Namespace) -> None:
    needed = ["dash", "httpx", *(["psycopg"] if given.postgres else [])]
    missing = [name for name in needed if importlib.util.find_spec(name) is None]
    if missing:
        hint = "`pip install 'kyros-obs[preview]'`"
        raise PreviewError(f"the preview needs {', '.join(missing)}\n  hint: {hint}")


def _serve(given: argparse.Namespace) -> int:
    """Serve with Werkzeug: one reader, on this machine."""
    from werkzeug.serving import make_server  # noqa: PLC0415 — comes with Dash

    from kyros_obs.preview.app import application  # noqa: PLC0415 — only who previews needs Dash
    from kyros_obs.preview.host import guard  # noqa: PLC0415
    from kyros_obs.preview.rendering import dashboards  # noqa: PLC0415

    app = application(dashboards(given.dashboards, given.config), _sources(given))
    app.server.before_request(guard(given.host))
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="kyros-obs-preview-") as spool:
        kyros_obs.configure(service=_SERVICE, logs=False, dash_views="count", spool_dir=spool)
        kyros_obs.instrument(app)
        try:
            server = make_server(given.host, given.port, app.server, threaded=True)
        except (OSError, SystemExit) as error:
            where = f"{given.host}:{given.port}"
            raise PreviewError(f"can't listen on {where}\n  hint: `--port`") from error
        print(f"http://{server.host}:{server.port}/ (Ctrl-C ends it)", flush=True)  # noqa: T201
        server.serve_forever()
    return 0


def _sources(given: argparse.Namespace) -> "Sources":
    from kyros_obs.preview.answers import Sources  # noqa: PLC0415
    from kyros_obs.preview.loki import Loki  # noqa: PLC0415
    from kyros_obs.preview.postgres import Postgres  # noqa: PLC0415
    from kyros_obs.preview.prometheus import Prometheus  # noqa: PLC0415

    prometheus = Prometheus(given.prometheus)
    return Sources(
        prometheus,
        Loki(given.loki) if given.loki else None,
        Postgres(given.postgres) if given.postgres else None,
        given.scrape_interval or prometheus.scrape_interval(),
    )


def _seconds(text: str) -> float:
    from kyros_obs.preview.timerange import seconds_of  # noqa: PLC0415

    seconds = seconds_of(text)
    if not seconds:
        raise argparse.ArgumentTypeError(f"no duration: `{text}`, which could be `15s`")
    return seconds


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="kyros-obs preview",
        description="Draw the generated dashboards from their stores, without Grafana.",
    )
    add = parser.add_argument
    add("--prometheus", metavar="URL", required=True, help="where the metrics are")
    add("--loki", metavar="URL", help="where the log lines are")
    add("--postgres", metavar="DSN", help="where the audit trail is; PG* variables count, too")
    add("--dashboards", metavar="DIR", type=Path, help="JSON files; else those of this version")
    add("--config", metavar="FILE", type=Path, help="the service's own schema, as for `generate`")
    add("--scrape-interval", metavar="DURATION", type=_seconds, help="else Prometheus is asked")
    add("--host", default="127.0.0.1", help="the address to listen on (%(default)s)")
    add("--port", type=int, default=_USUAL_PORT, help="the port to listen on (%(default)s)")
    return parser.parse_args(arguments)
