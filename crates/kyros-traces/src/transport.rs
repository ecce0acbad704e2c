//! The connection to the receiver, made of the library's parts.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use hyper_rustls::{ConfigBuilderExt, HttpsConnectorBuilder};
use opentelemetry::KeyValue;
use opentelemetry_http::HttpClient;
use opentelemetry_http::hyper::HyperClient;
use opentelemetry_otlp::tonic_types::metadata::MetadataMap;
use opentelemetry_otlp::tonic_types::transport::{Certificate, ClientTlsConfig};
use opentelemetry_otlp::{
    Compression, Protocol as Wire, RetryPolicy, SpanExporter as Otlp, WithExportConfig,
    WithHttpConfig, WithTonicConfig,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SpanExporter;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::encode::Encoder;
use crate::options::Protocol;
use crate::{Options, attribute};

/// An exporter for the receiver; nothing is sent before its first batch. To be called within the
/// runtime that is to drive it.
pub(crate) fn connect(options: &Options, encoder: &Encoder) -> Result<Otlp, String> {
    let mut exporter = match options.protocol {
        Protocol::Http => http(options),
        Protocol::Grpc => grpc(options),
    }?;
    exporter.set_resource(&resource(options, encoder));
    Ok(exporter)
}

/// Repetitions go on until the time of the request is up.
fn patience() -> RetryPolicy {
    RetryPolicy::recommended().with_max_retries(usize::MAX).with_max_delay(Duration::from_secs(2))
}

fn http(options: &Options) -> Result<Otlp, String> {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = options.headers.iter();
    let headers: HashMap<_, _> = headers.map(|(name, v)| (name.to_string(), text(v))).collect();
    let mut builder = Otlp::builder()
        .with_http()
        .with_shared_http_client(client(options)?)
        .with_protocol(Wire::HttpBinary)
        .with_endpoint(options.endpoint.as_str())
        .with_timeout(options.timeout)
        .with_headers(headers)
        .with_retry_policy(patience());
    if options.gzip {
        builder = builder.with_compression(Compression::Gzip);
    }
    builder.build().map_err(|error| error.to_string())
}

fn grpc(options: &Options) -> Result<Otlp, String> {
    let mut builder = Otlp::builder()
        .with_tonic()
        .with_endpoint(options.endpoint.as_str())
        .with_timeout(options.timeout)
        .with_metadata(MetadataMap::from_headers(options.headers.clone()))
        .with_retry_policy(patience());
    if options.endpoint.starts_with("https:") {
        builder = builder.with_tls_config(match &options.authority {
            Some(pem) => ClientTlsConfig::new().ca_certificate(Certificate::from_pem(pem)),
            None => ClientTlsConfig::new().with_native_roots(),
        });
    }
    if options.gzip {
        builder = builder.with_compression(Compression::Gzip);
    }
    builder.build().map_err(|error| error.to_string())
}

/// A client for HTTP, with TLS where the address asks for it.
fn client(options: &Options) -> Result<Arc<dyn HttpClient>, String> {
    if !options.endpoint.starts_with("https:") {
        return Ok(Arc::new(HyperClient::with_default_connector(options.timeout, None)));
    }
    let connector = HttpsConnectorBuilder::new().with_tls_config(tls(options)?);
    let connector = connector.https_only().enable_http1().build();
    Ok(Arc::new(HyperClient::new(connector, options.timeout, None)))
}

fn tls(options: &Options) -> Result<ClientConfig, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| error.to_string())?;
    let builder = match &options.authority {
        Some(pem) => builder.with_root_certificates(roots(pem)?),
        None => builder.with_native_roots().map_err(|error| error.to_string())?,
    };
    Ok(builder.with_no_client_auth())
}

fn roots(pem: &[u8]) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| error.to_string())?;
        roots.add(certificate).map_err(|error| error.to_string())?;
    }
    Ok(roots)
}

fn resource(options: &Options, encoder: &Encoder) -> Resource {
    let stated = options.resource.iter().map(|(name, value)| {
        KeyValue::new(name.clone(), encoder.value(name, Cow::Owned(value.clone())))
    });
    let process = KeyValue::new(attribute::PROCESS_PID, i64::from(std::process::id()));
    Resource::builder_empty().with_attributes(stated.chain([process])).build()
}
