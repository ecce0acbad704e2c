"""Keys that are made for the tests, and tokens that are signed with them."""

import base64
import json
import time
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

TENANT = "8e1b3d5b-0c0f-4a51-9c3c-4f4b5b2c9f10"
SUB = "f8d1a1b2-1111-4222-8333-944445555666"
EMAIL = "analyst@client.example"

RSA = rsa.generate_private_key(65537, 2048)
OTHER_RSA = rsa.generate_private_key(65537, 2048)
SHORT_RSA = rsa.generate_private_key(65537, 1024)  # noqa: S505 - it has to be refused
EC = ec.generate_private_key(ec.SECP256R1())
LONG_EC = ec.generate_private_key(ec.SECP384R1())
SECRET = "for-tests-" * 4


def pem(*keys: Any) -> str:
    """The public halves."""
    halves = (key.public_key() for key in keys)
    form = PublicFormat.SubjectPublicKeyInfo
    return "".join(half.public_bytes(Encoding.PEM, form).decode() for half in halves)


def jwks(**keys: Any) -> str:
    """The same by name; a text is a secret."""
    return json.dumps({"keys": [member(kid, key) for kid, key in keys.items()]})


def member(kid: str, key: Any, **more: Any) -> dict[str, Any]:
    """One of them."""
    if isinstance(key, str):
        encoded = base64.urlsafe_b64encode(key.encode()).rstrip(b"=").decode()
        return {"kty": "oct", "k": encoded, "kid": kid, **more}
    name = "RS256" if isinstance(key, rsa.RSAPrivateKey) else "ES256"
    public = jwt.get_algorithm_by_name(name).to_jwk(key.public_key(), as_dict=True)
    return {**public, "kid": kid, **more}


def claims(**changed: Any) -> dict[str, Any]:
    """Those of a tenant token that is valid now; None leaves one out."""
    now = int(time.time())
    valid = {"tenant_id": TENANT, "sub": SUB, "email": EMAIL, "iat": now - 5, "exp": now + 600}
    return {name: value for name, value in {**valid, **changed}.items() if value is not None}


def token(key: Any = RSA, algorithm: str = "RS256", kid: str | None = None, **changed: Any) -> str:
    """A signed one."""
    headers = {} if kid is None else {"kid": kid}
    return jwt.encode(claims(**changed), key, algorithm, headers)


def encoded(part: object) -> str:
    """A part of a token, whatever is in it."""
    text = part if isinstance(part, str) else json.dumps(part)
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


@dataclass(frozen=True)
class Bearer:
    """Headers of a request that has the token."""

    token: str

    @property
    def headers(self) -> dict[str, str]:
        """In the usual place."""
        return {"Authorization": f"Bearer {self.token}"}
