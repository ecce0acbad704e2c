//! Texts that say nothing secret come through byte by byte, without a copy.

use std::borrow::Cow;

use kyros_redact::{Findings, text};

const TEXTS: &[&str] = &[
    "",
    "42 rows in 7 ms",
    "token_exchange",
    "event token_exchange took 12 ms",
    "password reset requested",
    "token exchange of tenant 8e1b3d5b-0c0f-4a51-9c3c-4f4b5b2c9f10",
    "the session expired, sign in again",
    "invalid token: expired",
    "password: required",
    "PIN accepted, OTP sent",
    "Basic authentication failed",
    "Bearer token missing",
    "WWW-Authenticate: Bearer realm=\"kyros\"",
    "max_tokens=500 token_count: 17 tokens: 1500",
    "token_type: bearer, expires_in=3600",
    "author: Jane, authority: none",
    "tokenizer=cl100k keyboard=de monkey=3 primary_key=7",
    "KeyError: 'password'",
    "jwt.exceptions.DecodeError: Not enough segments",
    "TokenError: signature has no kid",
    "password=None, token=null, api_key: ***",
    "{'password': None, 'token': ''}",
    "password_policy=strict secret_name=db-main session_timeout=30",
    "cookie_consent=yes csrf_enabled=true",
    "8e1b3d5b-0c0f-4a51-9c3c-4f4b5b2c9f10",
    "trace 4bf92f3577b34da6a3ce929d0e0e4736 span 00f067aa0ba902b7",
    "2026-11-23T10:00:00.000000Z",
    "sha256 digest e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "/usr/lib/python3.11/site-packages/starlette/routing.py:42 in Router.handle",
    "/app/auth.py:12 in exchange_token",
    "File \"/app/token.py\", line 12, in session",
    "C:\\Users\\kyros\\session\\auth.py",
    "pip install kyros-obs==0.1.0, left-pad@1.3.0, task-7f",
    "GET /api/tenant/{tenant_id}/dashboards 200 12.5ms",
    "https://kyros.example/docs?",
    "https://kyros.example:8443/a/b#section",
    "http://[::1]:8000/healthz",
    "connected to postgres://db.internal:5432/kyros",
    "really? yes = no",
    "a ? b : c",
    "@decorator and user@host",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    "session::Session, token::Token",
    "keyInfo keyIdentifier journeyJob eyebrow",
    "signal 9, design, inside, aspin, passing tests: 12",
    "sqlalchemy.orm.session: connection returned",
    "Zażółć gęślą jaźń; 東京 ♥ \u{2028}",
    "expires_in: 3600, token_type: bearer, scope: openid",
    "{'token_type': 'Bearer', 'expires_in': 3600}",
    "max_tokens: 512",
    "password_changed: true",
    "code: 404",
    "code: \"E1234\", status_code=200, exit code: 137, error_code=AADSTS50011",
    "{'code': 'E1234'}",
    "commit 14e11d1c9f0a4b7de2c35d68f1a9b0c4e7d2f356",
    "order 4711-2026-000123, invoice: RE-2026/1187",
    "token_alg=RS256, jwt_algorithm: HS256, token_version=v2",
    "token_endpoint=https://login.example/8e1b3d5b-0c0f-4a51-9c3c-4f4b5b2c9f10/oauth2/v2.0/token",
    "token_url: https://login.example/oauth2/token",
    "token_expires_at=2026-11-23T10:00:00Z token_lifetime=30s",
    "password_attempts=3 password_min=8 password_length: 12",
    "token_used: true, token_in: header, token_valid=no",
    "secret_name=db-main-01 credentials_file=/etc/kyros/db.json",
    "InvalidTokenError: Not enough segments",
    "client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    "password(s) and passcode()",
    "change_password(password)",
    "connection: keep-alive",
    "dsn: is not set",
    "errors in token:\n  line 3: unexpected end",
    "credentials:\n  user: ana",
    "session:\n  File \"x.py\", line 3",
    "INSERT INTO u (email, password) VALUES (%s, %s)",
    "INSERT INTO u (email, name) VALUES ('a', 'b')",
    "values: (1, 2), default values ('a')",
    "decode, encode, unicode, qrcode=7",
    "SAML login, saml: on",
    "httpworks spwn upward",
    "[redacted:jwt] and password=[redacted:password] of [redacted:email]",
];

#[test]
fn harmless_texts_are_untouched() {
    let check = |harmless: &str| {
        let mut findings = Findings::default();
        let clean = text(harmless, &mut findings);
        assert_eq!(clean, harmless);
        assert!(matches!(clean, Cow::Borrowed(_)), "{harmless}");
        assert!(findings.is_empty());
    };
    for harmless in TEXTS {
        check(harmless);
    }
    check(&TEXTS.join("\n"));
    check("grant_type=authorization_code, status code: 400");
}
