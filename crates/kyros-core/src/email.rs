//! What stands for an e-mail address where the address itself does not belong.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write;
use std::hash::{BuildHasher, RandomState};

use hmac::{Hmac, KeyInit, Mac};
use kyros_logs::plausible_email;
use kyros_redact::Value;
use kyros_schema::names::field;
use sha2::Sha256;

use crate::runtime::Runtime;

/// Hashes that a thread remembers.
const MOST_REMEMBERED: usize = 1024;

thread_local! {
    /// Hashes by fingerprints of their addresses, under keys of the hasher's own: each request of
    /// somebody asks again, and no address stays in memory for it.
    static REMEMBERED: RefCell<HashMap<[u64; 2], String>> = RefCell::default();
}

/// Hashes addresses under the service's key; without a key there is no hash.
pub(crate) struct EmailHasher {
    mac: Option<Hmac<Sha256>>,
    prints: [RandomState; 2],
}

impl EmailHasher {
    pub(crate) fn new(key: Option<&str>) -> Self {
        let mac = key.and_then(|key| Hmac::new_from_slice(key.as_bytes()).ok());
        Self { mac, prints: Default::default() }
    }

    /// HMAC-SHA-256 of the address in lower case, 64 hex digits.
    pub(crate) fn hash(&self, email: &str) -> Option<String> {
        let mac = self.mac.as_ref()?;
        let print = self.prints.each_ref().map(|key| key.hash_one(email));
        let remembered = REMEMBERED.try_with(|remembered| {
            let mut remembered = remembered.borrow_mut();
            if remembered.len() >= MOST_REMEMBERED && !remembered.contains_key(&print) {
                remembered.clear();
            }
            remembered.entry(print).or_insert_with(|| hashed(mac.clone(), email)).clone()
        });
        Some(remembered.unwrap_or_else(|_| hashed(mac.clone(), email)))
    }

    pub(crate) fn has_key(&self) -> bool {
        self.mac.is_some()
    }
}

fn hashed(mut mac: Hmac<Sha256>, email: &str) -> String {
    mac.update(email.trim().to_lowercase().as_bytes());
    let mut hash = String::with_capacity(64);
    for byte in mac.finalize().into_bytes() {
        let _ = write!(hash, "{byte:02x}");
    }
    hash
}

/// What stands for an address in lines and rows.
#[derive(Default)]
pub(crate) struct StandIns {
    pub(crate) hash: Option<String>,
    pub(crate) domain: Option<String>,
}

impl Runtime {
    pub(crate) fn stand_ins(&self, address: Option<&str>) -> StandIns {
        address.map_or_else(StandIns::default, |address| StandIns {
            hash: self.email_hash(address),
            domain: domain(address),
        })
    }
}

/// Takes an address out of the fields: that of somebody who is not known to be who he says, such as
/// whoever failed to log in. It is worth its stand-ins, and never an identity.
pub(crate) fn claimed(fields: &mut Vec<(String, Value)>) -> Option<String> {
    let address = |value: &Value| match value {
        Value::Text(text) => plausible_email(text.trim()).map(ToOwned::to_owned),
        _ => None,
    };
    let named = |(name, value): &(String, Value)| (name == field::EMAIL).then(|| address(value))?;
    let (at, found) = fields.iter().enumerate().find_map(|(at, one)| Some((at, named(one)?)))?;
    fields.remove(at);
    Some(found)
}

/// The part after the `@`, in lower case.
pub(crate) fn domain(email: &str) -> Option<String> {
    let (local, domain) = email.trim().rsplit_once('@')?;
    (!local.is_empty() && !domain.is_empty()).then(|| domain.to_lowercase())
}
