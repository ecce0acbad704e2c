//! Settings: every value checked against the schema's rows, every problem told at once.

mod token;

use std::net::SocketAddr;
use std::path::PathBuf;

use indexmap::IndexMap;
use kyros_logs::Level;
use kyros_schema::names::setting;
use kyros_schema::{Schema, Setting, SettingKind, nearest};

use crate::error::Error;
use crate::sample::{Excluded, Shares};

/// The fewest bytes of a key for `email_hash`.
const SHORTEST_KEY: usize = 16;

const ON: [&str; 4] = ["true", "1", "yes", "on"];
const OFF: [&str; 4] = ["false", "0", "no", "off"];

/// The value of `log_email` that lets access lines have the full address.
const ACCESS: &str = "access";
const LOG_EMAIL: [&str; 2] = ["none", ACCESS];
/// The values of `dash_views`.
const DASH_VIEWS: [&str; 3] = ["audit", "count", "none"];

/// Settings that are whole and valid, with the schema they speak of.
#[derive(Clone)]
pub struct Settings {
    values: IndexMap<String, String>,
    schema: Schema,
    traces: Option<kyros_traces::Options>,
    excluded: Excluded,
    shares: Shares,
}

impl Settings {
    /// Checks what was given, name by name, fills in the defaults and reads the overlay file.
    ///
    /// # Errors
    /// [`Error::Settings`] with every problem of the settings and of the overlay.
    pub fn resolve<'a>(given: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, Error> {
        let mut problems = Vec::new();
        let given: IndexMap<_, _> = given.into_iter().collect();
        let schema = overlaid(given.get(setting::CONFIG).copied(), &mut problems);
        let values = checked(&schema, &given, &mut problems);
        check_together(&values, &mut problems);
        if problems.is_empty() {
            let read = |name| values.get(name).map(String::as_str);
            let excluded = read(setting::EXCLUDE).and_then(Excluded::read).unwrap_or_default();
            let shares = read(setting::ACCESS_SAMPLE).and_then(Shares::read).unwrap_or_default();
            Ok(Self { values, schema, traces: None, excluded, shares })
        } else {
            Err(Error::Settings(problems))
        }
    }

    /// These settings, and those of OpenTelemetry for spans: each variable is looked up through
    /// `variable`. Without a receiver among them no spans are exported.
    ///
    /// # Errors
    /// [`Error::Settings`] with every problem of the variables.
    pub fn traced(self, variable: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let read = kyros_traces::Options::read(variable, self.service(), self.env());
        let traces = read.map_err(|kyros_traces::Error::Settings(all)| Error::Settings(all))?;
        Ok(Self { traces, ..self })
    }

    /// Both at once, so that a problem of one hides none of the other's.
    ///
    /// # Errors
    /// [`Error::Settings`] with every problem of settings, overlay and variables.
    pub fn resolve_traced<'a>(
        given: impl IntoIterator<Item = (&'a str, &'a str)>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Error> {
        match Self::resolve(given) {
            Ok(settings) => settings.traced(variable),
            Err(Error::Settings(mut problems)) => {
                // Whose spans they are is none of the variables' problems.
                let read = kyros_traces::Options::read(variable, "", "");
                if let Err(kyros_traces::Error::Settings(more)) = read {
                    problems.extend(more);
                }
                Err(Error::Settings(problems))
            }
            Err(error) => Err(error),
        }
    }

    /// A setting's value, given or by default; flags are `true` or `false`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// Whether a flag is on.
    pub fn flag(&self, name: &str) -> bool {
        self.get(name) == Some("true")
    }

    /// The schema with the service's overlay.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Whether any route is neither measured nor logged.
    pub fn excludes_some(&self) -> bool {
        !self.excluded.is_empty()
    }

    pub(crate) fn excludes(&self, route: &str) -> bool {
        self.excluded.has(route)
    }

    pub(crate) fn shares(&self) -> &Shares {
        &self.shares
    }

    pub(crate) fn service(&self) -> &str {
        self.get(setting::SERVICE).unwrap_or_default()
    }

    pub(crate) fn env(&self) -> &str {
        self.get(setting::ENV).unwrap_or_default()
    }

    pub(crate) fn traces(&self) -> Option<&kyros_traces::Options> {
        self.traces.as_ref()
    }

    pub(crate) fn spool_dir(&self) -> PathBuf {
        self.get(setting::SPOOL_DIR).unwrap_or_default().into()
    }

    pub(crate) fn log_level(&self) -> Level {
        let level = self.get(setting::LOG_LEVEL).and_then(|word| word.parse().ok());
        level.unwrap_or(Level::Info)
    }

    pub(crate) fn email_in_access_lines(&self) -> bool {
        self.get(setting::LOG_EMAIL) == Some(ACCESS)
    }
}

/// The schema with the file's overlay; without it where that can't be had.
fn overlaid(file: Option<&str>, problems: &mut Vec<String>) -> Schema {
    let read = file.map(read_overlay).transpose();
    match read {
        Ok(schema) => schema.unwrap_or_else(|| Schema::embedded().clone()),
        Err(problem) => {
            problems.push(problem);
            Schema::embedded().clone()
        }
    }
}

fn read_overlay(file: &str) -> Result<Schema, String> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        let hint = "create it, or point the setting `config` at the overlay";
        format!("can't read the overlay: {file}: {error}\n  hint: {hint}")
    })?;
    Schema::with_overlay(file, &text).map_err(|problems| problems.to_string())
}

fn checked(
    schema: &Schema,
    given: &IndexMap<&str, &str>,
    problems: &mut Vec<String>,
) -> IndexMap<String, String> {
    let known: Vec<_> = schema.settings.keys().collect();
    for name in given.keys().filter(|name| !schema.settings.contains_key(**name)) {
        problems.push(format!("unknown setting: `{name}`\n  hint: {}", nearest(name, &known)));
    }
    let mut values = IndexMap::new();
    for row in schema.settings.values() {
        let value = given.get(row.name.as_str()).copied().or(row.default.as_deref());
        match value.map(|value| check(row, value)).transpose() {
            Ok(Some(value)) => drop(values.insert(row.name.clone(), value)),
            Ok(None) => {}
            Err(problem) => problems.push(problem),
        }
    }
    values
}

/// A value in its one spelling. A secret is never part of a problem.
fn check(row: &Setting, value: &str) -> Result<String, String> {
    let refuse = |what: &str, hint: &str| {
        let shown = if row.secret { "(secret)" } else { value };
        Err(format!("setting `{}`: {what}: {shown}\n  hint: {hint}", row.name))
    };
    match (row.kind, row.name.as_str()) {
        (SettingKind::Flag, _) => {
            flag(value).map_or_else(|| refuse("no flag", "write `true` or `false`"), Ok)
        }
        (_, setting::LOG_LEVEL) if value.parse::<Level>().is_err() => {
            refuse("no level", "one of `debug`, `info`, `warn`, `error`, `critical`")
        }
        (_, setting::LOG_EMAIL) if !LOG_EMAIL.contains(&value) => {
            refuse("no such place", "one of `none`, `access`")
        }
        (_, setting::DASH_VIEWS) if !DASH_VIEWS.contains(&value) => {
            refuse("no such trace", "one of `audit`, `count`, `none`")
        }
        (_, setting::PII_KEY) if value.len() < SHORTEST_KEY => {
            refuse("too short", "give a random key of 16 bytes or more")
        }
        (_, setting::METRICS_LISTEN) => place(value).map_or_else(
            || refuse("no address and port", "write it as `127.0.0.1:9464` or `[::]:9464`"),
            Ok,
        ),
        (_, setting::IDENTITY) if !value.contains(':') => {
            refuse("no function", "write `module:function`")
        }
        (_, setting::EXCLUDE) if Excluded::read(value).is_none() => {
            refuse("no routes", "write `/healthz, /static/*`: a star may end one")
        }
        (_, setting::ACCESS_SAMPLE) if Shares::read(value).is_none() => {
            refuse("no shares", "write `/api/poll=0.01, /static/*=0`: from 0 to 1 for a route")
        }
        (_, name) => token::check(name, value).map_or_else(|(what, hint)| refuse(what, hint), Ok),
    }
}

fn flag(value: &str) -> Option<String> {
    let word = value.to_ascii_lowercase();
    let on = ON.contains(&word.as_str());
    (on || OFF.contains(&word.as_str())).then(|| on.to_string())
}

/// An address that a listener can be found at: no name, which may mean another one tomorrow, and no
/// port of the kernel's choice.
fn place(value: &str) -> Option<String> {
    let address = value.parse::<SocketAddr>().ok()?;
    (address.port() != 0).then(|| address.to_string())
}

/// What no single value can say.
fn check_together(values: &IndexMap<String, String>, problems: &mut Vec<String>) {
    problems.extend(token::check_together(values));
    if values.get(setting::SERVICE).is_none_or(|name| name.trim().is_empty()) {
        problems.push(
            "no setting `service`\n  hint: call `kyros_obs.configure(service=\"...\")`, \
             or set `KYROS_OBS_SERVICE`"
                .to_owned(),
        );
    }
    let strict = values.get(setting::STRICT).is_some_and(|flag| flag == "true");
    if strict && !values.contains_key(setting::PII_KEY) {
        problems.push(
            "no setting `pii_key`, and `strict` is on\n  hint: set `KYROS_OBS_PII_KEY_FILE` to a \
             file with a random key of 16 bytes or more"
                .to_owned(),
        );
    }
}
