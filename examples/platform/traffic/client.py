"""One HTTP client per service; every answer is entered in the ledger."""

from dataclasses import dataclass

import httpx

from examples.platform.traffic.gate import Gate
from examples.platform.traffic.ledger import NO_TENANT, EventKey, Ledger, RequestKey
from examples.platform.traffic.members import Member

_EVENT_OF_STATUS = {401: "auth_failed", 403: "forbidden"}


@dataclass(frozen=True)
class Expected:
    """What a request has to be counted as: its route, its answer, its validated tenant."""

    endpoint: str
    code: int = 200
    tenant_id: str | None = None


class ServiceClient:
    """A client of one service. `gate` is what its requests go through."""

    def __init__(self, service: str, base_url: str, ledger: Ledger, gate: Gate) -> None:
        self.service = service
        self.ledger = ledger
        self._gate = gate
        limits = httpx.Limits(max_connections=32, max_keepalive_connections=0)
        self._http = httpx.Client(base_url=base_url, timeout=30, limits=limits)

    def by(
        self, member: Member, method: str, path: str, expected: Expected, body: object = None
    ) -> httpx.Response:
        """Send a request of somebody at work in a tenant, and enter the answer."""
        return self.request(
            method, path, expected, token=member.token, cookie=member.cookie, body=body
        )

    def request(
        self,
        method: str,
        path: str,
        expected: Expected,
        *,
        token: str | None = None,
        body: object = None,
        cookie: str | None = None,
    ) -> httpx.Response:
        """Send a request and enter the answer."""
        headers = {"Accept-Encoding": "identity"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if cookie is not None:
            headers["Cookie"] = f"kyros_session={cookie}"
        with self._gate.passage():
            response = self._http.request(method, path, headers=headers, json=body)
            self._enter(method, path, expected, response)
        return response

    def _enter(self, method: str, path: str, expected: Expected, response: httpx.Response) -> None:
        tenant = expected.tenant_id or NO_TENANT
        code = response.status_code
        key = RequestKey(self.service, expected.endpoint, method, str(code), tenant)
        self.ledger.request(key, len(response.content))
        if code in _EVENT_OF_STATUS:
            event = _EVENT_OF_STATUS[code]
            self.ledger.event(EventKey(self.service, event, "denied", tenant))
        if code != expected.code:
            text = f"{self.service} {method} {path}: {code} instead of {expected.code}"
            self.ledger.surprise(f"{text}: {response.text[:200]}")
