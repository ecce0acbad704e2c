"""Where a request has its token: a header after `Bearer`, or a cookie."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

_AUTHORIZATION = "authorization"
_BEARER = "bearer"


class Place(NamedTuple):
    """The names, of which one may be missing."""

    header: str | None
    cookie: str | None

    def token(self, request: object) -> str | None:
        """What the request has there, whatever it may be. The header goes before the cookie.

        Several headers, or several cookies of one name, are given as a list with commas, which is
        no token.
        """
        found = self._in_header(request) if self.header else None
        return found or (self._in_cookie(request) if self.cookie else None)

    def _in_header(self, request: object) -> str | None:
        value = ",".join(_values(request, str(self.header))).strip()
        scheme, _, token = value.partition(" ")
        if scheme.lower() == _BEARER:
            return token.strip()
        return None if self.header == _AUTHORIZATION else value

    def _in_cookie(self, request: object) -> str | None:
        pairs = (pair.partition("=") for pair in ";".join(_values(request, "cookie")).split(";"))
        named = {
            value.strip().strip('"') for name, _, value in pairs if name.strip() == self.cookie
        }
        return ",".join(sorted(named))


def _values(request: Any, name: str) -> Iterable[str]:  # noqa: ANN401 - whatever a framework has
    """The values of a header of an ASGI scope, a WSGI environment or a framework's request."""
    if not isinstance(request, Mapping):
        return list(request.headers.getlist(name))
    if "headers" in request:
        wanted = name.encode("latin-1")
        found = (value for key, value in request["headers"] if key.lower() == wanted)
        return [value.decode("latin-1") for value in found]
    value = request.get(f"HTTP_{name.upper().replace('-', '_')}")
    return [] if value is None else [value]
