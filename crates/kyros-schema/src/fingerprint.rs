//! What the series of a schema look like, as one number.

use std::hash::BuildHasher;

use foldhash::quality::FixedState;

use crate::{Decimal, Label, Metric, Schema};

impl Schema {
    /// A digest of all that shapes series: metrics with kind, unit, labels, buckets and the way
    /// workers are combined; labels with bound and closed set. Processes of the same build and
    /// overlay have the same one; those that differ in any of these have, but for chance, another.
    ///
    /// It says nothing across builds: the hash may change with the version of this crate.
    pub fn fingerprint(&self) -> u64 {
        let mut shape = Shape::default();
        shape.number(self.metrics.len());
        self.metrics.values().for_each(|metric| shape.metric(metric));
        shape.number(self.labels.len());
        self.labels.values().for_each(|label| shape.label(label));
        FixedState::with_seed(0).hash_one(shape.0)
    }
}

/// The canonical text: each part is preceded by its length, so that no two shapes read the same.
#[derive(Default)]
struct Shape(String);

impl Shape {
    fn metric(&mut self, metric: &Metric) {
        self.text(&metric.name);
        self.text(metric.kind.as_str());
        self.text(metric.unit.as_str());
        self.text(metric.across.as_str());
        self.texts(metric.labels.iter().map(String::as_str));
        self.texts(metric.buckets.iter().map(Decimal::as_str));
    }

    fn label(&mut self, label: &Label) {
        self.text(&label.name);
        self.text(&label.bound.to_string());
        self.texts(label.values.iter().map(String::as_str));
    }

    fn texts<'a>(&mut self, texts: impl ExactSizeIterator<Item = &'a str>) {
        self.number(texts.len());
        texts.for_each(|text| self.text(text));
    }

    fn text(&mut self, text: &str) {
        self.number(text.len());
        self.0.push_str(text);
    }

    fn number(&mut self, number: usize) {
        self.0.push_str(&number.to_string());
        self.0.push(':');
    }
}
