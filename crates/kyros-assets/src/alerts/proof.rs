//! promtool tests that show an alert fire and stay silent, in the order of an incident.
//!
//! Values that are looked at are the same in Prometheus 2 and 3, though ranges are closed in one
//! and half-open in the other: steady loads are linear, and after a storm only the alert's state
//! is looked at, a few steps away from where it changes.

use kyros_schema::{Alert, Duration, Problems, Schema};
use serde_json::{Value, json};

use super::case::{Case, STEPS, solve};
use super::series::Series;
use crate::Error;

/// The content of a promtool test file for one alert.
pub(crate) fn tests(schema: &Schema, alert: &Alert) -> Result<Value, Error> {
    let case = solve(schema, alert).map_err(|problem| Problems(vec![problem]))?;
    let proof = Proof { clock: Clock::of(alert), case, schema, alert };
    Ok(json!({
        "rule_files": ["../rules.yaml", "../alerts.yaml"],
        "evaluation_interval": proof.clock.at(1),
        "group_eval_order": [super::RECORDING_GROUP, super::ALERT_GROUP],
        "tests": [
            proof.fires(),
            proof.silent_below(),
            proof.resolves(),
            proof.silent("silent without traffic", &idle(&proof.case.above)),
            proof.silent("silent without data", &[]),
        ],
    }))
}

struct Proof<'a> {
    clock: Clock,
    case: Case,
    schema: &'a Schema,
    alert: &'a Alert,
}

impl Proof<'_> {
    fn fires(&self) -> Value {
        let (earliest, latest) = self.case.first;
        let hold = self.clock.hold;
        let mut looks = vec![self.look(latest + hold, &[self.firing()])];
        if let Some(pending) = (earliest + hold).checked_sub(1).filter(|_| hold > 0) {
            looks.insert(0, self.look(pending, &[]));
        }
        json!({
            "name": self.title("fires just above its threshold, and not before its time"),
            "interval": self.clock.at(1),
            "input_series": inputs(&self.case.above, latest + hold, 0),
            "alert_rule_test": looks,
        })
    }

    fn silent_below(&self) -> Value {
        self.silent("silent just below its threshold", &self.case.below)
    }

    fn silent(&self, what: &str, series: &[Series]) -> Value {
        let end = self.clock.hold + 2 * STEPS;
        json!({
            "name": self.title(what),
            "interval": self.clock.at(1),
            "input_series": inputs(series, end, 0),
            "alert_rule_test": [self.look(end, &[])],
        })
    }

    fn resolves(&self) -> Value {
        let storm = self.case.first.1 + self.clock.hold + STEPS + 1;
        let still = storm + steps(0.75 * self.case.decay);
        let over = storm + steps(1.5 * self.case.decay) + 1;
        json!({
            "name": self.title("stays as long as its window remembers, then resolves"),
            "interval": self.clock.at(1),
            "input_series": inputs(&self.case.storm, storm, 2 * STEPS),
            "promql_expr_test": [self.state(still, true), self.state(over, false)],
        })
    }

    fn title(&self, what: &str) -> String {
        format!("{}: {what}", self.alert.name)
    }

    /// Which alerts fire after so many steps, with every label and annotation.
    fn look(&self, step: u32, firing: &[Value]) -> Value {
        json!({
            "eval_time": self.clock.at(step),
            "alertname": self.alert.name,
            "exp_alerts": firing,
        })
    }

    fn firing(&self) -> Value {
        let mut labels = json!({ "severity": self.alert.severity.as_str() });
        for (name, value) in &self.case.labels {
            labels[name] = (*value).into();
        }
        let Alert { summary, dashboard, runbook, .. } = self.alert;
        let deploy = &self.schema.deploy;
        json!({
            "exp_labels": labels,
            "exp_annotations": {
                "summary": summary,
                "description": self.description(),
                "dashboard_url": format!("{}/d/kyros-{dashboard}", deploy.grafana_url),
                "runbook_url": format!("{}/{runbook}.md", deploy.runbooks),
            },
        })
    }

    fn description(&self) -> String {
        let Alert { description, threshold, window, .. } = self.alert;
        let words = description.replace("{threshold}", threshold.as_str());
        let words = words.replace("{window}", &window.to_string());
        format!("{words} Now: {}.", self.case.value)
    }

    /// Whether the alert fires after so many steps, whatever its value.
    fn state(&self, step: u32, fires: bool) -> Value {
        let select = format!("ALERTS{{alertname={:?}, alertstate=\"firing\"}}", self.alert.name);
        let samples = if fires { vec![json!({ "labels": "{}", "value": 1 })] } else { vec![] };
        json!({
            "expr": format!("count({select})"),
            "eval_time": self.clock.at(step),
            "exp_samples": samples,
        })
    }
}

/// Time in steps, a fixed number of which make the alert's window.
struct Clock {
    /// Length of a step in milliseconds.
    step: u64,
    /// Steps for which the condition has to hold.
    hold: u32,
}

impl Clock {
    fn of(alert: &Alert) -> Self {
        let step = (alert.window.as_secs() * 1_000 / u64::from(STEPS)).max(1);
        let hold = (alert.hold.as_secs() * 1_000).div_ceil(step);
        Self { step, hold: u32::try_from(hold).unwrap_or(u32::MAX / 2) }
    }

    /// The time after so many steps, as Prometheus writes it.
    fn at(&self, steps: u32) -> String {
        let milliseconds = u64::from(steps) * self.step;
        if milliseconds.is_multiple_of(1_000) {
            Duration::from_secs(milliseconds / 1_000).to_string()
        } else {
            format!("{milliseconds}ms")
        }
    }
}

fn inputs(series: &[Series], change: u32, rest: u32) -> Vec<Value> {
    series.iter().map(|series| series.input(change, rest)).collect()
}

fn idle(series: &[Series]) -> Vec<Series> {
    series.iter().cloned().map(Series::idle).collect()
}

/// A share of the window in whole steps.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a window is a small positive number of steps"
)]
fn steps(share: f64) -> u32 {
    (share * f64::from(STEPS)).floor() as u32
}
