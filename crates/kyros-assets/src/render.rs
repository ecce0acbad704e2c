//! Everything that is generated, in order.

use kyros_schema::Schema;

use crate::{
    Error, Output, alerts, dashboards, deploy, migrations, names, reference, runbooks, vocabulary,
};

/// Renders every generated file, without writing any.
///
/// The two that are code of this repository come from the embedded schema whatever the overlay: a
/// service's own rows are no constants of ours.
pub fn render(schema: &Schema) -> Result<Vec<Output>, Error> {
    Ok([code()?, assets(schema)?, runbooks::render()].concat())
}

/// The names of the embedded schema as Rust and Python.
pub(crate) fn code() -> Result<Vec<Output>, Error> {
    let schema = Schema::embedded();
    Ok([names::render(schema)?, vocabulary::render(schema)?].concat())
}

/// What operators of a service get.
pub(crate) fn assets(schema: &Schema) -> Result<Vec<Output>, Error> {
    Ok([
        dashboards::render(schema)?,
        alerts::render(schema)?,
        migrations::render(schema)?,
        deploy::render(schema)?,
        reference::render(schema)?,
    ]
    .concat())
}
