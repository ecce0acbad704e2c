//! What to look for, and which detector looks there.

mod credential;
mod email;
mod insert;
mod jwt;
mod pair;
mod pem;
mod url;

use crate::scan::Found;

/// Looks at the word from `start` to `end`.
type Detector = fn(&mut Found<'_>, usize, usize);

/// Words that may belong to a secret, in lower case, and who decides.
pub(crate) const TRIGGERS: [(&str, Detector); 82] = [
    ("eyj", jwt::token),
    ("eyi", jwt::token),
    ("eya", jwt::token),
    ("ewo", jwt::token),
    ("ew0", jwt::token),
    ("zxlk", jwt::encoded),
    ("-----begin", pem::block),
    ("ls0tls1crudjti", pem::encoded),
    ("bearer", credential::bearer),
    ("basic", credential::basic),
    ("token ", credential::scheme),
    ("negotiate", credential::scheme),
    ("apikey ", credential::scheme),
    ("ghp_", credential::prefixed),
    ("gho_", credential::prefixed),
    ("ghu_", credential::prefixed),
    ("ghs_", credential::prefixed),
    ("ghr_", credential::prefixed),
    ("github_pat_", credential::prefixed),
    ("glpat-", credential::prefixed),
    ("glsa_", credential::prefixed),
    ("xoxb-", credential::prefixed),
    ("xoxp-", credential::prefixed),
    ("xoxa-", credential::prefixed),
    ("xoxs-", credential::prefixed),
    ("xoxr-", credential::prefixed),
    ("sk_live_", credential::prefixed),
    ("sk_test_", credential::prefixed),
    ("rk_live_", credential::prefixed),
    ("whsec_", credential::prefixed),
    ("sk-", credential::prefixed),
    ("akia", credential::prefixed),
    ("asia", credential::prefixed),
    ("aiza", credential::prefixed),
    ("ya29.", credential::prefixed),
    ("npm_", credential::prefixed),
    ("pypi-", credential::prefixed),
    ("sg.", credential::prefixed),
    ("hvs.", credential::prefixed),
    ("dapi", credential::prefixed),
    ("q~", credential::azure),
    ("@", email::plain),
    ("%40", email::plain),
    ("%2540", email::plain),
    ("\\u0040", email::plain),
    ("://", url::user_info),
    ("?", url::query),
    ("[parameters: ", pair::parameters),
    ("pass", pair::value),
    ("pwd", pair::value),
    ("secret", pair::value),
    ("cred", pair::value),
    ("token", pair::value),
    ("jwt", pair::value),
    ("csrf", pair::value),
    ("xsrf", pair::value),
    ("key", pair::value),
    ("cookie", pair::value),
    ("auth", pair::value),
    ("sess", pair::value),
    ("sid", pair::value),
    ("sig", pair::value),
    ("sas", pair::value),
    ("otp", pair::value),
    ("pin", pair::value),
    ("cv", pair::value),
    ("ssn", pair::value),
    ("input_value", pair::value),
    ("query_string", pair::value),
    ("pw", pair::value),
    ("wort", pair::value),
    ("wachtwoord", pair::value),
    ("contrasena", pair::value),
    ("contraseña", pair::value),
    ("contraseÑa", pair::value),
    ("bearer", pair::value),
    ("dsn", pair::value),
    ("conn", pair::value),
    ("saml", pair::value),
    ("code", pair::value),
    ("assertion", pair::value),
    ("values", insert::values),
];

/// Lets the detector of trigger `trigger` look; what comes behind the triggers is a declared name.
pub(crate) fn at(found: &mut Found<'_>, trigger: usize, start: usize, end: usize) {
    let detector = TRIGGERS.get(trigger).map_or(pair::value as Detector, |(_, detector)| *detector);
    detector(found, start, end);
}

/// How far from `at` on bytes are such that `is` holds.
fn run(bytes: &[u8], at: usize, is: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| !is(*byte)).unwrap_or(rest.len())
}

/// Where the run of bytes such that `is` holds begins that ends at `end`, not before `floor`.
fn run_back(bytes: &[u8], end: usize, floor: usize, is: impl Fn(u8) -> bool) -> usize {
    let before = bytes.get(floor.min(end)..end).unwrap_or_default();
    end - before.iter().rev().position(|byte| !is(*byte)).unwrap_or(before.len())
}

/// The byte at `at`, zero past the end.
fn byte(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or_default()
}

/// The byte before `at`, zero at the beginning.
fn byte_before(bytes: &[u8], at: usize) -> u8 {
    at.checked_sub(1).map_or(0, |before| byte(bytes, before))
}

/// Characters of base64 and base64url.
fn is_base64(c: u8) -> bool {
    c.is_ascii_alphanumeric() || b"+/-_=".contains(&c)
}
