//! Reading the keys of one row, collecting every problem instead of stopping at the first.

use std::str::FromStr;

use indexmap::IndexMap;

use crate::decimal::Decimal;
use crate::document::{Node, Table, Value};
use crate::problem::{Place, Problems};

/// Reads every row of the section at `path`, such as `["audit", "column"]`, by `read`.
pub(crate) fn section<T>(
    document: &Table,
    path: &[&'static str],
    problems: &mut Problems,
    read: impl Fn(&mut Row<'_>) -> T,
) -> IndexMap<String, T> {
    let Some(rows) = descend(document, path) else { return IndexMap::new() };
    let what = path.last().copied().unwrap_or_default();
    rows.iter()
        .filter_map(|(name, node)| {
            let mut row = Row::open(what, name, node, problems)?;
            let read = read(&mut row);
            row.close();
            Some((name.clone(), read))
        })
        .collect()
}

fn descend<'a>(document: &'a Table, path: &[&str]) -> Option<&'a Table> {
    path.iter().try_fold(document, |table, key| table.get(*key)?.as_table())
}

/// Reads the one table `name`.
pub(crate) fn single<T>(
    document: &Table,
    name: &'static str,
    problems: &mut Problems,
    read: impl Fn(&mut Row<'_>) -> T,
) -> T {
    let (place, table) = match document.get(name) {
        Some(node) => (&node.place, node.as_table()),
        None => (&Place::call(), None),
    };
    let none = Table::new();
    let table = table.unwrap_or(&none);
    let mut row = Row { what: "table", name, place, table, problems, known: Vec::new() };
    let value = read(&mut row);
    row.close();
    value
}

/// One row while it is read.
pub(crate) struct Row<'a> {
    what: &'static str,
    pub(crate) name: &'a str,
    pub(crate) place: &'a Place,
    table: &'a Table,
    problems: &'a mut Problems,
    known: Vec<&'static str>,
}

impl<'a> Row<'a> {
    pub(crate) fn open(
        what: &'static str,
        name: &'a str,
        node: &'a Node,
        problems: &'a mut Problems,
    ) -> Option<Self> {
        let Value::Table(table) = &node.value else {
            let remedy = format!("write a table `[{what}.{name}]`");
            problems.add(&node.place, format!("{what} `{name}` is no table"), remedy);
            return None;
        };
        Some(Self { what, name, place: &node.place, table, problems, known: Vec::new() })
    }

    /// Reports the keys nobody asked for.
    pub(crate) fn close(self) {
        for (key, node) in self.table {
            if !self.known.contains(&key.as_str()) {
                let message = format!("{} `{}`: unknown key `{key}`", self.what, self.name);
                self.problems.add(&node.place, message, nearest(key, &self.known));
            }
        }
    }

    pub(crate) fn text(&mut self, key: &'static str) -> String {
        self.required(key, "a text in quotes", text).unwrap_or_default()
    }

    pub(crate) fn optional_text(&mut self, key: &'static str) -> Option<String> {
        self.optional(key, "a text in quotes", text)
    }

    pub(crate) fn flag(&mut self, key: &'static str) -> bool {
        self.optional(key, "`true` or `false`", flag).unwrap_or(false)
    }

    pub(crate) fn texts(&mut self, key: &'static str) -> Vec<String> {
        self.list(key, "a list of texts", text)
    }

    pub(crate) fn decimals(&mut self, key: &'static str) -> Vec<Decimal> {
        self.list(key, "a list of numbers", parsed_number)
    }

    /// A number, or what reads as one.
    pub(crate) fn number<T: FromStr>(&mut self, key: &'static str) -> Option<T> {
        self.required(key, "a number of 0 or more", parsed_number)
    }

    pub(crate) fn optional_number<T: FromStr>(&mut self, key: &'static str) -> Option<T> {
        self.optional(key, "a number of 0 or more", parsed_number)
    }

    pub(crate) fn duration(&mut self, key: &'static str) -> crate::Duration {
        let read = |node: &Node| text(node)?.parse().ok();
        self.required(key, "a duration such as `\"10m\"`", read).unwrap_or_default()
    }

    /// One of a closed set of words.
    pub(crate) fn choice<T: Copy>(&mut self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let expected = one_of(words);
        self.required(key, &expected, |node| chosen(node, words))
    }

    /// As [`Row::choice`], with a default.
    pub(crate) fn choice_or<T: Copy>(
        &mut self,
        key: &'static str,
        words: &[(&str, T)],
        default: T,
    ) -> T {
        self.optional(key, &one_of(words), |node| chosen(node, words)).unwrap_or(default)
    }

    /// Reports a key that has no meaning in this row, if it is there.
    pub(crate) fn refuse(&mut self, key: &str, what: &str, remedy: &str) {
        if let Some(node) = self.table.get(key) {
            let message = format!("{} `{}`: `{key}` {what}", self.what, self.name);
            self.problems.add(&node.place, message, remedy);
        }
    }

    fn required<T>(
        &mut self,
        key: &'static str,
        expected: &str,
        read: impl Fn(&Node) -> Option<T>,
    ) -> Option<T> {
        if !self.table.contains_key(key) {
            let message = format!("{} `{}`: missing key `{key}`", self.what, self.name);
            self.problems.add(self.place, message, format!("give `{key}` {expected}"));
        }
        self.optional(key, expected, read)
    }

    fn optional<T>(
        &mut self,
        key: &'static str,
        expected: &str,
        read: impl Fn(&Node) -> Option<T>,
    ) -> Option<T> {
        self.known.push(key);
        let node = self.table.get(key)?;
        let value = read(node);
        if value.is_none() {
            self.mistyped(key, node, expected);
        }
        value
    }

    fn list<T>(
        &mut self,
        key: &'static str,
        expected: &str,
        read: impl Fn(&Node) -> Option<T>,
    ) -> Vec<T> {
        let all = |node: &Node| match &node.value {
            Value::List(items) => items.iter().map(&read).collect(),
            _ => None,
        };
        self.optional(key, expected, all).unwrap_or_default()
    }

    fn mistyped(&mut self, key: &str, node: &Node, expected: &str) {
        let message = format!("{} `{}`: bad value of `{key}`", self.what, self.name);
        self.problems.add(&node.place, message, format!("give `{key}` {expected}"));
    }
}

fn text(node: &Node) -> Option<String> {
    match &node.value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    }
}

fn flag(node: &Node) -> Option<bool> {
    match node.value {
        Value::Flag(flag) => Some(flag),
        _ => None,
    }
}

fn parsed_number<T: FromStr>(node: &Node) -> Option<T> {
    match &node.value {
        Value::Number(text) | Value::Text(text) => text.parse().ok(),
        _ => None,
    }
}

fn chosen<T: Copy>(node: &Node, words: &[(&str, T)]) -> Option<T> {
    let Value::Text(word) = &node.value else { return None };
    words.iter().find(|(name, _)| name == word).map(|(_, value)| *value)
}

fn one_of<T>(words: &[(&str, T)]) -> String {
    let names: Vec<_> = words.iter().map(|(name, _)| format!("`\"{name}\"`")).collect();
    format!("one of {}", names.join(", "))
}

/// A remedy that offers the known word closest to `word`.
pub fn nearest<S: AsRef<str>>(word: &str, known: &[S]) -> String {
    let distance = |name: &&S| strsim::damerau_levenshtein(word, name.as_ref());
    match known.iter().min_by_key(distance) {
        Some(name) if distance(&name) <= 3 => format!("did you mean `{}`?", name.as_ref()),
        _ => {
            let names: Vec<_> = known.iter().map(|name| format!("`{}`", name.as_ref())).collect();
            format!("known here: {}", names.join(", "))
        }
    }
}

/// The word of `value` in a table of words.
pub(crate) fn word_of<T: PartialEq + Copy>(value: T, words: &[(&'static str, T)]) -> &'static str {
    words.iter().find(|(_, known)| *known == value).map_or("", |(word, _)| *word)
}
