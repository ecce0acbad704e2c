//! Names whose values are secret: of fields, headers, settings, query and form parameters.
//!
//! A name is cut into its words (`newPassword`, `new_password` and `X-New-Password` have the same),
//! and the words decide; so `token_count` and `tokenizer` stay, `userToken` does not.

use crate::class::Class;
use crate::value::Value;

/// What a name says of its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) class: Class,
    /// The word has other meanings too: in free text it takes more than a colon.
    pub(crate) weak: bool,
    /// The name may be that of a count, so numbers stay.
    pub(crate) counts: bool,
    /// A service declares it, so every value is replaced.
    pub(crate) declared: bool,
}

impl Key {
    const fn new(class: Class) -> Self {
        Self { class, weak: false, counts: false, declared: false }
    }

    pub(crate) const fn declared(class: Class) -> Self {
        Self { declared: true, ..Self::new(class) }
    }
}

/// Words, alone or at the end of a longer one, that make a name secret.
const ENDINGS: [(&str, Class); 20] = [
    ("password", Class::Password),
    ("passwd", Class::Password),
    ("passphrase", Class::Password),
    ("passcode", Class::Password),
    ("pwd", Class::Password),
    ("secret", Class::Secret),
    ("credential", Class::Secret),
    ("cred", Class::Secret),
    ("token", Class::Token),
    ("jwt", Class::Token),
    ("csrf", Class::Token),
    ("xsrf", Class::Token),
    ("apikey", Class::Key),
    ("accesskey", Class::Key),
    ("accountkey", Class::Key),
    ("privatekey", Class::Key),
    ("secretkey", Class::Key),
    ("sessionid", Class::Session),
    ("sessid", Class::Session),
    ("cookie", Class::Cookie),
];

/// Words that make a name secret where they stand alone and something else agrees.
const WEAK: [(&str, Class); 13] = [
    ("pass", Class::Password),
    ("pin", Class::Password),
    ("otp", Class::Password),
    ("totp", Class::Password),
    ("cvv", Class::Password),
    ("cvc", Class::Password),
    ("ssn", Class::Password),
    ("auth", Class::Authorization),
    ("session", Class::Session),
    ("sid", Class::Session),
    ("sig", Class::Signature),
    ("sas", Class::Signature),
    ("signature", Class::Signature),
];

/// Two words that make a name secret together.
const PAIRS: [(&str, &str, Class); 16] = [
    ("api", "key", Class::Key),
    ("private", "key", Class::Key),
    ("access", "key", Class::Key),
    ("account", "key", Class::Key),
    ("secret", "key", Class::Key),
    ("signing", "key", Class::Key),
    ("encryption", "key", Class::Key),
    ("subscription", "key", Class::Key),
    ("master", "key", Class::Key),
    ("storage", "key", Class::Key),
    ("shared", "key", Class::Key),
    ("pii", "key", Class::Key),
    ("ssh", "key", Class::Key),
    ("session", "id", Class::Session),
    ("input", "value", Class::Input),
    ("query", "string", Class::Query),
];

/// Last words that make a name one *about* a secret.
const ABOUT: &str = " age alg algorithm at attempts consent count created duration enabled endpoint \
     error errors exception exchange exchanged expires expired expiry factory file in issuer kind \
     length len lifetime limit maker max min mode ms name names policy py rate required reset rs \
     seconds size status strength timeout ttl type types uri url usage used valid version ";

/// Values that say nothing.
const SAYS_NOTHING: &str = " - none null nil true false undefined missing expired invalid required \
     empty unset unknown failed ok valid refused rejected revoked denied not no is was has must \
     cannot absent present ";

/// The class of a field's name, if it makes the value secret.
pub(crate) fn of(name: &str) -> Option<Key> {
    let words = words(name);
    let last = words.last()?;
    if ABOUT.contains(&format!(" {last} ")) {
        return None;
    }
    let whole = Some(words.concat());
    let mut single = words.iter().chain(&whole).rev();
    let pair = || words.windows(2).find_map(of_pair);
    single.find_map(|word| of_word(word)).or_else(pair).or_else(|| words.iter().find_map(of_weak))
}

/// Whether a value of such a name has something to hide.
pub(crate) fn hides(key: Key, value: &Value) -> bool {
    match value {
        Value::Null => false,
        _ if key.declared => true,
        Value::Flag(_) => false,
        Value::Integer(_) | Value::Number(_) => !key.counts,
        Value::Text(text) => !(says_nothing(text) || key.counts && is_number(text)),
        Value::List(items) => !items.is_empty(),
        Value::Map(entries) => !entries.is_empty(),
    }
}

/// Whether a value is a word about the secret instead of the secret.
pub(crate) fn says_nothing(value: &str) -> bool {
    let bare =
        value.trim_matches([' ', '.', ',', ';', ':', '!', '*', '<', '>', '[', ']', '(', ')']);
    let word = || SAYS_NOTHING.contains(&format!(" {} ", bare.to_ascii_lowercase()));
    bare.is_empty() || (bare.len() <= 10 && !bare.contains(' ') && word())
}

pub(crate) fn is_number(value: &str) -> bool {
    value.bytes().all(|c| c.is_ascii_digit() || c == b'.')
}

fn of_word(word: &str) -> Option<Key> {
    if word.ends_with("authorization") {
        return Some(Key::new(Class::Authorization));
    }
    let singular = word.strip_suffix('s').unwrap_or(word);
    let ending =
        |(ending, _): &&(&str, Class)| word.ends_with(ending) || singular.ends_with(ending);
    let (ending, class) = ENDINGS.iter().find(ending)?;
    Some(Key { counts: !word.ends_with(ending), ..Key::new(*class) })
}

fn of_weak(word: &String) -> Option<Key> {
    let (_, class) = WEAK.iter().find(|(weak, _)| weak == word)?;
    Some(Key { weak: true, counts: word == "pass", ..Key::new(*class) })
}

fn of_pair(pair: &[String]) -> Option<Key> {
    let [first, second] = pair else { return None };
    let (_, _, class) = PAIRS.iter().find(|(one, two, _)| one == first && two == second)?;
    Some(Key::new(*class))
}

/// A name by its words alone, so that `planB` and `plan-b` are the same.
pub(crate) fn joined(name: &str) -> String {
    words(name).join(" ")
}

/// The words of a name, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    let mut chars = name.chars().peekable();
    while let Some(c) = chars.next() {
        let next_is_lower = chars.peek().is_some_and(|next| next.is_lowercase());
        let starts = c.is_uppercase() && (before.is_lowercase() || next_is_lower);
        if starts || !c.is_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}
