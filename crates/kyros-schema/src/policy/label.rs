//! What may be a metric's label: the words of its name tell whose values it would take.

use super::is_name;

/// Words that name a person, wherever they stand in a name.
const PERSON: &str = " subject subjects user users userid uid mail mails person people phone mobile ip \
     firstname lastname surname nickname birthday ";

/// Words that name a person where nothing follows them.
const PERSON_LAST: &str = " sub login ";

/// Two words that name a person together.
const PERSON_PAIRS: &str = " sub_id sub_hash login_name login_id first_name last_name full_name \
     given_name family_name middle_name nick_name display_name remote_addr ";

/// Words that name a secret, wherever they stand in a name.
const SECRET: &str = " token tokens jwt jwts pwd pw passwd passphrase passwort secret secrets credential \
     credentials cookie cookies session sessions sessionid authorization bearer otp apikey csrf ";

/// Two words that name a secret together.
const SECRET_PAIRS: &str = " api_key private_key secret_key access_key signing_key encryption_key ";

/// Two words that name what is never the same twice.
const UNIQUE_PAIRS: &str = " session_id trace_id span_id request_id correlation_id event_id ";

/// Last words that make a name one of a kind of thing, of which there are few.
const ABOUT: &str = " agent algorithm class count format group kind method outcome plan policy \
     provider queue reason result role scope server source state status template tier type version ";

/// Labels that Prometheus, its exporters or the format itself put on a series.
const RESERVED: &str = " le quantile job instance namespace pod container exported_service ";

/// Why a name is no label's, and what to do instead.
pub(super) type Refusal = (&'static str, &'static str);

/// Why a name is no label's; none where it may be one.
pub(super) fn refusal(name: &str) -> Option<Refusal> {
    if !is_name(name) || name.starts_with("__") {
        return Some((
            "is no label name",
            "use lower-case letters, digits and `_`, a letter first",
        ));
    }
    let reserved = ("belongs to Prometheus", "give the label another name");
    personal(name).or_else(|| holds(RESERVED, name).then_some(reserved))
}

/// Why a name would put what belongs to one person or request where anybody looks.
pub(super) fn personal(name: &str) -> Option<Refusal> {
    let words: Vec<_> = name.split('_').filter(|word| !word.is_empty()).collect();
    let last = words.last().copied().unwrap_or_default();
    let remedy = "keep it in log fields and audit columns";
    if any_pair(&words, UNIQUE_PAIRS) {
        Some(("would give each request a series of its own", remedy))
    } else if holds(ABOUT, last) {
        None
    } else if is_secret(&words) {
        Some(("would put a secret into a metric", "keep it where it is"))
    } else if is_person(&words) || holds(PERSON_LAST, last) {
        Some(("would put a person into a metric", remedy))
    } else {
        None
    }
}

fn is_secret(words: &[&str]) -> bool {
    let names = |word: &&str| word.contains("password") || holds(SECRET, word);
    words.iter().any(names) || any_pair(words, SECRET_PAIRS)
}

fn is_person(words: &[&str]) -> bool {
    let unmistakable = |word: &str| ["email", "username"].iter().any(|known| word.contains(known));
    let names = |word: &&str| unmistakable(word) || holds(PERSON, word);
    words.iter().any(names) || any_pair(words, PERSON_PAIRS)
}

fn any_pair(words: &[&str], pairs: &str) -> bool {
    words.windows(2).any(|pair| holds(pairs, &pair.join("_")))
}

fn holds(words: &str, word: &str) -> bool {
    words.split_ascii_whitespace().any(|known| known == word)
}
