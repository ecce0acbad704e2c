//! Settings of verified tokens, and of the header that answers name their trace in.

use indexmap::IndexMap;
use kyros_schema::names::{field, label, setting};

const HS256: &str = "HS256";
const ALGORITHMS: [&str; 3] = [HS256, "RS256", "ES256"];
/// The fewest bytes of a secret for HS256 (RFC 7518, section 3.2).
const SHORTEST_SECRET: usize = 32;
/// Whatever a token may say of the caller.
const CLAIMED: [&str; 4] = [label::TENANT_ID, "tenant_slug", field::SUB, field::EMAIL];
/// The header of the W3C for answers.
const TRACERESPONSE: &str = "traceresponse";

/// A value in its one spelling, or what is wrong with it and the remedy.
pub(super) fn check(name: &str, value: &str) -> Result<String, (&'static str, &'static str)> {
    let lower = value.to_ascii_lowercase();
    let given = |sound: bool, problem| if sound { Ok(value.to_owned()) } else { Err(problem) };
    match name {
        setting::JWT_SECRET => given(
            value.len() >= SHORTEST_SECRET,
            ("too short", "HS256 needs a random secret of 32 bytes or more"),
        ),
        setting::JWT_ALGORITHMS => given(
            parts(value).all(|algorithm| ALGORITHMS.contains(&algorithm)),
            ("no algorithm", "one or more of `HS256`, `RS256`, `ES256`, with commas"),
        ),
        setting::JWT_CLAIMS => given(
            parts(value).all(is_claim),
            ("no claims", "write `tenant_id=tid,sub=oid`, or `email` and `tenant_slug` so"),
        ),
        setting::JWT_COOKIE => given(is_token(value), ("no name of a cookie", NAME)),
        setting::JWT_HEADER if is_token(value) => Ok(lower),
        setting::JWT_HEADER => Err(("no name of a header", NAME)),
        setting::TRACE_HEADER if is_trace_header(&lower) => Ok(lower),
        setting::TRACE_HEADER => {
            Err(("no such header", "one that begins with `x-`, or `traceresponse`"))
        }
        _ => Ok(value.to_owned()),
    }
}

const NAME: &str = "letters, digits and dashes";

/// What they don't say together: a token can't be verified without a key.
pub(super) fn check_together(values: &IndexMap<String, String>) -> Vec<String> {
    let has = |name: &str| values.contains_key(name);
    let needy = [
        setting::JWT_ALGORITHMS,
        setting::JWT_AUDIENCE,
        setting::JWT_ISSUER,
        setting::JWT_CLAIMS,
        setting::JWT_COOKIE,
    ];
    if has(setting::JWT_KEYS) || has(setting::JWT_SECRET) {
        return Vec::new();
    }
    let keyless = needy.into_iter().filter(|name| has(name));
    let hint = "set `KYROS_OBS_JWT_KEYS` or `KYROS_OBS_JWT_SECRET_FILE`";
    keyless.map(|name| format!("setting `{name}`: no key\n  hint: {hint}")).collect()
}

fn parts(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim)
}

fn is_claim(part: &str) -> bool {
    let pair = part.split_once('=');
    pair.is_some_and(|(name, claim)| CLAIMED.contains(&name.trim()) && !claim.trim().is_empty())
}

fn is_trace_header(name: &str) -> bool {
    is_token(name) && (name == TRACERESPONSE || name.starts_with("x-"))
}

/// Whether it is a token of RFC 9110, as names of headers and cookies are.
fn is_token(name: &str) -> bool {
    let allowed = |c: u8| c.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&c);
    !name.is_empty() && name.bytes().all(allowed)
}
