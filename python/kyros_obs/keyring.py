"""Keys that tokens are verified with, each for one algorithm alone, and the file they may be in.

A key is bound to the algorithm of its kind, whatever a token says of itself: so a public key is
never taken for a secret.
"""

import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import jwt
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from kyros_obs._guard import report
from kyros_obs.exceptions import ConfigError

HS256: Final = "HS256"
RS256: Final = "RS256"
ES256: Final = "ES256"
ALGORITHMS: Final = (HS256, RS256, ES256)

#: The least that the standards ask for: bytes of a secret, bits of an RSA key, and the curve.
_SHORTEST_SECRET = 32
_SHORTEST_RSA = 2048
_CURVE = "secp256r1"

#: Of a key in a JWKS by its `kty`: the algorithm, and the members that are public.
_KINDS: Mapping[object, tuple[str, tuple[str, ...]]] = {
    "oct": (HS256, ("kty", "k")),
    "RSA": (RS256, ("kty", "n", "e")),
    "EC": (ES256, ("kty", "crv", "x", "y")),
}
_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)

#: Bytes of a file of keys.
_LARGEST_FILE = 1 << 20
#: Keys that are tried for a token that names none.
_MOST_TRIED = 8
#: Seconds between attempts to read a file that could not be read, or that lacks a token's key.
_BETWEEN_ATTEMPTS = 1.0


class Key(NamedTuple):
    """One key."""

    algorithm: str
    kid: str | None
    material: Any


class Keyring:
    """The keys of one reading; never changed, so what they verified is told by the ring itself."""

    def __init__(self, keys: tuple[Key, ...]) -> None:
        """Take them over."""
        self._keys = keys
        self.algorithms = frozenset(key.algorithm for key in keys)

    def candidates(self, algorithm: str, kid: object) -> list[Key]:
        """The keys that a token may have been signed with: that of its name, else nameless ones."""
        able = [key for key in self._keys if key.algorithm == algorithm]
        if kid is None:
            return able[:_MOST_TRIED]
        named = [key for key in able if key.kid == kid]
        return (named or [key for key in able if key.kid is None])[:_MOST_TRIED]


class Keys:
    """Where the keys come from: a text, a secret, a file that is read again when it changes."""

    def __init__(
        self,
        text: str | None = None,
        secret: str | None = None,
        file: str | os.PathLike[str] | None = None,
    ) -> None:
        """Read them.

        Raises:
            ConfigError: There is no key, or one that is none.
        """
        self._fixed = (*_of_text(text, "keys"), *_of_secret(secret))
        self._file = None if file is None else Path(file)
        self._not_before = self._not_again_before = 0.0
        self._reading = (None, Keyring(self._fixed)) if self._file is None else self._read()
        if not self._reading[1].algorithms:
            raise ConfigError(
                "no key to verify tokens with\n  hint: give `keys`, `keys_file` or `secret`"
            )

    def current(self) -> Keyring:
        """The keys of now. Where the file can't be read, those that were in it stay."""
        if self._file is not None and time.monotonic() >= self._not_before:
            self._follow(self._reading[0])
        return self._reading[1]

    def again(self) -> Keyring:
        """The keys after a reading that no change of the file has asked for; now and then alone."""
        if self._file is not None and time.monotonic() >= self._not_again_before:
            self._not_again_before = time.monotonic() + _BETWEEN_ATTEMPTS
            self._follow(None)
        return self._reading[1]

    def _follow(self, known: object) -> None:
        try:
            if known is None or known != self._stamp():
                self._reading = self._read()
        except (ConfigError, OSError) as error:
            self._not_before = time.monotonic() + _BETWEEN_ATTEMPTS
            report("identity", error)

    def _read(self) -> tuple[object, Keyring]:
        """What is in the file, with the stamp it had before: a change meanwhile is seen later."""
        try:
            stamp = self._stamp()
            with Path(str(self._file)).open(encoding="utf-8") as file:
                text = file.read(_LARGEST_FILE + 1)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "not UTF-8"
            raise ConfigError(
                f"can't read the file of public keys: {self._file}: {reason}"
            ) from None
        keys = _of_text(text, str(self._file))
        return stamp, Keyring((*keys, *self._fixed))

    def _stamp(self) -> object:
        found = os.stat(str(self._file))  # noqa: PTH116 - once for each request
        return found.st_mtime_ns, found.st_size, found.st_ino


def _of_text(text: str | None, source: str) -> tuple[Key, ...]:
    """The keys of a JWKS or of PEM blocks; those that are for something else are left out."""
    if text is None:
        return ()
    if len(text) > _LARGEST_FILE:
        raise ConfigError(f"too large for a file of keys: {source}: over {_LARGEST_FILE} bytes")
    keys = tuple(_of_jwks(text, source) if text.lstrip().startswith("{") else _of_pem(text, source))
    if not keys:
        raise ConfigError(
            f"no key to verify tokens with: {source}\n"
            "  hint: a JWKS, or public keys in PEM: RSA of 2048 bits or more, or EC on P-256"
        )
    return keys


def _of_jwks(text: str, source: str) -> Iterator[Key]:
    try:
        document = json.loads(text)
        members = document.get("keys", [document])
        yield from filter(None, map(_of_jwk, members))
    except (ValueError, TypeError, RecursionError):
        raise ConfigError(f"no JWKS: {source}") from None


def _of_jwk(member: Mapping[str, Any]) -> Key | None:
    algorithm, public = _KINDS.get(member.get("kty"), (None, ()))
    for_signatures = member.get("use", "sig") == "sig"
    if algorithm is None or not for_signatures or member.get("alg", algorithm) != algorithm:
        return None
    kid = member.get("kid")
    try:
        given = {name: member[name] for name in public if name in member}
        material = jwt.get_algorithm_by_name(algorithm).from_jwk(given)
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    return _sound(Key(algorithm, kid if isinstance(kid, str) else None, material))


def _of_pem(text: str, source: str) -> Iterator[Key]:
    for block in _PEM.finditer(text):
        if "PRIVATE" in block[1]:
            raise ConfigError(
                f"a private key in the place of a public one: {source}\n  hint: give the public one"
            )
        try:
            material = _public(block[1], block[0].encode())
        except (ValueError, UnsupportedAlgorithm):
            raise ConfigError(f"a key that can't be read: {source}") from None
        algorithm = RS256 if isinstance(material, RSAPublicKey) else ES256
        key = _sound(Key(algorithm, None, material))
        if key is not None:
            yield key


def _public(kind: str, block: bytes) -> object:
    if kind == "CERTIFICATE":
        return x509.load_pem_x509_certificate(block).public_key()
    return load_pem_public_key(block)


def _of_secret(secret: str | None) -> Iterator[Key]:
    if secret is None:
        return
    try:
        material = jwt.get_algorithm_by_name(HS256).prepare_key(secret)
    except (jwt.PyJWTError, TypeError, ValueError):
        raise ConfigError("the secret of tokens is none: it looks like a key") from None
    key = _sound(Key(HS256, None, material))
    if key is None:
        raise ConfigError("the secret of tokens is too short\n  hint: 32 random bytes or more")
    yield key


def _sound(key: Key) -> Key | None:
    """The key, where it is as strong as its algorithm asks for."""
    material = key.material
    match key.algorithm:
        case "HS256":
            strong = len(material) >= _SHORTEST_SECRET
        case "RS256":
            strong = isinstance(material, RSAPublicKey) and material.key_size >= _SHORTEST_RSA
        case _:
            strong = isinstance(material, EllipticCurvePublicKey) and material.curve.name == _CURVE
    return key if strong else None
