"""Settings: arguments over `KYROS_OBS_*` over the files their `_FILE` twins name."""

import difflib
import logging
import os
from collections.abc import Mapping
from pathlib import Path

from kyros_obs import _state, logs, workers
from kyros_obs._native import Runtime
from kyros_obs._vocabulary import ENVIRONMENT, SECRETS, SETTING_CONFIG
from kyros_obs.exceptions import ConfigError
from kyros_obs.listener import Listener

_OVERLAY = "kyros-obs.toml"
_PREFIX = "KYROS_OBS_"
#: What Kubernetes gives every container of a namespace that has a service `kyros-obs`.
_OF_KUBERNETES = tuple(_PREFIX + name for name in ("PORT", "SERVICE_HOST", "SERVICE_PORT"))


def configure(**settings: str | float | bool | os.PathLike[str] | None) -> None:
    """Configure the process; without arguments, from the environment alone.

    `docs/reference/settings.md` lists the settings. Calling it again with the same settings does
    nothing; with others it replaces the runtime, and counters that no other worker shares begin
    anew. While a test captures, it only checks the settings; those that it doesn't name are the
    test's.

    Raises:
        ConfigError: Names everything that is wrong with the settings and the overlay file.
    """
    given = {name: _text(value) for name, value in settings.items() if value is not None}
    resolved = resolve(given)
    with _state.changing():
        predecessor = _replace(resolved)
    if predecessor is not None:
        predecessor.close()


def _replace(resolved: Mapping[str, str]) -> _state.Active | None:
    """Put a runtime of these settings in place, unless there is one; the one that was replaced."""
    active = _state.current()
    if active is not None and active.captures:
        Runtime.resolve({**active.settings, **resolved})
        return None
    if active is not None and active.settings == resolved:
        return None
    runtime = Runtime(dict(resolved), workers.supervisor(), _telemetry())
    listener = Listener.of(runtime)
    predecessor = _state.activate(_state.Active(runtime, resolved, listener=listener))
    _hand_over(predecessor.listener if predecessor is not None else None, listener)
    logs.take_over()
    _tell_unknown()
    return predecessor


def _tell_unknown() -> None:
    """Name variables that mean nothing: one with a slip in it is as good as not set."""
    known = {*ENVIRONMENT.values(), *(f"{ENVIRONMENT[name]}_FILE" for name in SECRETS)}
    for variable in sorted(set(os.environ).difference(known)):
        if variable.startswith(_PREFIX) and not variable.startswith(_OF_KUBERNETES):
            near = difflib.get_close_matches(variable, known, n=1)
            hint = f"did you mean `{near[0]}`?" if near else "see `docs/reference/settings.md`"
            logging.getLogger("kyros_obs").warning(
                "unknown variable: `%s`\n  hint: %s", variable, hint
            )


def _hand_over(before: Listener | None, after: Listener | None) -> None:
    """Free the port before it is asked for again."""
    if before is not None:
        before.close()
    if after is not None:
        after.start()


def resolve(arguments: Mapping[str, str]) -> dict[str, str]:
    """All settings that are given, by name; what they mean and default to is the runtime's."""
    resolved = {**_from_environment(), **arguments}
    if SETTING_CONFIG not in resolved and Path(_OVERLAY).is_file():
        resolved[SETTING_CONFIG] = _OVERLAY
    return resolved


def _telemetry() -> dict[str, str]:
    """The variables of OpenTelemetry, which say where spans go."""
    return {name: value for name, value in os.environ.items() if name.startswith("OTEL_")}


def _from_environment() -> dict[str, str]:
    """An empty variable counts as not set, as deployment templates leave them."""
    found = {name: _variable(name, variable) for name, variable in ENVIRONMENT.items()}
    return {name: value for name, value in found.items() if value}


def _variable(name: str, variable: str) -> str | None:
    value = os.environ.get(variable)
    file = os.environ.get(f"{variable}_FILE")
    if value or not file or name not in SECRETS:
        return value
    return _secret(f"{variable}_FILE", file)


def _secret(variable: str, file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise ConfigError(f"can't read the file of `{variable}`: {file}: {reason}") from None


def _text(value: object) -> str:
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
