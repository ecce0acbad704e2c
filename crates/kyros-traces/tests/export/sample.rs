//! Exporters and spans of the tests.

use std::time::{Duration, SystemTime};

use kyros_redact::Redactor;
use kyros_schema::Schema;
use kyros_traces::{Exporter, Kind, Observer, Options, Span, Status, TraceContext};

use crate::receiver::Receiver;

pub(crate) const LONG: Duration = Duration::from_secs(30);

/// Variables of an environment.
pub(crate) type Variables<'a> = &'a [(&'a str, &'a str)];

pub(crate) fn options(variables: Variables<'_>) -> Result<Option<Options>, String> {
    let find = |name: &str| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    Options::read(find, "kyros-api", "test").map_err(|error| error.to_string())
}

pub(crate) fn exporter(receiver: &Receiver, variables: Variables<'_>) -> Exporter {
    observed(receiver, variables, None)
}

pub(crate) fn observed(
    receiver: &Receiver,
    variables: Variables<'_>,
    observer: Option<Observer>,
) -> Exporter {
    to(receiver.port, receiver.protocol, variables, observer)
}

/// An exporter that sends soon.
pub(crate) fn to(
    port: u16,
    protocol: &str,
    variables: Variables<'_>,
    observer: Option<Observer>,
) -> Exporter {
    let endpoint = format!("http://127.0.0.1:{port}");
    let mut all = variables.to_vec();
    all.extend([
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
        ("OTEL_BSP_SCHEDULE_DELAY", "20"),
    ]);
    let options = options(&all).unwrap().unwrap();
    Exporter::new(options, Redactor::of(Schema::embedded()), observer)
}

/// A span of that name in a trace of its own.
pub(crate) fn span(name: impl Into<String>) -> Span {
    Span {
        context: TraceContext::new_root(),
        name: name.into().into(),
        kind: Kind::Internal,
        start: SystemTime::UNIX_EPOCH + Duration::from_nanos(1_700_000_000_123_456_789),
        duration: Duration::from_nanos(1_500),
        status: Status::Unset,
        attributes: Vec::new(),
    }
}
