"""Whose request it is, for Flask: `bind`, else `flask.g`, else whom the application asks."""

from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from typing import Any, cast

import flask

from kyros_obs import _state
from kyros_obs._guard import Guard
from kyros_obs._native import Callback
from kyros_obs._vocabulary import LABEL_TENANT_ID, SETTING_IDENTITY
from kyros_obs.context import Record, current
from kyros_obs.witness import QUESTION, Ask, Question, Witness, who

_USER = "user"
_NAMES = (LABEL_TENANT_ID, _USER)
#: Where a request has what `flask.g` had before it.
_BEFORE = "kyros_obs.g"

#: What stands for them costs more than they do.
_g: Any = flask.g
_request: Any = flask.request

_guard = Guard("identity")


def note_before(environ: dict[str, Any]) -> None:
    """Note what `flask.g` has as a request begins, which is nobody's: it isn't the request's own.

    Flask makes no new one where an application context is there, such as one that was pushed as the
    application was made.
    """
    if flask.has_app_context():
        environ[_BEFORE] = {name: flask.g.get(name) for name in _NAMES}


def learn(witness: Witness) -> None:
    """Give the current record what is known of its identity by now; what was bound stays."""
    record = current.get()
    if record is None:
        return
    try:
        left = _g._get_current_object()  # noqa: SLF001 - as documented
        if left.get(LABEL_TENANT_ID) is None and left.get(_USER) is None:
            _ask(witness, record)  # most often there is nothing, so that costs least
        else:
            _take(witness, record)
    except BaseException as error:
        if not _guard.took(error):
            raise


def _take(witness: Witness, record: Record) -> None:
    """Take what `flask.g` has, or ask where that isn't the request's own."""
    found = {name: _found(name) for name in _NAMES}
    if any(one is not None for one in found.values()):
        record.identify(who(found))
    else:
        _ask(witness, record)


def tell_tenant(record: Record) -> None:
    """Give a record the tenant that `flask.g` has by now, before all guards have run even.

    No more than that: to ask who the user is may take a query, and a query is what wants to know.
    """
    if flask.has_request_context() or (flask.has_app_context() and isinstance(record, Callback)):
        tenant_id = _found(LABEL_TENANT_ID)
        if tenant_id is not None:
            record.identify((str(tenant_id), None, None, None))


def _found(name: str) -> object:
    """What `flask.g` has been given in this request."""
    found = flask.g.get(name)
    before = flask.request.environ.get(_BEFORE, {}) if flask.has_request_context() else {}
    return None if found is before.get(name) else found


def _ask(witness: Witness, record: Record) -> None:
    """Put the request's question: once where it is answered."""
    active = _state.current()
    name = active.settings.get(SETTING_IDENTITY) if active is not None else None
    if witness.ask is None and not name:
        return
    ask = witness.late or _of_setting(name)
    if ask is None:
        return
    request = _request._get_current_object()  # noqa: SLF001 - as documented
    environ = request.environ
    if QUESTION not in environ:
        environ[QUESTION] = Question(ask, record)
    environ[QUESTION].put(request)


def _of_setting(name: str | None) -> Ask | None:
    """The setting's function, which needs no argument: it has Flask's own globals."""
    if not name:
        return None
    return lambda _request: _function(name)()


@lru_cache(maxsize=8)
def _function(name: str) -> Callable[[], object]:
    module, _, function = name.partition(":")
    return cast("Callable[[], object]", getattr(import_module(module), function))
