//! Names that are *about* a secret, such as `token_type` and `password_attempts`. They excuse what
//! tells about one, numbers, moments and words, and nothing that could be one.

/// Last words of names whose values are words, numbers, moments and spans of time.
const STRICT: &str = " age at attempts consent count created duration enabled error errors exception \
     exchange exchanged expires expired expiry in length len lifetime limit max min mode ms required \
     reset seconds size status strength timeout ttl usage used valid ";

/// Last words of names whose values are names and addresses of things, `RS256` or `oauth2` in them.
const LOOSE: &str = " alg algorithm endpoint factory file format issuer kind maker name names policy \
     py rs type types uri url version ";

/// Bytes of a value that is made of words.
const LONGEST: usize = 160;
/// Bytes of a word.
const LONGEST_WORD: usize = 16;
/// Bytes of a word with digits at its end.
const LONGEST_NUMBERED: usize = 8;
/// Bytes of a part of an address, its segments from a random identifier.
const LONGEST_PART: usize = 12;

/// Units after a number.
const UNITS: &str = " s ms us ns m min h d w b kb mb gb ";

/// What a name about a secret excuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum About {
    /// Words and numbers.
    Words,
    /// Names and addresses too.
    Things,
}

/// What a name that ends in this word excuses.
pub(super) fn of(last: &str) -> Option<About> {
    let holds = |words: &str| words.split_ascii_whitespace().any(|word| word == last);
    let things = || holds(LOOSE).then_some(About::Things);
    if holds(STRICT) { Some(About::Words) } else { things() }
}

/// Whether a value only tells about a secret.
pub(crate) fn excuses(about: About, value: &str) -> bool {
    let mut parts = value.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    let is_address = about == About::Things && value.contains("://");
    let fits = |part: &str| match about {
        _ if is_word(part) || is_amount(part) => true,
        About::Words => false,
        About::Things => is_numbered(part) || (is_address && part.len() <= LONGEST_PART),
    };
    value.len() <= LONGEST && (is_moment(value) || parts.all(fits))
}

/// A moment as RFC 3339 and its relatives have it.
fn is_moment(value: &str) -> bool {
    value.bytes().all(|c| c.is_ascii_digit() || b"-+:.TZ ".contains(&c))
}

/// Letters alone, and no more capitals inside than a name of several words has.
fn is_word(part: &str) -> bool {
    let capitals = |pair: &[u8]| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase();
    let changes = part.as_bytes().windows(2).filter(|pair| capitals(pair)).count();
    part.chars().all(char::is_alphabetic) && part.len() <= LONGEST_WORD && changes <= 2
}

/// A number, maybe with its unit.
fn is_amount(part: &str) -> bool {
    let unit = part.trim_start_matches(|c: char| c.is_ascii_digit());
    let known = |unit: &str| UNITS.contains(&format!(" {} ", unit.to_ascii_lowercase()));
    unit.len() < part.len() && (unit.is_empty() || known(unit))
}

/// A short word with a number at its end.
fn is_numbered(part: &str) -> bool {
    let word = part.trim_end_matches(|c: char| c.is_ascii_digit());
    part.len() <= LONGEST_NUMBERED && is_word(word)
}
