//! A redactor: the detectors, and the names that a service's schema declares secret.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use kyros_schema::{Schema, Sensitivity};

use crate::class::Class;
use crate::detect::TRIGGERS;
use crate::findings::Findings;
use crate::key::{self, Key};
use crate::structure::{self, CleanJson};
use crate::value::Value;
use crate::{encoding, scan};

static PLAIN: LazyLock<Redactor> = LazyLock::new(|| Redactor::with(BTreeSet::new()));

/// The detectors, and the fields that a service declares secret: whatever such a field holds is
/// replaced, in structured values as in text where the name stands before it.
///
/// ```
/// use kyros_redact::{Findings, Redactor, Value};
/// use kyros_schema::Schema;
///
/// let overlay = "[field.plan_b]\nkind = 'text'\nsensitivity = 'secret'\nhelp = 'The other plan.'";
/// let redactor = Redactor::of(&Schema::with_overlay("kyros-obs.toml", overlay).unwrap());
///
/// let mut findings = Findings::default();
/// let meta = Value::Map(vec![("plan_b".into(), Value::Text("leave".into()))]);
/// assert_eq!(redactor.json(&meta, &mut findings).as_str(), r#"{"plan_b":"[redacted:secret]"}"#);
/// assert_eq!(redactor.text("planB=leave", &mut findings), "planB=[redacted:secret]");
/// ```
#[derive(Clone, Debug)]
pub struct Redactor {
    /// In the form of [`key::joined`].
    declared: BTreeSet<String>,
    automaton: Option<AhoCorasick>,
}

impl Redactor {
    /// The redactor of a schema: its fields of sensitivity `secret` are declared so.
    pub fn of(schema: &Schema) -> Self {
        let secret = schema.fields.values().filter(|row| row.sensitivity == Sensitivity::Secret);
        Self::with(secret.map(|row| key::joined(&row.name)).collect())
    }

    /// [`crate::text()`], with what is declared.
    pub fn text<'t>(&self, text: &'t str, findings: &mut Findings) -> Cow<'t, str> {
        scan::clean(self, text, findings)
    }

    /// [`crate::json()`], with what is declared.
    pub fn json(&self, value: &Value, findings: &mut Findings) -> CleanJson {
        structure::encode(self, value, findings)
    }

    /// Encodes named values as [`Redactor::json`] encodes a map of them.
    pub fn json_map<'v>(
        &self,
        entries: impl Iterator<Item = &'v (String, Value)> + Clone,
        findings: &mut Findings,
    ) -> CleanJson {
        structure::encode_map(self, entries, findings)
    }

    /// [`crate::write_text`], with what is declared.
    pub fn write_text(
        &self,
        out: &mut String,
        text: &str,
        longest: usize,
        findings: &mut Findings,
    ) {
        encoding::write_clean(self, out, text, longest, findings);
    }

    /// Whether a field of this name has this value replaced for the name alone.
    pub fn hides(&self, name: &str, value: &Value) -> bool {
        self.key(name).is_some_and(|key| key::hides(key, value))
    }

    /// The one without declarations.
    pub(crate) fn plain() -> &'static Self {
        &PLAIN
    }

    /// What a name says of its value.
    pub(crate) fn key(&self, name: &str) -> Option<Key> {
        if !self.declared.is_empty() && self.declared.contains(&key::joined(name)) {
            return Some(Key::declared(Class::Secret));
        }
        key::known(name)
    }

    pub(crate) fn automaton(&self) -> Option<&AhoCorasick> {
        self.automaton.as_ref()
    }

    fn with(declared: BTreeSet<String>) -> Self {
        let automaton = automaton(&declared).or_else(|| automaton(&BTreeSet::new()));
        Self { declared, automaton }
    }
}

/// Finds the triggers and, behind them, the declared names in snake, kebab and camel case.
fn automaton(declared: &BTreeSet<String>) -> Option<AhoCorasick> {
    let notations = |name: &String| ["_", "-", ""].map(|between| name.replace(' ', between));
    let names: BTreeSet<_> = declared.iter().flat_map(notations).collect();
    let words = TRIGGERS.iter().map(|(word, _)| *word).chain(names.iter().map(String::as_str));
    let mut builder = AhoCorasick::builder();
    builder.ascii_case_insensitive(true).kind(Some(AhoCorasickKind::DFA)).build(words).ok()
}
