//! What may not leave the process: detectors of secrets and personal data.
//!
//! Log lines, error messages and audit rows pass through here and nowhere else. [`text()`] looks
//! for what betrays itself by its shape (tokens, private keys, e-mail addresses) or by where it
//! stands (after `password=`, in a header, in a URL's query) and puts a marker in its place;
//! [`json()`] does the same for structured values, keys first. Both are pure and linear in their
//! input, and what they return stays as it is when it is redacted again. A [`Redactor`] knows besides
//! which fields a service declares secret.
//!
//! ```
//! use kyros_redact::{Findings, Value, json, text};
//!
//! let mut findings = Findings::default();
//! assert_eq!(text("42 rows in 7 ms", &mut findings), "42 rows in 7 ms");
//! assert!(findings.is_empty());
//!
//! let clean = text("login of ana@client.example, password='correct horse'", &mut findings);
//! assert_eq!(clean, "login of [redacted:email], password='[redacted:password]'");
//!
//! let body = Value::Map(vec![("user_token".into(), Value::Text("opaque".into()))]);
//! assert_eq!(json(&body, &mut findings).as_str(), r#"{"user_token":"[redacted:token]"}"#);
//! assert_eq!(findings.iter().map(|(_, count)| count).sum::<u64>(), 3);
//! ```

mod class;
mod detect;
mod encoding;
mod findings;
mod key;
mod redactor;
mod route;
mod scan;
mod structure;
mod value;

pub use encoding::{write_string, write_text};
pub use findings::Findings;
pub use redactor::Redactor;
pub use route::{label_value, route};
pub use scan::text;
pub use structure::{CleanJson, json};
pub use value::Value;
