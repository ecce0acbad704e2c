//! Metrics of the SDK and of the services that use it.

use crate::decimal::Decimal;
use crate::problem::Place;
use crate::row::Row;

/// A metric family.
#[derive(Clone, Debug)]
pub struct Metric {
    /// The family's name as it is exposed; counters end in `_total`.
    pub name: String,
    /// What kind of family it is.
    pub kind: MetricKind,
    /// The unit of its values.
    pub unit: Unit,
    /// What it says; one sentence.
    pub help: String,
    /// The names of its labels, in order.
    pub labels: Vec<String>,
    /// Upper bounds of a histogram's buckets, ascending, without `+Inf`.
    pub buckets: Vec<Decimal>,
    /// How a gauge's values in several workers become one; `Sum` where there is nothing to say.
    pub across: Across,
    /// The part of the SDK that fills it; `app` for a service's own.
    pub group: String,
    /// Where it was last set.
    pub place: Place,
}

/// Kinds of metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MetricKind {
    /// Only goes up.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts observations in buckets.
    Histogram,
    /// Sum and count of observations, without quantiles.
    Summary,
}

/// How the values that the workers of one service gave a gauge become one value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Across {
    /// All of them together.
    #[default]
    Sum,
    /// The largest.
    Max,
    /// The smallest.
    Min,
}

/// Units of metric values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Unit {
    /// A plain number.
    #[default]
    None,
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
    /// A share of 1.
    Ratio,
}

pub(crate) const KINDS: [(&str, MetricKind); 4] = [
    ("counter", MetricKind::Counter),
    ("gauge", MetricKind::Gauge),
    ("histogram", MetricKind::Histogram),
    ("summary", MetricKind::Summary),
];

pub(crate) const UNITS: [(&str, Unit); 4] =
    [("", Unit::None), ("seconds", Unit::Seconds), ("bytes", Unit::Bytes), ("ratio", Unit::Ratio)];

const ACROSS: [(&str, Across); 3] =
    [("sum", Across::Sum), ("max", Across::Max), ("min", Across::Min)];

impl Metric {
    /// A service's own metric, made by a call. [`Schema::admit`](crate::Schema::admit) checks it.
    pub fn own(name: &str, kind: MetricKind, help: &str, labels: Vec<String>) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            unit: Unit::of_name(name),
            help: help.to_owned(),
            labels,
            buckets: Vec::new(),
            across: Across::Sum,
            group: "app".to_owned(),
            place: Place::call(),
        }
    }

    pub(crate) fn read(row: &mut Row<'_>) -> Self {
        let kind = row.choice("kind", &KINDS).unwrap_or(MetricKind::Gauge);
        let buckets = row.decimals("buckets");
        Self {
            name: row.name.to_owned(),
            place: row.place.clone(),
            kind: kind.with_buckets(!buckets.is_empty()),
            unit: row.choice_or("unit", &UNITS, Unit::of_name(row.name)),
            help: row.text("help"),
            labels: row.texts("labels"),
            buckets,
            across: Across::read(row, kind),
            group: row.optional_text("group").unwrap_or_else(|| "app".to_owned()),
        }
    }
}

impl Metric {
    /// Adds an upper bound, unless there is one of the same value.
    pub(crate) fn insert_bucket(&mut self, bound: Decimal) {
        let at = self.buckets.partition_point(|bucket| bucket.as_f64() < bound.as_f64());
        let there = self.buckets.get(at).is_some_and(|bucket| bucket.as_f64() <= bound.as_f64());
        if !there {
            self.buckets.insert(at, bound);
        }
    }
}

impl MetricKind {
    /// The kind of a word, if it is one.
    pub fn of_word(word: &str) -> Option<Self> {
        word_to(word, &KINDS)
    }

    /// The kind's word in the schema and in the exposition format.
    pub fn as_str(self) -> &'static str {
        crate::row::word_of(self, &KINDS)
    }

    /// A summary that is given buckets becomes a histogram.
    fn with_buckets(self, given: bool) -> Self {
        if given && self == Self::Summary { Self::Histogram } else { self }
    }
}

impl Across {
    /// The `across` of a word, if it is one.
    pub fn of_word(word: &str) -> Option<Self> {
        word_to(word, &ACROSS)
    }

    /// The word in the schema.
    pub fn as_str(self) -> &'static str {
        crate::row::word_of(self, &ACROSS)
    }

    fn read(row: &mut Row<'_>, kind: MetricKind) -> Self {
        let across = row.choice_or("across", &ACROSS, Self::Sum);
        if kind == MetricKind::Gauge {
            return across;
        }
        row.refuse("across", "is for gauges", "leave it out: what workers count is added up");
        Self::Sum
    }
}

impl Unit {
    /// The unit of a word, if it is one.
    pub fn of_word(word: &str) -> Option<Self> {
        word_to(word, &UNITS)
    }

    /// The unit's word, empty for a plain number; the suffix of a metric's name.
    pub fn as_str(self) -> &'static str {
        crate::row::word_of(self, &UNITS)
    }

    fn of_name(name: &str) -> Self {
        let stem = name.trim_end_matches("_total");
        UNITS
            .into_iter()
            .find(|(word, _)| !word.is_empty() && stem.ends_with(&format!("_{word}")))
            .map_or(Self::None, |(_, unit)| unit)
    }
}

fn word_to<T: Copy>(word: &str, table: &[(&str, T)]) -> Option<T> {
    table.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
}
