"""What keeps audit events from Postgres is said, once, and without the address' password."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRAPED = """
import time
import kyros_obs
from kyros_obs import _state
kyros_obs.configure(service="app", env="test")
kyros_obs.audit("view_dashboard", resource="clv")
for _ in range(30):
    time.sleep(0.1)
    text = _state.runtime().scrape(None, None)[0].decode()
assert "kyros_audit_pending 1" in text, text
assert "kyros_audit_oldest_pending_seconds 0\\n" not in text, text
"""

# Another worker answers the scrapes.
RECORDED = """
import time
import kyros_obs
kyros_obs.configure(service="app", env="test")
for _ in range(30):
    kyros_obs.audit("view_dashboard", resource="clv")
    time.sleep(0.1)
"""


@pytest.mark.parametrize("script", [SCRAPED, RECORDED], ids=["scraped", "recorded"])
def test_an_unreachable_database_is_said_once(tmp_path: Path, script: str) -> None:
    """Thirty scrapes or events, one line; the events wait in the spool."""
    environment = {
        **os.environ,
        "KYROS_OBS_SPOOL_DIR": str(tmp_path),
        "KYROS_OBS_AUDIT_DSN": "postgresql://app:not-to-be-seen@127.0.0.1:9/audit",
    }
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    problems = [line for line in lines if "stay in the spool" in line["message"]]
    assert [line["level"] for line in problems] == ["error"]
    assert "not-to-be-seen" not in done.stdout + done.stderr
