//! Other telemetry that has a span for the same request.

use std::sync::{Mutex, PoisonError};

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;

use crate::request::Request;

/// What failures are counted for.
const COMPONENT: &str = "foreign";

/// What tells their span whose the request is.
#[derive(Default)]
pub(crate) struct Teller(Mutex<Option<Py<PyAny>>>);

impl Teller {
    fn replace(&self, tell: Option<Py<PyAny>>) -> Option<Py<PyAny>> {
        std::mem::replace(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner), tell)
    }

    fn get(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        let tell = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tell.as_ref().map(|tell| tell.clone_ref(py))
    }

    /// Lets go of the span.
    pub(crate) fn forget(&self) {
        drop(self.replace(None));
    }

    pub(crate) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.0.try_lock().map_or(Ok(()), |tell| visit.call(&*tell))
    }
}

impl Request {
    /// Goes over to their trace, and keeps what tells their span.
    pub(crate) fn take_over(
        &self,
        traceparent: &str,
        tracestate: Option<&str>,
        serves: bool,
        tell: Option<Py<PyAny>>,
    ) -> bool {
        let adopted = self.measured.context().adopt(traceparent, tracestate, serves);
        if adopted {
            drop(self.foreign.replace(tell));
        }
        adopted
    }

    /// Tells their span, where there is one, what is known by now: it may end before this does.
    pub(crate) fn tell(&self, py: Python<'_>) {
        let is_adopted = self.measured.context().is_adopted();
        let Some(tell) = is_adopted.then(|| self.foreign.get(py)).flatten() else { return };
        self.learn(py);
        let stated = self.measured.stated();
        if stated.is_empty() {
            return;
        }
        if let Err(error) = tell.call1(py, (stated,)) {
            self.failed(COMPONENT, &error.to_string());
        }
    }
}
