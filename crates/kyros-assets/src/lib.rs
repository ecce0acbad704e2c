//! Everything generated from the schema: dashboards, alerts, migrations, deployment, reference.
