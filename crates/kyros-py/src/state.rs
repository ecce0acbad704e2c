//! Whose request it is, as authentication has left it in the scope.

use kyros_core::names::{field, label};
use kyros_core::{Context, Identity, Runtime};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Reads `request.state` and the route's parameters. What can't be read is left out: an object of
/// the application may raise whatever it likes.
pub(crate) fn learn(scope: &Bound<'_, PyDict>, runtime: &Runtime, context: &Context) {
    if let Some(state) = member(scope, "state") {
        context.identify(identity(&state));
    }
    let parameter = runtime
        .settings()
        .schema()
        .fields
        .get(field::DASHBOARD_SLUG)
        .and_then(|row| row.parameter.as_deref());
    let slug = parameter
        .zip(member(scope, "path_params"))
        .and_then(|(name, parameters)| text(&member(&parameters, name)?));
    if let Some(slug) = slug {
        context.dashboard(&slug);
    }
}

/// `state.tenant_id`, and what `state.user` says of the person.
fn identity(state: &Bound<'_, PyAny>) -> Identity {
    let user = member(state, "user");
    let of_user = |name| text(&member(user.as_ref()?, name)?);
    Identity {
        tenant_id: member(state, label::TENANT_ID).and_then(|tenant| text(&tenant)),
        tenant_slug: of_user("tenant_slug"),
        sub: of_user(field::SUB),
        email: of_user(field::EMAIL),
    }
}

/// A member of a mapping or an attribute of an object; none where it is absent or None.
fn member<'py>(source: &Bound<'py, PyAny>, name: &str) -> Option<Bound<'py, PyAny>> {
    let found = match source.cast::<PyDict>() {
        Ok(mapping) => mapping.get_item(name).ok()?,
        Err(_) => source.getattr_opt(name).ok()?.or_else(|| source.get_item(name).ok()),
    };
    found.filter(|value| !value.is_none())
}

fn text(value: &Bound<'_, PyAny>) -> Option<String> {
    Some(value.str().ok()?.to_string_lossy().into_owned())
}
