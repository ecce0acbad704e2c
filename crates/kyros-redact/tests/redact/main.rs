//! What is secret doesn't come through, what is harmless comes through as it is.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod declared;
mod harmless;
mod promises;
mod routes;
mod secrets;
mod values;

use kyros_redact::{Findings, text};

/// What remains of a text.
fn clean(of: &str) -> String {
    text(of, &mut Findings::default()).into_owned()
}

/// A token of three parts, put together here so that no scanner takes it for a real one.
fn jwt() -> String {
    ["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiJmOGQxIn0", "c2lnbmF0dXJlLXNpZ25hdHVyZQ"].join(".")
}
