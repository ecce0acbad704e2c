"""A storm of two tenants and of nobody on real servers: each line and sample is of its request."""

import asyncio
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import uvloop
from prometheus_client.parser import text_string_to_metric_families

from tests import storm, storm_asgi, storm_wsgi
from tests.clusters import Cluster, running, until
from tests.storm import Client, Kind, Request, Told, expected

UVICORN = (
    "uvicorn --factory --host 127.0.0.1 --port {port} --workers {workers} --log-level warning"
    " --loop uvloop --http httptools --timeout-keep-alive 600 tests.storm_asgi:make_app"
)
GUNICORN = (
    "gunicorn --no-control-socket --bind 127.0.0.1:{port} --workers {workers} --threads 8"
    " --keep-alive 600 --log-level warning tests.storm_wsgi:make_app()"
)
VARIABLES = {"KYROS_OBS_LOG_LEVEL": "info", "KYROS_OBS_JWT_SECRET": storm.SECRET}
#: How many requests there are; fewer show less, and take less time while one writes a test.
REQUESTS = int(os.environ.get("STORM_REQUESTS", "100000"))


def test_uvicorn(tmp_path: Path) -> None:
    """Asynchronous, threaded, streaming and failing routes, 400 of them at any time."""
    check(UVICORN, storm_asgi.KINDS, REQUESTS, tmp_path, connections=400)


def test_gunicorn(tmp_path: Path) -> None:
    """The same of Flask, whose threads serve everybody in turn."""
    check(GUNICORN, storm_wsgi.KINDS, REQUESTS // 5, tmp_path, connections=64)


def check(
    command: str, kinds: list[Kind], count: int, directory: Path, *, connections: int
) -> None:
    """Nothing is missing, nothing is there twice, and nothing is somebody else's."""
    requests = [storm.numbered(number, kinds) for number in range(count)]
    with running(command, directory, variables=VARIABLES) as cluster:
        client = Client(cluster.port, connections)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(client.make(requests))
        assert len(client.workers.keys() - {b""}) == cluster.workers
        until(lambda: sum(samples(cluster)["http_requests_total"].values()) >= count)
        assert difference(samples(cluster), expected_samples(requests)) == {}
        written = cluster.stop()
    check_lines([json.loads(line) for line in written.splitlines()], requests)


Samples = dict[str, Counter[tuple[str, ...]]]

#: The samples that are compared, with the labels that they are compared by.
COMPARED = {
    "http_requests_total": ("endpoint", "tenant_id", "method", "code"),
    "http_requests_aborted_total": ("endpoint", "tenant_id", "method", "outcome"),
    "http_request_duration_seconds_count": ("endpoint", "tenant_id", "method"),
    "http_time_to_first_byte_seconds_count": ("endpoint", "tenant_id"),
    "http_request_size_bytes_count": ("endpoint", "tenant_id"),
    "http_request_size_bytes_sum": ("endpoint", "tenant_id"),
    "http_response_size_bytes_count": ("endpoint", "tenant_id"),
    "http_response_size_bytes_sum": ("endpoint", "tenant_id"),
    "kyros_identity_refused_total": ("reason",),
    "kyros_instrumentation_errors_total": (),
    "kyros_log_write_errors_total": (),
}
#: What the test itself asks for.
OWN = {"/healthz", "/metrics"}


def samples(cluster: Cluster) -> Samples:
    """What a worker tells of the storm; zeros are nothing."""
    found: Samples = {name: Counter() for name in COMPARED}
    for family in text_string_to_metric_families(cluster.ask("/metrics").text):
        for name, labels, value, *_ in family.samples:
            if name in COMPARED and value and labels.get("endpoint") not in OWN:
                found[name][tuple(labels[label] for label in COMPARED[name])] += int(value)
    return found


def expected_samples(requests: list[Request]) -> Samples:
    """What follows from the requests."""
    found: Samples = {name: Counter() for name in COMPARED}
    for request in requests:
        told = expected(request)
        labels = told.route, told.tenant or "_none"
        by_method = *labels, told.method
        found["http_requests_total"][*by_method, str(told.status)] += 1
        found["http_request_duration_seconds_count"][by_method] += 1
        found["http_response_size_bytes_count"][labels] += 1
        found["http_response_size_bytes_sum"][labels] += told.bytes
        if told.bytes:
            found["http_time_to_first_byte_seconds_count"][labels] += 1
        if told.outcome is not None:
            found["http_requests_aborted_total"][*by_method, told.outcome] += 1
        if told.method == "POST":
            found["http_request_size_bytes_count"][labels] += 1
            found["http_request_size_bytes_sum"][labels] += request.size
        if request.has_token and request.tenant is None:
            found["kyros_identity_refused_total"]["malformed",] += 1
    return {name: +counter for name, counter in found.items()}


def difference(found: Samples, wanted: Samples) -> dict[str, object]:
    """What one has more than the other, and less."""
    return {
        name: (found[name] - wanted[name], wanted[name] - found[name])
        for name in COMPARED
        if found[name] != wanted[name]
    }


def check_lines(lines: list[dict[str, Any]], requests: list[Request]) -> None:
    """Each request has its lines, and no line is nobody's but the server's own."""
    by_trace = {request.trace_id: request for request in requests}
    accesses: Counter[str] = Counter()
    said: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    for line in lines:
        request = by_trace.get(line["trace_id"])
        if line["event"] == "access" and line["route"] not in OWN:
            assert request is not None, line
            accesses[request.trace_id] += 1
            assert told(line) == expected(request)
        elif request is not None:
            assert (line["tenant_id"], line["sub"]) == (request.tenant, request.sub), line
            (failed if line["level"] == "error" else said)[request.trace_id] += 1
            assert line["level"] == "error" or line["fields"]["number"] == request.number
        else:
            assert line["level"] != "error", line
            assert line["tenant_id"] is None, line
    assert accesses == Counter(by_trace.keys())
    assert said == +Counter({one.trace_id: one.kind.lines for one in requests})
    assert failed == Counter(one.trace_id for one in requests if one.kind.raises)


def told(line: dict[str, Any]) -> Told:
    """What an access line says."""
    who = line["tenant_id"], line["sub"]
    what = line["method"], line["route"], line["status"], line.get("outcome")
    return Told(*what, *who, line["bytes"])
