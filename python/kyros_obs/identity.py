"""Whose request it is, for Flask: `bind`, else `flask.g`, else whom the application asks."""

from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from typing import Any, cast

import flask

from kyros_obs import _state
from kyros_obs._guard import Guard
from kyros_obs._vocabulary import LABEL_TENANT_ID, SETTING_IDENTITY
from kyros_obs.context import Record, current
from kyros_obs.witness import QUESTION, Ask, Question, Witness, who

_USER = "user"

_guard = Guard("identity")


def learn(witness: Witness) -> None:
    """Give the current record what is known of its identity by now; what was bound stays."""
    record = current.get()
    if record is None:
        return
    with _guard:
        tenant_id, user = flask.g.get(LABEL_TENANT_ID), flask.g.get(_USER)
        if tenant_id is not None or user is not None:
            record.identify(who({LABEL_TENANT_ID: tenant_id, _USER: user}))
        else:
            _ask(witness, record)


def tell_tenant(record: Record) -> None:
    """Give a record the tenant that `flask.g` has by now, before all guards have run even.

    No more than that: to ask who the user is may take a query, and a query is what wants to know.
    """
    tenant_id = flask.g.get(LABEL_TENANT_ID) if flask.has_app_context() else None
    if tenant_id is not None:
        record.identify((str(tenant_id), None, None, None))


def _ask(witness: Witness, record: Record) -> None:
    """Put the request's question: once where it is answered."""
    environ = flask.request.environ
    if QUESTION not in environ:
        ask = witness.late or _of_setting()
        environ[QUESTION] = Question(ask, record) if ask is not None else None
    if environ[QUESTION] is not None:
        request = cast("Any", flask.request)._get_current_object()  # noqa: SLF001 - as documented
        environ[QUESTION].put(request)


def _of_setting() -> Ask | None:
    """The setting's function, which needs no argument: it has Flask's own globals."""
    runtime = _state.active()
    name = runtime.setting(SETTING_IDENTITY) if runtime is not None else None
    if not name:
        return None
    return lambda _request: _function(name)()


@lru_cache(maxsize=8)
def _function(name: str) -> Callable[[], object]:
    module, _, function = name.partition(":")
    return cast("Callable[[], object]", getattr(import_module(module), function))
