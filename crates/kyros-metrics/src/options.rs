//! What a registry is opened with.

use std::time::Duration;

use crate::scrub::{self, Scrub};
use crate::sharing::Sharing;

/// How much a registry may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most series of one metric in all workers, overflow included; at least 1.
    pub series_per_metric: usize,
    /// For how long nobody has to have used a series until it makes room for another. Where there
    /// is room, it stays.
    pub idle: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { series_per_metric: 10_000, idle: Duration::from_hours(1) }
    }
}

/// What a registry is opened with.
#[derive(Clone, Debug)]
pub struct Options<'o> {
    /// The service, which shares its series with nobody else.
    pub service: &'o str,
    /// Where it is deployed; another deployment is another service.
    pub env: &'o str,
    /// With which processes the series are shared.
    pub sharing: Sharing,
    /// How much there may be.
    pub limits: Limits,
    /// What may not be in a label value or help text.
    pub scrub: Scrub,
}

impl Default for Options<'_> {
    fn default() -> Self {
        let (sharing, limits) = (Sharing::default(), Limits::default());
        Self { service: "", env: "", sharing, limits, scrub: scrub::nothing }
    }
}

/// What holds for every family of a registry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) limits: Limits,
    pub(crate) scrub: Scrub,
}
