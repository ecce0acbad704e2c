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
        let plausible = |text: Option<String>, check: fn(&str) -> Option<&str>| {
            text.filter(|text| check(text.trim()).is_some())
        };
        let tenant_id = plausible(later.tenant_id, plausible_id);
        let tenant_slug = plausible(later.tenant_slug, plausible_id);
        let sub = plausible(later.sub, plausible_id);
        let email = plausible(later.email, plausible_email);
        for (kept, given) in [
            (&mut self.tenant_id, tenant_id),
            (&mut self.tenant_slug, tenant_slug),
            (&mut self.sub, sub),
            (&mut self.email, email),
        ] {
            if given.is_some() {
                *kept = given;
            }
        }
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
