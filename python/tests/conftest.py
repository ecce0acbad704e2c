"""What tests share: a runtime that keeps what it emits."""

import logging
from collections.abc import Iterator

import pytest

from kyros_obs import testing


@pytest.fixture
def seen() -> Iterator[testing.Captured]:
    """A capturing runtime, alone for one test."""
    with testing.capture(env="test") as captured:
        yield captured


@pytest.fixture(autouse=True)
def quiet_client() -> None:
    """The client of the tests logs its requests itself; that is not what is tested."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
