"""Many processes that make series at once, though none of them is short of anything but time."""

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import os, sys
import kyros_obs
from kyros_obs import _state

CHILDREN, EACH = 48, 10

kyros_obs.configure(service="app", env="test", spool_dir=sys.argv[1])
made = kyros_obs.counter("made_total", labels=["tenant_id"])
begin, go = os.pipe()
children = []
for number in range(CHILDREN):
    child = os.fork()
    if child == 0:
        os.close(go)
        os.read(begin, 1)
        for at in range(EACH):
            made.inc(tenant_id=f"t{number * EACH + at}")
        os._exit(0)
    children.append(child)
os.close(go)
codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
assert codes == [0] * CHILDREN, codes
text = _state.runtime().scrape(None, None)[0].decode()
made = [line for line in text.splitlines() if line.startswith("made_total{")]
assert len(made) == CHILDREN * EACH, len(made)
assert all(line.endswith(" 1") and "_other" not in line for line in made), made
"""


def test_no_sample_is_lost_or_mislabelled_where_many_make_series(tmp_path: Path) -> None:
    """Whoever waits for a turn while others are given theirs gets one in the end."""
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", SCRIPT, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own script
    assert done.returncode == 0, done.stderr
