"""`make screenshots`: the dashboards of the example in use, drawn by the preview, as pictures."""

import contextlib
import io
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from examples.platform.launch.ports import HOST, free_port, listens
from examples.platform.launch.processes import LaunchError, Processes, wait_until
from examples.platform.launch.stack import Options, Stack, empty, start_stack
from examples.platform.traffic.driver import Driver, after
from examples.platform.traffic.ledger import Ledger
from examples.platform.traffic.scenarios import Scenarios
from examples.platform.traffic.users import Users

PICTURES = Path("docs") / "screenshots"
_RUN_DIRECTORY = Path(".run") / "screenshots"
_STEPS_PER_SECOND = 12.0
#: Calm, a breach, and calm again: all of them are to be seen in the range.
_SECONDS = (60.0, 20.0, 45.0)
_RANGE = "from=now-3m&to=now&theme=light"
_WIDTH, _HEIGHT = 1440, 900
_COLOURS = 256
_MOST_BYTES = 300_000
_MILLISECONDS = 60_000
#: For lines to be where they belong, and fonts to be there.
_REST_MILLISECONDS = 1_500

_DRAWN = """() => [...document.querySelectorAll('.inside')].every(one => one.children.length)
    && [...document.querySelectorAll('.graph')].every(one => one.querySelector('.main-svg'))"""
#: Sections of which the example has nothing: ingress, pods, the database's exporter.
_FOLD = """() => document.querySelectorAll('.section').forEach(section => {
    const panels = [...section.querySelectorAll('.panel')];
    if (panels.every(panel => panel.querySelector('.reason'))) section.open = false;
})"""


def main() -> int:
    """Start, use, draw, and take down what was started."""
    options = Options(directory=empty(_RUN_DIRECTORY))
    try:
        with Processes(options.directory / "logs") as processes:
            stack = start_stack(processes, options, _announce)
            base = _start_preview(processes, stack)
            with _use(stack) as used:
                used.wait()
                processes.check_alive()
                for picture in _draw(base, stack.assets.dashboards):
                    _announce(f"{picture}: {picture.stat().st_size // 1000} kB")
    except LaunchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _start_preview(processes: Processes, stack: Stack) -> str:
    port = free_port()
    command = [sys.executable, "-m", "kyros_obs", "preview", "--port", str(port)]
    stores = ["--prometheus", stack.prometheus.base_url, "--postgres", stack.database.dsn]
    dashboards = stack.assets.dashboards[0].parent
    processes.start("preview", [*command, *stores, "--dashboards", str(dashboards)])
    wait_until(processes, "the preview answers", lambda: listens(port))
    return f"http://{HOST}:{port}"


@contextlib.contextmanager
def _use(stack: Stack) -> Iterator[threading.Event]:
    """Have users at work; the event is set when there is something to see."""
    ledger, seen = Ledger(), threading.Event()
    users = Users({service.name: service.url for service in stack.services}, stack.store, ledger)
    users.sign_in()
    driver = Driver(ledger, _STEPS_PER_SECOND)
    traffic = threading.Thread(target=_work, args=(driver, Scenarios(users, seed=1), seen))
    traffic.start()
    try:
        yield seen
    finally:
        driver.stop()
        traffic.join()


def _work(driver: Driver, scenarios: Scenarios, seen: threading.Event) -> None:
    """Work, misfortune, and work again until all pictures are drawn."""
    rounds = (scenarios.calm, scenarios.breach, scenarios.calm)
    try:
        for compose, seconds in zip(rounds, _SECONDS, strict=True):
            _announce(f"{compose.__name__} traffic for {seconds:.0f} s")
            driver.play(compose, after(seconds))
    finally:
        seen.set()
    driver.play(scenarios.calm, lambda: False)


def _draw(base: str, dashboards: list[Path]) -> Iterator[Path]:
    """A picture of each dashboard."""
    chromium = shutil.which("chromium")
    if chromium is None:
        message = "no `chromium` on the path\n  hint: run `.ci/tools chromium` as root"
        raise LaunchError(message)
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": _WIDTH, "height": _HEIGHT})
        for dashboard in dashboards:
            yield _picture(page, f"{base}/d/kyros-{dashboard.stem}?{_RANGE}", dashboard.stem)
        browser.close()


def _picture(page: Page, address: str, name: str) -> Path:
    page.goto(address)
    page.wait_for_selector(".inside", timeout=_MILLISECONDS)
    page.wait_for_function(_DRAWN, timeout=_MILLISECONDS)
    page.evaluate(_FOLD)
    page.wait_for_timeout(_REST_MILLISECONDS)
    picture = PICTURES / f"{name}.png"
    picture.write_bytes(_small(page.screenshot(full_page=True)))
    if picture.stat().st_size > _MOST_BYTES:
        message = f"{picture} is larger than {_MOST_BYTES} bytes"
        raise LaunchError(message)
    return picture


def _small(picture: bytes) -> bytes:
    """The same picture with a palette, which lines and letters need no more than."""
    small = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as image:
        few = image.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
        few.save(small, "PNG", optimize=True)
    return small.getvalue()


def _announce(what: str) -> None:
    print(f"  {time.strftime('%H:%M:%S')}  {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
