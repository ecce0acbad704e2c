//! Lists such as `name=value,name=value`, percent-encoded as in W3C Baggage.

use percent_encoding::percent_decode_str;

/// The pairs of a list; `None` in the place of what is none.
pub(super) fn read(list: &str) -> impl Iterator<Item = Option<(String, String)>> {
    let parts = list.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| {
        let (name, value) = part.split_once('=')?;
        let name = name.trim();
        (!name.is_empty()).then_some((name.to_owned(), decoded(value.trim())?))
    })
}

fn decoded(value: &str) -> Option<String> {
    percent_decode_str(value).decode_utf8().ok().map(Into::into)
}
