"""By which names a preview answers."""

import flask
import pytest

from kyros_obs.preview.host import guard


@pytest.mark.parametrize(
    ("listening", "host", "status"),
    [
        ("127.0.0.1", "127.0.0.1:8085", 200),
        ("127.0.0.1", "localhost:8085", 200),
        ("127.0.0.1", "[::1]:8085", 200),
        ("127.0.0.1", "evil.example", 403),
        ("127.0.0.1", "localhost.evil.example:8085", 403),
        ("preview.internal", "Preview.Internal:80", 200),
        ("preview.internal", "evil.example", 403),
        ("0.0.0.0", "anything.example", 200),  # noqa: S104 - compared with
    ],
)
def test_names(listening: str, host: str, status: int) -> None:
    """This machine's, and the one that it listens at."""
    server = flask.Flask("preview")
    server.before_request(guard(listening))
    server.add_url_rule("/", view_func=lambda: "fine")
    assert server.test_client().get("/", headers={"Host": host}).status_code == status
