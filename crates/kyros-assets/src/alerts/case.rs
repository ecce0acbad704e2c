//! Load that shows an alert at work: what lies just above its threshold, and what just below.
//!
//! Nothing here reads the rules. Each case is solved from the schema's numbers alone, so a rule
//! that says something else than the schema fails its tests.

mod http;
mod logins;
mod postgres;

use kyros_schema::{Alert, Place, Problem, Schema};

use super::series::Series;

/// Samples within an alert's window.
pub(crate) const STEPS: u32 = 20;

/// What an alert is shown.
pub(crate) struct Case {
    /// Load for which it fires.
    pub(crate) above: Vec<Series>,
    /// Load for which it doesn't.
    pub(crate) below: Vec<Series>,
    /// Load far above, which ends.
    pub(crate) storm: Vec<Series>,
    /// How long after the storm the window is still over the threshold, as a share of the window.
    pub(crate) decay: f64,
    /// Steps from the start until `above` is over the threshold: at least and at most.
    pub(crate) first: (u32, u32),
    /// Labels of the firing alert, beside its name and severity.
    pub(crate) labels: Vec<(&'static str, &'static str)>,
    /// The value for `above` as the alert's description prints it.
    pub(crate) value: String,
}

type Solver = fn(&Schema, &Alert) -> Result<Case, Problem>;

const SOLVERS: [(&str, Solver); 4] = [
    ("HttpErrorRatioHigh", http::errors),
    ("HttpLatencyP95High", http::latency),
    ("PostgresConnectionsHigh", postgres::connections),
    ("LoginFailuresHigh", logins::failures),
];

/// Solves an alert; one that can't fire, or that has no solver, is a problem.
pub(crate) fn solve(schema: &Schema, alert: &Alert) -> Result<Case, Problem> {
    let known = SOLVERS.iter().find(|(name, _)| *name == alert.name);
    let (_, solver) = known.ok_or_else(|| {
        dead(
            alert,
            &alert.place,
            "no test case is written for it",
            "add a solver to `crates/kyros-assets/src/alerts/case.rs`",
        )
    })?;
    solver(schema, alert)
}

/// Parts of a whole that lie around a threshold that is a share of it.
struct Shares {
    /// The most parts that are not over the threshold.
    exact: u32,
    /// The fewest parts that are over it.
    above: u32,
    /// The most parts that are under it.
    below: u32,
    /// About four times the threshold, or all parts.
    storm: u32,
    /// How long an average over a window outlasts the storm, as a share of the window.
    decay: f64,
}

impl Shares {
    fn of(alert: &Alert, parts: u32) -> Result<Self, Problem> {
        let at = alert.threshold.as_f64() * f64::from(parts);
        let exact = whole(at);
        let above = exact + 1;
        if above > parts {
            let reason = format!("{} is not below the whole", alert.threshold);
            return Err(dead(alert, &alert.place, &reason, "give `threshold` a share below 1"));
        }
        let below = if f64::from(exact) + TOLERANCE < at { exact } else { exact.saturating_sub(1) };
        let storm = (4 * exact).clamp(above, parts);
        Ok(Self { exact, above, below, storm, decay: 1.0 - at / f64::from(storm) })
    }
}

/// What a decimal may lose on its way through a float.
const TOLERANCE: f64 = 1e-6;

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float beyond the integers saturates, and thresholds are not negative"
)]
fn whole(number: f64) -> u32 {
    ((number + TOLERANCE).floor() as u32).min(u32::MAX / 1_000)
}

fn dead(alert: &Alert, place: &Place, reason: &str, remedy: &str) -> Problem {
    let message = format!("alert `{}` could never fire: {reason}", alert.name);
    Problem { place: place.clone(), message, remedy: remedy.to_owned() }
}
