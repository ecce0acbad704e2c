"""Variables: what they may be, and how a query gets them."""

import re
from collections.abc import Callable, Mapping, Sequence

from kyros_obs.preview.dashboards import ALL, Variable

#: Chosen values by the variable's name; `ALL` alone stands for all of them.
Values = Mapping[str, Sequence[str]]

_REFERENCE = re.compile(
    r"\$\{(?P<braced>\w+)(?::(?P<format>\w+))?\}|\[\[(?P<old>\w+)\]\]|\$(?P<bare>\w+)"
)
_LABEL_VALUES = re.compile(r"label_values\(\s*(?:(?P<selector>.+?)\s*,\s*)?(?P<label>\w+)\s*\)\s*$")
_IN_A_STRING = re.compile(r"[$^*{}\[\]'+?.()|]")
_IN_AN_EXPRESSION = re.compile(r"[\\^$*+?.()|\[\]{}/]")

#: How a variable's values become text in a query, where that doesn't say.
Notation = Callable[[Variable, Sequence[str]], str]


def interpolate(
    text: str,
    variables: Sequence[Variable],
    values: Values,
    built_in: Mapping[str, str],
    notation: Notation,
) -> str:
    """A query with its variables in place; what is no variable stays as it is."""
    known = {variable.name: variable for variable in variables}

    def replaced(match: re.Match[str]) -> str:
        name = match["braced"] or match["old"] or match["bare"]
        if name in built_in:
            return built_in[name]
        if name not in known or not values.get(name):
            return match[0]
        formatted = regex if match["format"] == "regex" else notation
        return formatted(known[name], values[name])

    return _REFERENCE.sub(replaced, text)


def prometheus(variable: Variable, chosen: Sequence[str]) -> str:
    """Values inside the quotes of a PromQL or LogQL matcher."""
    if (everything := _all(variable, chosen)) is not None:
        return everything
    if not (variable.multi or variable.include_all):
        return chosen[0].replace("\\", "\\\\").replace('"', '\\"')
    return _alternatives([_escaped_twice(value) for value in chosen])


def regex(variable: Variable, chosen: Sequence[str]) -> str:
    """Values as one regular expression."""
    if (everything := _all(variable, chosen)) is not None:
        return everything
    return _alternatives([_IN_AN_EXPRESSION.sub(r"\\\g<0>", value) for value in chosen])


def plain(variable: Variable, chosen: Sequence[str]) -> str:
    """Values as they are."""
    return _all(variable, chosen) or ",".join(chosen)


def label_values(query: str) -> tuple[str | None, str] | None:
    """The selector and the label of `label_values(selector, label)`."""
    match = _LABEL_VALUES.match(query.strip())
    return (match["selector"], match["label"]) if match else None


def options(variable: Variable, found: Sequence[str]) -> list[str]:
    """What may be chosen: the values found, filtered by the variable's expression, in order."""
    kept = [value for value in found if value and _passes(variable.regex, value)]
    return ([ALL] if variable.include_all else []) + sorted(set(kept), key=str.lower)


def choice(variable: Variable, asked: Sequence[str], offered: Sequence[str]) -> list[str]:
    """What is chosen: what the address asks for, else what the dashboard says, else the first."""
    wanted = [value for value in (asked or variable.current) if value]
    wanted = wanted or list(offered[:1])
    if ALL in wanted:
        return [ALL]
    return wanted if variable.multi else wanted[:1]


def _passes(pattern: str, value: str) -> bool:
    return not pattern or re.search(pattern.strip("/"), value) is not None


def _all(variable: Variable, chosen: Sequence[str]) -> str | None:
    return (variable.all_value or ".*") if ALL in chosen else None


def _escaped_twice(value: str) -> str:
    """For a regular expression in a string: the string takes a backslash for itself."""
    return _IN_A_STRING.sub(r"\\\\\g<0>", value.replace("\\", "\\\\\\\\")).replace('"', '\\"')


def _alternatives(values: Sequence[str]) -> str:
    return values[0] if len(values) == 1 else f"({'|'.join(values)})"
