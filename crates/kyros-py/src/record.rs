//! The request or callback that something happens in.

use std::sync::Arc;

use kyros_core::Context;
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
