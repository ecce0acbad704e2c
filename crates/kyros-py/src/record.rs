//! The request or callback that something happens in, and whose it is.

use std::sync::Arc;

use kyros_core::{Context, Identity};
use pyo3::prelude::*;

use crate::callback::Callback;
use crate::request::Request;

/// The context of a `Request` or `Callback`, with the identity that its request knows by now.
pub(crate) fn context(record: Option<&Bound<'_, PyAny>>) -> Option<Arc<Context>> {
    let record = record?;
    if let Ok(request) = record.cast::<Request>() {
        request.get().learn(record.py());
        return Some(Arc::clone(request.get().measured.context()));
    }
    let callback = record.cast::<Callback>().ok()?.get();
    if let Some(request) = &callback.request {
        request.get().learn(record.py());
    }
    Some(Arc::clone(callback.measured.context()))
}

/// The same with the tenant alone brought up to date: to ask who the user is may take a query, and
/// what is measured is one.
pub(crate) fn tenant_context(record: Option<&Bound<'_, PyAny>>) -> Option<Arc<Context>> {
    let record = record?;
    if let Ok(request) = record.cast::<Request>() {
        request.get().learn_tenant(record.py());
        return Some(Arc::clone(request.get().measured.context()));
    }
    let callback = record.cast::<Callback>().ok()?.get();
    if let Some(request) = &callback.request {
        request.get().learn_tenant(record.py());
    }
    Some(Arc::clone(callback.measured.context()))
}

/// Tenant, its readable name, subject, and the subject's e-mail address, as Python hands them over.
pub(crate) type Who = (Option<String>, Option<String>, Option<String>, Option<String>);

/// The identity that they are.
pub(crate) fn identity((tenant_id, tenant_slug, sub, email): Who) -> Identity {
    Identity { tenant_id, tenant_slug, sub, email }
}
