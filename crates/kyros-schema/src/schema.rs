//! The schema: all tables, read from the embedded file and a service's overlay.

use std::sync::LazyLock;

use indexmap::IndexMap;

use crate::document::{self, Table};
use crate::problem::Problems;
use crate::row::{section, single};
use crate::{
    Action, Alert, Column, Deploy, Event, ExporterMetric, Field, Label, Metric, Objective, Probe,
    Recording, Retention, Setting, Shipping, policy,
};

/// The embedded file, as written.
pub const SCHEMA_TOML: &str = include_str!("../schema.toml");

/// The file's name in problems.
pub const SCHEMA_FILE: &str = "schema.toml";

/// Every table, in the order of the file.
#[derive(Clone, Debug)]
pub struct Schema {
    /// Labels by name.
    pub labels: IndexMap<String, Label>,
    /// Metrics by name.
    pub metrics: IndexMap<String, Metric>,
    /// Series of other exporters by name.
    pub exporters: IndexMap<String, ExporterMetric>,
    /// Log fields by name, in the order they are written.
    pub fields: IndexMap<String, Field>,
    /// Audit columns by name.
    pub columns: IndexMap<String, Column>,
    /// Audit actions by name.
    pub actions: IndexMap<String, Action>,
    /// Events by name.
    pub events: IndexMap<String, Event>,
    /// Objectives by name.
    pub objectives: IndexMap<String, Objective>,
    /// Paths that machines ask for, by name.
    pub probes: IndexMap<String, Probe>,
    /// Recorded series by name.
    pub recordings: IndexMap<String, Recording>,
    /// Alerts by name.
    pub alerts: IndexMap<String, Alert>,
    /// Settings by name.
    pub settings: IndexMap<String, Setting>,
    /// How long telemetry is kept.
    pub retention: Retention,
    /// What a shipper makes of a log line.
    pub shipping: Shipping,
    /// Names and addresses of the deployment.
    pub deploy: Deploy,
}

static EMBEDDED: LazyLock<Schema> = LazyLock::new(embedded);

#[expect(clippy::panic, reason = "a test proves that the embedded file has no problems")]
fn embedded() -> Schema {
    Schema::with_overlay("", "").unwrap_or_else(|problems| panic!("{problems}"))
}

impl Schema {
    /// The embedded schema without any overlay.
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// The embedded schema with a service's own file laid over it, or every problem of that file.
    /// A file that is no TOML has no other problems: what is read from its rest can't be trusted.
    pub fn with_overlay(file: &str, text: &str) -> Result<Self, Problems> {
        let (schema, problems) = Self::examine(file, text)?;
        problems.into_result(schema)
    }

    /// As [`Schema::with_overlay`], for a reader that has more to find fault with: the schema as far
    /// as it could be read, and every problem so far.
    pub fn examine(file: &str, text: &str) -> Result<(Self, Problems), Problems> {
        let mut problems = Problems::default();
        let mut document = document::parse(SCHEMA_FILE, SCHEMA_TOML, &mut problems);
        let overlay = document::parse(file, text, &mut problems);
        problems = problems.into_result(Problems::default())?;
        policy::check_overlay(&document, &overlay, &mut problems);
        document::lay_over(&mut document, overlay);
        let mut schema = Self::read(&document, &mut problems);
        policy::check(&schema, &mut problems);
        schema.insert_thresholds();
        Ok((schema, problems))
    }

    /// Checks a metric that a call declares against the rules that hold for the file's.
    pub fn admit(&self, metric: &Metric) -> Result<(), Problems> {
        let mut problems = Problems::default();
        policy::check_own_metric(self, metric, &mut problems);
        problems.into_result(())
    }

    /// The bound of a label; that of [`Label::DEFAULT_BOUND`] for one only a call names.
    pub fn label_bound(&self, label: &str) -> u32 {
        self.labels.get(label).map_or(Label::DEFAULT_BOUND, |label| label.bound)
    }

    fn read(document: &Table, problems: &mut Problems) -> Self {
        Self {
            labels: section(document, &["label"], problems, Label::read),
            metrics: section(document, &["metric"], problems, Metric::read),
            exporters: section(document, &["exporter"], problems, ExporterMetric::read),
            fields: section(document, &["field"], problems, Field::read),
            columns: section(document, &["audit", "column"], problems, Column::read),
            actions: section(document, &["audit", "action"], problems, Action::read),
            events: section(document, &["event"], problems, Event::read),
            objectives: section(document, &["objective"], problems, Objective::read),
            probes: section(document, &["probe"], problems, Probe::read),
            recordings: section(document, &["recording"], problems, Recording::read),
            alerts: section(document, &["alert"], problems, Alert::read),
            settings: section(document, &["setting"], problems, Setting::read),
            retention: single(document, "retention", problems, Retention::read),
            shipping: single(document, "shipping", problems, Shipping::read),
            deploy: single(document, "deploy", problems, Deploy::read),
        }
    }

    /// Makes every threshold a bucket, so that a ratio at the threshold is exact.
    fn insert_thresholds(&mut self) {
        let alerts =
            self.alerts.values().map(|row| (row.metric.clone(), Some(row.threshold.clone())));
        let objectives =
            self.objectives.values().map(|row| (row.metric.clone(), row.threshold.clone()));
        for (metric, threshold) in alerts.chain(objectives).collect::<Vec<_>>() {
            let family = metric.and_then(|name| self.metrics.get_mut(&name));
            if let (Some(family), Some(threshold)) = (family, threshold) {
                family.insert_bucket(threshold);
            }
        }
    }
}
