//! Processes whose series look alike have the same fingerprint, and no others.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashMap;
use std::process::Command;

use kyros_schema::{Across, Metric, MetricKind, Schema, Unit};

const OVERLAY: &str = "[label.format]\nhelp = 'x'\nbound = 4\nvalues = ['pdf', 'csv']\n\
                       [metric.slots_free]\nkind = 'gauge'\nhelp = 'x'\nlabels = ['format']";

/// Set in the process that this test starts, to what it has to find.
const EXPECTED: &str = "KYROS_TEST_FINGERPRINT";

fn schema(overlay: &str) -> Schema {
    Schema::with_overlay("o.toml", overlay).unwrap()
}

#[test]
fn another_process_has_the_same() {
    let own = schema(OVERLAY).fingerprint().to_string();
    if let Ok(expected) = std::env::var(EXPECTED) {
        assert_eq!(own, expected);
        return;
    }
    let mut again = Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", "another_process_has_the_same"]).env(EXPECTED, &own);
    let done = again.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
}

#[test]
fn what_shapes_no_series_does_not_matter() {
    for overlay in [
        "[retention]\naudit_days = 3650",
        "[alert.HttpErrorRatioHigh]\nfor = '1m'",
        "[setting.env]\ndefault = 'prod'",
        "[field.report]\nkind = 'text'\nsensitivity = 'internal'\nhelp = 'x'",
    ] {
        assert_eq!(schema(overlay).fingerprint(), Schema::embedded().fingerprint(), "{overlay}");
    }
    let reworded = schema(&OVERLAY.replace("help = 'x'", "help = 'Other words.'"));
    assert_eq!(reworded.fingerprint(), schema(OVERLAY).fingerprint());
}

#[test]
fn what_an_overlay_does_to_series_matters() {
    let mut known = Known::default();
    known.meet("the embedded schema", Schema::embedded());
    known.meet("own rows", &schema(OVERLAY));
    for (from, to) in [
        ("bound = 4", "bound = 5"),
        ("'pdf', 'csv'", "'csv', 'pdf'"),
        ("'pdf', 'csv'", "'pdfcsv'"),
        ("'pdf', 'csv'", "'pdf, csv'"),
        ("'pdf', 'csv'", "'pd', 'fcsv'"),
        ("'gauge'", "'summary'"),
        ("'gauge'", "'gauge'\nacross = 'max'"),
        ("'gauge'", "'gauge'\nacross = 'min'"),
        ("slots_free", "slots_left"),
        ("labels = ['format']", ""),
    ] {
        known.meet(to, &schema(&OVERLAY.replace(from, to)));
    }
    let threshold = format!("[objective.dash_data]\nthreshold = 0.85\n{OVERLAY}");
    known.meet("a threshold, which is a bucket", &schema(&threshold));
}

#[test]
fn whatever_is_changed_in_any_row_matters() {
    let base = schema(OVERLAY);
    let mut known = Known::default();
    known.meet("nothing", &base);
    for name in base.metrics.keys() {
        for (what, change) in CHANGES {
            let mut changed = base.clone();
            if change(&mut changed.metrics[name]) {
                known.meet(&format!("{name}: {what}"), &changed);
            }
        }
        let mut without = base.clone();
        without.metrics.shift_remove(name);
        known.meet(&format!("{name}: not there"), &without);
    }
    for name in base.labels.keys() {
        let mut wider = base.clone();
        wider.labels[name].bound += 1;
        known.meet(&format!("{name}: bound"), &wider);
        let mut more = base.clone();
        more.labels[name].values.push("more".to_owned());
        known.meet(&format!("{name}: values"), &more);
    }
}

/// Changes one thing of a metric; false where it was that way already.
type Change = fn(&mut Metric) -> bool;

const CHANGES: [(&str, Change); 12] = [
    ("counter", |metric| put(&mut metric.kind, MetricKind::Counter)),
    ("gauge", |metric| put(&mut metric.kind, MetricKind::Gauge)),
    ("histogram", |metric| put(&mut metric.kind, MetricKind::Histogram)),
    ("no unit", |metric| put(&mut metric.unit, Unit::None)),
    ("seconds", |metric| put(&mut metric.unit, Unit::Seconds)),
    ("bytes", |metric| put(&mut metric.unit, Unit::Bytes)),
    ("sum", |metric| put(&mut metric.across, Across::Sum)),
    ("max", |metric| put(&mut metric.across, Across::Max)),
    ("min", |metric| put(&mut metric.across, Across::Min)),
    ("one label more", |metric| {
        metric.labels.push("more".to_owned());
        true
    }),
    ("one label less", |metric| metric.labels.pop().is_some()),
    ("one bucket less", |metric| metric.buckets.pop().is_some()),
];

fn put<T: PartialEq>(place: &mut T, value: T) -> bool {
    let news = *place != value;
    *place = value;
    news
}

/// Each fingerprint, and what had it first.
#[derive(Default)]
struct Known(HashMap<u64, String>);

impl Known {
    fn meet(&mut self, what: &str, schema: &Schema) {
        let before = self.0.insert(schema.fingerprint(), what.to_owned());
        assert_eq!(before, None, "the same fingerprint: {what}");
    }
}
