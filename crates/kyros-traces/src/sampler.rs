//! Which traces are exported.

use crate::{TraceContext, TraceId};

/// The rule that decides for a trace, by the names of `OTEL_TRACES_SAMPLER`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampler {
    /// Whether what the caller decided is followed, where there is a caller.
    follows_parent: bool,
    /// The share of the traces that are exported otherwise, from 0 to 1.
    share: f64,
}

impl Sampler {
    /// The names a sampler can have.
    pub(crate) const NAMES: [&str; 6] = [
        "parentbased_always_on",
        "parentbased_always_off",
        "parentbased_traceidratio",
        "always_on",
        "always_off",
        "traceidratio",
    ];

    /// The sampler of that name; `share` is what a name with `ratio` speaks of.
    pub fn named(name: &str, share: f64) -> Option<Self> {
        let (follows_parent, rule) = match name.strip_prefix("parentbased_") {
            Some(rule) => (true, rule),
            None => (false, name),
        };
        let share = match rule {
            "always_on" => 1.0,
            "always_off" => 0.0,
            "traceidratio" => share,
            _ => return None,
        };
        Some(Self { follows_parent, share })
    }

    /// Whether the spans of this trace are exported. Processes with the same share agree, whatever SDK
    /// they have.
    pub fn samples(&self, context: &TraceContext) -> bool {
        if self.follows_parent && context.parent.is_some() {
            context.sampled
        } else {
            self.share >= 1.0 || chance(context.trace_id) < self.share
        }
    }
}

impl Default for Sampler {
    fn default() -> Self {
        Self { follows_parent: true, share: 1.0 }
    }
}

/// The trace's place from 0 to 1, by the bytes that OpenTelemetry's SDKs look at.
fn chance(trace: TraceId) -> f64 {
    let [_, _, _, _, _, _, _, _, last @ ..] = *trace.as_bytes();
    let random = u64::from_be_bytes(last);
    #[expect(clippy::cast_precision_loss, reason = "52 of 64 bits are plenty")]
    let place = random as f64 / 2_f64.powi(64);
    place
}
