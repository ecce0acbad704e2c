"""Identities from tokens whose signature was verified; needs `pip install 'kyros-obs[jwt]'`.

    instrument(app, identity=VerifiedJwt(keys_file="/etc/kyros/jwks.json", audience="kyros"))

The settings `KYROS_OBS_JWT_*` do the same without code.
"""

import hashlib
import os
import re
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, Final, NamedTuple

import jwt

from kyros_obs import _state
from kyros_obs._native import Runtime
from kyros_obs._vocabulary import (
    REASON_ALGORITHM,
    REASON_AUDIENCE,
    REASON_CLAIMS,
    REASON_EXPIRED,
    REASON_ISSUER,
    REASON_MALFORMED,
    REASON_NOT_YET_VALID,
    REASON_SIGNATURE,
    REASON_TOO_LARGE,
    REASON_UNKNOWN_KEY,
    SETTING_JWT_ALGORITHMS,
    SETTING_JWT_AUDIENCE,
    SETTING_JWT_CLAIMS,
    SETTING_JWT_COOKIE,
    SETTING_JWT_HEADER,
    SETTING_JWT_ISSUER,
    SETTING_JWT_KEYS,
    SETTING_JWT_SECRET,
)
from kyros_obs.credential import Place
from kyros_obs.exceptions import ConfigError
from kyros_obs.keyring import ALGORITHMS, Keyring, Keys
from kyros_obs.witness import NAMES

#: Characters of a token; browsers and proxies take no longer header either.
_LONGEST = 8192
#: Verified tokens that are remembered.
_MOST_REMEMBERED = 1024
_SHAPE = re.compile(r"[\w-]+\.[\w-]+\.[\w-]*", re.ASCII)

#: Why a token is refused, by what PyJWT raises: the first that fits.
_REASONS: Final = (
    (jwt.InvalidSignatureError, REASON_SIGNATURE),
    (jwt.InvalidAlgorithmError, REASON_ALGORITHM),
    (jwt.ExpiredSignatureError, REASON_EXPIRED),
    (jwt.ImmatureSignatureError, REASON_NOT_YET_VALID),
    (jwt.InvalidAudienceError, REASON_AUDIENCE),
    (jwt.InvalidIssuerError, REASON_ISSUER),
)
_REASONS_OF_MISSING: Final = {"aud": REASON_AUDIENCE, "iss": REASON_ISSUER}


class VerifiedJwt:
    """Asks the token of a request whose it is, and believes it only where all of it is in order.

    It may be called with an ASGI scope, a WSGI environment, or a request of Starlette or Flask. A
    token that is refused is counted by its reason, and nothing of it is kept or told.
    """

    def __init__(  # noqa: PLR0913 - each by its name
        self,
        *,
        keys: str | None = None,
        keys_file: str | os.PathLike[str] | None = None,
        secret: str | None = None,
        algorithms: Iterable[str] | None = None,
        audience: str | Iterable[str] | None = None,
        issuer: str | None = None,
        claims: Mapping[str, str] | None = None,
        header: str | None = "authorization",
        cookie: str | None = None,
        leeway: float = 0,
    ) -> None:
        """Read the keys.

        Args:
            keys: Public keys as text: a JWKS, or PEM.
            keys_file: The same in a file, which is read again when it changes, or lacks a key that
                a token names.
            secret: The secret of tokens of HS256, at least 32 bytes.
            algorithms: Of `HS256`, `RS256` and `ES256`; without it those that the keys are for.
            audience: What a token's `aud` has to name, or some of which it has to name one. Without
                it a token that names an audience is refused.
            issuer: What a token's `iss` has to be.
            claims: The names of the claims for `tenant_id`, `tenant_slug`, `sub` and `email`, where
                a token has others.
            header: The header that has the token, after `Bearer`.
            cookie: The cookie that has it, where the header has none.
            leeway: Seconds by which clocks may differ.

        Raises:
            ConfigError: A key or an argument is not valid.
        """
        self._keys = Keys(keys, secret, keys_file)
        self._algorithms = None if algorithms is None else frozenset(algorithms)
        self._audience = _audience(audience)
        self._issuer = issuer
        self._claims = {**{name: name for name in NAMES}, **(claims or {})}
        self._place = Place(header.lower() if header else None, cookie)
        self._leeway = leeway
        self._verified: OrderedDict[bytes, _Verified] = OrderedDict()
        self._check()

    def __call__(self, request: object) -> dict[str, str] | None:
        """Whose request it is by its token; None where it has none, or none to be believed."""
        try:
            token = self._place.token(request)
            return self._identity(token) if token else None
        except _RefusedError as refused:
            runtime = _state.active()
            if runtime is not None:
                runtime.identity_refused(refused.reason)
        return None

    def _check(self) -> None:
        unknown = sorted((self._algorithms or frozenset()).difference(ALGORITHMS))
        if unknown or self._algorithms == frozenset():
            raise ConfigError(
                f"no algorithm to verify with: {', '.join(unknown)}\n"
                f"  hint: one or more of {', '.join(ALGORITHMS)}"
            )
        unknown = sorted(set(self._claims).difference(NAMES))
        if unknown:
            raise ConfigError(
                f"nothing that a claim is for: {', '.join(unknown)}\n"
                f"  hint: one or more of {', '.join(NAMES)}"
            )

    def _identity(self, token: str) -> dict[str, str]:
        """What a token says, remembered until it expires or the keys change."""
        if len(token) > _LONGEST:
            raise _RefusedError(REASON_TOO_LARGE)
        if not _SHAPE.fullmatch(token):
            raise _RefusedError(REASON_MALFORMED)
        digest = hashlib.sha256(token.encode()).digest()
        known = self._verified.get(digest)
        if known is None or not known.holds(self._keys.current(), self._leeway):
            known = self._verify(token)
        self._remember(digest, known)
        return dict(known.identity)

    def _remember(self, digest: bytes, known: "_Verified") -> None:
        self._verified[digest] = known
        with suppress(KeyError):  # another thread may have made room meanwhile
            self._verified.move_to_end(digest)
            if len(self._verified) > _MOST_REMEMBERED:
                self._verified.popitem(last=False)

    def _verify(self, token: str) -> "_Verified":
        try:
            ring, claims = self._checked(token)
            until = int(claims["exp"])
        except _RefusedError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a token makes its decoder raise
            raise _RefusedError(_reason(error)) from None
        found = {name: claims.get(claim) for name, claim in self._claims.items()}
        identity = {name: text for name, text in found.items() if text and isinstance(text, str)}
        if not identity:
            raise _RefusedError(REASON_CLAIMS)
        return _Verified(ring, until, identity)

    def _checked(self, token: str) -> tuple[Keyring, dict[str, Any]]:
        """A token's claims, and the keys of which one has verified it."""
        header, ring = jwt.get_unverified_header(token), self._keys.current()
        algorithm, kid = header.get("alg"), header.get("kid")
        if not isinstance(algorithm, str) or algorithm not in (self._algorithms or ring.algorithms):
            raise _RefusedError(REASON_ALGORITHM)
        if "crit" in header:
            raise _RefusedError(REASON_MALFORMED)
        if not ring.candidates(algorithm, kid):
            ring = self._keys.again()
        for key in ring.candidates(algorithm, kid):
            with suppress(jwt.InvalidSignatureError):
                return ring, self._decoded(token, key.material, algorithm)
        raise _RefusedError(
            REASON_SIGNATURE if ring.candidates(algorithm, kid) else REASON_UNKNOWN_KEY
        )

    def _decoded(self, token: str, material: Any, algorithm: str) -> dict[str, Any]:  # noqa: ANN401 - PyJWT's own
        return jwt.decode(
            token,
            material,
            algorithms=[algorithm],
            audience=self._audience,
            issuer=self._issuer,
            leeway=self._leeway,
            options={"require": ["exp"], "verify_sub": False, "verify_jti": False},
        )


def of_settings(runtime: Runtime) -> VerifiedJwt:
    """What the settings say.

    Raises:
        ConfigError: A key is not valid.
    """
    algorithms, claims = (
        runtime.setting(name) for name in (SETTING_JWT_ALGORITHMS, SETTING_JWT_CLAIMS)
    )
    pairs = (pair.split("=", 1) for pair in _parts(claims))
    return VerifiedJwt(
        keys_file=runtime.setting(SETTING_JWT_KEYS),
        secret=runtime.setting(SETTING_JWT_SECRET),
        algorithms=_parts(algorithms) if algorithms else None,
        audience=_parts(runtime.setting(SETTING_JWT_AUDIENCE)) or None,
        issuer=runtime.setting(SETTING_JWT_ISSUER),
        claims={name.strip(): claim.strip() for name, claim in pairs},
        header=runtime.setting(SETTING_JWT_HEADER),
        cookie=runtime.setting(SETTING_JWT_COOKIE),
    )


class _Verified(NamedTuple):
    """What a verified token says, and for how long."""

    ring: Keyring
    until: int
    identity: Mapping[str, str]

    def holds(self, ring: Keyring, leeway: float) -> bool:
        return self.ring is ring and time.time() - leeway < self.until


class _RefusedError(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _reason(error: Exception) -> str:
    if isinstance(error, jwt.MissingRequiredClaimError):
        return _REASONS_OF_MISSING.get(error.claim, REASON_CLAIMS)
    return next((reason for kind, reason in _REASONS if isinstance(error, kind)), REASON_MALFORMED)


def _audience(given: str | Iterable[str] | None) -> list[str] | None:
    return [given] if isinstance(given, str) else None if given is None else list(given)


def _parts(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]
