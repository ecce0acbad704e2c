//! Which format and coding a scraper gets.

use std::io::Read;

use flate2::read::GzDecoder;
use kyros_metrics::{Format, accepts_gzip, negotiate};

use crate::registry;

#[test]
fn the_accept_header_is_weighed() {
    let open = [
        "application/openmetrics-text",
        "application/openmetrics-text; version=1.0.0; charset=utf-8",
        "Application/OpenMetrics-Text;Q=0.1",
        "application/openmetrics-text;version=\"1.0.0\";q=0.5,text/plain;version=0.0.4;q=0.4",
        "application/openmetrics-text,text/plain",
        "text/plain,application/openmetrics-text",
        "application/*",
        "text/plain;q=0, */*",
        "*/*;q=0.1, application/openmetrics-text;q=0.2",
        "text/html, application/openmetrics-text;q=0.001",
        // Prometheus 2.53 and 3.5, and one that asks for protobuf first.
        "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
    ];
    let classic = [
        "",
        "*/*",
        "text/plain",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "application/json",
        "nonsense",
        "/;q=,;=,",
        "application/openmetrics-text;q=0",
        "application/openmetrics-text;q=0, */*",
        "application/openmetrics-text;q=0.000, text/plain;q=0.1",
        "application/openmetrics-text;q=0.3, text/plain;q=0.7",
        "application/openmetrics-text;q=2",
        "application/openmetrics-text;q=x",
        "application/openmetrics-text;version=2.0.0",
        "application/openmetrics-text;version=0.0.1, */*;q=0.1",
        "application/*;q=0.5, text/*;q=0.5",
        "application/openmetrics-text;version=1.0.0;q=0, application/openmetrics-text;q=1",
    ];
    for (headers, format) in [(&open[..], Format::OpenMetrics), (&classic[..], Format::Classic)] {
        for header in headers {
            assert_eq!(negotiate(Some(header)), format, "{header}");
        }
    }
    assert_eq!(negotiate(None), Format::Classic);
}

#[test]
fn gzip_is_sent_to_those_who_take_it() {
    let yes =
        ["gzip", "GZIP", "x-gzip", "deflate, gzip;q=1.0, *;q=0.5", "*", "br;q=1.0, gzip;q=0.1"];
    let no =
        ["", "identity", "br", "gzip;q=0", "gzip; q=0.0, *", "*;q=0", "gzip;q=0.2, identity;q=0.9"];
    for header in yes {
        assert!(accepts_gzip(Some(header)), "{header}");
    }
    for header in no {
        assert!(!accepts_gzip(Some(header)), "{header}");
    }
    assert!(!accepts_gzip(None));
}

#[test]
fn a_compressed_scrape_is_the_same_text() {
    let registry = registry("");
    let plain = registry.scrape(Some("application/openmetrics-text"), None);
    let packed = registry.scrape(Some("application/openmetrics-text"), Some("gzip"));
    let mut text = String::new();
    GzDecoder::new(&packed.body[..]).read_to_string(&mut text).unwrap();
    assert_eq!(packed.content_encoding, Some("gzip"));
    assert_eq!(plain.content_encoding, None);
    assert_eq!(plain.content_type, Format::OpenMetrics.content_type());
    assert!(text.ends_with("# EOF\n"), "{text}");
    let names = |text: &str| {
        text.lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&text), names(std::str::from_utf8(&plain.body).unwrap()));
}
