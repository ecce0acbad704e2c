//! A metric's declaration as a record of the arena, so that any worker exposes what another has
//! declared.

use std::hash::{BuildHasher, Hasher};

use foldhash::quality::FixedState;
use kyros_schema::{Across, Decimal, Metric, MetricKind, Unit};

/// Between the parts of a declaration, and between those of a part; no text has either.
const BETWEEN: char = '\u{1e}';
const WITHIN: char = '\u{1f}';

/// The key of the family that a metric becomes: another one for another name or shape.
pub(crate) fn key(metric: &Metric) -> u64 {
    let mut hasher = FixedState::default().build_hasher();
    for part in shape(metric) {
        hasher.write(part.as_bytes());
        hasher.write_u8(0xff);
    }
    hasher.finish()
}

/// The declaration as a text.
pub(crate) fn write(metric: &Metric) -> String {
    let [name, kind, unit, across, labels, buckets] = shape(metric);
    let help = metric.help.replace([BETWEEN, WITHIN], " ");
    [name, kind, unit, across, labels, buckets, help].join(&String::from(BETWEEN))
}

/// The metric that a text declares; none where it is no declaration.
pub(crate) fn read(text: &str) -> Option<Metric> {
    let parts: Vec<_> = text.split(BETWEEN).collect();
    let [name, kind, unit, across, labels, buckets, help] = parts[..] else { return None };
    let within = |part: &str| -> Vec<String> {
        part.split(WITHIN).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    let mut metric = Metric::own(name, MetricKind::of_word(kind)?, help, within(labels));
    metric.unit = Unit::of_word(unit)?;
    metric.across = Across::of_word(across)?;
    let bounds = within(buckets).iter().map(|bound| bound.parse().ok()).collect::<Option<_>>();
    metric.buckets = bounds?;
    Some(metric)
}

fn shape(metric: &Metric) -> [String; 6] {
    let within = |words: Vec<&str>| words.join(&String::from(WITHIN));
    [
        metric.name.clone(),
        metric.kind.as_str().to_owned(),
        metric.unit.as_str().to_owned(),
        metric.across.as_str().to_owned(),
        within(metric.labels.iter().map(String::as_str).collect()),
        within(metric.buckets.iter().map(Decimal::as_str).collect()),
    ]
}

#[cfg(test)]
mod tests {
    use kyros_schema::names::label::TENANT_ID;

    use super::*;

    #[test]
    fn a_declaration_reads_as_what_was_written() {
        let labels = vec![TENANT_ID.to_owned(), "queue".to_owned()];
        let mut metric = Metric::own("app_lag_seconds", MetricKind::Histogram, "Lag\u{1e}", labels);
        metric.buckets = ["0.5", "10"].map(|bound| bound.parse().unwrap()).into();
        let read = read(&write(&metric)).unwrap();
        assert_eq!((key(&read), read.help.as_str()), (key(&metric), "Lag "));
        metric.labels.reverse();
        assert_ne!(key(&metric), key(&read));
    }
}
