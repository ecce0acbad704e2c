"""Children that a process starts anew count into its metrics."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import multiprocessing, sys
import kyros_obs
from kyros_obs import _state

CHILDREN = 3

def work(number):
    kyros_obs.configure(service=sys.argv[2], env="test", spool_dir=sys.argv[1])
    kyros_obs.counter("made_total", labels=["tenant_id"]).inc(10, tenant_id=f"t{number % 2}")

def main():
    kyros_obs.configure(service="app", env="test", spool_dir=sys.argv[1])
    context = multiprocessing.get_context(sys.argv[3])
    children = [context.Process(target=work, args=(number,)) for number in range(CHILDREN)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert [child.exitcode for child in children] == [0] * CHILDREN
    text = _state.runtime().scrape(None, None)[0].decode()
    print(*[line for line in text.splitlines() if line.startswith("made_total")], sep=",")

if __name__ == "__main__":
    main()
"""

OURS = 'made_total{tenant_id="t0"} 20,made_total{tenant_id="t1"} 10'


@pytest.mark.parametrize("start", ["spawn", "forkserver"])
@pytest.mark.parametrize(("service", "seen"), [("app", OURS), ("other", "")])
def test_children_of_the_service_count_into_its_metrics(
    tmp_path: Path, start: str, service: str, seen: str
) -> None:
    """Those of another service don't."""
    script = tmp_path / "main.py"
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), str(tmp_path / "spool"), service, start]
    done = subprocess.run(  # noqa: S603 - our own script
        command, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == seen
