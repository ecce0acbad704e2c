//! The DDL of the audit trail: `migrations/`.

use kyros_schema::Schema;

use crate::{Error, Output};

/// Writes the migrations that derive from the schema.
#[expect(clippy::unnecessary_wraps, reason = "every part of the generator has this shape")]
pub(crate) fn render(_schema: &Schema) -> Result<Vec<Output>, Error> {
    Ok(Vec::new())
}
