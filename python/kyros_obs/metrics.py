"""The application's own metrics, in the same store and exposition as ours.

    exported = kyros_obs.counter("reports_exported_total", "Exports.", labels=["tenant_id"])
    exported.inc(tenant_id=tenant)

What counts the same again and again keeps `exported.labels(tenant_id=tenant)`: its `inc()` is
cheaper.
A metric may be made at import, before `configure`: it is registered with its first sample. Its name
and labels are held to the schema's rules; `sub` and `email` can't be labels.
"""

import copy
from collections.abc import Iterable, Sequence
from typing import Literal, Self

from kyros_obs import _state
from kyros_obs._guard import Guard
from kyros_obs._native import Family, Runtime
from kyros_obs._vocabulary import LabelName
from kyros_obs.exceptions import KyrosObsError

_guard = Guard("metrics")
_declaring = Guard("metrics", passing=KyrosObsError)


def counter(name: str, help: str = "", *, labels: Sequence[LabelName | str] = ()) -> "Counter":  # noqa: A002 - Prometheus' word
    """Make a counter; its name ends in `_total`."""
    return Counter(name, help, labels)


def gauge(
    name: str,
    help: str = "",  # noqa: A002 - Prometheus' word
    *,
    labels: Sequence[LabelName | str] = (),
    across: Literal["sum", "max", "min"] = "sum",
) -> "Gauge":
    """Make a gauge. `across` says how the values of several workers become one."""
    return Gauge(name, help, labels, across=across)


def histogram(
    name: str,
    help: str = "",  # noqa: A002 - Prometheus' word
    *,
    labels: Sequence[LabelName | str] = (),
    buckets: Iterable[float | str] = (),
) -> "Histogram":
    """Make a histogram; without `buckets` it has those of the schema's request durations."""
    return Histogram(name, help, labels, buckets)


def forget_tenant(tenant_id: str) -> int:
    """Remove all series of a tenant, in all workers, and return how many there were.

    For a tenant that has left. What it does after that is counted anew, from 0.

    Raises:
        KyrosObsError: Its id is what redaction takes for something else, or another process keeps
            the series locked.
    """
    return _state.runtime().forget_tenant(tenant_id)


class _Metric:
    """A declaration, and the family it became in the runtime that was last used."""

    kind = ""

    def __init__(
        self,
        name: str,
        text: str,
        labels: Sequence[LabelName | str],
        buckets: Iterable[float | str] = (),
        across: str = "sum",
    ) -> None:
        if isinstance(labels, str):
            raise TypeError(
                f'labels of `{name}`: a text: {labels}\n  hint: write `labels=["{labels}"]`'
            )
        if not isinstance(text, str):
            raise TypeError(
                f"help of `{name}`: no text: {text!r}\n  hint: labels go by name: `labels=[...]`"
            )
        declared = (self.kind, name, text or name, list(labels), [*map(str, buckets)], across)
        self._declaration = declared
        self._registered: tuple[Runtime, Family] | None = None
        self._fixed: dict[str, object] | None = None
        runtime = _state.active()
        if runtime is not None:
            with _declaring:
                self._register(runtime)

    def labels(self, /, **labels: object) -> Self:
        """The same metric with the values of all its labels fixed; its calls then take none.

        Raises:
            ValueError: Other labels are declared, or they are fixed already.
        """
        _, name, _, declared, *_ = self._declaration
        expected = [] if self._fixed is not None else declared
        if labels.keys() != set(expected):
            raise ValueError(f"labels of `{name}`: expected {expected}, got {sorted(labels)}")
        fixed = copy.copy(self)
        fixed._fixed = labels  # noqa: SLF001 - of this class
        fixed._registered = None  # noqa: SLF001 - as above
        return fixed

    def _family(self) -> Family:
        runtime = _state.runtime()
        if self._registered is None or self._registered[0] is not runtime:
            return self._register(runtime)
        return self._registered[1]

    def _register(self, runtime: Runtime) -> Family:
        family = runtime.register(*self._declaration)
        if self._fixed is not None:
            family = family.fix(self._fixed)
        self._registered = (runtime, family)
        return family


def _swallow(error: BaseException) -> None:
    """Leave an error to the guard: entering it only then keeps it from the cost of a sample."""
    with _guard:
        raise error


class Counter(_Metric):
    """A number that only grows."""

    kind = "counter"

    def inc(self, /, amount: float = 1, **labels: object) -> None:
        """Add an amount; one that is negative is a failure, and isn't counted."""
        try:
            self._family().add(labels, amount)
        except BaseException as error:  # noqa: BLE001 - the guard raises what is no failure
            _swallow(error)


class Gauge(_Metric):
    """A number that goes up and down."""

    kind = "gauge"

    def set(self, /, amount: float, **labels: object) -> None:
        """Set the number."""
        try:
            self._family().set(labels, amount)
        except BaseException as error:  # noqa: BLE001 - the guard raises what is no failure
            _swallow(error)

    def inc(self, /, amount: float = 1, **labels: object) -> None:
        """Add an amount."""
        try:
            self._family().add(labels, amount)
        except BaseException as error:  # noqa: BLE001 - the guard raises what is no failure
            _swallow(error)

    def dec(self, /, amount: float = 1, **labels: object) -> None:
        """Take an amount away."""
        self.inc(-amount, **labels)


class Histogram(_Metric):
    """How a number is spread."""

    kind = "histogram"

    def observe(self, /, amount: float, **labels: object) -> None:
        """Count one observation, in the unit of the metric's name."""
        try:
            self._family().observe(labels, amount)
        except BaseException as error:  # noqa: BLE001 - the guard raises what is no failure
            _swallow(error)
