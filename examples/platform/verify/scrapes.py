"""What one worker answers to a scrape."""

import re
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection

from examples.platform.launch.ports import HOST
from examples.platform.launch.services import Service
from examples.platform.verify.worker_processes import serving

_STARTED = re.compile(r'process_start_time_seconds\{worker="(\d+)"\}')
#: What changes from one scrape to the next, with nobody else there.
_RESTLESS = re.compile(r'process_|.*endpoint="/metrics"')
_REQUESTS = "http_requests_total{"
_MOST_TRIES = 300


@dataclass(frozen=True)
class Scrape:
    """The samples that a worker has answered."""

    worker: int
    samples: Mapping[str, float]

    @property
    def resting(self) -> Mapping[str, float]:
        """The samples that stay as they are while nobody uses the service."""
        return {name: value for name, value in self.samples.items() if not _RESTLESS.match(name)}

    @property
    def requests(self) -> float:
        """How many requests of users were counted."""
        samples = self.resting.items()
        return sum(value for name, value in samples if name.startswith(_REQUESTS))

    @property
    def starts(self) -> Mapping[str, float]:
        """When the workers were started, by their numbers."""
        found = {name: _STARTED.fullmatch(name) for name in self.samples}
        return {match[1]: self.samples[name] for name, match in found.items() if match}


def scrape(service: Service) -> Scrape:
    """Ask whichever worker takes the connection."""
    with closing(HTTPConnection(HOST, service.port, timeout=10)) as connection:
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        port = connection.sock.getsockname()[1]
        return Scrape(serving(service)[port], _samples(text))


def scrapes_of_two(service: Service) -> tuple[Scrape, Scrape]:
    """The answers of two workers; of one, where after many tries there was no other."""
    first = second = scrape(service)
    for _ in range(_MOST_TRIES):
        if second.worker != first.worker:
            break
        second = scrape(service)
    return first, second


def _samples(text: str) -> dict[str, float]:
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}
