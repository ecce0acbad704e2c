"""The search for leaks finds what it is for; a search that finds nothing would always pass."""

import pytest

from examples.platform.verify.leaks import leaked_addresses, leaked_secrets, pieces
from examples.platform.verify.sinks import Sink

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzb21lYm9keSJ9.c2lnbmF0dXJlLW9mLWl0"  # noqa: S105
PASSWORD = "correct-horse-7"  # noqa: S105


@pytest.mark.parametrize(
    "text",
    [
        f'{{"message":"body {{\\"user_token\\":\\"{TOKEN}\\"}}"}}',
        f"password={PASSWORD}",
        TOKEN.split(".")[1],
        f"...{TOKEN.split('.')[2]}...",
    ],
)
def test_a_secret_is_found_wherever_it_stands(text: str) -> None:
    """Whole secrets are found, and each telling part of a token."""
    secrets = pieces({TOKEN: "a token", PASSWORD: "a password"})
    assert list(leaked_secrets(Sink("log", text), secrets))


def test_a_tokens_header_is_no_secret() -> None:
    """The first segment is the same in every token of every service."""
    secrets = pieces({TOKEN: "a token"})
    assert not list(leaked_secrets(Sink("log", TOKEN.partition(".")[0]), secrets))


@pytest.mark.parametrize(
    "text", ["mail to ana@client.example failed", "?mail=ana%40client.example"]
)
def test_an_address_is_found_wherever_it_stands(text: str) -> None:
    """Addresses are found in plain text and in encoded query strings."""
    assert list(leaked_addresses(Sink("log", text)))


def test_an_address_may_stand_in_its_own_field() -> None:
    """In an access line the field for it is no leak; the same address beside it is one."""
    field = '"email":"ana@client.example"'
    line = f'{{"event":"access",{field},"message":"for ana@client.example"}}'
    assert len(list(leaked_addresses(Sink("access", line, (field,))))) == 1
