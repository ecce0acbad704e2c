//! Trace identity and W3C trace context.
