"""Tokens of the platform: HS256 JWTs, signed by the API, checked by every service.

A *user token* says who somebody is; a *tenant token* adds the one tenant worked in.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import jwt

from examples.platform.secrets_store import SecretsStore
from examples.platform.tenants import TENANT_BY_ID, TENANT_BY_SLUG, Tenant, User

USER_TOKEN_SECONDS = 8 * 3600
TENANT_TOKEN_SECONDS = 20 * 60
_ALGORITHM = "HS256"


class InvalidTokenError(Exception):
    """A token that proves nothing: forged, expired, of an unknown key, malformed or missing."""


@dataclass(frozen=True)
class Identity:
    """What a valid token proves."""

    sub: str
    email: str
    tenant_id: str | None
    tenant_ids: tuple[str, ...]
    roles: tuple[str, ...]

    @property
    def tenant_slug(self) -> str | None:
        """The slug of the tenant worked in."""
        tenant = TENANT_BY_ID.get(self.tenant_id or "")
        return tenant.slug if tenant else None


class TokenAuthority:
    """Signs and checks tokens with the keys of a secrets store."""

    def __init__(self, store: SecretsStore) -> None:
        self._store = store
        self._keys = store.signing_keys()

    def user_token(self, user: User, seconds: int = USER_TOKEN_SECONDS) -> str:
        """Sign a token that names a user and the tenants open to that user."""
        tenant_ids = [TENANT_BY_SLUG[slug].id for slug in user.roles]
        claims = {"tenant_ids": tenant_ids, "roles": sorted(set(user.roles.values()))}
        return self._sign(user, claims, seconds)

    def tenant_token(self, user: User, tenant: Tenant, seconds: int = TENANT_TOKEN_SECONDS) -> str:
        """Sign a token for the work of a user in one tenant."""
        claims = {"tenant_id": tenant.id, "role": user.roles[tenant.slug], "env": "demo"}
        return self._sign(user, claims, seconds)

    def identify(self, token: str) -> Identity:
        """Check a token, or raise `InvalidTokenError`."""
        try:
            key = self._key(str(jwt.get_unverified_header(token).get("kid")))
            claims = jwt.decode(token, key, [_ALGORITHM], options={"require": ["exp", "sub"]})
        except jwt.PyJWTError as error:
            raise InvalidTokenError(type(error).__name__) from None
        return _identity(claims)

    def rotate(self) -> str:
        """Sign with a new key from now on; answers its id."""
        return self._store.add_signing_key()

    def _sign(self, user: User, claims: Mapping[str, object], seconds: int) -> str:
        # Another worker may have rotated the key: only the store knows which is the newest.
        self._keys = self._store.signing_keys()
        key_id, key = list(self._keys.items())[-1]
        now = int(time.time())
        standard = {"sub": user.sub, "email": user.email, "iat": now, "exp": now + seconds}
        return jwt.encode({**standard, **claims}, key, _ALGORITHM, headers={"kid": key_id})

    def _key(self, key_id: str) -> str:
        """Look a key up; read the file again for one that another service may have added."""
        if key_id not in self._keys:
            self._keys = self._store.signing_keys()
        if key_id not in self._keys:
            raise InvalidTokenError
        return self._keys[key_id]


def bearer(authorization: str | None) -> str | None:
    """Take the token out of an `Authorization` header."""
    scheme, _, token = (authorization or "").partition(" ")
    return token if scheme.lower() == "bearer" and token else None


def _identity(claims: dict[str, object]) -> Identity:
    tenant_id = claims.get("tenant_id")
    tenant_ids = claims.get("tenant_ids", [tenant_id])
    roles = claims.get("roles", [claims.get("role")])
    return Identity(
        sub=str(claims["sub"]),
        email=str(claims["email"]),
        tenant_id=str(tenant_id) if tenant_id else None,
        tenant_ids=tuple(tenant_ids) if isinstance(tenant_ids, list) else (),
        roles=tuple(roles) if isinstance(roles, list) else (),
    )
