//! How spans are exported, as the environment says it: `OTEL_*`, by OpenTelemetry's specification.

mod endpoint;
mod environment;
mod limits;
mod pairs;

use std::fmt;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::{Error, Sampler, attribute};
use environment::Environment;
pub(crate) use limits::Limits;

/// Where spans go, and how.
#[derive(Clone)]
pub struct Options {
    pub(crate) endpoint: String,
    pub(crate) protocol: Protocol,
    pub(crate) headers: HeaderMap,
    pub(crate) timeout: Duration,
    pub(crate) gzip: bool,
    /// The authority that the receiver's certificate is checked against, in PEM.
    pub(crate) authority: Option<Vec<u8>>,
    pub(crate) resource: Vec<(String, String)>,
    pub(crate) sampler: Sampler,
    pub(crate) limits: Limits,
}

/// How spans travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http,
    Grpc,
}

const HTTP: &str = "http/protobuf";
const GRPC: &str = "grpc";

impl Options {
    /// Reads the variables, each through `variable`. `None` where spans aren't to be exported: no
    /// endpoint is named, or `OTEL_SDK_DISABLED` or `OTEL_TRACES_EXPORTER` says so. `service` and
    /// `environment` go before what `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` say.
    ///
    /// # Errors
    /// [`Error::Settings`] with every problem.
    pub fn read(
        variable: impl Fn(&str) -> Option<String>,
        service: &str,
        environment: &str,
    ) -> Result<Option<Self>, Error> {
        let mut variables = Environment::new(&variable);
        if variables.is_off() {
            return Ok(None);
        }
        let protocol = protocol(&mut variables);
        let options = Self {
            endpoint: endpoint::read(&mut variables, protocol).unwrap_or_default(),
            protocol,
            headers: headers(&mut variables),
            timeout: variables.exporter_millis("TIMEOUT", 10_000),
            gzip: gzip(&mut variables),
            authority: authority(&mut variables),
            resource: resource(&mut variables, service, environment),
            sampler: sampler(&mut variables),
            limits: Limits::read(&mut variables),
        };
        variables.finish(Some(options))
    }

    /// The rule that decides which traces are exported.
    pub fn sampler(&self) -> &Sampler {
        &self.sampler
    }
}

impl fmt::Debug for Options {
    /// Without the headers, which may hold a token, and the endpoint, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("protocol", &self.protocol)
            .field("timeout", &self.timeout)
            .field("gzip", &self.gzip)
            .field("sampler", &self.sampler)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

fn protocol(variables: &mut Environment<'_>) -> Protocol {
    match variables.exporter("PROTOCOL") {
        Some((_, word)) if word == GRPC => Protocol::Grpc,
        Some((name, word)) if word != HTTP => {
            variables.refuse(&name, "no such protocol", &word, "one of `grpc`, `http/protobuf`");
            Protocol::Http
        }
        _ => Protocol::Http,
    }
}

fn gzip(variables: &mut Environment<'_>) -> bool {
    match variables.exporter("COMPRESSION") {
        Some((name, word)) if word != "gzip" && word != "none" => {
            variables.refuse(&name, "no such compression", &word, "one of `gzip`, `none`");
            false
        }
        found => found.is_some_and(|(_, word)| word == "gzip"),
    }
}

fn headers(variables: &mut Environment<'_>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let Some((variable, list)) = variables.exporter("HEADERS") else { return headers };
    for pair in pairs::read(&list) {
        let header = pair.and_then(|(name, value)| header(&name, &value));
        match header {
            Some((name, value)) => drop(headers.append(name, value)),
            None => variables.refuse_secret(&variable, "no list of headers"),
        }
    }
    headers
}

fn header(name: &str, value: &str) -> Option<(HeaderName, HeaderValue)> {
    let mut value = HeaderValue::from_str(value).ok()?;
    value.set_sensitive(true);
    Some((HeaderName::from_bytes(name.as_bytes()).ok()?, value))
}

fn authority(variables: &mut Environment<'_>) -> Option<Vec<u8>> {
    let (name, file) = variables.exporter("CERTIFICATE")?;
    let read = std::fs::read(&file).map_err(|error| format!("can't read the certificate: {error}"));
    match read.and_then(certificates) {
        Ok(pem) => Some(pem),
        Err(what) => {
            variables.refuse(&name, &what, &file, "name a file in PEM, or leave it out");
            None
        }
    }
}

/// The text, where it is made of certificates.
fn certificates(pem: Vec<u8>) -> Result<Vec<u8>, String> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let usable = found.is_ok_and(|found| !found.is_empty());
    if usable { Ok(pem) } else { Err("no certificate".to_owned()) }
}

fn resource(
    variables: &mut Environment<'_>,
    service: &str,
    environment: &str,
) -> Vec<(String, String)> {
    let mut resource = stated(variables);
    let named = variables.get("OTEL_SERVICE_NAME").unwrap_or_default();
    let service = if service.is_empty() { &named } else { service };
    for (name, value) in [
        (attribute::SERVICE_NAME, service),
        (attribute::DEPLOYMENT_ENVIRONMENT_NAME, environment),
        (attribute::TELEMETRY_SDK_NAME, "kyros_obs"),
        (attribute::TELEMETRY_SDK_LANGUAGE, "rust"),
        (attribute::TELEMETRY_SDK_VERSION, env!("CARGO_PKG_VERSION")),
    ] {
        if !value.is_empty() {
            resource.retain(|(known, _)| known != name);
            resource.push((name.to_owned(), value.to_owned()));
        }
    }
    resource
}

fn stated(variables: &mut Environment<'_>) -> Vec<(String, String)> {
    const VARIABLE: &str = "OTEL_RESOURCE_ATTRIBUTES";
    let list = variables.get(VARIABLE).unwrap_or_default();
    let pairs: Option<Vec<_>> = pairs::read(&list).collect();
    pairs.unwrap_or_else(|| {
        variables.refuse_secret(VARIABLE, "no list of attributes");
        Vec::new()
    })
}

fn sampler(variables: &mut Environment<'_>) -> Sampler {
    const NAME: &str = "OTEL_TRACES_SAMPLER";
    let Some(name) = variables.get(NAME) else { return Sampler::default() };
    let share = if name.ends_with("ratio") { share(variables) } else { 1.0 };
    Sampler::named(&name, share).unwrap_or_else(|| {
        let names = Sampler::NAMES.map(|name| format!("`{name}`")).join(", ");
        variables.refuse(NAME, "no such sampler", &name, &format!("one of {names}"));
        Sampler::default()
    })
}

fn share(variables: &mut Environment<'_>) -> f64 {
    const NAME: &str = "OTEL_TRACES_SAMPLER_ARG";
    let Some(text) = variables.get(NAME) else { return 1.0 };
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => share,
        _ => {
            variables.refuse(NAME, "no share", &text, "write a number from 0 to 1");
            1.0
        }
    }
}
