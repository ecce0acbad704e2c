"""What tests share: a runtime that keeps what it emits."""

from collections.abc import Iterator

import pytest

from kyros_obs import testing


@pytest.fixture
def seen() -> Iterator[testing.Captured]:
    """A capturing runtime, alone for one test."""
    with testing.capture(env="test") as captured:
        yield captured
