//! Logins that don't succeed: that fail at one service and are denied at another.

use kyros_schema::names::{event, label, metric, outcome};
use kyros_schema::{Alert, Problem, Schema};

use super::{Case, STEPS, whole};
use crate::alerts::series::Series;

/// Solves an alert on the number of failed logins in a window.
#[expect(clippy::unnecessary_wraps, reason = "all alerts are solved through one signature")]
pub(super) fn failures(_: &Schema, alert: &Alert) -> Result<Case, Problem> {
    let most = whole(alert.threshold.as_f64());
    let spread = |half_logins: u32| {
        let per_step = f64::from(half_logins) / 4.0 / f64::from(STEPS);
        [("kyros-api", outcome::FAILURE), ("dash-app-clv", outcome::DENIED)]
            .map(|(service, how)| events(service, event::LOGIN, how).counting_parts(per_step))
    };
    let noise = [
        events("kyros-api", event::LOGIN, outcome::SUCCESS).counting(most + 1),
        events("kyros-api", event::AUTH_FAILED, outcome::FAILURE).counting(most + 1),
    ];
    let storm = spread(8 * (most + 1)).map(|series| series.then(0));
    Ok(Case {
        above: spread(2 * most + 3).into(),
        below: spread(2 * most + 1).into_iter().chain(noise).collect(),
        storm: storm.into(),
        decay: 0.75,
        first: (STEPS / 2, STEPS + 1),
        labels: vec![],
        value: (most + 1).to_string(),
    })
}

fn events(service: &str, event: &str, outcome: &str) -> Series {
    Series::of(metric::KYROS_EVENTS_TOTAL)
        .with(label::SERVICE, service)
        .with(label::EVENT, event)
        .with(label::OUTCOME, outcome)
        .with(label::TENANT_ID, "_none")
}
