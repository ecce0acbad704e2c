//! What may not leave the process is taken out of a text before it is stored.

use std::borrow::Cow;

use crate::governor::cut;

/// What remains of a label value or a help text. It has to leave what it returned as it is.
///
/// A series that is known is found by its values without it; it is called where they are not those
/// of a known series, so before every series that is stored.
pub type Scrub = fn(&str) -> Cow<'_, str>;

/// Of a longer value the rest is not looked at; it would be cut off anyway.
const LOOKED_AT: usize = 4 * 1024;

/// Leaves every text as it is.
pub(crate) fn nothing(text: &str) -> Cow<'_, str> {
    text.into()
}

/// As many clean values as there are labels; what is missing is empty. What a label is known to
/// have is clean.
pub(crate) fn values<'v>(
    scrub: Scrub,
    labels: usize,
    values: &[&'v str],
    is_known: impl Fn(usize, &str) -> bool,
) -> Vec<Cow<'v, str>> {
    let given = |at| values.get(at).copied().unwrap_or_default();
    let clean = |at, value| if is_known(at, value) { value.into() } else { value_of(scrub, value) };
    (0..labels).map(|at| clean(at, given(at))).collect()
}

fn value_of(scrub: Scrub, value: &str) -> Cow<'_, str> {
    match scrub(value.get(..value.floor_char_boundary(LOOKED_AT)).unwrap_or_default()) {
        Cow::Borrowed(clean) => cut(clean).into(),
        Cow::Owned(clean) => cut(&clean).to_owned().into(),
    }
}
