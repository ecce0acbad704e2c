"""The conformance matrix on the FastAPI and Starlette that are installed."""

import pytest

from conformance.contestants import Ours
from conformance.run import run


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("framework", ["fastapi", "starlette"])
def test_rows(framework: str) -> None:
    """Each request counts as the table says; `make conformance` has other versions."""
    wrong = {row.key: differences for row, differences in run(Ours, framework) if differences}
    assert wrong == {}
