//! Label values that somebody means to break something with.

use kyros_metrics::{Family, Format, Registry};
use kyros_schema::names::metric::HTTP_REQUESTS_TOTAL;

use crate::oracle::hex;
use crate::parser::{parse, promtool};
use crate::registry;

const LONGEST: usize = 256;

fn hostile() -> Vec<String> {
    let texts = [
        "",
        " ",
        "\"",
        "\\",
        "\\\"",
        "\n",
        "\r\n",
        "\\n",
        "\0",
        "\u{1}\u{1b}[31m",
        "\u{7f}\u{80}\u{85}\u{2028}\u{2029}\u{feff}",
        "a\"} 1\nhttp_requests_total{service=\"b",
        "# EOF\n",
        "{}=,#",
        "\u{202e}gpj.exe",
        "e\u{301}\u{302}\u{303}",
        "\u{5e9}\u{5dc}\u{5d5}\u{5dd}",
        "\u{ff}\u{fffd}",
        "\u{10ffff}",
        "\u{1f469}\u{200d}\u{1f469}\u{200d}\u{1f467}",
        "NaN",
        "+Inf",
        "_none",
        "_other",
    ];
    let mut values: Vec<_> = texts.map(str::to_owned).into();
    values.push("\"\\\n".repeat(85));
    values.push("x".repeat(LONGEST));
    values
}

fn place(family: &Family, tenant: &str) -> String {
    let series = family.series(&["s", "/", "GET", "200", tenant]);
    series.add(1.0);
    series.label_values().nth(4).unwrap().to_owned()
}

/// The tenants that a parser of the format reads, as hex.
fn read(registry: &Registry, format: Format) -> Vec<String> {
    let lines = parse(&registry.render(format), format);
    let requests = lines.iter().filter(|line| line.starts_with("sample http_requests_total "));
    let tenant = |line: &String| {
        let value = line.split(' ').find_map(|part| part.strip_prefix("tenant_id="));
        value.unwrap().to_owned()
    };
    let mut read: Vec<_> = requests.map(tenant).collect();
    read.sort();
    read
}

#[test]
fn values_come_back_as_they_were_given() {
    let registry = registry("");
    let requests = registry.family(HTTP_REQUESTS_TOTAL).unwrap();
    let values = hostile();
    for value in &values {
        assert_eq!(place(&requests, value), *value);
        assert_eq!(place(&requests, value), *value);
    }
    assert_eq!(requests.series_count(), values.len());
    let mut expected: Vec<_> = values.iter().map(|value| hex(value)).collect();
    expected.sort();
    for format in [Format::Classic, Format::OpenMetrics] {
        assert_eq!(read(&registry, format), expected, "{format:?}");
    }
    assert_eq!(promtool(&registry.render(Format::Classic)), "");
}

#[test]
fn values_do_not_run_into_one_another() {
    let registry = registry("");
    let requests = registry.family(HTTP_REQUESTS_TOTAL).unwrap();
    let rows = [["ab", "c"], ["a", "bc"], ["abc", ""], ["", "abc"], ["ab\u{ff}", "c"]];
    for [endpoint, tenant] in rows {
        requests.series(&["s", endpoint, "GET", "200", tenant]).add(1.0);
    }
    assert_eq!(requests.series_count(), rows.len());
}

#[test]
fn of_a_huge_value_the_beginning_is_kept_whole() {
    let registry = registry("");
    let requests = registry.family(HTTP_REQUESTS_TOTAL).unwrap();
    for piece in ["x", "\u{fc}", "\u{20ac}", "\u{1f600}", "\"", "\0", "e\u{301}"] {
        let huge = piece.repeat((1 << 20) / piece.len());
        let kept = place(&requests, &huge);
        assert!(huge.starts_with(&kept) && (LONGEST - 3..=LONGEST).contains(&kept.len()));
        assert_eq!(place(&requests, &format!("{huge}another end")), kept);
    }
    assert_eq!(requests.series_count(), 7);
    let text = registry.render(Format::Classic);
    assert!(text.len() < 1 << 16, "{}", text.len());
    assert_eq!(promtool(&text), "");
}
