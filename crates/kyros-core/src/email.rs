//! What stands for an e-mail address where the address itself does not belong.

use std::fmt::Write;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Hashes addresses under the service's key; without a key there is no hash.
pub(crate) struct EmailHasher(Option<Hmac<Sha256>>);

impl EmailHasher {
    pub(crate) fn new(key: Option<&str>) -> Self {
        Self(key.and_then(|key| Hmac::new_from_slice(key.as_bytes()).ok()))
    }

    /// HMAC-SHA-256 of the address in lower case, 64 hex digits.
    pub(crate) fn hash(&self, email: &str) -> Option<String> {
        let mut mac = self.0.clone()?;
        mac.update(email.trim().to_lowercase().as_bytes());
        let mut hash = String::with_capacity(64);
        for byte in mac.finalize().into_bytes() {
            let _ = write!(hash, "{byte:02x}");
        }
        Some(hash)
    }

    pub(crate) fn has_key(&self) -> bool {
        self.0.is_some()
    }
}

/// The part after the `@`, in lower case.
pub(crate) fn domain(email: &str) -> Option<String> {
    let (local, domain) = email.trim().rsplit_once('@')?;
    (!local.is_empty() && !domain.is_empty()).then(|| domain.to_lowercase())
}
