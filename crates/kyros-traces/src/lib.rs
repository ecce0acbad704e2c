//! Trace identity, W3C trace context, and spans on their way to a receiver of OTLP.
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
//!
//! An [`Exporter`] takes finished [`Span`]s where the environment names a receiver. It never waits:
//! whatever converts, redacts, encodes and sends runs on a thread of its own.
//!
//! ```
//! use kyros_traces::Options;
//!
//! let environment = |name: &str| match name {
//!     "OTEL_EXPORTER_OTLP_ENDPOINT" => Some("http://collector:4318".to_owned()),
//!     "OTEL_EXPORTER_OTLP_PROTOCOL" => Some("http/json".to_owned()),
//!     _ => None,
//! };
//! let problems = Options::read(environment, "kyros-api", "prod").unwrap_err().to_string();
//! assert!(problems.contains("`OTEL_EXPORTER_OTLP_PROTOCOL`: no such protocol: http/json"));
//! assert!(Options::read(|_| None, "kyros-api", "prod").unwrap().is_none());
//! ```

pub mod attribute;
mod context;
mod encode;
mod error;
mod exporter;
mod id;
mod layer;
mod options;
mod partial;
mod process;
mod queue;
mod sampler;
mod span;
mod stats;
mod traceparent;
mod tracestate;
mod transport;
mod worker;

pub use context::TraceContext;
pub use error::Error;
pub use exporter::Exporter;
pub use id::{SpanId, TraceId};
pub use layer::{SpanLayer, dispatch};
pub use options::Options;
pub use sampler::Sampler;
pub use span::{Attribute, Kind, Span, Status, Value};
pub use stats::{Observer, Stats};
pub use tracestate::TraceState;
