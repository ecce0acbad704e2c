"""Tokens prove what was signed, and nothing else does."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jwt
import pytest

from examples.platform.identity import InvalidTokenError, TokenAuthority, bearer
from examples.platform.secrets_store import SecretsStore
from examples.platform.tenants import ATLAS, NORTHWIND, USERS

IRIS = USERS[4]


@pytest.fixture
def store(tmp_path: Path) -> SecretsStore:
    """Secrets of a run of their own."""
    return SecretsStore.generate(tmp_path / "secrets")


def test_a_tenant_token_proves_one_tenant(store: SecretsStore) -> None:
    """A tenant token names exactly the tenant it was signed for, and the role there."""
    authority = TokenAuthority(store)
    identity = authority.identify(authority.tenant_token(IRIS, ATLAS))
    assert (identity.sub, identity.email) == (IRIS.sub, IRIS.email)
    assert (identity.tenant_id, identity.tenant_slug) == (ATLAS.id, ATLAS.slug)
    assert identity.roles == ("viewer",)


def test_a_user_token_proves_no_tenant(store: SecretsStore) -> None:
    """A user token lists the tenants that are open and chooses none."""
    authority = TokenAuthority(store)
    identity = authority.identify(authority.user_token(IRIS))
    assert identity.tenant_id is None
    assert len(identity.tenant_ids) == len(IRIS.roles)


def test_other_services_accept_the_key_that_was_rotated_in(store: SecretsStore) -> None:
    """A service that has read the keys before a rotation still knows tokens signed after it."""
    api, dash_app = TokenAuthority(store), TokenAuthority(store)
    before = api.tenant_token(IRIS, NORTHWIND)
    api.rotate()
    after = api.tenant_token(IRIS, NORTHWIND)
    assert dash_app.identify(before) == dash_app.identify(after)


def test_no_rotation_is_lost_where_workers_rotate_at_once(store: SecretsStore) -> None:
    """Each has a key of its own, and each signs with the newest one, whoever made it."""
    workers = [TokenAuthority(store) for _ in range(8)]
    with ThreadPoolExecutor(len(workers)) as pool:
        key_ids = list(pool.map(TokenAuthority.rotate, workers))
    assert len(set(key_ids)) == len(workers)
    assert len(store.signing_keys()) == len(workers) + 1
    newest = list(store.signing_keys())[-1]
    tokens = [worker.tenant_token(IRIS, ATLAS) for worker in workers]
    assert {jwt.get_unverified_header(token)["kid"] for token in tokens} == {newest}


def test_what_proves_nothing_is_refused(store: SecretsStore, tmp_path: Path) -> None:
    """Forged, foreign, expired, malformed and missing tokens are all the same: invalid."""
    authority = TokenAuthority(store)
    stranger = TokenAuthority(SecretsStore.generate(tmp_path / "elsewhere"))
    token = authority.tenant_token(IRIS, ATLAS)
    header, payload, signature = token.split(".")
    bad = [
        stranger.tenant_token(IRIS, ATLAS),
        authority.tenant_token(IRIS, ATLAS, seconds=-60),
        f"{header}.{payload}.{signature[::-1]}",
        f"{header}.{payload}.",
        "",
        "a.b.c",
    ]
    for one in bad:
        with pytest.raises(InvalidTokenError):
            authority.identify(one)


def test_only_the_bearer_scheme_carries_a_token() -> None:
    """Other schemes, and no header at all, carry none."""
    assert bearer("Bearer abc") == bearer("bearer abc") == "abc"
    assert bearer("Basic abc") is bearer("Bearer") is bearer(None) is None
