"""Secrets of one run: generated at the start, handed to the services as files of mode 0600."""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from examples.platform.tenants import USERS

_SIGNING_KEYS = "signing_keys.json"
_PASSWORDS = "passwords.json"
_PII_KEY = "pii_key"


class SecretsStore:
    """The directory with the secrets of one run."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @classmethod
    def generate(cls, directory: Path) -> "SecretsStore":
        """Fill a new directory: a signing key, a password per user, the key of e-mail hashes."""
        directory.mkdir(mode=0o700, parents=True)
        store = cls(directory)
        store.add_signing_key()
        passwords = {user.email: secrets.token_urlsafe(15) for user in USERS}
        store._write(_PASSWORDS, json.dumps(passwords))
        store._write(_PII_KEY, secrets.token_hex(32))
        return store

    def add_signing_key(self) -> str:
        """Make a new signing key the current one; answers its id. Older keys stay valid."""
        with self._alone():
            keys = self._signing_keys()
            key_id = f"k{len(keys) + 1}"
            self._write(_SIGNING_KEYS, json.dumps({**keys, key_id: secrets.token_hex(32)}))
        return key_id

    def signing_keys(self) -> dict[str, str]:
        """Signing keys by id, oldest first."""
        return self._signing_keys()

    def passwords(self) -> Mapping[str, str]:
        """Passwords by e-mail address."""
        return dict(json.loads((self.directory / _PASSWORDS).read_text()))

    @property
    def pii_key_file(self) -> Path:
        """The file with the key of e-mail hashes."""
        return self.directory / _PII_KEY

    def keep(self, name: str, text: str) -> Path:
        """Keep another secret; answers its file."""
        self._write(name, text)
        return self.directory / name

    def _signing_keys(self) -> dict[str, str]:
        path = self.directory / _SIGNING_KEYS
        return dict(json.loads(path.read_text())) if path.exists() else {}

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Have no other process change the keys meanwhile."""
        descriptor = os.open(self.directory / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _write(self, name: str, text: str) -> None:
        """Replace a file at once, so that no reader ever sees a part of it."""
        temporary = self.directory / f".{name}.new"
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
        temporary.replace(self.directory / name)
