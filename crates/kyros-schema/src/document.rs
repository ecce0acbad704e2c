//! A TOML document as a tree whose every node knows its place, and the laying of one over another.

use std::sync::Arc;

use indexmap::IndexMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::problem::{Place, Problems};

pub(crate) type Table = IndexMap<String, Node>;

#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) value: Value,
}

#[derive(Clone, Debug)]
pub(crate) enum Value {
    Text(String),
    /// The digits as written, so that a threshold keeps its exact decimal.
    Number(String),
    Flag(bool),
    List(Vec<Node>),
    Table(Table),
}

impl Node {
    pub(crate) fn as_table(&self) -> Option<&Table> {
        match &self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }
}

/// Reads `text`; every syntax error becomes a problem.
pub(crate) fn parse(file: &str, text: &str, problems: &mut Problems) -> Table {
    let source = Source { file: Arc::from(file), text };
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let place = source.place(error.span().map_or(0, |span| span.start));
        problems.add(&place, error.message(), "the file has to be valid TOML");
    }
    source.table(document.get_ref(), problems)
}

/// Lays `over` on `base`: tables join key by key and take the upper place, anything else is replaced.
pub(crate) fn lay_over(base: &mut Table, over: Table) {
    for (key, mut node) in over {
        if let (Some(below), Value::Table(above)) = (base.get_mut(&key), &mut node.value)
            && let Value::Table(table) = &mut below.value
        {
            below.place = node.place;
            lay_over(table, std::mem::take(above));
        } else {
            base.insert(key, node);
        }
    }
}

struct Source<'a> {
    file: Arc<str>,
    text: &'a str,
}

impl Source<'_> {
    fn table(&self, table: &DeTable<'_>, problems: &mut Problems) -> Table {
        table
            .iter()
            .filter_map(|(key, value)| {
                let place = self.place(key.span().start);
                let value = self.value(value, &place, problems)?;
                Some((key.get_ref().to_string(), Node { place, value }))
            })
            .collect()
    }

    fn value(
        &self,
        value: &Spanned<DeValue<'_>>,
        place: &Place,
        problems: &mut Problems,
    ) -> Option<Value> {
        Some(match value.get_ref() {
            DeValue::String(text) => Value::Text(text.to_string()),
            DeValue::Integer(number) => Value::Number(number.as_str().to_owned()),
            DeValue::Float(number) => Value::Number(number.as_str().to_owned()),
            DeValue::Boolean(flag) => Value::Flag(*flag),
            DeValue::Array(items) => {
                Value::List(items.iter().filter_map(|item| self.item(item, problems)).collect())
            }
            DeValue::Table(table) => Value::Table(self.table(table, problems)),
            DeValue::Datetime(_) => {
                problems.add(place, "a date has no meaning here", "write a text in quotes");
                return None;
            }
        })
    }

    fn item(&self, item: &Spanned<DeValue<'_>>, problems: &mut Problems) -> Option<Node> {
        let place = self.place(item.span().start);
        self.value(item, &place, problems).map(|value| Node { place, value })
    }

    fn place(&self, offset: usize) -> Place {
        let before = self.text.get(..offset).unwrap_or(self.text);
        Place { file: Arc::clone(&self.file), line: before.matches('\n').count() + 1 }
    }
}
