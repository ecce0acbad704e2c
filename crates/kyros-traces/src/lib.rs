//! Trace identity and W3C trace context.
//!
//! A request that brings a valid `traceparent` continues its trace under a span of its own; any
//! other starts a trace. What comes in says which trace a request belongs to, never who sent it.
//!
//! ```
//! use kyros_traces::TraceContext;
//!
//! let caller = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
//! let request = TraceContext::continued(Some(caller), None);
//! assert_eq!(request.trace_id.to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
//! assert_eq!(request.parent.unwrap().to_string(), "00f067aa0ba902b7");
//! assert!(request.sampled);
//!
//! let call = request.child();
//! assert_eq!(call.parent, Some(request.span_id));
//! assert!(call.to_traceparent().starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"));
//! ```

mod context;
mod id;
mod traceparent;
mod tracestate;

pub use context::TraceContext;
pub use id::{SpanId, TraceId};
pub use tracestate::TraceState;
