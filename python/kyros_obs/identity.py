"""Whose request it is, for Flask: `bind`, else `flask.g`, else the function of the setting."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib import import_module
from typing import cast

import flask

from kyros_obs import _state
from kyros_obs._guard import Guard
from kyros_obs._vocabulary import FIELD_EMAIL, FIELD_SUB, LABEL_TENANT_ID, SETTING_IDENTITY
from kyros_obs.context import current

_TENANT_SLUG = "tenant_slug"
_USER = "user"
_ASKED = "kyros_obs_identity"
_NAMES = (LABEL_TENANT_ID, _TENANT_SLUG, FIELD_SUB, FIELD_EMAIL)

_guard = Guard("identity")


def learn() -> None:
    """Give the current record what a guard has left in `flask.g`; what was bound stays."""
    record = current.get()
    if record is None:
        return
    with _guard:
        source = _of_flask() or _of_setting()
        if source is not None:
            tenant_id, tenant_slug, sub, email = (_read(source, name) for name in _NAMES)
            record.identify((tenant_id, tenant_slug, sub, email))


def _of_flask() -> object:
    """`g.tenant_id` and what `g.user` says, as one mapping; None where a guard set neither."""
    tenant_id = flask.g.get(LABEL_TENANT_ID)
    user = flask.g.get(_USER)
    if tenant_id is None and user is None:
        return None
    about_user = {name: _read(user, name) for name in _NAMES if name != LABEL_TENANT_ID}
    return {**about_user, LABEL_TENANT_ID: tenant_id}


def _of_setting() -> object:
    """Ask the setting's function, once per request: it may check a token."""
    runtime = _state.active()
    name = runtime.setting(SETTING_IDENTITY) if runtime is not None else None
    if name and _ASKED not in flask.g:
        setattr(flask.g, _ASKED, None)  # first, for it may raise
        setattr(flask.g, _ASKED, _function(name)())
    return flask.g.get(_ASKED)


@lru_cache(maxsize=8)
def _function(name: str) -> Callable[[], object]:
    module, _, function = name.partition(":")
    return cast("Callable[[], object]", getattr(import_module(module), function))


def _read(source: object, name: str) -> str | None:
    """A member of a mapping or an attribute of an object, as text."""
    value = source.get(name) if isinstance(source, Mapping) else getattr(source, name, None)
    return None if value is None else str(value)
