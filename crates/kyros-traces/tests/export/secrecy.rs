//! Receivers that speak TLS.

use std::fs;
use std::path::PathBuf;

use kyros_traces::Stats;
use rcgen::{CertifiedKey, generate_simple_self_signed};

use crate::receiver::{Identity, PROTOCOLS, Receiver};
use crate::sample::{LONG, options, span, to};

#[test]
fn a_receiver_is_trusted_that_the_authority_vouches_for() {
    for protocol in PROTOCOLS {
        let identity = identity();
        let file = file(&identity.certificate);
        let receiver = Receiver::secure(protocol, identity);
        let endpoint = format!("https://localhost:{}", receiver.port);
        let variables = [
            ("OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", file.to_str().unwrap()),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
        ];
        let exporter = to(receiver.port, protocol, &variables, None);
        exporter.export(span("secret"));
        assert!(exporter.flush(LONG), "{protocol}: {:?}", exporter.problem());
        assert_eq!(receiver.names(), ["secret"], "{protocol}: {:?}", exporter.problem());
    }
}

#[test]
fn a_receiver_that_nobody_vouches_for_gets_nothing() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::secure(protocol, identity());
        let endpoint = format!("https://localhost:{}", receiver.port);
        let variables = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "500"),
        ];
        let exporter = to(receiver.port, protocol, &variables, None);
        exporter.export(span("secret"));
        assert!(exporter.flush(LONG), "{protocol}");
        assert_eq!(exporter.stats(), Stats { failed: 1, ..Stats::default() }, "{protocol}");
        assert!(receiver.taken().is_empty());
    }
}

#[test]
fn a_certificate_that_is_none_is_refused() {
    let file = file("no PEM");
    let problems = options(&[
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", file.to_str().unwrap()),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://localhost:9"),
    ]);
    let expected = "variable `OTEL_EXPORTER_OTLP_CERTIFICATE`: no certificate: ";
    assert!(problems.unwrap_err().starts_with(expected));
}

fn identity() -> Identity {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    Identity { certificate: cert.pem(), key: signing_key.serialize_pem() }
}

fn file(pem: &str) -> PathBuf {
    let name = format!("kyros-traces-{}-{:p}.pem", std::process::id(), pem);
    let file = std::env::temp_dir().join(name);
    fs::write(&file, pem).unwrap();
    file
}
