"""A browser's part in a Dash application, without the browser: pages, and callbacks by POST."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from examples.platform.traffic.client import Expected, ServiceClient
from examples.platform.traffic.ledger import AuditKey, CallbackKey
from examples.platform.traffic.members import Member

_OK = "ok"
_ERROR = "error"


@dataclass(frozen=True)
class Trigger:
    """A callback by its declared outputs, the values it is given, and how it has to end."""

    output: str
    inputs: Mapping[str, object]
    state: Mapping[str, object] | None = None
    outcome: str = _OK


class DashClient:
    """A client of one Dash application."""

    def __init__(self, service: ServiceClient, slug: str) -> None:
        self._service = service
        self.slug = slug
        self._root = f"/dash/{slug}/"

    def open_page(self, member: Member, page: str) -> None:
        """Open a page as a browser does, which is audited once."""
        catch_all = self._root + "{path}" if page else self._root
        path = self._root + page
        self._service.by(member, "GET", path, Expected(catch_all, 200, member.tenant.id))
        for part in ("_dash-layout", "_dash-dependencies"):
            url = self._root + part
            self._service.by(member, "GET", url, Expected(url, 200, member.tenant.id))
        location = {"_pages_location.pathname": path, "_pages_location.search": ""}
        self.trigger(member, Trigger("_pages_content.children _pages_store.data", location))
        self._service.ledger.audited(
            AuditKey(
                self._service.service,
                "view_dashboard",
                "success",
                self.slug,
                member.tenant.id,
                member.user.sub,
                member.user.email,
            )
        )

    def trigger(self, member: Member, trigger: Trigger) -> httpx.Response:
        """Run a callback; an error is a 500, a prevented update a 204."""
        code = {_ERROR: 500, "prevent_update": 204}.get(trigger.outcome, 200)
        endpoint = self._root + "_dash-update-component"
        expected = Expected(endpoint, code, member.tenant.id)
        response = self._service.by(member, "POST", endpoint, expected, payload(trigger))
        key = CallbackKey(self.slug, callback_id(trigger), member.tenant.id, trigger.outcome)
        self._service.ledger.callback(key)
        return response

    def reject(self, token: str | None, *, secret: bool = True) -> None:
        """Ask for the first page with a token that is none."""
        if token and secret:
            self._service.ledger.secret(token, "a rejected token")
        cookie = self._service.ledger.secret("c00kie-of-nobody-7f3a", "a cookie")
        self._service.request(
            "GET", self._root, Expected(self._root, 401), token=token, cookie=cookie
        )


def payload(trigger: Trigger) -> dict[str, object]:
    """The body that the Dash renderer would send."""
    outputs = [_property(name) for name in trigger.output.split(" ")]
    return {
        "output": callback_id(trigger),
        "outputs": outputs if len(outputs) > 1 else outputs[0],
        "inputs": [_given(name, value) for name, value in trigger.inputs.items()],
        "state": [_given(name, value) for name, value in (trigger.state or {}).items()],
        "changedPropIds": [next(iter(trigger.inputs))],
    }


def callback_id(trigger: Trigger) -> str:
    """Dash's name for a callback: its output, or `..first...second..`, wildcards unresolved."""
    outputs = [_declared(name) for name in trigger.output.split(" ")]
    return outputs[0] if len(outputs) == 1 else f"..{'...'.join(outputs)}.."


def _property(name: str) -> dict[str, object]:
    component, _, prop = name.rpartition(".")
    return {
        "id": json.loads(component) if component.startswith("{") else component,
        "property": prop,
    }


def _given(name: str, value: object) -> object:
    """An input with its value; a wildcard `ALL` comes as a list of those it matches."""
    if isinstance(value, dict):
        component, prop = _property(name)["id"], _property(name)["property"]
        wildcard = component if isinstance(component, dict) else {}
        return [
            {"id": {**wildcard, "index": index}, "property": prop, "value": one}
            for index, one in value.items()
        ]
    return {**_property(name), "value": value}


def _declared(name: str) -> str:
    component, _, prop = name.rpartition(".")
    if not component.startswith("{"):
        return name
    wildcard = {**json.loads(component), "index": ["MATCH"]}
    return f"{json.dumps(wildcard, sort_keys=True, separators=(',', ':'))}.{prop}"
