"""How an application left a request: by an error of its own, or because it was interrupted."""

from kyros_obs._native import Request
from kyros_obs.unhandled import log_unhandled


def note_ending(error: BaseException, request: Request, logger: str) -> None:
    """Note what came out of an application, and log it where it is an error."""
    if _is_error(error):
        request.raised()
        log_unhandled(error, request, logger)
    else:
        request.cancelled()


def _is_error(error: BaseException) -> bool:
    """Whether it is one: `CancelledError`, `GeneratorExit` and `KeyboardInterrupt` are none.

    A group is one where it has one anywhere.
    """
    if isinstance(error, BaseExceptionGroup):
        return error.subgroup(Exception) is not None
    return isinstance(error, Exception)
