//! One family as text. The formats differ in a counter's family name, units, exemplars and how
//! help is escaped; samples are alike.

use std::fmt::Write;

use kyros_schema::{Metric, MetricKind, Unit};

use super::Format;
use super::number::{write_canonical, write_float};
use crate::claims::family_name;
use crate::exemplar::Kept;
use crate::family::Family;
use crate::series::Stored;

/// Appends a family; one without series is left out.
pub(super) fn family(family: &Family, format: Format, out: &mut String) {
    let series = family.sorted();
    if series.is_empty() {
        return;
    }
    metadata(family.metric(), format, out);
    let mut samples = Samples { family, format, out };
    for stored in &series {
        samples.series(stored);
    }
}

fn metadata(metric: &Metric, format: Format, out: &mut String) {
    let open = format == Format::OpenMetrics;
    let name = if open { family_name(metric) } else { &metric.name };
    let _ = write!(out, "# HELP {name} ");
    escape(&metric.help, open, out);
    let _ = write!(out, "\n# TYPE {name} {}\n", metric.kind.as_str());
    if open && metric.unit != Unit::None {
        let _ = writeln!(out, "# UNIT {name} {}", metric.unit.as_str());
    }
}

struct Samples<'a> {
    family: &'a Family,
    format: Format,
    out: &'a mut String,
}

impl Samples<'_> {
    fn series(&mut self, stored: &Stored) {
        match self.family.kind() {
            MetricKind::Counter => self.counter(stored),
            MetricKind::Gauge => self.gauge(stored),
            MetricKind::Histogram => self.histogram(stored),
            MetricKind::Summary => self.summary(stored),
        }
    }

    fn counter(&mut self, stored: &Stored) {
        self.name("", stored);
        self.steps(stored.counter());
        self.exemplar(stored.exemplar(0));
        self.end();
    }

    fn gauge(&mut self, stored: &Stored) {
        self.name("", stored);
        write_float(stored.gauge(), self.out);
        self.end();
    }

    /// The count is that of the buckets, so that `+Inf` and `_count` never disagree.
    fn histogram(&mut self, stored: &Stored) {
        let family = self.family;
        let bounds = family.shape().bounds.iter().copied().chain([f64::INFINITY]);
        let mut count = 0_u64;
        for (slot, (bound, own)) in bounds.zip(stored.buckets()).enumerate() {
            count = count.wrapping_add(own);
            self.bucket(stored, bound);
            let _ = write!(self.out, "{count}");
            self.exemplar(stored.exemplar(slot));
            self.end();
        }
        self.sum_and_count(stored, count);
    }

    fn summary(&mut self, stored: &Stored) {
        self.sum_and_count(stored, stored.count());
    }

    fn sum_and_count(&mut self, stored: &Stored, count: u64) {
        self.name("_sum", stored);
        self.steps(stored.sum());
        self.end();
        self.name("_count", stored);
        let _ = write!(self.out, "{count}");
        self.end();
    }

    fn name(&mut self, suffix: &str, stored: &Stored) {
        self.out.push_str(self.family.name());
        self.out.push_str(suffix);
        if !stored.pairs.is_empty() {
            let _ = write!(self.out, "{{{}}}", stored.pairs);
        }
        self.out.push(' ');
    }

    fn bucket(&mut self, stored: &Stored, bound: f64) {
        self.out.push_str(self.family.name());
        self.out.push_str("_bucket{");
        if !stored.pairs.is_empty() {
            self.out.push_str(&stored.pairs);
            self.out.push(',');
        }
        self.out.push_str("le=\"");
        write_canonical(bound, self.out);
        self.out.push_str("\"} ");
    }

    fn steps(&mut self, steps: u64) {
        self.family.shape().scale.write(steps, self.out);
    }

    fn exemplar(&mut self, kept: Option<Kept>) {
        let Some(kept) = kept.filter(|_| self.format == Format::OpenMetrics) else { return };
        let trace_id = u128::from_be_bytes(kept.exemplar.trace_id);
        let _ = write!(self.out, " # {{trace_id=\"{trace_id:032x}\"}} ");
        write_float(kept.value, self.out);
        let (seconds, ms) = (kept.exemplar.unix_ms / 1000, kept.exemplar.unix_ms % 1000);
        let _ = write!(self.out, " {seconds}.{ms:03}");
    }

    fn end(&mut self) {
        self.out.push('\n');
    }
}

/// `a="b",c="d"`, with the values escaped as both formats want it.
pub(crate) fn label_pairs(labels: &[Box<str>], values: &[Box<str>]) -> String {
    let mut out = String::new();
    for (label, value) in labels.iter().zip(values) {
        let _ = write!(out, "{}{label}=\"", if out.is_empty() { "" } else { "," });
        escape(value, true, &mut out);
        out.push('"');
    }
    out
}

fn escape(text: &str, quotes: bool, out: &mut String) {
    for char in text.chars() {
        match char {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '"' if quotes => out.push_str("\\\""),
            _ => out.push(char),
        }
    }
}
