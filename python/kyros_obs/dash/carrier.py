"""What a run in the background has to know of the request that wants it, in Dash's own message.

Dash ships a callback's context to the worker, the caller's headers and cookies included. What is
added is whose the request was, its trace, and which callback it is.
"""

from typing import Any

import flask

from kyros_obs._native import Callback, CallbackName

#: The name under which it is in `custom_data`.
KEY = "kyros_obs"
_NAME = "name"

#: The parameter with which a browser asks how far a run is.
_HANDLE = "cacheKey"


def is_poll(context: Any) -> bool:  # noqa: ANN401 - Dash's own
    """Whether a request asks how far a run is, and wants none."""
    query = getattr(context, "args", None)
    if query is None and flask.has_request_context():  # before Dash 4, contexts have no query
        query = flask.request.args
    return bool((query or {}).get(_HANDLE))


def load(context: Any, name: CallbackName, record: Callback) -> None:  # noqa: ANN401 - Dash's own
    """Give a context what its run has to know."""
    data = getattr(context, "custom_data", None)
    if data is not None:
        data[KEY] = {_NAME: list(name.parts()), **record.carried()}


def unload(context: Any) -> tuple[CallbackName, dict[str, str]] | None:  # noqa: ANN401 - Dash's own
    """What a context was given; None where that is nothing of ours."""
    data = dict((context.get("custom_data") or {}).get(KEY) or {})
    name = data.pop(_NAME, None)
    return None if name is None else (CallbackName(*name), data)
