//! Whose request it is: what was bound goes before what was found.

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
    /// Takes over what `later` names and keeps the rest.
    pub(crate) fn overwrite(&mut self, later: Self) {
        let Self { tenant_id, tenant_slug, sub, email } = later;
        for (kept, given) in [
            (&mut self.tenant_id, tenant_id),
            (&mut self.tenant_slug, tenant_slug),
            (&mut self.sub, sub),
            (&mut self.email, email),
        ] {
            if given.as_ref().is_some_and(|text| !text.is_empty()) {
                *kept = given;
            }
        }
    }

    /// This identity where it is known, and `weaker` where it isn't.
    pub(crate) fn or(&self, weaker: &Self) -> Self {
        let mut all = weaker.clone();
        all.overwrite(self.clone());
        all
    }
}
