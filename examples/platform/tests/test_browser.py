"""A real browser opens a Dash application of the platform and clicks through it.

What was counted is what the browser has asked for: each callback, and each page as one view.
"""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, Request, sync_playwright

from examples.platform import settings
from examples.platform.identity import TokenAuthority
from examples.platform.launch.ports import HOST, free_port
from examples.platform.secrets_store import SecretsStore
from examples.platform.tenants import CUSTOMER_LIFETIME_VALUE, TENANT_BY_SLUG, USERS

ROOT = f"/dash/{CUSTOMER_LIFETIME_VALUE}/"
DISPATCH = "_dash-update-component"
SERVER = "examples.platform.dash_apps.customer_lifetime_value:server"
GUNICORN = "gunicorn --preload --workers 2 --threads 4 --no-control-socket --bind"
DEADLINE = 90
CLICKS = 3
#: A callback in the background: it is asked for, then asked about until it is done.
REPORT = "report.children"
#: Requests that certainly come to both workers.
WARMING = 40

#: Pages: the path and its link, and something that is there when the page is.
OVERVIEW = ("/", "Overview", "#total")
SCENARIOS = ("/scenarios", "Scenarios", "#scenario")
COHORTS = ("/cohorts", "Cohorts", "div[id*=cohort]")


@pytest.fixture
def chromium() -> str:
    """The program; `.ci/tools chromium` installs it."""
    program = shutil.which("chromium")
    assert program is not None, "no chromium\n  hint: .ci/tools chromium"
    return program


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """Where the application is served."""
    SecretsStore.generate(tmp_path / "secrets")
    free = free_port()
    environment = {
        **os.environ,
        settings.SECRETS_VARIABLE: str(tmp_path / "secrets"),
        "KYROS_OBS_SPOOL_DIR": str(tmp_path / "spool"),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    command = [sys.executable, "-m", *GUNICORN.split(), f"{HOST}:{free}", SERVER]
    with (tmp_path / "output").open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    try:
        until(lambda: is_healthy(free))
        yield free
    finally:
        process.terminate()
        process.wait(DEADLINE)


def test_browser(chromium: str, port: int, tmp_path: Path) -> None:
    """Pages by their links and by loading them, a button, and a slider's callback for each."""
    user = USERS[0]
    tenant = TENANT_BY_SLUG[next(iter(user.roles))]
    token = TokenAuthority(SecretsStore(tmp_path / "secrets")).tenant_token(user, tenant)
    warm_up(port, token)
    asked: Counter[str] = Counter()
    pages: Counter[str] = Counter()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(extra_http_headers={"Authorization": f"Bearer {token}"})
        page.on("request", lambda request: note(request, asked))
        page.set_default_timeout(DEADLINE * 1000)
        for path, _, sign in (OVERVIEW, SCENARIOS):
            page.goto(f"http://{HOST}:{port}{ROOT}{path.strip('/')}")
            settle(page, sign)
            pages[path] += 1
        for _ in range(CLICKS):
            page.get_by_role("button", name="Recalculate").click()
            settle(page, "#scenario:has-text('EUR at')")
        page.get_by_role("button", name="Report").click()
        settle(page, "#report:has-text('EUR')")
        for path, link, sign in (COHORTS, OVERVIEW, COHORTS):
            page.get_by_role("link", name=link).click()
            settle(page, sign)
            pages[path] += 1
        page.reload()
        settle(page, COHORTS[2])
        pages[COHORTS[0]] += 1
        browser.close()
    asked_for_report = asked.pop(REPORT)
    ran = runs(port, tenant.id)
    assert ran.pop(REPORT) == 1
    assert ran == asked
    assert total(port, "dash_background_callbacks_total") == asked_for_report + 1
    assert views(port, tenant.id) == pages
    assert total(port, "kyros_audit_spooled_total") == pages.total()
    assert asked["scenario.children"] >= CLICKS


def warm_up(port: int, token: str) -> None:
    """Have each worker answer by itself first: Dash sets itself up with the first request.

    Requests that come meanwhile get errors of its own, and a browser sends many at once.
    """
    for _ in range(WARMING):
        url, headers = f"http://{HOST}:{port}{ROOT}", {"Authorization": f"Bearer {token}"}
        assert httpx.get(url, headers=headers).status_code == httpx.codes.OK


def note(request: Request, asked: Counter[str]) -> None:
    """Count what a browser asks for."""
    if DISPATCH in request.url:
        asked[json.loads(request.post_data or "{}")["output"]] += 1


def settle(page: Page, sign: str) -> None:
    """Wait until the page is there, and asks for nothing more."""
    page.wait_for_selector(sign, state="attached")
    page.wait_for_load_state("networkidle")
    page.wait_for_function("() => document.title !== 'Updating...'")
    page.wait_for_timeout(700)  # what a browser asks for is in no hurry


def runs(port: int, tenant_id: str) -> Counter[str]:
    """Callbacks that were counted for a tenant, by label."""
    found: Counter[str] = Counter()
    for labels, value in series(port, "dash_callbacks_total"):
        assert f'tenant_id="{tenant_id}"' in labels
        match = re.search(r'callback="((?:[^"\\]|\\.)*)"', labels)
        found[(match[1] if match else "").replace('\\"', '"')] += int(value)
    return found


def views(port: int, tenant_id: str) -> Counter[str]:
    """Pages that were counted, by page."""
    found: Counter[str] = Counter()
    for labels, value in series(port, "dash_page_views_total"):
        assert f'tenant_id="{tenant_id}"' in labels
        match = re.search(r'page="([^"]*)"', labels)
        found[match[1] if match else ""] += int(value)
    return found


def total(port: int, name: str) -> float:
    """The sum of all series of a name."""
    return sum(value for _, value in series(port, name))


def series(port: int, name: str) -> Iterator[tuple[str, float]]:
    """Series of a name: labels as they are written, and value."""
    for line in httpx.get(f"http://{HOST}:{port}/metrics").text.splitlines():
        match = re.fullmatch(rf"{name}(?:\{{(.*)\}})? (\S+)", line)
        if match:
            yield match[1] or "", float(match[2])


def is_healthy(port: int) -> bool:
    """Whether the application answers."""
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"http://{HOST}:{port}/healthz").status_code == httpx.codes.OK
    return False


def until(happens: object) -> None:
    """Wait for what has to happen."""
    end = time.monotonic() + DEADLINE
    while not callable(happens) or not happens():
        assert time.monotonic() < end
        time.sleep(0.05)
