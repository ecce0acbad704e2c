"""Access lines of noisy routes: a share of them is written, and all else is whole."""

import secrets

import pytest
from fastapi import FastAPI, HTTPException, Response

import kyros_obs
from kyros_obs import testing
from kyros_obs.exceptions import ConfigError
from tests.clients import AsgiClient

SHARES = "/poll/{state}=0.3, /never=0"


def noisy() -> AsgiClient:
    """A client of an application with routes that are polled."""
    app = kyros_obs.instrument(FastAPI())

    @app.get("/poll/{state}")
    async def poll(state: str) -> Response:
        kyros_obs.audit("view_dashboard", resource="risk")
        if state == "broken":
            raise RuntimeError(state)
        if state == "absent":
            raise HTTPException(404)
        return Response(state)

    @app.get("/never")
    async def never() -> None: ...

    return AsgiClient(app)


def traced() -> dict[str, str]:
    """The header of a caller whose trace is as random as they are."""
    return {"traceparent": f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"}


def test_a_share_is_written_and_metrics_and_audit_are_whole() -> None:
    """Each line that is left says for how many it stands."""
    with testing.capture(access_sample=SHARES) as seen:
        client = noisy()
        for _ in range(200):
            client.get("/poll/fine", headers=traced())
            client.get("/never", headers=traced())
        lines = seen.access_lines()
        assert 25 <= len(lines) <= 100
        assert {(line["route"], line["sample_rate"]) for line in lines} == {("/poll/{state}", 0.3)}
        assert seen.metric("http_requests_total", endpoint="/poll/{state}") == 200
        assert seen.metric("http_requests_total", endpoint="/never") == 200
        assert len(seen.audit) == 200


@pytest.mark.parametrize(("state", "status"), [("broken", 500), ("absent", 404)])
def test_errors_are_all_written(state: str, status: int) -> None:
    """And stand for themselves alone."""
    with testing.capture(access_sample="/poll/{state}=0") as seen:
        client = noisy()
        for _ in range(20):
            client.get(f"/poll/{state}", headers=traced())
        assert [line["status"] for line in seen.access_lines()] == [status] * 20
        assert not any("sample_rate" in line for line in seen.access_lines())


def test_the_lines_of_a_trace_share_one_fate() -> None:
    """Also in another process, that knows the share alone."""
    headers = [traced() for _ in range(40)]
    kept = []
    for _ in range(2):
        with testing.capture(access_sample=SHARES) as seen:
            client = noisy()
            for one in headers:
                client.get("/poll/fine", headers=one)
                client.get("/poll/fine", headers=one)
            kept.append([line["trace_id"] for line in seen.access_lines()])
    assert kept[0] == kept[1]
    assert all(kept[0].count(trace) == 2 for trace in kept[0])


@pytest.mark.parametrize("value", ["/poll", "/poll=2", "poll=0.5"])
def test_what_is_no_share_is_refused(value: str) -> None:
    """When it is configured."""
    with pytest.raises(ConfigError, match="`access_sample`"):
        kyros_obs.configure(service="test", access_sample=value)
