//! The one measurement: a request, callback or event from begin to finish.
//!
//! A [`Runtime`] is what a process has once it is configured. It begins a [`Request`] or a
//! [`Callback`], whose [`Context`] collects the identity while it runs, and fans its end out to
//! metrics, log lines and audit rows, so that the three can't disagree. Failures of the
//! instrumentation itself are counted here, and reported once.
//!
//! ```
//! use kyros_core::{Endpoint, Runtime, Settings};
//!
//! let spool = std::env::temp_dir().join(format!("kyros-core-{}", std::process::id()));
//! let settings = [("service", "kyros-api"), ("spool_dir", spool.to_str().unwrap())];
//! let runtime = Runtime::capture(Settings::resolve(settings).unwrap()).unwrap();
//!
//! let request = runtime.request("GET", None, None);
//! request.status(200);
//! request.sent(2, true);
//! request.finish(|| Endpoint::Template("/api/me".to_owned()));
//!
//! let text = String::from_utf8(runtime.scrape(None, None).body).unwrap();
//! assert!(text.contains(r#"endpoint="/api/me",method="GET",code="200""#));
//! assert!(runtime.lines()[0].contains(r#""route":"/api/me""#));
//! ```

mod background;
mod cache;
mod callback;
mod context;
mod email;
mod endpoint;
mod error;
mod event;
mod families;
mod identity;
mod instrumentation;
mod line;
mod per_process;
mod progress;
mod query;
mod request;
mod runtime;
mod sample;
mod scrape;
mod settings;
mod span;
mod store;
mod trail;
mod websocket;

pub use background::{Carried, Phase};
pub use callback::{Callback, CallbackName};
pub use context::Context;
pub use endpoint::{Endpoint, join};
pub use error::Error;
pub use identity::Identity;
pub use instrumentation::component;
pub use kyros_audit::{Receipt, migrate};
pub use kyros_logs::Level;
pub use kyros_metrics::{Family, Scrape, Series};
pub use kyros_redact::Value;
pub use kyros_schema::{MetricKind, names};
pub use line::Failure;
pub use progress::Ending;
pub use query::Query;
pub use request::Request;
pub use runtime::Runtime;
pub use settings::Settings;
pub use websocket::{Direction, Side};
