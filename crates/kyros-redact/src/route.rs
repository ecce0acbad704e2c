//! Route templates and label values: a parameter's name is no secret, whatever it says.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashSet;

use crate::findings::Findings;
use crate::scan::text;

/// Templates that a thread remembers; a service has fewer.
const MOST_KNOWN: usize = 1024;

thread_local! {
    /// Templates that are some. Each request asks for one, and services have few.
    static KNOWN: RefCell<HashSet<String>> = RefCell::default();
}

/// Stands for a parameter where the rest of a template is looked at; it says nothing itself.
const ANY: char = '*';

/// What remains of a metric's label value: of a route as [`route`] has it, of others as [`text()`].
///
/// ```
/// use kyros_redact::label_value;
///
/// assert_eq!(label_value("/users/{email}/reset/{token:path}"), "/users/{email}/reset/{token:path}");
/// assert_eq!(label_value("/users/ana@client.example"), "/[redacted:email]");
/// assert_eq!(label_value("ana@client.example"), "[redacted:email]");
/// ```
pub fn label_value(value: &str) -> Cow<'_, str> {
    route(value, &mut Findings::default())
}

/// A route template as it is, though it names `{token}` or `<string:password>`; what is no template,
/// as [`text()`] has it.
pub fn route<'t>(route: &'t str, findings: &mut Findings) -> Cow<'t, str> {
    if KNOWN.try_with(|known| known.borrow().contains(route)).unwrap_or_default() {
        return route.into();
    }
    let is_template = route.starts_with('/') && without_parameters(route).is_some_and(is_clean);
    if !is_template {
        return text(route, findings);
    }
    // A thread that is ending remembers nothing.
    let _ = KNOWN.try_with(|known| remember(&mut known.borrow_mut(), route));
    route.into()
}

fn remember(known: &mut HashSet<String>, route: &str) {
    if known.len() >= MOST_KNOWN {
        known.clear();
    }
    known.insert(route.to_owned());
}

/// A template with [`ANY`] for each of its parameters; none for what is no template.
fn without_parameters(route: &str) -> Option<String> {
    let strange = |c: char| c.is_whitespace() || c.is_control() || "?=&@\"'\\".contains(c);
    let mut rest = (!route.contains(strange)).then_some(route)?;
    let mut bare = String::with_capacity(route.len());
    while let Some((before, opened)) = rest.split_once(['{', '<']) {
        let (parameter, after) = opened.split_once(['}', '>'])?;
        is_parameter(parameter).then_some(())?;
        bare.push_str(before);
        bare.push(ANY);
        rest = after;
    }
    bare.push_str(rest);
    Some(bare)
}

/// A name, maybe with a converter on either side. A value that somebody has put there is told by
/// what a converter's name has not.
fn is_parameter(parameter: &str) -> bool {
    let plain = |c: u8| c.is_ascii_alphabetic() || b"_:(),.*".contains(&c);
    let parts_are_clean = || parameter.split(':').all(is_clean);
    is_clean(parameter) || (parameter.bytes().all(plain) && parts_are_clean())
}

fn is_clean(part: impl AsRef<str>) -> bool {
    matches!(text(part.as_ref(), &mut Findings::default()), Cow::Borrowed(_))
}
