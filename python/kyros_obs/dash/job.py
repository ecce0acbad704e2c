"""What a job in the background calls.

Where processes are spawned, dill takes it there by value, with all that this module has at its top
level. So there is nothing here that can't go along; the rest is imported where it runs.
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any


def observed(function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a function; Dash finds the source of the one inside, of which it makes keys."""

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - the function's own
        from kyros_obs.dash.background import BackgroundRun  # noqa: PLC0415 - see above

        with BackgroundRun():
            return function(*args, **kwargs)

    @functools.wraps(function)
    async def run_async(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - the function's own
        from kyros_obs.dash.background import BackgroundRun  # noqa: PLC0415 - see above

        with BackgroundRun():
            return await function(*args, **kwargs)

    return run_async if inspect.iscoroutinefunction(function) else run
