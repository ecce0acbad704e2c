//! A receiver of OTLP over HTTP.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use flate2::read::GzDecoder;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::receiver::{Answer, Identity, Inbox, Taken, but};

pub(crate) fn serve(port: u16, identity: Option<Identity>, inbox: Arc<Inbox>) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let tls = identity.map(|identity| Arc::new(tls(&identity)));
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (inbox, tls) = (Arc::clone(&inbox), tls.clone());
            thread::spawn(move || accept(stream.unwrap(), tls, &inbox));
        }
    });
    port
}

fn tls(identity: &Identity) -> ServerConfig {
    let certificate = CertificateDer::from_pem_slice(identity.certificate.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    builder.with_single_cert(vec![certificate], key).unwrap()
}

fn accept(stream: TcpStream, tls: Option<Arc<ServerConfig>>, inbox: &Inbox) {
    match tls {
        Some(tls) => {
            let connection = ServerConnection::new(tls).unwrap();
            converse(StreamOwned::new(connection, stream), inbox);
        }
        None => converse(stream, inbox),
    }
}

fn converse(stream: impl Read + Write, inbox: &Inbox) {
    let mut reader = BufReader::new(stream);
    while let Some((line, headers)) = head(&mut reader) {
        assert_eq!(line, "POST /v1/traces HTTP/1.1");
        assert_eq!(headers["content-type"], "application/x-protobuf");
        let mut body = vec![0; headers["content-length"].parse().unwrap()];
        reader.read_exact(&mut body).unwrap();
        let taken = Taken { body: decoded(&headers, &body), headers };
        let (status, body) = match inbox.receive(taken) {
            Answer::Take => ("200 OK", Vec::new()),
            Answer::TakeBut(rejected) => ("200 OK", but(rejected).encode_to_vec()),
            Answer::Refuse => ("400 Bad Request", Vec::new()),
            Answer::Unavailable | Answer::Silence => ("503 Service Unavailable", Vec::new()),
        };
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n", body.len());
        let answer = [head.into_bytes(), body].concat();
        if reader.get_mut().write_all(&answer).is_err() {
            return;
        }
    }
}

fn head(reader: &mut impl BufRead) -> Option<(String, BTreeMap<String, String>)> {
    let mut lines = reader.lines().map_while(Result::ok).take_while(|line| !line.is_empty());
    let request = lines.next()?;
    let headers = lines.map(|line| {
        let (name, value) = line.split_once(':').unwrap();
        (name.to_lowercase(), value.trim().to_owned())
    });
    Some((request, headers.collect()))
}

fn decoded(headers: &BTreeMap<String, String>, body: &[u8]) -> ExportTraceServiceRequest {
    let mut plain = Vec::new();
    if headers.get("content-encoding").is_some_and(|encoding| encoding == "gzip") {
        GzDecoder::new(body).read_to_end(&mut plain).unwrap();
    } else {
        plain.extend(body);
    }
    ExportTraceServiceRequest::decode(plain.as_slice()).unwrap()
}
