//! Variables of the environment, and what is wrong with them.

use std::borrow::Cow;
use std::time::Duration;

use kyros_redact::Findings;

use crate::Error;

/// The variables, looked up one by one; problems are collected.
pub(super) struct Environment<'a> {
    variable: &'a dyn Fn(&str) -> Option<String>,
    problems: Vec<String>,
}

impl<'a> Environment<'a> {
    pub(super) fn new(variable: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { variable, problems: Vec::new() }
    }

    /// What was read, unless there are problems.
    pub(super) fn finish<T>(self, read: T) -> Result<T, Error> {
        if self.problems.is_empty() { Ok(read) } else { Err(Error::Settings(self.problems)) }
    }

    /// Whether no spans are wanted.
    pub(super) fn is_off(&self) -> bool {
        let disabled = self.get("OTEL_SDK_DISABLED");
        let exporters = self.get("OTEL_TRACES_EXPORTER");
        disabled.is_some_and(|word| word.eq_ignore_ascii_case("true"))
            || exporters.is_some_and(|list| list.split(',').all(|one| one.trim() != "otlp"))
            || self.exporter("ENDPOINT").is_none()
    }

    /// A variable; an empty one counts as not set.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let value = (self.variable)(name)?.trim().to_owned();
        (!value.is_empty()).then_some(value)
    }

    /// What is said of the exporter, of its traces alone or of all signals, and by which variable.
    pub(super) fn exporter(&self, what: &str) -> Option<(String, String)> {
        let found = |name: String| self.get(&name).map(|value| (name, value));
        found(format!("OTEL_EXPORTER_OTLP_TRACES_{what}"))
            .or_else(|| found(format!("OTEL_EXPORTER_OTLP_{what}")))
    }

    /// A time of the exporter, given in milliseconds.
    pub(super) fn exporter_millis(&mut self, what: &str, default: u64) -> Duration {
        let found = self.exporter(what);
        Duration::from_millis(self.whole(found, default, u64::from(u32::MAX)))
    }

    /// A whole number from 1 to `most`.
    pub(super) fn number(&mut self, name: &str, default: u64, most: u64) -> u64 {
        let found = self.get(name).map(|value| (name.to_owned(), value));
        self.whole(found, default, most)
    }

    /// Notes what is wrong with a value.
    pub(super) fn refuse(&mut self, name: &str, what: &str, value: &str, hint: &str) {
        let shown: Cow<'_, str> = kyros_redact::text(value, &mut Findings::default());
        self.problems.push(format!("variable `{name}`: {what}: {shown}\n  hint: {hint}"));
    }

    /// Notes what is wrong with a value that nobody may see.
    pub(super) fn refuse_secret(&mut self, name: &str, what: &str) {
        let hint = "write `name=value,name=value`, percent-encoded where need be";
        self.problems.push(format!("variable `{name}`: {what}: (secret)\n  hint: {hint}"));
    }

    fn whole(&mut self, found: Option<(String, String)>, default: u64, most: u64) -> u64 {
        let Some((name, text)) = found else { return default };
        match text.parse() {
            Ok(number) if (1..=most).contains(&number) => number,
            _ => {
                let hint = format!("write a whole number from 1 to {most}");
                self.refuse(&name, "no such number", &text, &hint);
                default
            }
        }
    }
}
