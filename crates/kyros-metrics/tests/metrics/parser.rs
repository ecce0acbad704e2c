//! Runs `prometheus_client`'s parsers for Python, and promtool, over our text.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use kyros_metrics::Format;

const PARSER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/metrics/parser.py");

/// What the parser of the format makes of the text, line by line.
pub(crate) fn parse(text: &str, format: Format) -> Vec<String> {
    let python = std::env::var("KYROS_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let form = if format == Format::OpenMetrics { "openmetrics" } else { "classic" };
    let output = run(Command::new(&python).args([PARSER, form]), text)
        .unwrap_or_else(|error| panic!("could not run `{python}`: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    let missing = said.contains("No module named 'prometheus_client'");
    assert!(
        !missing,
        "no `prometheus_client`, hint: `{python} -m pip install prometheus_client`, or set `KYROS_PYTHON`"
    );
    assert!(output.status.success(), "{said}\n{text}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// What promtool finds wrong with the classic text.
pub(crate) fn promtool(text: &str) -> String {
    let output =
        run(Command::new("promtool").args(["check", "metrics"]), text).unwrap_or_else(|error| {
            panic!("no `promtool`: {error}, hint: `apt-get install prometheus`")
        });
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn run(command: &mut Command, input: &str) -> std::io::Result<Output> {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let mut stdin = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(input.as_bytes()));
        child.wait_with_output()
    })
}
