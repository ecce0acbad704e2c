//! Names whose values are secret: of fields, headers, settings, query and form parameters.
//!
//! A name is cut into its words (`newPassword`, `new_password` and `X-New-Password` have the same),
//! and the words decide; so `tokenizer` stays and `userToken` does not, and `token_count` is let say
//! what tells about a token and is none.

mod about;
mod names;
mod remembered;

use crate::class::Class;
use crate::value::Value;
use about::About;
use names::{ENDINGS, PAIRS, WEAK};

/// What a name says of its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) class: Class,
    /// The word has other meanings too: in free text it takes more than a colon.
    pub(crate) weak: bool,
    /// The name may be that of a count, so numbers stay.
    pub(crate) counts: bool,
    /// The name is about a secret, so what tells about one stays.
    pub(crate) about: Option<About>,
    /// A service declares it, so every value is replaced.
    declared: bool,
}

impl Key {
    const fn new(class: Class) -> Self {
        Self { class, weak: false, counts: false, about: None, declared: false }
    }

    pub(crate) const fn declared(class: Class) -> Self {
        Self { declared: true, ..Self::new(class) }
    }
}

/// The parameter beside which a `code` is secret.
pub(crate) const GRANT: &str = "grant_type";

/// Values that say nothing.
const SAYS_NOTHING: &str = " - none null nil true false undefined missing expired invalid required \
     empty unset unknown failed ok valid refused rejected revoked denied not no is was has must \
     cannot absent present optional ";

/// What a field's name says of its value, as the thread remembers it: services have few names.
pub(crate) fn known(name: &str) -> Option<Key> {
    remembered::recall(name, of)
}

/// What a field's name says of its value, if it makes it secret.
pub(crate) fn of(name: &str) -> Option<Key> {
    let words = words(name);
    let whole = Some(words.concat());
    let mut single = words.iter().chain(&whole).rev();
    let pair = || words.windows(2).find_map(of_pair);
    let strong = single.find_map(|word| of_word(word)).or_else(pair);
    match (strong, about::of(words.last()?)) {
        (Some(key), about) => Some(Key { about, ..key }),
        (None, Some(_)) => None,
        (None, None) => words.iter().find_map(|word| of_weak(word)),
    }
}

/// What the name `code` says beside a `grant_type`: it is an authorisation code of OAuth.
pub(crate) fn of_code() -> Key {
    Key { weak: true, counts: true, ..Key::new(Class::Token) }
}

/// Whether a name is `code`, which says something in company only.
pub(crate) fn is_code(name: &str) -> bool {
    name.eq_ignore_ascii_case("code")
}

/// Whether a name is that of the parameter that makes a `code` secret.
pub(crate) fn is_grant(name: &str) -> bool {
    name.eq_ignore_ascii_case(GRANT)
}

/// Whether a value of such a name has something to hide.
pub(crate) fn hides(key: Key, value: &Value) -> bool {
    match value {
        Value::Null => false,
        _ if key.declared => true,
        Value::Flag(_) => false,
        Value::Integer(_) | Value::Number(_) => !key.counts && key.about.is_none(),
        Value::Text(text) => hides_text(key, text),
        Value::List(items) if key.about.is_some() => items.iter().any(|item| hides(key, item)),
        Value::List(items) => !items.is_empty(),
        Value::Map(entries) => !entries.is_empty(),
    }
}

/// Whether a text of such a name has something to hide.
pub(crate) fn hides_text(key: Key, text: &str) -> bool {
    let excused = || key.about.is_some_and(|about| about::excuses(about, text));
    key.declared || !(says_nothing(text) || (key.counts && is_number(text)) || excused())
}

/// Whether a value is a word about the secret instead of the secret.
pub(crate) fn says_nothing(value: &str) -> bool {
    let bare =
        value.trim_matches([' ', '.', ',', ';', ':', '!', '*', '<', '>', '[', ']', '(', ')']);
    let word = || SAYS_NOTHING.contains(&format!(" {} ", bare.to_ascii_lowercase()));
    bare.is_empty() || (bare.len() <= 10 && !bare.contains(' ') && word())
}

fn is_number(value: &str) -> bool {
    value.bytes().all(|c| c.is_ascii_digit() || c == b'.')
}

fn of_word(word: &str) -> Option<Key> {
    let word = unnumbered(word);
    if word.ends_with("authorization") {
        return Some(Key::new(Class::Authorization));
    }
    let singular = word.strip_suffix('s').unwrap_or(word);
    let ending =
        |(ending, _): &&(&str, Class)| word.ends_with(ending) || singular.ends_with(ending);
    let (ending, class) = ENDINGS.iter().find(ending)?;
    Some(Key { counts: !word.ends_with(ending), ..Key::new(*class) })
}

fn of_weak(word: &str) -> Option<Key> {
    let word = unnumbered(word);
    let (_, class) = WEAK.iter().find(|(weak, _)| *weak == word)?;
    Some(Key { weak: true, counts: word == "pass", ..Key::new(*class) })
}

/// `password` of `password2`.
fn unnumbered(word: &str) -> &str {
    word.trim_end_matches(|c: char| c.is_ascii_digit())
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
