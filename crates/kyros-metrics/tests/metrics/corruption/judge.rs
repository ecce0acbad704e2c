//! A judge of expositions that is fast enough to read every one: names, labels, values, exemplars,
//! each sample and each family once, buckets that never fall.

use std::collections::HashSet;

use kyros_metrics::Format;

/// What is wrong with the text, with the line.
pub(crate) fn wrong(text: &str, format: Format) -> Option<String> {
    let body = match format {
        Format::OpenMetrics => text.strip_suffix("# EOF\n"),
        Format::Classic => Some(text),
    };
    let Some(body) = body else { return Some("does not end in `# EOF`".to_owned()) };
    if !body.is_empty() && !body.ends_with('\n') {
        return Some("the last line is unfinished".to_owned());
    }
    let mut seen = Seen::default();
    let mut lines = body.split_terminator('\n');
    lines.find(|line| seen.line(line).is_none()).map(|line| format!("wrong line: {line}"))
}

#[derive(Default)]
struct Seen<'t> {
    families: HashSet<&'t str>,
    samples: HashSet<&'t str>,
    /// The last bucket: its series and its value.
    bucket: Option<(&'t str, u64)>,
}

impl<'t> Seen<'t> {
    fn line(&mut self, line: &'t str) -> Option<()> {
        let Some(comment) = line.strip_prefix("# ") else { return self.sample(line) };
        let (word, rest) = comment.split_once(' ')?;
        let (name, rest) = rest.split_once(' ')?;
        let kinds = ["counter", "gauge", "histogram", "summary"];
        let sound = match word {
            "HELP" => is_escaped(rest, false),
            "TYPE" => kinds.contains(&rest) && self.families.insert(name),
            "UNIT" => name.ends_with(rest),
            _ => false,
        };
        (sound && is_name(name)).then_some(())
    }

    fn sample(&mut self, line: &'t str) -> Option<()> {
        let name = line.split(['{', ' ']).next().filter(|name| is_name(name))?;
        let rest = line.get(name.len()..)?;
        let rest = if rest.starts_with('{') { labels(rest)? } else { rest };
        let series = line.get(..line.len() - rest.len())?;
        let (value, exemplar) = rest.strip_prefix(' ')?.split_once(" # ").unzip();
        let value = value.or(rest.strip_prefix(' '))?;
        value.parse::<f64>().ok()?;
        let sound = exemplar.is_none_or(|text| is_exemplar(text).is_some());
        (sound && self.samples.insert(series) && self.rises(name, series, value)).then_some(())
    }

    /// Whether a bucket holds no less than the one before.
    fn rises(&mut self, name: &str, series: &'t str, value: &str) -> bool {
        let series = series.rsplit_once("le=\"").map(|(series, _)| series);
        let Some(series) = series.filter(|_| name.ends_with("_bucket")) else { return true };
        let Ok(count) = value.parse() else { return false };
        let last = self.bucket.replace((series, count));
        last.filter(|last| last.0 == series).is_none_or(|last| last.1 <= count)
    }
}

fn is_exemplar(text: &str) -> Option<()> {
    let (value, at) = labels(text)?.strip_prefix(' ')?.split_once(' ')?;
    (value.parse::<f64>().is_ok() && at.parse::<f64>().is_ok_and(f64::is_finite)).then_some(())
}

/// What comes after labels, if they are sound: each once, quoted, escaped.
fn labels(text: &str) -> Option<&str> {
    let mut names = HashSet::new();
    let mut rest = text.strip_prefix('{')?;
    loop {
        let (name, value) = rest.split_once("=\"")?;
        let end = value_end(value)?;
        if !is_name(name) || !names.insert(name) || !is_escaped(value.get(..end)?, true) {
            return None;
        }
        match value.get(end + 1..)?.split_at_checked(1)? {
            (",", next) => rest = next,
            ("}", after) => return Some(after),
            _ => return None,
        }
    }
}

/// Where the quote is that ends a value.
fn value_end(value: &str) -> Option<usize> {
    let mut escaped = false;
    value.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })
}

fn is_escaped(text: &str, quotes: bool) -> bool {
    let mut rest = text.chars();
    while let Some(char) = rest.next() {
        let sound = match char {
            '\\' => matches!(rest.next(), Some('\\' | 'n' | '"')),
            '"' => !quotes,
            _ => true,
        };
        if !sound {
            return false;
        }
    }
    true
}

fn is_name(name: &str) -> bool {
    let rest = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    !name.is_empty() && name.bytes().all(rest) && !name.as_bytes()[0].is_ascii_digit()
}
