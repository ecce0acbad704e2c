//! One family as text. The formats differ in a counter's family name, units, exemplars and how
//! help is escaped; samples are alike.

use kyros_schema::{Metric, MetricKind, Unit};

use super::Format;
use super::number::{write_canonical, write_float, write_hex, write_seconds, write_whole};
use crate::claims::family_name;
use crate::exemplar::Kept;
use crate::family::Family;
use crate::series::Stored;

/// Appends a family; one without series is left out.
pub(super) fn family(family: &Family, format: Format, out: &mut String) {
    let series = family.sorted();
    let Some((first, others)) = series.split_first() else { return };
    metadata(family.metric(), format, out);
    let mut samples = Samples { lines: &Lines::of(family), family, format, out };
    let before = samples.out.len();
    samples.series(first);
    let likely = samples.out.len() - before;
    // Memory that isn't written costs nothing; growing once more would copy all there is.
    samples.out.reserve((likely + likely / 4) * others.len());
    for stored in others {
        samples.series(stored);
    }
}

fn metadata(metric: &Metric, format: Format, out: &mut String) {
    let open = format == Format::OpenMetrics;
    let name = if open { family_name(metric) } else { &metric.name };
    append(out, ["# HELP ", name, " "]);
    escape(&metric.help, open, out);
    append(out, ["\n# TYPE ", name, " ", metric.kind.as_str(), "\n"]);
    if open && metric.unit != Unit::None {
        append(out, ["# UNIT ", name, " ", metric.unit.as_str(), "\n"]);
    }
}

/// What a line has before and after the labels of its series.
struct Line {
    head: String,
    tail: String,
}

/// The lines of a family's series, made once for all of them.
struct Lines {
    value: Line,
    sum: Line,
    count: Line,
    buckets: Vec<Line>,
}

impl Lines {
    fn of(family: &Family) -> Self {
        let line = |suffix| Line::of(family, suffix, "");
        let bounds = family.shape().bounds.iter().copied().chain([f64::INFINITY]);
        Self {
            value: line(""),
            sum: line("_sum"),
            count: line("_count"),
            buckets: bounds.map(|bound| Line::bucket(family, bound)).collect(),
        }
    }
}

impl Line {
    /// Without any label there are no braces.
    fn of(family: &Family, suffix: &str, last: &str) -> Self {
        let (open, close) = match (family.labels(), last) {
            ([], "") => ("", " "),
            _ => ("{", "} "),
        };
        Self { head: [family.name(), suffix, open].concat(), tail: [last, close].concat() }
    }

    fn bucket(family: &Family, bound: f64) -> Self {
        let mut le = String::from(if family.labels().is_empty() { "le=\"" } else { ",le=\"" });
        write_canonical(bound, &mut le);
        le.push('"');
        Self::of(family, "_bucket", &le)
    }
}

struct Samples<'a> {
    lines: &'a Lines,
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
            MetricKind::Summary => self.sum_and_count(stored, stored.count()),
        }
    }

    fn counter(&mut self, stored: &Stored) {
        self.start(&self.lines.value, stored);
        self.steps(stored.counter());
        self.exemplar(stored, 0);
        self.end();
    }

    fn gauge(&mut self, stored: &Stored) {
        self.start(&self.lines.value, stored);
        write_float(stored.gauge(), self.out);
        self.end();
    }

    /// The count is that of the buckets, so that `+Inf` and `_count` never disagree.
    fn histogram(&mut self, stored: &Stored) {
        let mut count = 0_u64;
        for (slot, (line, own)) in self.lines.buckets.iter().zip(stored.buckets()).enumerate() {
            count = count.saturating_add(own);
            self.start(line, stored);
            write_whole(count, self.out);
            self.exemplar(stored, slot);
            self.end();
        }
        self.sum_and_count(stored, count);
    }

    fn sum_and_count(&mut self, stored: &Stored, count: u64) {
        self.start(&self.lines.sum, stored);
        self.steps(stored.sum());
        self.end();
        self.start(&self.lines.count, stored);
        write_whole(count, self.out);
        self.end();
    }

    fn start(&mut self, line: &Line, stored: &Stored) {
        append(self.out, [&line.head, &*stored.pairs, &line.tail]);
    }

    fn steps(&mut self, steps: u64) {
        let scale = self.family.shape().scale;
        match scale.whole(steps) {
            Some(whole) => write_whole(whole, self.out),
            None => scale.write(steps, self.out),
        }
    }

    fn exemplar(&mut self, stored: &Stored, slot: usize) {
        if self.format == Format::OpenMetrics
            && let Some(kept) = stored.exemplar(slot)
        {
            exemplar(&kept, self.out);
        }
    }

    fn end(&mut self) {
        self.out.push('\n');
    }
}

fn exemplar(kept: &Kept, out: &mut String) {
    out.push_str(" # {trace_id=\"");
    write_hex(&kept.exemplar.trace_id, out);
    out.push_str("\"} ");
    write_float(kept.value, out);
    out.push(' ');
    write_seconds(kept.exemplar.unix_ms, out);
}

fn append<const N: usize>(out: &mut String, parts: [&str; N]) {
    for part in parts {
        out.push_str(part);
    }
}

/// `a="b",c="d"`, with the values escaped as both formats want it.
pub(crate) fn label_pairs(labels: &[Box<str>], values: &[Box<str>]) -> String {
    let mut out = String::new();
    for (label, value) in labels.iter().zip(values) {
        let separator = if out.is_empty() { "" } else { "," };
        append(&mut out, [separator, label, "=\""]);
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
