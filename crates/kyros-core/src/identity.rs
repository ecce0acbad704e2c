//! Whose request it is: what was bound goes before what was found.

use kyros_logs::{plausible_email, plausible_id};

/// What validated claims say of the caller. Everything may be unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// The tenant.
    pub tenant_id: Option<String>,
    /// The tenant's readable name.
    pub tenant_slug: Option<String>,
    /// The subject.
    pub sub: Option<String>,
    /// The subject's e-mail address.
    pub email: Option<String>,
}

impl Identity {
    /// Takes over what `later` names and keeps the rest. What can't be an identifier or an address,
    /// such as a token in the place of one, is nobody's.
    pub(crate) fn overwrite(&mut self, later: Self) {
        replace(&mut self.tenant_id, later.tenant_id, plausible_id);
        replace(&mut self.tenant_slug, later.tenant_slug, plausible_id);
        replace(&mut self.sub, later.sub, plausible_id);
        replace(&mut self.email, later.email, plausible_email);
    }

    /// This identity where it is known, and `weaker` where it isn't.
    pub(crate) fn or(&self, weaker: &Self) -> Self {
        let stronger = self.clone();
        Self {
            tenant_id: stronger.tenant_id.or_else(|| weaker.tenant_id.clone()),
            tenant_slug: stronger.tenant_slug.or_else(|| weaker.tenant_slug.clone()),
            sub: stronger.sub.or_else(|| weaker.sub.clone()),
            email: stronger.email.or_else(|| weaker.email.clone()),
        }
    }
}

/// Puts a text in the place of another one, which needs no check where it is the same.
fn replace(kept: &mut Option<String>, given: Option<String>, check: fn(&str) -> Option<&str>) {
    let news = given.filter(|text| kept.as_ref() != Some(text));
    if let Some(text) = news.filter(|text| check(text.trim()).is_some()) {
        *kept = Some(text);
    }
}
