"""Verified tokens: whose request it is where all is in order, and nobody's otherwise."""

import hashlib
import hmac
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dash
import flask
import jwt as pyjwt
import pytest
from dash import Input, Output, html
from fastapi import FastAPI

import kyros_obs
from kyros_obs import ConfigError
from kyros_obs._native import Runtime
from kyros_obs.config import resolve
from kyros_obs.jwt import VerifiedJwt
from kyros_obs.testing import Captured, capture
from tests import tokens
from tests.clients import AsgiClient, call, target, trigger
from tests.tokens import EC, EMAIL, OTHER_RSA, RSA, SECRET, SUB, TENANT, Bearer, token

OTHER_TENANT = "1a2b3c4d-0000-4000-8000-000000000001"


def api(**options: Any) -> FastAPI:
    """An application that looks at no token itself."""
    app = FastAPI()

    @app.get("/data")
    def data() -> None:
        kyros_obs.audit("view_dashboard", resource="data")

    return kyros_obs.instrument(app, **options)


def server(**options: Any) -> flask.Flask:
    """The same in Flask."""
    app = flask.Flask(__name__)

    @app.get("/data")
    def data() -> str:
        kyros_obs.audit("view_dashboard", resource="data")
        return "data"

    return kyros_obs.instrument(app, **options)


def ask(headers: Mapping[str, str], **options: Any) -> None:
    """Send the same request to both."""
    assert AsgiClient(api(**options)).get("/data", headers=headers).status_code == 200
    client = server(**options).test_client(use_cookies=False)  # which would replace the header
    assert client.get("/data", headers=dict(headers)).status_code == 200


KEYS = [
    pytest.param({"keys": tokens.pem(RSA)}, token(), id="RS256"),
    pytest.param({"keys": tokens.pem(EC)}, token(EC, "ES256"), id="ES256"),
    pytest.param({"keys": tokens.pem(RSA, EC)}, token(EC, "ES256"), id="two-kinds"),
    pytest.param({"keys": tokens.pem(OTHER_RSA, RSA)}, token(), id="two-of-a-kind"),
    pytest.param({"secret": SECRET}, token(SECRET, "HS256"), id="HS256"),
    pytest.param({"keys": tokens.jwks(a=OTHER_RSA, b=RSA)}, token(kid="b"), id="jwks"),
    pytest.param({"keys": tokens.jwks(a=OTHER_RSA, b=RSA)}, token(), id="jwks-without-kid"),
    pytest.param({"keys": tokens.jwks(s=SECRET)}, token(SECRET, "HS256", "s"), id="jwks-secret"),
    pytest.param({"keys": tokens.pem(RSA)}, token(kid="any"), id="kid-without-names"),
    pytest.param({"keys": tokens.pem(RSA), "audience": "us"}, token(aud="us"), id="audience"),
    pytest.param(
        {"keys": tokens.pem(RSA), "audience": ["x", "us"]}, token(aud=["us", "y"]), id="audiences"
    ),
    pytest.param({"keys": tokens.pem(RSA), "issuer": "idp"}, token(iss="idp"), id="issuer"),
    pytest.param(
        {"keys": tokens.pem(RSA), "claims": {"tenant_id": "tid", "sub": "oid"}},
        token(tenant_id=None, tid=TENANT, sub="pairwise", oid=SUB),
        id="claims",
    ),
    pytest.param(
        {"keys": tokens.pem(RSA), "leeway": 86400}, token(exp=int(time.time()) - 5), id="leeway"
    ),
]


@pytest.mark.parametrize(("options", "one"), KEYS)
def test_verified(seen: Captured, options: Mapping[str, Any], one: str) -> None:
    """What a valid token claims is the identity, in line, sample and row."""
    ask(Bearer(one).headers, identity=VerifiedJwt(**options))
    check(seen, TENANT, SUB)
    assert {(row["tenant_id"], row["sub"]) for row in seen.audit} == {(TENANT, SUB)}
    assert seen.metric("kyros_identity_refused_total") == 0
    seen.assert_no_leak(one)


def settings(**changed: str) -> dict[str, str]:
    """Settings by which a secret verifies tokens, and a change of them."""
    return {"jwt_secret": SECRET, **changed}


SIGNED = token(SECRET, "HS256")
PLACES = [
    ({}, Bearer(SIGNED).headers),
    ({}, {"authorization": f"bEARER  {SIGNED} "}),
    ({"jwt_cookie": "session"}, {"Cookie": f"a=b; session={SIGNED}; c=d"}),
    ({"jwt_cookie": "session"}, {"Cookie": f'session="{SIGNED}"', "Authorization": "Basic eDp5"}),
    ({"jwt_header": "X-Tenant-Token"}, {"x-tenant-token": SIGNED}),
    ({"jwt_header": "X-Tenant-Token"}, {"x-tenant-token": f"Bearer {SIGNED}"}),
    ({"jwt_algorithms": "HS256, RS256", "jwt_claims": "email=upn"}, Bearer(SIGNED).headers),
]


@pytest.mark.parametrize(("changed", "headers"), PLACES)
def test_settings_alone(changed: dict[str, str], headers: Mapping[str, str]) -> None:
    """Settings need no code, in either framework, and say where the token is."""
    with capture(**settings(**changed)) as seen:
        ask(headers)
        check(seen, TENANT, SUB)


def test_settings_name_a_file(tmp_path: Path) -> None:
    """A file of keys, what the token is for, and who has made it."""
    keys = tmp_path / "jwks.json"
    keys.write_text(tokens.jwks(one=RSA))
    about = {"jwt_keys": str(keys), "jwt_audience": "us,them", "jwt_issuer": "idp"}
    with capture(**about) as seen:
        ask(Bearer(token(kid="one", aud="them", iss="idp")).headers)
        check(seen, TENANT, SUB)


def confused() -> str:
    """A token of HS256 whose secret is the public key, which everybody has."""
    signed = f"{tokens.encoded({'alg': 'HS256'})}.{tokens.encoded(tokens.claims())}"
    digest = hmac.new(tokens.pem(RSA).encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{pyjwt.utils.base64url_encode(digest).decode()}"


def unsigned(**header: Any) -> str:
    """A token that nobody has signed."""
    return f"{tokens.encoded(header)}.{tokens.encoded(tokens.claims())}."


NOW = int(time.time())
BOTH: dict[str, Any] = {
    "keys": tokens.jwks(one=RSA),
    "secret": SECRET,
    "audience": "us",
    "issuer": "idp",
}
GOOD = {"aud": "us", "iss": "idp"}
REFUSED = [
    ("algorithm", unsigned(alg="none")),
    ("algorithm", unsigned(alg="NONE")),
    ("algorithm", unsigned(alg=["RS256"])),
    ("algorithm", unsigned(alg=None)),
    ("algorithm", unsigned()),
    ("algorithm", token(RSA, "RS384", **GOOD)),
    ("algorithm", token(RSA, "PS256", **GOOD)),
    ("algorithm", token(EC, "ES256", **GOOD)),
    ("signature", confused()),
    ("signature", unsigned(alg="RS256")),
    ("signature", token(OTHER_RSA, kid="one", **GOOD)),
    ("signature", token("another-secret-" * 4, "HS256", **GOOD)),
    ("signature", token(**GOOD).rsplit(".", 1)[0] + "." + token(exp=1, **GOOD).rsplit(".", 1)[1]),
    ("unknown_key", token(kid="two", **GOOD)),
    ("expired", token(exp=NOW - 1, **GOOD)),
    ("not_yet_valid", token(nbf=NOW + 600, **GOOD)),
    ("not_yet_valid", token(iat=NOW + 600, **GOOD)),
    ("audience", token(aud="them", iss="idp")),
    ("audience", token(iss="idp")),
    ("issuer", token(aud="us", iss="other")),
    ("issuer", token(aud="us")),
    ("claims", token(exp=None, **GOOD)),
    ("claims", token(tenant_id=None, sub=None, email=None, **GOOD)),
    ("claims", token(tenant_id=[TENANT], sub=None, email={"a": 1}, **GOOD)),
    ("malformed", unsigned(alg="RS256", crit=["exp"])),
    ("malformed", unsigned(alg="RS256", crit=[])),
    ("malformed", unsigned(alg="RS256", kid=["one"])),
    ("malformed", "garbage"),
    ("malformed", "a.b.c"),
    ("malformed", "..."),
    ("malformed", "eyJ.eyJ.eyJ é"),
    ("malformed", f"{tokens.encoded('[' * 4000)}.{tokens.encoded('{}')}.AAAA"),
    ("malformed", f"{tokens.encoded('[1]')}.{tokens.encoded('{}')}.AAAA"),
    ("malformed", token(**GOOD) + "," + token(**GOOD)),
    ("malformed", token(exp="soon", **GOOD)),
    ("too_large", "a" * 9000 + ".b.c"),
    ("too_large", token(padding="x" * 9000, **GOOD)),
]


@pytest.mark.parametrize(("reason", "one"), REFUSED)
@pytest.mark.parametrize("framework", ["asgi", "wsgi"])
def test_refused(seen: Captured, framework: str, reason: str, one: str) -> None:
    """What isn't wholly in order is nobody's; it is counted, and told by no line."""
    identity = VerifiedJwt(**BOTH)
    if framework == "asgi":
        header = f"Bearer {one}".encode("latin-1")
        answer = AsgiClient(api(identity=identity)).get("/data", headers={b"authorization": header})
    else:
        answer = call(server(identity=identity), "/data", headers=Bearer(one).headers)
    assert answer.status_code == 200
    check(seen, None, None)
    assert refusals(seen) == {reason: 1}
    assert seen.metric("kyros_instrumentation_errors_total") == 0
    seen.assert_no_leak(*(part for part in re.split(r"[.,]", one) if len(part) > 8))


def test_a_token_that_was_tampered_with(seen: Captured) -> None:
    """Whatever of it is changed: it says what was signed, or nothing; and nothing is raised."""
    identity = VerifiedJwt(keys=tokens.jwks(one=RSA, two=OTHER_RSA), secret=SECRET)
    chance = random.Random(7)  # noqa: S311 - the same tampering in each run
    signed = [token(kid="one"), token(SECRET, "HS256"), confused(), unsigned(alg="none")]
    for _ in range(1500):
        one = list(chance.choice(signed))
        for _ in range(chance.randint(1, 3)):
            at, kind = chance.randrange(len(one)), chance.choice(("replace", "drop", "add"))
            other = [chance.choice("AZaz09-_.=%é ")] if kind != "drop" else []
            one[at : at + (kind != "add")] = other
        assert identity(environ("".join(one))) in (None, said())
    assert seen.metric("kyros_instrumentation_errors_total") == 0
    assert seen.metric("kyros_identity_refused_total") > 1000


def test_a_token_for_somebody_else_is_none_where_no_audience_is_set(seen: Captured) -> None:
    """One issuer's keys verify the tokens of all its applications."""
    ask(Bearer(token(aud="them")).headers, identity=VerifiedJwt(keys=tokens.pem(RSA)))
    check(seen, None, None)
    assert refusals(seen) == {"audience": 2}


def test_without_a_token(seen: Captured) -> None:
    """That is no refusal; neither is another scheme."""
    identity = VerifiedJwt(keys=tokens.pem(RSA), cookie="session")
    for headers in ({}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer "}):
        ask(headers, identity=identity)
    check(seen, None, None)
    assert refusals(seen) == {}


def test_two_cookies_of_one_name_are_nobodys(seen: Captured) -> None:
    """It can't be told which of the two the application believes."""
    other = token(tenant_id=OTHER_TENANT)
    identity = VerifiedJwt(keys=tokens.pem(RSA), cookie="session")
    ask({"Cookie": f"session={token()}; session={other}"}, identity=identity)
    check(seen, None, None)


def test_a_refused_header_is_not_made_good_by_a_cookie(seen: Captured) -> None:
    """The header goes before the cookie."""
    identity = VerifiedJwt(keys=tokens.pem(RSA), cookie="session")
    ask({"Cookie": f"session={token()}", **Bearer(token(exp=1)).headers}, identity=identity)
    check(seen, None, None)


def test_a_token_is_verified_once(seen: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until it expires, and no longer."""
    decoded: list[str] = []
    decode = pyjwt.decode

    def noted(one: str, *args: Any, **options: Any) -> dict[str, Any]:
        decoded.append(one)
        return decode(one, *args, **options)

    monkeypatch.setattr(pyjwt, "decode", noted)
    identity = VerifiedJwt(keys=tokens.pem(RSA))
    now = time.time()
    one = token(exp=int(now) + 100)
    assert [identity(environ(one)) for _ in range(3)][2] == said()
    assert decoded == [one]
    monkeypatch.setattr(time, "time", lambda: now + 100)
    identity(environ(one))
    assert decoded == [one, one]


def test_remembered_tokens_are_bounded(seen: Captured) -> None:
    """The oldest ones make room."""
    identity = VerifiedJwt(secret=SECRET)
    for number in range(1100):
        assert identity(environ(token(SECRET, "HS256", jti=str(number)))) == said()
    assert len(identity._verified) == 1024  # noqa: SLF001 - its size is no one else's to tell


def test_what_is_remembered_is_nobodys_to_change(seen: Captured) -> None:
    """A caller that changes its answer changes no other."""
    identity = VerifiedJwt(keys=tokens.pem(RSA))
    one = environ(token())
    first = identity(one)
    assert first is not None
    first["tenant_id"] = OTHER_TENANT
    assert identity(one) == said()


def test_rotation(seen: Captured, tmp_path: Path) -> None:
    """A key that is gone verifies nothing more, at once; one that is new verifies."""
    file = tmp_path / "jwks.json"
    file.write_text(tokens.jwks(old=RSA))
    identity = VerifiedJwt(keys_file=file)
    old, new = environ(token(kid="old")), environ(token(OTHER_RSA, kid="new"))
    assert (identity(old), identity(new)) == (said(), None)
    replace(file, tokens.jwks(old=RSA, new=OTHER_RSA))
    assert (identity(old), identity(new)) == (said(), said())
    replace(file, tokens.jwks(new=OTHER_RSA))
    assert (identity(old), identity(new)) == (None, said())
    assert refusals(seen) == {"unknown_key": 2}


def test_a_name_that_gets_another_key(seen: Captured, tmp_path: Path) -> None:
    """What was verified with the old one isn't remembered."""
    file = tmp_path / "jwks.json"
    file.write_text(tokens.jwks(one=RSA))
    identity = VerifiedJwt(keys_file=file)
    one = environ(token(kid="one"))
    assert identity(one) == said()
    replace(file, tokens.jwks(one=OTHER_RSA))
    assert identity(one) is None


def test_an_unknown_key_is_looked_for(seen: Captured, tmp_path: Path) -> None:
    """Even where the file's time, size and place are the same; but not again and again."""
    file = tmp_path / "jwks.json"
    before, after = tokens.jwks(one=RSA), tokens.jwks(two=OTHER_RSA)
    width = max(len(before), len(after))
    file.write_text(before.ljust(width))
    times = (file.stat().st_atime_ns, file.stat().st_mtime_ns)
    identity = VerifiedJwt(keys_file=file)
    with file.open("r+") as opened:
        opened.write(after.ljust(width))
    os.utime(file, ns=times)
    assert identity(environ(token(OTHER_RSA, kid="two"))) == said()


def test_an_unknown_key_is_no_way_to_keep_the_disk_busy(
    seen: Captured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thousand tokens of strangers are one reading."""
    file = tmp_path / "jwks.json"
    file.write_text(tokens.jwks(one=RSA))
    identity = VerifiedJwt(keys_file=file)
    opened: list[Path] = []
    original = Path.open

    def noted(self: Path, *args: Any, **options: Any) -> Any:
        opened.append(self)
        return original(self, *args, **options)

    monkeypatch.setattr(Path, "open", noted)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    for number in range(1000):
        assert identity(environ(unsigned(alg="RS256", kid=str(number)))) is None
    assert opened == [file]


@pytest.mark.parametrize("content", [None, "", "{", '{"keys": []}', tokens.pem(tokens.SHORT_RSA)])
def test_a_file_that_goes_bad_keeps_its_keys(
    seen: Captured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    """A file that is being written, or is gone, turns nobody away; the failure is told once."""
    file = tmp_path / "jwks.json"
    file.write_text(tokens.jwks(one=RSA))
    identity = VerifiedJwt(keys_file=file)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    file.unlink()
    if content is not None:
        file.write_text(content)
    for _ in range(5):
        assert identity(environ(token(kid="one"))) == said()
    assert seen.metric("kyros_instrumentation_errors_total", component="identity") == 1
    assert len([line for line in seen.lines if line["level"] == "error"]) == 1
    replace(file, tokens.jwks(two=OTHER_RSA))
    monkeypatch.setattr(time, "monotonic", lambda: now + 2)
    assert identity(environ(token(kid="one"))) is None
    assert identity(environ(token(OTHER_RSA, kid="two"))) == said()


PRIVATE = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "no key to verify tokens with"),
    ({"keys": "nonsense"}, "no key to verify tokens with: keys"),
    ({"keys": "{"}, "no JWKS: keys"),
    ({"keys": '{"keys": 1}'}, "no JWKS: keys"),
    ({"keys": '{"keys": []}'}, "no key"),
    ({"keys": PRIVATE}, "a private key"),
    ({"keys": PRIVATE.replace("PRIVATE", "PUBLIC")}, "can't be read: keys"),
    ({"keys": tokens.pem(tokens.SHORT_RSA)}, "RSA of 2048 bits or more"),
    ({"keys": tokens.pem(tokens.LONG_EC)}, "EC on P-256"),
    ({"keys": tokens.jwks(s="short")}, "no key"),
    ({"keys_file": "/absent/jwks.json"}, "/absent/jwks.json: No such file"),
    ({"secret": "short"}, "too short"),
    ({"secret": tokens.pem(RSA)}, "looks like a key"),
    ({"secret": SECRET, "algorithms": ["none"]}, "no algorithm to verify with: none"),
    ({"secret": SECRET, "algorithms": []}, "no algorithm"),
    ({"secret": SECRET, "claims": {"roles": "roles"}}, "roles"),
]


@pytest.mark.parametrize(("options", "told"), WRONG)
def test_what_is_no_verifier(options: dict[str, Any], told: str) -> None:
    """It is told when it is made, without what is secret."""
    with pytest.raises(ConfigError, match=re.escape(told)) as raised:
        VerifiedJwt(**options)
    assert SECRET not in str(raised.value)


WRONG_SETTINGS = [
    ({"jwt_secret": "short"}, "setting `jwt_secret`: too short: (secret)"),
    ({"jwt_secret": SECRET, "jwt_algorithms": "none"}, "setting `jwt_algorithms`"),
    ({"jwt_secret": SECRET, "jwt_claims": "roles=roles"}, "setting `jwt_claims`"),
    ({"jwt_secret": SECRET, "jwt_cookie": "a b"}, "setting `jwt_cookie`"),
    ({"jwt_secret": SECRET, "jwt_header": "a:b"}, "setting `jwt_header`"),
    ({"jwt_audience": "us"}, "setting `jwt_audience`: no key"),
]


@pytest.mark.parametrize(("given", "told"), WRONG_SETTINGS)
def test_settings_that_are_refused(given: dict[str, str], told: str) -> None:
    """They are told with all others."""
    with pytest.raises(ConfigError, match=re.escape(told)):
        Runtime.resolve({"service": "test", **given})


def test_keys_of_the_settings_that_cant_be_read() -> None:
    """`instrument` says so; requests go on without."""
    with capture(jwt_keys="/absent/jwks.json") as seen:
        with pytest.raises(ConfigError, match=re.escape("/absent/jwks.json")):
            api()
        ask(Bearer(token()).headers)
        check(seen, None, None)


WITHOUT = """
import sys
sys.modules["jwt"] = None
import kyros_obs
from fastapi import FastAPI
kyros_obs.instrument(FastAPI())
"""


@pytest.mark.parametrize(("secret", "told"), [("", ""), (SECRET, "pip install 'kyros-obs[jwt]'")])
def test_without_the_package(tmp_path: Path, secret: str, told: str) -> None:
    """Whoever needs it is told at the start; all others never notice."""
    environment = {
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "KYROS_OBS_SERVICE": "api",
        "KYROS_OBS_JWT_SECRET": secret,
    }
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", WITHOUT],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told in done.stdout + done.stderr
    assert (done.returncode == 0) == (not told), done.stderr


def test_the_secret_may_be_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As every secret may."""
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    monkeypatch.setenv("KYROS_OBS_JWT_SECRET_FILE", str(file))
    with capture(**resolve({})) as seen:
        ask(Bearer(SIGNED).headers)
        check(seen, TENANT, SUB)


PRECEDENCE = [
    ({}, TENANT),
    ({"identity": lambda _: {"tenant_id": OTHER_TENANT}}, OTHER_TENANT),
    ({"identity": lambda _: None}, TENANT),
]


@pytest.mark.parametrize(("options", "whose"), PRECEDENCE)
def test_the_settings_token_comes_last(options: dict[str, Any], whose: str) -> None:
    """A function that knows goes before it."""
    with capture(**settings()) as seen:
        ask(Bearer(SIGNED).headers, **options)
        assert {line["tenant_id"] for line in seen.access_lines()} == {whose}


def test_a_verifier_in_code_goes_before_the_settings() -> None:
    """Where it refuses, the settings' is asked."""
    with capture(**settings()) as seen:
        identity = VerifiedJwt(secret="other-tests-" * 3, claims={"tenant_id": "sub"})
        ask(Bearer(SIGNED).headers, identity=identity)
        check(seen, TENANT, SUB)
        assert refusals(seen) == {"signature": 2}


def test_a_scrape_is_asked_for_no_identity() -> None:
    """The bearer token of `/metrics` is no JWT, and none that was refused."""
    with capture(**settings()) as seen:
        headers = Bearer("token-of-scrapes").headers
        AsgiClient(api()).get("/metrics", headers=headers)
        call(server(), "/metrics", headers=headers)
        assert refusals(seen) == {}


def test_a_dash_callback_is_of_the_tokens_tenant() -> None:
    """Without any code, in the callback's samples too."""
    app = dash.Dash("app")
    app.layout = html.Div()
    app.callback(Output("fine", "children"), Input("go", "n_clicks"))(str)
    with capture(**settings()) as seen:
        kyros_obs.instrument(app)
        fine = target("fine", "children")
        headers = Bearer(SIGNED).headers
        trigger(app.server, "fine.children", fine, ("go", "n_clicks", 1), headers=headers)
        assert seen.metric("dash_callbacks_total", tenant_id=TENANT) == 1
        check(seen, TENANT, SUB)


def test_keys_for_encryption_and_other_algorithms_verify_nothing() -> None:
    """A JWKS may have them beside the others."""
    members = [
        tokens.member("one", RSA, use="enc"),
        tokens.member("one", RSA, alg="RS512"),
        {"kty": "OKP", "kid": "one"},
        {"kty": "RSA", "kid": "one", "n": "!"},
    ]
    keys = tokens.jwks(two=OTHER_RSA).replace(
        "[", f"{str(members).replace(chr(39), chr(34))[:-1]}, "
    )
    assert VerifiedJwt(keys=keys)(environ(token(kid="one"))) is None


def environ(one: str) -> dict[str, str]:
    """A request that has the token."""
    return {"HTTP_AUTHORIZATION": f"Bearer {one}"}


def said() -> dict[str, str]:
    """What the tokens of the tests claim."""
    return {"tenant_id": TENANT, "sub": SUB, "email": EMAIL}


def replace(file: Path, content: str) -> None:
    """Put another file in its place, as Kubernetes does."""
    new = file.with_suffix(".new")
    new.write_text(content)
    new.replace(file)


def refusals(seen: Captured) -> dict[str, float]:
    """Refused tokens by reason."""
    samples = seen.samples("kyros_identity_refused_total")
    return {sample.labels["reason"]: sample.value for sample in samples}


def check(seen: Captured, tenant_id: str | None, sub: str | None) -> None:
    """All requests were that tenant's and that person's, in samples and lines."""
    labels = {sample.labels["tenant_id"] for sample in seen.samples("http_requests_total")}
    assert labels == {tenant_id or "_none"}
    found = {(line["tenant_id"], line["sub"]) for line in seen.access_lines()}
    assert found == {(tenant_id, sub)}
    assert EMAIL not in "".join(seen.runtime.lines()) + seen.exposition
