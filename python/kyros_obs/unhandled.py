"""Errors that an application lets through to its server: one line each, with whose request it was.

Servers log them when the request is over and nobody knows any more whose it was. So they are logged
here, before, and the server's record of the same exception is not written a second time. Handlers
of the application still get it.
"""

import logging

from kyros_obs import _state
from kyros_obs._failure import error_data
from kyros_obs._native import Request
from kyros_obs._vocabulary import SETTING_LOGS
from kyros_obs.logs import Bridge

#: Where servers log what came out of an application.
_SERVERS = ("uvicorn.error", "gunicorn.error", "hypercorn.error")

#: Set in an exception whose line is written, until its server has logged it.
_MARK = "__kyros_obs_logged__"


def log_unhandled(error: BaseException, request: Request, logger: str) -> None:
    """Write the line of an error that leaves the application; do this while the request goes on."""
    runtime = _state.active()
    if runtime is None or runtime.setting(SETTING_LOGS) != "true":
        return
    runtime.log("error", logger, "unhandled exception", error_data(error), {}, request)
    vars(error)[_MARK] = True
    for handler in logging.getLogger().handlers:
        if isinstance(handler, Bridge):
            handler.addFilter(_is_new)


def _is_new(record: logging.LogRecord) -> bool:
    """Whether a record of a server says what no line has said."""
    error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
    if error is None or record.name not in _SERVERS:
        return True
    return vars(error).pop(_MARK, None) is None
