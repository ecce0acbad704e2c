"""Zero code: applications that don't know of us, and a switch that is off by default."""

from pathlib import Path

import pytest

from tests.clusters import running
from tests.dash.test_paths import SEVERAL
from tests.dash.unmodified import CALLER, SLUGS
from tests.dash.visitor import Visitor, click

GUNICORN = "gunicorn --no-control-socket --preload --threads 4 --bind 127.0.0.1:{port}"
UVICORN = "uvicorn --factory --host 127.0.0.1 --port {port}"
COMMANDS = {
    "flask": f"{GUNICORN} tests.dash.unmodified:make()",
    **({"fastapi": f"{UVICORN} tests.dash.unmodified:make_fastapi"} if SEVERAL else {}),
}
ENTRY_POINTS = "[dash_hooks]\nkyros_obs = kyros_obs._dash_hook\n"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What an installed package has beside its code, wherever the tests find ours."""
    metadata = tmp_path / "site" / "kyros_obs_of_tests-1.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: kyros-obs-of-tests\nVersion: 1\n"
    )
    (metadata / "entry_points.txt").write_text(ENTRY_POINTS)
    monkeypatch.syspath_prepend(str(metadata.parent))
    return tmp_path


@pytest.mark.parametrize("switch", ["1", "Yes"])
@pytest.mark.parametrize("server", COMMANDS)
def test_switched_on(installed: Path, server: str, switch: str) -> None:
    """All callbacks of all applications, each under its own; what is refused is counted, too."""
    variables = {"KYROS_OBS_DASH": switch}
    with running(COMMANDS[server], installed, workers=1, variables=variables) as cluster:
        visitors = {slug: Visitor(cluster.port, prefix=f"/dash/{slug}/") for slug in SLUGS}
        for number, visitor in enumerate(visitors.values(), 1):
            visitor.headers = {}
            assert visitor.click(click("greeting.children")).status_code == 401
            visitor.headers = {CALLER: "1"}
            for _ in range(number):
                assert visitor.click(click("greeting.children")).status_code == 200
        for number, (slug, visitor) in enumerate(visitors.items(), 1):
            labels = {"app_slug": slug, "callback": "greeting.children", "outcome": "ok"}
            assert visitor.counted("dash_callbacks_total", **labels) == number
        assert visitor.counted("http_requests_total", code="401") == len(SLUGS)
        assert visitor.counted("dash_callbacks_total") == 3
        assert visitor.counted("kyros_instrumentation_errors_total") == 0


@pytest.mark.parametrize("switch", ["", "0", "perhaps"])
@pytest.mark.parametrize("server", COMMANDS)
def test_switched_off(installed: Path, server: str, switch: str) -> None:
    """Nothing is touched: the guard has `/metrics`, too."""
    variables = {"KYROS_OBS_DASH": switch}
    with running(COMMANDS[server], installed, variables=variables, probe="/") as cluster:
        visitor = Visitor(cluster.port, prefix="/dash/clv/")
        visitor.headers = {CALLER: "1"}
        assert visitor.click(click("greeting.children")).status_code == 200
        assert Visitor(cluster.port, None).ask("GET", "/metrics").status_code == 401
