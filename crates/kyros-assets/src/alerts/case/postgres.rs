//! Connections to a server, beside a server that is idle.

use kyros_schema::{Alert, Problem, Schema};

use super::{Case, Shares};
use crate::alerts::series::Series;

/// Connections that applications may use, and those kept for superusers.
const USABLE: u32 = 1_000;
const RESERVED: u32 = 97;

/// Solves an alert on the share of connections in use.
pub(super) fn connections(_: &Schema, alert: &Alert) -> Result<Case, Problem> {
    let shares = Shares::of(alert, USABLE)?;
    let limits = || {
        let of = |name, server| Series::of(name).with("instance", server).with("job", "postgres");
        vec![
            of("pg_settings_max_connections", "main").showing(USABLE + RESERVED),
            of("pg_settings_superuser_reserved_connections", "main").showing(RESERVED),
            of("pg_settings_max_connections", "idle").showing(10 * USABLE),
            of("pg_settings_superuser_reserved_connections", "idle").showing(RESERVED),
            activity("idle", "kyros", "idle").showing(1),
        ]
    };
    let load = |used: u32| {
        let databases = vec![
            activity("main", "kyros", "active").showing(used / 2),
            activity("main", "reports", "idle").showing(used - used / 2),
        ];
        [databases, limits()].concat()
    };
    let storm = vec![activity("main", "kyros", "active").showing(shares.storm).then(0)];
    Ok(Case {
        above: load(shares.above),
        below: load(shares.exact),
        storm: [storm, limits()].concat(),
        decay: shares.decay,
        first: (0, 0),
        labels: vec![("instance", "main")],
        value: format!("{:.4}", f64::from(shares.above) / f64::from(USABLE)),
    })
}

fn activity(server: &str, database: &str, state: &str) -> Series {
    Series::of("pg_stat_activity_count")
        .with("instance", server)
        .with("job", "postgres")
        .with("server", "a label that the settings lack")
        .with("datname", database)
        .with("state", state)
}
