"""What a callback is called in metrics."""

import hashlib
import re
from collections.abc import Callable
from typing import Any

_LONGEST = 100


def bounded_label(
    callback_id: str, function: Callable[..., Any], *, has_inputs: bool = True
) -> str:
    """A callback's label: its id, but short and the same on every machine.

    Ids may be hashes, end in one, or be a thousand characters long; eight digits of a hash keep
    what is shortened apart. The id of a callback with neither output nor input is a hash of where
    its source is installed, which says nothing.
    """
    if re.fullmatch(r"[0-9a-f]{64}", callback_id):
        name = getattr(function, "__qualname__", "")
        digest = callback_id[:8] if has_inputs else _digest(function_name(function))
        return f"{name[-_LONGEST:]}#{digest}"
    label = re.sub(r"@([0-9a-f]{8})[0-9a-f]{56}", r"@\1", callback_id)
    if len(label) <= _LONGEST:
        return label
    first, *others = label.strip(".").split("...")
    return f"{first[:_LONGEST]}+{len(others)}#{_digest(callback_id)}"


def function_name(function: Callable[..., Any]) -> str:
    """A function with its module."""
    module, name = getattr(function, "__module__", None), getattr(function, "__qualname__", "")
    return f"{module}.{name}" if module else str(name)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
