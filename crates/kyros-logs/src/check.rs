//! Typed fields are checked, not only scanned.

use std::borrow::Cow;

use kyros_redact::{Findings, text};

use crate::remembered;

/// Bytes of an identifier.
const LONGEST_ID: usize = 128;
/// Hex digits of a hash of 256 bits.
const HASH_DIGITS: usize = 64;
/// Bytes of an e-mail address, by RFC 5321.
const LONGEST_EMAIL: usize = 254;
/// Bytes of a domain, by RFC 1035.
const LONGEST_DOMAIN: usize = 253;
/// Bytes of a method.
const LONGEST_METHOD: usize = 16;
/// What a method is that is none; the label's word.
const NO_METHOD: &str = "_OTHER";

/// A subject or a tenant as it is, if it can be one: printable ASCII without spaces, at most 128
/// bytes, and neither an address nor anything the redactor would replace.
///
/// ```
/// use kyros_logs::plausible_id;
///
/// assert_eq!(plausible_id("auth0|77"), Some("auth0|77"));
/// assert_eq!(plausible_id("ana@client.example"), None);
/// ```
pub fn plausible_id(id: &str) -> Option<&str> {
    let mut findings = Findings::default();
    self::id(id, &mut findings).filter(|_| findings.is_empty()).map(|_| id)
}

/// An e-mail address as it is, if it is one and nothing else.
///
/// ```
/// use kyros_logs::plausible_email;
///
/// assert_eq!(plausible_email("ana@client.example"), Some("ana@client.example"));
/// assert_eq!(plausible_email("ana@client.example, bob@client.example"), None);
/// ```
pub fn plausible_email(email: &str) -> Option<&str> {
    let remembered = || remembered::is_address(email, is_address);
    (email.len() <= LONGEST_EMAIL && remembered()).then_some(email)
}

/// A domain's name as it is, if it can be one.
pub fn plausible_domain(domain: &str) -> Option<&str> {
    self::domain(domain, &mut Findings::default())
}

/// A subject or a tenant: without what looks like a secret or an address; `None` for what can be
/// no identifier.
pub(crate) fn id(id: &str, findings: &mut Findings) -> Option<String> {
    if is_uuid(id) {
        return Some(id.to_owned());
    }
    let printable = id.len() <= LONGEST_ID && id.bytes().all(|c| c.is_ascii_graphic());
    let clean = printable.then(|| text(id, findings))?;
    (!clean.is_empty() && !clean.contains('@')).then(|| clean.into_owned())
}

/// An address that is one, as it is; of anything else what the redactor leaves.
pub(crate) fn email<'t>(email: &'t str, findings: &mut Findings) -> Cow<'t, str> {
    if is_address(email) { email.into() } else { text(email, findings) }
}

fn is_address(email: &str) -> bool {
    let mut found = Findings::default();
    let clean = text(email, &mut found);
    let alone = clean.starts_with('[') && clean.find(']') == Some(clean.len() - 1);
    // A token behind an `@` looks like a domain to whoever looks for addresses.
    let part_by_part = email.split('@').all(|part| is_clean(part, &mut Findings::default()));
    alone && found.are_addresses() && part_by_part && email.matches('@').count() == 1
}

/// A hash, in hex or base64.
pub(crate) fn hash<'t>(hash: &'t str, findings: &mut Findings) -> Option<&'t str> {
    if hex(hash, HASH_DIGITS).is_some() {
        return Some(hash);
    }
    let in_hash = |c: u8| c.is_ascii_alphanumeric() || b"+/=-_".contains(&c);
    let fits = (1..=LONGEST_ID).contains(&hash.len()) && hash.bytes().all(in_hash);
    (fits && is_clean(hash, findings)).then_some(hash)
}

/// A domain's name.
pub(crate) fn domain<'t>(domain: &'t str, findings: &mut Findings) -> Option<&'t str> {
    let in_domain = |c: char| c.is_alphanumeric() || "-._".contains(c);
    let fits = (1..=LONGEST_DOMAIN).contains(&domain.len()) && domain.chars().all(in_domain);
    (fits && is_clean(domain, findings)).then_some(domain)
}

/// The id of a trace or span of `digits` hex digits.
pub(crate) fn hex(id: &str, digits: usize) -> Option<&str> {
    let is_hex = |c: u8| c.is_ascii_digit() || matches!(c, b'a'..=b'f');
    (id.len() == digits && id.bytes().all(is_hex)).then_some(id)
}

/// A method, or the word for one that is none.
pub(crate) fn method(method: &str) -> &str {
    let in_method = |c: u8| c.is_ascii_uppercase() || c == b'_' || c == b'-';
    let fits = (1..=LONGEST_METHOD).contains(&method.len()) && method.bytes().all(in_method);
    if fits { method } else { NO_METHOD }
}

fn is_clean(of: &str, findings: &mut Findings) -> bool {
    matches!(text(of, findings), Cow::Borrowed(_))
}

fn is_uuid(id: &str) -> bool {
    let fits = |(at, c): (usize, u8)| match at {
        8 | 13 | 18 | 23 => c == b'-',
        _ => c.is_ascii_hexdigit(),
    };
    id.len() == 36 && id.bytes().enumerate().all(fits)
}
