//! Who may read the metrics, and what they get.

use std::net::IpAddr;

use kyros_metrics::Scrape;
use kyros_schema::names::setting;

use crate::runtime::Runtime;

/// The scheme, whose case says nothing (RFC 9110 §11.1).
const BEARER: &str = "bearer";

impl Runtime {
    /// Whether a scrape is answered: it came directly from a loopback or private address, or it
    /// brings the token of the setting. A peer without an address has to bring the token.
    pub fn authorize_scrape(
        &self,
        peer: Option<&str>,
        forwarded: bool,
        authorization: Option<&str>,
    ) -> bool {
        let near = peer.and_then(|peer| peer.parse().ok()).is_some_and(is_private);
        (near && !forwarded) || self.brings_token(authorization)
    }

    /// The exposition in the format that `Accept` asks for, compressed where `Accept-Encoding`
    /// takes that.
    pub fn scrape(&self, accept: Option<&str>, accept_encoding: Option<&str>) -> Scrape {
        self.state_audit();
        self.state_spans();
        self.tell_damage();
        self.registry().scrape(accept, accept_encoding)
    }

    fn brings_token(&self, authorization: Option<&str>) -> bool {
        let token = self.setting(setting::METRICS_TOKEN).filter(|token| !token.is_empty());
        let given = authorization.and_then(|value| value.split_once(' '));
        let given = given.filter(|(scheme, _)| scheme.eq_ignore_ascii_case(BEARER));
        let given = given.map(|(_, given)| given.trim_start());
        token.zip(given).is_some_and(|(token, given)| same(token.as_bytes(), given.as_bytes()))
    }
}

fn is_private(peer: IpAddr) -> bool {
    match peer.to_canonical() {
        IpAddr::V4(peer) => peer.is_loopback() || peer.is_private() || peer.is_link_local(),
        IpAddr::V6(peer) => {
            peer.is_loopback() || peer.is_unique_local() || peer.is_unicast_link_local()
        }
    }
}

/// Compares in a time that depends on the lengths alone.
fn same(expected: &[u8], given: &[u8]) -> bool {
    let differences = expected.iter().zip(given).fold(0, |all, (a, b)| all | (a ^ b));
    expected.len() == given.len() && std::hint::black_box(differences) == 0
}
