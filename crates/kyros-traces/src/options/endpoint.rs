//! The receiver's address.

use http::Uri;

use super::{Environment, Protocol};

const PATH: &str = "v1/traces";

/// The whole address; `None` where there is none that can be used.
pub(super) fn read(variables: &mut Environment<'_>, protocol: Protocol) -> Option<String> {
    let (name, address) = variables.exporter("ENDPOINT")?;
    let of_all_signals = !name.contains("_TRACES_");
    let endpoint = match protocol {
        Protocol::Grpc => with_scheme(variables, &address),
        Protocol::Http if of_all_signals => format!("{}/{PATH}", address.trim_end_matches('/')),
        Protocol::Http => address.clone(),
    };
    if is_usable(&endpoint) {
        return Some(endpoint);
    }
    let hint = "write it as `http://host:4318`, or `http://host:4317` for `grpc`";
    variables.refuse(&name, "no address of a receiver", &address, hint);
    None
}

/// gRPC knows addresses without a scheme.
fn with_scheme(variables: &Environment<'_>, address: &str) -> String {
    if address.contains("://") {
        return address.to_owned();
    }
    let insecure = variables.exporter("INSECURE");
    let plain = insecure.is_some_and(|(_, word)| word.eq_ignore_ascii_case("true"));
    format!("{}://{address}", if plain { "http" } else { "https" })
}

fn is_usable(endpoint: &str) -> bool {
    let Ok(uri) = endpoint.parse::<Uri>() else { return false };
    let scheme = uri.scheme_str().unwrap_or_default();
    ["http", "https"].contains(&scheme) && uri.host().is_some_and(|host| !host.is_empty())
}
