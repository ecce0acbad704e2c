//! The trace context of one request or call.

use crate::id::{self, SpanId, TraceId};
use crate::traceparent::{self, Traceparent};
use crate::tracestate::TraceState;

/// Where in which trace something happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceContext {
    /// The trace, the same in every service it passes through.
    pub trace_id: TraceId,
    /// The span: this request or call.
    pub span_id: SpanId,
    /// The span this one was called from, `None` at the root of a trace.
    pub parent: Option<SpanId>,
    /// Whether the caller says that it records the trace; true at a root.
    pub sampled: bool,
    /// Whether the trace id's last seven bytes are known to be random (level 2).
    pub random: bool,
    /// What tracing systems on the way have left for one another.
    pub tracestate: Option<TraceState>,
}

impl TraceContext {
    /// The context of a request with these headers: a new span in the caller's trace, or the root
    /// of a new trace where `traceparent` is absent or invalid.
    pub fn continued(traceparent: Option<&str>, tracestate: Option<&str>) -> Self {
        match traceparent.and_then(traceparent::parse) {
            Some(caller) => Self::called_by(caller, tracestate.and_then(TraceState::parse)),
            None => Self::new_root(),
        }
    }

    /// The context of a span that somebody else measures, as its `traceparent` names it; `None`
    /// where that is invalid.
    pub fn of_span(traceparent: &str, tracestate: Option<&str>) -> Option<Self> {
        let Traceparent { trace_id, span_id, sampled, random } = traceparent::parse(traceparent)?;
        let tracestate = tracestate.and_then(TraceState::parse);
        Some(Self { trace_id, span_id, parent: None, sampled, random, tracestate })
    }

    /// The root of a new trace.
    pub fn new_root() -> Self {
        let (trace_id, span_id) = id::new_trace();
        Self { trace_id, span_id, parent: None, sampled: true, random: true, tracestate: None }
    }

    /// A new span in this one's trace, called from this one.
    #[must_use]
    pub fn child(&self) -> Self {
        Self { span_id: SpanId::random(), parent: Some(self.span_id), ..self.clone() }
    }

    /// The header for a call made in this span, in version 00.
    pub fn to_traceparent(&self) -> String {
        let Self { trace_id, span_id, sampled, random, .. } = *self;
        traceparent::format(Traceparent { trace_id, span_id, sampled, random })
    }

    /// The headers of such a call: `traceparent`, and `tracestate` where there is one.
    pub fn outgoing(&self) -> (String, Option<&str>) {
        (self.to_traceparent(), self.tracestate.as_ref().map(TraceState::as_str))
    }

    fn called_by(caller: Traceparent, tracestate: Option<TraceState>) -> Self {
        let Traceparent { trace_id, span_id, sampled, random } = caller;
        let parent = Some(span_id);
        Self { trace_id, span_id: SpanId::random(), parent, sampled, random, tracestate }
    }
}
