"""Whose request it is, where neither `bind` nor the framework's state says so: somebody is asked.

What is asked may look at the request, and tells whose it is or that it doesn't know. An answer is
kept on the request's own record alone, so that nothing of it is left for the next one.
"""

import inspect
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from kyros_obs import _state
from kyros_obs._guard import Guard
from kyros_obs._native import Runtime
from kyros_obs._vocabulary import (
    FIELD_EMAIL,
    FIELD_SUB,
    LABEL_TENANT_ID,
    SETTING_JWT_KEYS,
    SETTING_JWT_SECRET,
)
from kyros_obs.context import Record
from kyros_obs.exceptions import ConfigError

if TYPE_CHECKING:
    from kyros_obs.jwt import VerifiedJwt

#: Is given an ASGI scope, or Flask's request; answers with a mapping or object that has some of
#: `tenant_id`, `tenant_slug`, `sub`, `email` and `user`, or None.
Ask: TypeAlias = Callable[[Any], object]
#: The same, which an ASGI application may have asynchronous.
AskAsync: TypeAlias = Callable[[Any], Awaitable[object]]

Who: TypeAlias = tuple[str | None, str | None, str | None, str | None]

#: What is read of an identity, in the order of `Who`.
NAMES = (LABEL_TENANT_ID, "tenant_slug", FIELD_SUB, FIELD_EMAIL)

#: The key of a request's question in its ASGI scope or WSGI environment.
QUESTION = "kyros_obs.question"

_USER = "user"
_MEMBERS = (*NAMES, _USER)
_NOBODY: Who = (None, None, None, None)

_guard = Guard("identity")


class Witness:
    """Whom one application asks: the function it was instrumented with, and the settings' token."""

    def __init__(self, ask: Ask | None = None) -> None:
        """Name the function, if there is one."""
        self.ask = ask

    def adopt(self, ask: Ask | None) -> None:
        """Take over a function that is given later; the first one stays."""
        if self.ask is None:
            self.ask = ask

    @property
    def late(self) -> Ask | None:
        """The function, where it may need what the application's authentication has found."""
        return None if self.ask is None or _is_verifier(self.ask) else self.ask

    def begin(self, record: Record, request: Mapping[str, Any]) -> "Question | None":
        """Verify the request's token, if one is to be; the question for what takes longer.

        A token needs nothing of the application, so that all lines of its request say whose it is.
        """
        ask = self.ask
        try:
            if ask is None and verifier() is None:
                return None
            late = self.late
            if late is not None or not _verify(ask, record, request):
                _verify(verifier(), record, request)
        except BaseException as error:
            if not _guard.took(error):
                raise
            return None
        return None if late is None else Question(late, record)


class Question:
    """What is asked about one request: when its route is known, and as it ends if nobody knew.

    So authentication may happen in a middleware or guard, or later in a dependency or decorator.
    What raised isn't asked again.
    """

    def __init__(self, ask: Ask, record: Record) -> None:
        """Prepare to ask."""
        self._ask = ask
        self._record = record
        self._is_open = True
        self._request: object = None

    def put(self, request: object) -> None:
        """Ask."""
        if self._is_open:
            with _guard:
                self._is_open = False
                self._note(_present(self._ask(request)))

    async def put_async(self, scope: object) -> None:
        """Ask a function that may be asynchronous, for a scope that a router was given."""
        first, self._request = self._request is None, scope
        if first:
            await self._put_async()

    async def put_at_the_end(self, scope: object) -> None:
        """Ask once more, for the scope that the last router was given, or the first one."""
        if self._request is None:
            self._request = scope
        await self._put_async()

    def forget(self) -> None:
        """Let go of the scope, which has the question itself."""
        self._request = None

    async def _put_async(self) -> None:
        if self._is_open:
            with _guard:
                self._is_open = False
                answer = self._ask(self._request)
                self._note(await answer if inspect.isawaitable(answer) else answer)

    def _note(self, answer: object) -> None:
        self._is_open = answer is None
        if answer is not None:
            found = who(answer)
            if found == _NOBODY:
                _check(answer)
            self._record.fall_back(found)


def _check(answer: object) -> None:
    """Whether an answer that names nobody could have: else a slip would pass for nobody."""
    if isinstance(answer, Mapping):
        could = not answer or any(name in answer for name in _MEMBERS)
    else:
        could = any(hasattr(answer, name) for name in _MEMBERS)
    if could:
        return
    names = ", ".join(f"`{name}`" for name in _MEMBERS)
    raise TypeError(f"the answer of `identity`, a `{type(answer).__name__}`, has none of {names}")


def who(answer: object) -> Who:
    """What an answer says, itself or in its `user`; the tenant only itself."""
    user = member(answer, _USER)
    tenant_id, *rest = (member(answer, name) for name in NAMES)
    of_user = (None if user is None else member(user, name) for name in NAMES[1:])
    found = (one if one is not None else other for one, other in zip(rest, of_user, strict=True))
    tenant_slug, sub, email = map(_text, found)
    return _text(tenant_id), tenant_slug, sub, email


def member(source: object, name: str) -> object:
    """A member of a mapping or an attribute of an object."""
    return source.get(name) if isinstance(source, Mapping) else getattr(source, name, None)


_known: tuple[Runtime, "VerifiedJwt | None"] | None = None


def verifier() -> "VerifiedJwt | None":
    """What verifies tokens by the settings of the active runtime, made with its first use.

    Raises:
        ConfigError: The keys can't be read. That is said once for a runtime.
    """
    global _known  # noqa: PLW0603 - one for each runtime, and one runtime is active
    runtime, known = _state.active(), _known
    if known is not None and known[0] is runtime:
        return known[1]
    if runtime is None:
        return None
    _known = runtime, None
    has_keys = any(map(runtime.setting, (SETTING_JWT_KEYS, SETTING_JWT_SECRET)))
    made = _of_settings(runtime) if has_keys else None
    _known = runtime, made
    return made


def _of_settings(runtime: Runtime) -> "VerifiedJwt":
    try:
        from kyros_obs import jwt  # noqa: PLC0415 - needs a package that not everybody has
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"no package to verify tokens with: {error.name}\n"
            "  hint: pip install 'kyros-obs[jwt]', or unset `KYROS_OBS_JWT_*`"
        ) from None
    return jwt.of_settings(runtime)


def _is_verifier(ask: object) -> bool:
    module = sys.modules.get("kyros_obs.jwt")
    return module is not None and isinstance(ask, module.VerifiedJwt)


def _verify(ask: Ask | None, record: Record, request: Mapping[str, Any]) -> bool:
    """Whether the request's token says whose it is."""
    answer = ask(request) if ask is not None else None
    if answer is None:
        return False
    record.fall_back(who(answer))
    return True


def _present(answer: object) -> object:
    if inspect.iscoroutine(answer):
        answer.close()
        raise TypeError("an asynchronous `identity` needs an ASGI application")
    return answer


def _text(value: object) -> str | None:
    return None if value is None else str(value)
