//! The label `endpoint`: a route's template, or a constant where there is none.

use std::borrow::Cow;

use kyros_metrics::value::{UNMATCHED, UNRESOLVED};

/// What a request was routed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// A route, by its template.
    Template(String),
    /// No route took it.
    Unmatched,
    /// A route took it, and its template could not be found out.
    Unresolved,
}

impl Endpoint {
    pub(crate) fn label(&self) -> Cow<'_, str> {
        match self {
            Self::Template(template) => without_converters(template),
            Self::Unmatched => UNMATCHED.into(),
            Self::Unresolved => UNRESOLVED.into(),
        }
    }
}

/// The template of a route below mounts: theirs, outermost first, then its own.
pub fn join(mounts: &[String], leaf: &str) -> String {
    let mut template: String = mounts.iter().map(|mount| mount.trim_end_matches('/')).collect();
    template.push_str(leaf);
    if template.is_empty() { "/".to_owned() } else { template }
}

/// `/files/{name:path}` as `/files/{name}`: how a parameter is read is not part of the name.
pub(crate) fn without_converters(template: &str) -> Cow<'_, str> {
    if !template.contains(':') {
        return template.into();
    }
    let mut plain = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (parameter, tail) = after.split_once('}').unwrap_or((after, ""));
        plain.push_str(before);
        plain.push('{');
        plain.push_str(parameter.split(':').next().unwrap_or_default());
        plain.push('}');
        rest = tail;
    }
    plain.push_str(rest);
    plain.into()
}
