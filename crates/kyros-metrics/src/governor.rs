//! The governor: how many series a metric may have, and where the rest goes.
//!
//! Every label takes at most its bound of values, and a metric at most its budget of series. What
//! is over a bound reads `_other` in that label. What is over the budget collapses in steps, each
//! with room of its own that the one before can't spend: first `endpoint` or `callback`, then
//! `tenant_id` too, at last every label. Once half of the budget is spent, a tenant has at most its
//! fair share of it, and as much again of what the first step leaves of its series; what is over
//! that collapses further, and all tenants together that read `_other` have no more than one.

use std::sync::Arc;

use hashbrown::HashMap;
use kyros_schema::names::label::{CALLBACK, ENDPOINT, TENANT_ID};
use kyros_schema::{Metric, Schema};

use crate::directory::is;
use crate::series::Stored;
use crate::value::{OTHER, RESERVED};

/// The longest label value in bytes; the rest is cut off.
const LONGEST: usize = 256;

/// Leave to store one series. Only the governor can make one.
#[derive(Debug)]
pub(crate) struct Grant(Box<[Box<str>]>);

impl Grant {
    pub(crate) fn values(&self) -> &[Box<str>] {
        &self.0
    }
}

/// The rule of one metric.
#[derive(Debug)]
pub(crate) struct Governor {
    bounds: Box<[Bound]>,
    /// The most series there may be when one of each step is added.
    room: [usize; STEPS],
    /// Which label is the tenant, if one is.
    tenant: Option<usize>,
}

#[derive(Debug)]
struct Bound {
    most: usize,
    /// The step from which on the label reads `_other`.
    collapses: usize,
}

/// As it came; without endpoint or callback; without tenant; without anything.
const STEPS: usize = 4;
/// What part of a budget that is half spent a tenant may have.
const FAIR_PART: usize = 8;

/// Which values have been let in so far, and how many series have each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Census {
    series: usize,
    seen: Vec<HashMap<Arc<str>, Seen, foldhash::fast::RandomState>>,
}

/// How many series have a value.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    /// As they came.
    whole: usize,
    /// Without endpoint or callback.
    collapsed: usize,
}

/// Where samples with certain label values go.
pub(crate) enum Placement<T> {
    /// To a series there is.
    Known(T),
    /// To a series that may be stored.
    New(Grant),
}

impl Placement<Arc<Stored>> {
    /// The series, if there is one.
    pub(crate) fn known(self) -> Option<Arc<Stored>> {
        match self {
            Self::Known(stored) => Some(stored),
            Self::New(_) => None,
        }
    }

    /// Whether it is a place for just these label values.
    pub(crate) fn has(&self, values: &[&str]) -> bool {
        match self {
            Self::Known(stored) => is(&stored.values, values),
            Self::New(grant) => is(&grant.0, values),
        }
    }
}

impl Governor {
    pub(crate) fn new(schema: &Schema, metric: &Metric, most_series: usize) -> Self {
        let bounds: Box<[Bound]> = metric.labels.iter().map(|name| bound(schema, name)).collect();
        let possible = bounds.iter().fold(1_usize, |product, bound| {
            product.saturating_mul(bound.most.saturating_add(RESERVED.len()))
        });
        let tenant = metric.labels.iter().position(|name| name == TENANT_ID);
        Self { room: room(possible, most_series.max(1)), bounds, tenant }
    }

    /// How many series the metric can ever have.
    pub(crate) fn budget(&self) -> usize {
        self.room[STEPS - 1]
    }

    /// Finds a series for the values, or leave to store one: as they are if there is room, else
    /// collapsed. `known` looks a series up.
    pub(crate) fn place<T>(
        &self,
        census: &Census,
        values: &[&str],
        known: impl Fn(&[&str]) -> Option<T>,
    ) -> Placement<T> {
        let mut placed = self.bounded(census, values);
        for (step, room) in self.room.iter().enumerate() {
            self.collapse(step, &mut placed);
            if let Some(series) = known(&placed) {
                return Placement::Known(series);
            }
            if census.series < *room && self.is_fair(census, &placed) {
                break;
            }
        }
        Placement::New(Grant(placed.into_iter().map(Into::into).collect()))
    }

    /// The label values of what has no place of its own.
    pub(crate) fn collapsed(&self) -> Vec<&'static str> {
        vec![OTHER; self.bounds.len()]
    }

    /// Whether the tenant may have one more series like this one. Where every possible series has
    /// room, it may.
    fn is_fair(&self, census: &Census, values: &[&str]) -> bool {
        let [common, .., all] = self.room;
        let tight = common < all && census.series >= all / 2;
        let share = (all / FAIR_PART).max(1);
        let seen = self.tenant.map_or(Seen::default(), |at| census.seen_at(at, values));
        let collapsed = self.is_collapsed(values.iter().copied());
        !tight || if collapsed { seen.collapsed < share } else { seen.whole < share }
    }

    /// Whether label values have been through the first step.
    fn is_collapsed<'v>(&self, values: impl Iterator<Item = &'v str>) -> bool {
        let mut bounds = self.bounds.iter().zip(values);
        bounds.any(|(bound, value)| bound.collapses == 1 && value == OTHER)
    }

    fn bounded<'v>(&self, census: &Census, values: &[&'v str]) -> Vec<&'v str> {
        let bounds = self.bounds.iter().zip(values).enumerate();
        bounds.map(|(at, (bound, value))| census.bounded(at, bound.most, value)).collect()
    }

    fn collapse(&self, step: usize, values: &mut [&str]) {
        for (bound, value) in self.bounds.iter().zip(values) {
            if bound.collapses <= step {
                *value = OTHER;
            }
        }
    }
}

impl Census {
    /// Takes a stored series into the count.
    pub(crate) fn enter(&mut self, governor: &Governor, values: &[Box<str>]) {
        let collapsed = governor.is_collapsed(values.iter().map(AsRef::as_ref));
        self.series += 1;
        self.seen.resize_with(values.len(), HashMap::default);
        for (seen, value) in self.seen.iter_mut().zip(values) {
            match seen.get_mut(&**value) {
                Some(seen) => seen.enter(collapsed),
                None => seen.entry(Arc::from(&**value)).or_default().enter(collapsed),
            }
        }
    }

    /// Whether a series has the value in a label.
    pub(crate) fn knows(&self, label: usize, value: &str) -> bool {
        self.seen.get(label).is_some_and(|seen| seen.contains_key(value))
    }

    fn bounded<'v>(&self, label: usize, most: usize, value: &'v str) -> &'v str {
        let known = self.seen.get(label).is_none_or(|seen| seen.contains_key(value));
        let reserved = RESERVED.contains(&value);
        if known || reserved || self.own_values(label) < most { value } else { OTHER }
    }

    /// How many values of a label there are that stand for a particular thing.
    fn own_values(&self, label: usize) -> usize {
        self.seen.get(label).map_or(0, |seen| {
            seen.len() - RESERVED.iter().filter(|value| seen.contains_key(**value)).count()
        })
    }

    fn seen_at(&self, label: usize, values: &[&str]) -> Seen {
        let seen = self.seen.get(label).zip(values.get(label));
        seen.and_then(|(seen, value)| seen.get(*value)).copied().unwrap_or_default()
    }
}

impl Seen {
    fn enter(&mut self, collapsed: bool) {
        *if collapsed { &mut self.collapsed } else { &mut self.whole } += 1;
    }
}

fn bound(schema: &Schema, label: &str) -> Bound {
    let collapses = match label {
        ENDPOINT | CALLBACK => 1,
        TENANT_ID => 2,
        _ => 3,
    };
    Bound { most: schema.label_bound(label) as usize, collapses }
}

/// With fewer possible series than the most there may be, none is ever turned away.
fn room(possible: usize, most: usize) -> [usize; STEPS] {
    if possible <= most {
        return [possible; STEPS];
    }
    let kept_back = |part: usize| (most - most / part).min(most - 1);
    [kept_back(4), kept_back(16), most - 1, most]
}

/// Whether a value is short enough to be stored as it is.
pub(crate) fn is_whole(value: &str) -> bool {
    value.len() <= LONGEST
}

/// The value, cut to [`LONGEST`] at a character's boundary.
pub(crate) fn cut(value: &str) -> &str {
    &value[..value.floor_char_boundary(LONGEST)]
}
