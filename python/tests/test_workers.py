"""Metrics of many workers are those of one: whichever answers tells what all have done."""

import os
import re
import signal
from collections.abc import Iterator
from typing import Any, cast

import pytest

import kyros_obs
from kyros_obs import KyrosObsError
from tests.clusters import OPENMETRICS, SERVERS, Cluster, is_alive, running, until
from tests.test_servers import DEADLINE

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
ALONE = "uvicorn-alone"
#: Servers that end when a worker is killed.
ENDS_WITH_A_WORKER = ["hypercorn", ALONE]
START = "process_start_time_seconds"


@pytest.fixture(scope="module", params=[*SERVERS, ALONE])
def cluster(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Cluster]]:
    """Each server with two workers, and one that is a single process."""
    name, directory = request.param, tmp_path_factory.mktemp("server")
    command, workers = (SERVERS["uvicorn"], 1) if name == ALONE else (SERVERS[name], 2)
    with running(command, directory, workers=workers) as running_cluster:
        yield name, running_cluster
        written = running_cluster.stop()
    assert "instrumentation failed" not in written
    assert "Traceback" not in written


@pytest.fixture
def served(cluster: tuple[str, Cluster]) -> Cluster:
    """The server."""
    return cluster[1]


def test_counters_add_up(served: Cluster) -> None:
    """Every worker tells how many requests all of them have had."""
    before = served.samples().get("counted_total", 0)
    answers = served.ask_all("/do/count")
    assert {scrape["counted_total"] for scrape in served.all_samples()} == {before + len(answers)}
    # A request is counted when its answer is on its way.
    until(lambda: requests(served.samples()) >= len(answers), served.written)


def requests(scrape: dict[str, float]) -> float:
    """How many requests all workers have had, but for those of scrapes."""
    asked = "http_requests_total{", '="/do/'
    return sum(value for name, value in scrape.items() if all(part in name for part in asked))


def test_a_metric_that_one_worker_declares(served: Cluster) -> None:
    """The others know it by what that one has told them."""
    served.ask("/do/declare?name=declared_total")
    for scrape in served.all_samples():
        assert scrape['declared_total{outcome="ok"}'] == 1
    for answer in served.ask_all("/metrics"):
        assert "# HELP declared_total Known to one worker.\n" in answer.text


def test_an_exemplar_that_one_worker_has_set(served: Cluster) -> None:
    """It is in every worker's answer to who asks for exemplars."""
    served.ask("/traced", {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"})
    until(lambda: served.ask("/metrics", OPENMETRICS).text.count(TRACE) == 2, served.written)
    for answer in served.ask_all("/metrics", OPENMETRICS):
        lines = [line for line in answer.text.splitlines() if TRACE in line]
        assert {line.partition("{")[0] for line in lines} == {
            "http_requests_total",
            "http_request_duration_seconds_bucket",
        }
        assert all('"/traced"' in line for line in lines)


def test_gauges_become_one(served: Cluster) -> None:
    """By what was declared, of the values that each worker has set last."""
    check_levels(served, set_levels(served))


def test_what_the_arena_says_of_itself(cluster: tuple[str, Cluster]) -> None:
    """How many share it; the resources of each are told by any. A master that counts is one."""
    name, served = cluster
    sharing = served.workers + ("preload" in name)
    for scrape in served.all_samples():
        assert (scrape["kyros_workers"], scrape["kyros_arena_shared"]) == (sharing, 1)
        assert scrape["kyros_arena_unsound_records"] == 0
        for metric in (START, "process_resident_memory_bytes", "process_open_fds"):
            workers = [scrape[f'{metric}{{worker="{number}"}}'] for number in range(sharing)]
            assert all(workers)


def test_a_tenant_that_one_worker_forgets(served: Cluster) -> None:
    """Is gone from every worker's answer; what it does after that is counted anew by any."""
    visits = len(served.ask_all("/do/visit?tenant=leaving"))
    served.ask_all("/do/visit?tenant=staying")
    assert {told(scrape, "leaving") for scrape in served.all_samples()} == {visits}
    removed = int(served.ask("/do/forget?tenant=leaving").text)
    assert removed >= 1
    for scrape in served.all_samples():
        assert not [name for name in scrape if "leaving" in name]
        assert told(scrape, "staying")
    assert int(served.ask("/do/forget?tenant=leaving").text) == 0
    visits = len(served.ask_all("/do/visit?tenant=leaving"))
    assert {told(scrape, "leaving") for scrape in served.all_samples()} == {visits}


def told(scrape: dict[str, float], tenant: str) -> float | None:
    """How often a tenant has visited."""
    return scrape.get(f'visited_total{{tenant_id="{tenant}"}}')


def test_a_killed_worker_leaves_nothing_in_gauges(cluster: tuple[str, Cluster]) -> None:
    """From the next scrape on; its successor takes its number."""
    name, served = cluster
    levels, before = set_levels(served), served.samples()
    killed = max(levels, key=lambda worker: levels[worker])
    os.kill(killed, signal.SIGKILL)
    if name in ENDS_WITH_A_WORKER:
        served.process.wait(DEADLINE)
        return
    until(lambda: not is_alive(killed))
    del levels[killed]
    check_levels(served, levels)
    until(lambda: served.samples()["kyros_workers"] == before["kyros_workers"], served.written)
    check_levels(served, levels)
    after = served.samples()
    assert after.keys() >= before.keys()
    assert len([key for key in starts(before) if after[key] != before[key]]) == 1
    assert {answer.worker for answer in served.ask_all("/do/pid")} > levels.keys()
    assert after.get("counted_total", 0) == before.get("counted_total", 0)


@pytest.mark.usefixtures("seen")
@pytest.mark.parametrize("word", ["avg", "SUM", ""])
def test_a_gauge_across_nothing_known(word: str) -> None:
    """Is an error that names the metric and says which words there are."""
    expected = f"metric `level`: no such `across`: {word}\n  hint: one of `sum`, `max`, `min`"
    with pytest.raises(KyrosObsError, match=f"^{re.escape(expected)}$"):
        kyros_obs.gauge("level", across=cast("Any", word))


def set_levels(served: Cluster) -> dict[int, float]:
    """Has each worker set its gauges; what each has set them to."""
    levels: dict[int, float] = {}
    value = 3.0
    while len(levels) < served.workers:
        levels[served.ask(f"/do/level?value={value}").worker] = value
        value += 2
    return levels


def check_levels(served: Cluster, levels: dict[int, float]) -> None:
    """All tell the sum, the highest and the lowest of what the living have set."""
    values = levels.values()
    scrape = served.samples()
    told = tuple(scrape[f"level_{across}"] for across in ("sum", "max", "min"))
    assert told == (sum(values), max(values), min(values))


def starts(scrape: dict[str, float]) -> set[str]:
    """The samples that say when each worker was started."""
    return {name for name in scrape if name.startswith(START)}
