//! Series storage, cardinality governor and exposition.
//!
//! A [`Registry`] holds the families of a schema and those an application registers at run time.
//! A [`Family`] gives out [`Series`] handles; the governor bounds how many, and sends what is over
//! a bound into series labelled `_other`, so that sums stay whole. Values are integer cells
//! ([`Series`] says of what), updated without a lock. Label values and help texts are stored as a
//! [`Scrub`] leaves them.
//!
//! Our encoder writes the families that requests fill, since prometheus-client can carry neither
//! the exemplars nor the summaries of cells it does not own. The process-local families
//! (groups `self` and `process`) go through prometheus-client's `Registry` and `Collector`, which
//! since 0.26 writes both formats, into the same scrape. The same `Collector` over all families is
//! the tests' oracle of our encoder, so the two writers are held to one another.
//!
//! ```
//! use kyros_metrics::{Format, Registry};
//! use kyros_schema::{Schema, names::metric};
//!
//! let registry = Registry::new(Schema::embedded());
//! let requests = registry.family(metric::HTTP_REQUESTS_TOTAL).unwrap();
//! requests.series(&["kyros-api", "/api/me", "GET", "200", "_none"]).add(1.0);
//!
//! let text = registry.render(Format::Classic);
//! assert!(text.contains(r#"http_requests_total{service="kyros-api",endpoint="/api/me","#));
//! ```

mod apart;
mod arena;
mod atomic;
mod cells;
mod claims;
mod clock;
mod declaration;
mod directory;
mod error;
mod exemplar;
mod exposition;
mod family;
mod governor;
mod interval;
mod local;
mod options;
mod process;
mod registry;
mod scale;
mod scrub;
mod series;
mod sharing;
mod turn;
pub mod value;

pub use error::Error;
pub use exemplar::Exemplar;
pub use exposition::{Format, Scrape, accepts_gzip, gzip, negotiate};
pub use family::Family;
pub use local::Families;
pub use options::{Limits, Options};
pub use registry::Registry;
pub use scrub::Scrub;
pub use series::Series;
pub use sharing::Sharing;
