"""A real browser reads the dashboards: chooses, follows links, and asks nobody else."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright
from werkzeug.serving import make_server

import kyros_obs
from kyros_obs import testing
from kyros_obs.preview.answers import Sources
from kyros_obs.preview.app import application
from kyros_obs.preview.dashboards import load
from kyros_obs.preview.prometheus import Prometheus
from tests.preview import recorded

MILLISECONDS = 60_000
FILLED = "() => [...document.querySelectorAll('.inside')].every(one => one.children.length)"


@pytest.fixture
def base(tmp_path: Path, seen: testing.Captured) -> Iterator[str]:
    """Where the preview of recorded data is served; it is instrumented, as the command's is."""
    with (
        recorded.prometheus(tmp_path, recorded.everything()) as url,
        closing(Prometheus(url)) as prometheus,
    ):
        sources = Sources(prometheus, scrape=recorded.SCRAPE)
        app = application(load(recorded.DASHBOARDS), sources)
        kyros_obs.instrument(app)
        server = make_server("127.0.0.1", 0, app.server, threaded=True)
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            yield f"http://127.0.0.1:{server.port}"
        finally:
            server.shutdown()
            serving.join()
            server.server_close()


@pytest.fixture
def page() -> Iterator[Page]:
    """A page of Chromium; `.ci/tools chromium` installs it."""
    program = shutil.which("chromium")
    assert program is not None, "no chromium\n  hint: .ci/tools chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_default_timeout(MILLISECONDS)
        yield page
        browser.close()


def test_reading(base: str, page: Page) -> None:
    """From the contents to a dashboard, a shorter range, light and dark, and on by a row's link."""
    asked, wrong = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"{base}/")
    page.get_by_role("link", name="SaaS Overview").click()
    filled(page)
    assert page.locator(".reason").count() == 0
    before = page.evaluate("document.documentElement.dataset.theme")
    page.locator("#theme").click()
    assert page.evaluate("document.documentElement.dataset.theme") != before
    page.locator("#range").click()
    page.get_by_text("Last 5 minutes").click()
    page.wait_for_url("**from=now-5m&to=now")
    filled(page)
    page.locator(".table a").first.click()
    page.wait_for_url("**/d/kyros-tenant-drill-down?**")
    filled(page)
    assert "=one&" in page.url
    assert "from=now-5m&to=now" in page.url
    assert page.get_by_text("--loki URL").count() == 1
    assert [url for url in asked if not url.startswith((base, "data:"))] == []
    assert wrong == []


def test_nowhere(base: str, page: Page) -> None:
    """An address of no dashboard says so."""
    page.goto(f"{base}/d/unknown")
    page.wait_for_selector(".nowhere")
    assert "There is no dashboard at" in page.inner_text("main")


def filled(page: Page) -> None:
    """Wait until each panel has been answered."""
    page.wait_for_selector(".inside")
    page.wait_for_function(FILLED)
    page.wait_for_load_state("networkidle")
