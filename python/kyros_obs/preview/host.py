"""By which names the preview is to be reached.

A page of somebody else whose name leads here, too, would otherwise read what the reader may.
"""

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

import flask

_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
#: Addresses to listen on that stand for all of them, and so for any name.
_EVERYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 — compared with


def guard(listening: str) -> Callable[[], tuple[str, int] | None]:
    """What refuses requests by other names than the one it listens at and those of this machine."""
    names = _HERE | {listening.lower()}

    def refuse() -> tuple[str, int] | None:
        name = urlsplit(f"//{flask.request.host}").hostname
        if listening in _EVERYWHERE or name in names:
            return None
        return "asked by a name that isn't this machine's\nhint: `--host`\n", HTTPStatus.FORBIDDEN

    return refuse
