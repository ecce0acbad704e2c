"""A process that forks while its threads are busy leaves its children able to work."""

import subprocess
import sys
from pathlib import Path

from tests.clusters import environment

SCRIPT = """
import os, signal, sys, threading
from collections import Counter
import kyros_obs
from kyros_obs import _state
from tests.clusters import samples

CHILDREN = 60

def busy(work):
    def run():
        while not done.is_set():
            work()
            worked[work] += 1
    thread = threading.Thread(target=run)
    thread.start()
    return thread

def work_in_child(number):
    signal.alarm(60)
    kyros_obs.event(f"own_{number}")
    kyros_obs.audit("view_dashboard")
    made.inc(tenant_id=f"new-{number}")
    kyros_obs.counter(f"of_child_{number}_total").inc(number)
    forked.inc(outcome="ok")
    size.observe(number)
    os._exit(0 if b"made_total" in runtime.scrape(None, None)[0] else 1)

done = threading.Event()
kyros_obs.configure(service="app", env="test", spool_dir=sys.argv[1])
runtime = _state.runtime()
made = kyros_obs.counter("made_total", labels=["tenant_id"])
forked = kyros_obs.counter("forked_total", labels=["outcome"])
size = kyros_obs.histogram("size_bytes", buckets=[1, 10, 100])
forked.inc(0, outcome="ok")
numbers = iter(range(10**9))
make = lambda: made.inc(tenant_id=f"t{next(numbers)}")
worked = Counter()
threads = [
    busy(lambda: kyros_obs.event("login")),
    busy(make),
    busy(lambda: runtime.scrape(None, "gzip")),
    busy(lambda: kyros_obs.audit("view_dashboard")),
]
codes = []
for number in range(CHILDREN):
    child = os.fork()
    if child == 0:
        work_in_child(number)
    codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
done.set()
for thread in threads:
    thread.join()
assert codes == [0] * CHILDREN, codes
told = samples(runtime.scrape(None, None)[0].decode())
assert told['forked_total{outcome="ok"}'] == told["size_bytes_count"] == CHILDREN
assert told["size_bytes_sum"] == sum(range(CHILDREN))
for number in range(CHILDREN):
    assert told[f"of_child_{number}_total"] == number
makings = [value for name, value in told.items() if name.startswith("made_total")]
assert sum(makings) == worked[make] + CHILDREN
assert (told["kyros_workers"], told["kyros_arena_unsound_records"]) == (1, 0)
"""


def test_children_of_a_busy_process_work(tmp_path: Path) -> None:
    """Sixty children of a process with four busy threads count, register and scrape.

    Their parent tells afterwards what each has counted, and all that it has counted itself.
    """
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", SCRIPT, str(tmp_path)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        env=environment(tmp_path, {}),
    )
    assert done.returncode == 0, done.stderr
