//! Which requests are measured at all, and which of those that are get a line.

use kyros_redact::Value;
use kyros_schema::names::field;
use kyros_traces::Sampler;

use crate::context::Context;
use crate::endpoint::without_converters;
use crate::request::Outcome;
use crate::runtime::Runtime;

/// The sampler that decides by the trace alone.
const BY_TRACE: &str = "traceidratio";
/// From here on, a status is an error that nobody wants to miss.
const ERRORS: u16 = 400;

/// Routes, or paths, that are left out altogether.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Excluded(Vec<Pattern>);

/// The share of the lines that is written, by route.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Shares(Vec<(Pattern, f64, Sampler)>);

/// A route's template or a path, or with a star what they begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pattern {
    text: String,
    open: bool,
}

impl Runtime {
    /// What a request's line says beside the request; none where it gets no line. All lines of a
    /// trace share one fate, but those of errors are always written, and speak for themselves alone.
    pub(crate) fn line_fields(
        &self,
        ended: &Outcome<'_>,
        context: &Context,
    ) -> Option<Vec<(String, Value)>> {
        let noisy = self.settings().shares().of(ended.endpoint);
        let is_error = ended.status >= ERRORS || ended.cut_short.is_some();
        match noisy.filter(|_| !is_error) {
            None => Some(Vec::new()),
            Some((share, sampler)) if sampler.samples(context.trace()) => {
                Some(vec![(field::SAMPLE_RATE.to_owned(), Value::Number(share))])
            }
            Some(_) => None,
        }
    }
}

impl Excluded {
    /// Reads `/healthz, /static/*`.
    pub(crate) fn read(list: &str) -> Option<Self> {
        list.split(',').map(Pattern::read).collect::<Option<_>>().map(Self)
    }

    pub(crate) fn has(&self, route: &str) -> bool {
        self.0.iter().any(|pattern| pattern.matches(route))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Shares {
    /// Reads `/api/poll=0.01, /healthz=0`.
    pub(crate) fn read(list: &str) -> Option<Self> {
        list.split(',').map(share).collect::<Option<_>>().map(Self)
    }

    /// The share of a route, if it isn't all of its lines; the first that is named for it counts.
    fn of(&self, route: &str) -> Option<(f64, &Sampler)> {
        let row = self.0.iter().find(|(pattern, ..)| pattern.matches(route));
        row.filter(|(_, share, _)| *share < 1.0).map(|(_, share, sampler)| (*share, sampler))
    }
}

impl Pattern {
    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let (text, open) = text.strip_suffix('*').map_or((text, false), |stem| (stem, true));
        let sound = text.starts_with('/') && !text.contains(['*', '?', '#']);
        sound.then(|| Self { text: without_converters(text).into_owned(), open })
    }

    fn matches(&self, route: &str) -> bool {
        if self.open { route.starts_with(&self.text) } else { route == self.text }
    }
}

fn share(part: &str) -> Option<(Pattern, f64, Sampler)> {
    let (pattern, share) = part.rsplit_once('=')?;
    let share: f64 = share.trim().parse().ok()?;
    let sound = (0.0..=1.0).contains(&share);
    Some((Pattern::read(pattern)?, share, Sampler::named(BY_TRACE, share)?)).filter(|_| sound)
}
