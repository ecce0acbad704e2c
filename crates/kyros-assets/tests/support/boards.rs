//! The rendered dashboards, read as Grafana reads them.

#![allow(dead_code, reason = "a test file uses the part it needs")]
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use kyros_assets::Output;
use kyros_schema::Schema;
use serde_json::Value;

/// A dashboard.
pub(crate) struct Board {
    /// The source's name.
    pub(crate) slug: String,
    /// All of it.
    pub(crate) json: Value,
}

/// A query of a panel, its variables filled in.
pub(crate) struct Query {
    /// `slug: title of the panel`.
    pub(crate) place: String,
    /// The type of its datasource.
    pub(crate) kind: String,
    pub(crate) text: String,
}

/// A link of a panel to another page.
pub(crate) struct Link {
    /// `slug: title of the panel`.
    pub(crate) place: String,
    pub(crate) url: String,
    /// The queries of its panel.
    pub(crate) queries: Vec<String>,
}

/// The dashboards as shipped.
pub(crate) fn boards() -> Vec<Board> {
    boards_of(Schema::embedded())
}

/// The dashboards of a service.
pub(crate) fn boards_of(schema: &Schema) -> Vec<Board> {
    kyros_assets::render(schema).unwrap().iter().filter_map(board).collect()
}

fn board(output: &Output) -> Option<Board> {
    let slug = output.path.strip_prefix("dashboards/out/")?.strip_suffix(".json")?;
    let json = serde_json::from_str(&output.contents).unwrap();
    Some(Board { slug: slug.to_owned(), json })
}

impl Board {
    pub(crate) fn title(&self) -> String {
        text(&self.json["title"])
    }

    /// The panels that show something.
    pub(crate) fn panels(&self) -> impl Iterator<Item = &Value> {
        items(&self.json["panels"]).filter(|panel| panel["type"] != "row")
    }

    pub(crate) fn variables(&self) -> Vec<String> {
        items(&self.json["templating"]["list"]).map(|variable| text(&variable["name"])).collect()
    }

    pub(crate) fn place(&self, panel: &Value) -> String {
        format!("{}: {}", self.slug, text(&panel["title"]))
    }

    pub(crate) fn queries(&self) -> Vec<Query> {
        let of_panel = |panel| {
            let query = |(kind, query): (String, String)| Query {
                place: self.place(panel),
                kind,
                text: filled(&query),
            };
            queries(panel).into_iter().map(query).collect::<Vec<_>>()
        };
        self.panels().flat_map(of_panel).collect()
    }

    /// The links of panels to other pages.
    pub(crate) fn links(&self) -> Vec<Link> {
        let of_panel = |panel| {
            let queries: Vec<_> = queries(panel).into_iter().map(|(_, text)| text).collect();
            let link = |url| Link { place: self.place(panel), url, queries: queries.clone() };
            links(panel).map(link).collect::<Vec<_>>()
        };
        self.panels().flat_map(of_panel).collect()
    }
}

/// The queries of a panel: the datasource's type and the text as it is written.
pub(crate) fn queries(panel: &Value) -> Vec<(String, String)> {
    let query = |target: &Value| {
        let key = if target["rawSql"].is_string() { "rawSql" } else { "expr" };
        (text(&target["datasource"]["type"]), text(&target[key]))
    };
    items(&panel["targets"]).map(query).collect()
}

/// The addresses a panel links to.
pub(crate) fn links(panel: &Value) -> impl Iterator<Item = String> {
    items(&panel["fieldConfig"]["defaults"]["links"]).map(|link| text(&link["url"]))
}

/// Variables as a test fills them in.
const VALUES: [(&str, &str); 9] = [
    ("$__rate_interval", "5m"),
    ("$__range", "1h"),
    ("$__timeFilter", "time_filter"),
    ("${service:regex}", ".+"),
    ("${tenant_id:regex}", "(t-1|t-2)"),
    ("${app_slug:regex}", ".+"),
    ("$service", ".+"),
    ("$tenant_id", "t-1"),
    ("$app_slug", ".+"),
];

/// A text with its variables filled in.
pub(crate) fn filled(text: &str) -> String {
    VALUES.iter().fold(text.to_owned(), |text, (variable, value)| text.replace(variable, value))
}

/// The names of variables in a text: what stands after `$`, or between `${` and `}` or `:`.
pub(crate) fn variables(text: &str) -> Vec<String> {
    let name = |part: &str| {
        let part = part.strip_prefix('{').unwrap_or(part);
        let end = part.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'));
        part[..end.unwrap_or(part.len())].to_owned()
    };
    text.split('$').skip(1).map(name).filter(|name| !name.is_empty()).collect()
}

pub(crate) fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Asserts that a query reads JSON lines of some streams by fields of the schema, and nothing else:
/// `{label=~"…"} | json | field="…" | field>=500`.
pub(crate) fn check_logql(place: &str, query: &str) {
    let schema = Schema::embedded();
    let stages: Vec<_> = query.split(" | ").collect();
    let selector = stages[0].strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let (label, value) = selector.and_then(|text| text.split_once("=~")).expect(query);
    assert!(schema.shipping.labels.iter().any(|known| known == label), "{place}: {query}");
    assert!(is_quoted(value) && value.len() > 2, "{place}: an empty stream matches all: {query}");
    assert_eq!(stages[1], "json", "{place}: {query}");
    for filter in &stages[2..] {
        let end = filter.find(|c: char| !(c.is_alphanumeric() || c == '_')).expect(query);
        let (field, rest) = filter.split_at(end);
        assert!(schema.fields.contains_key(field), "{place}: no field `{field}`: {query}");
        let operator =
            ["=~", "!~", "!=", ">=", "="].into_iter().find(|known| rest.starts_with(known));
        let value = &rest[operator.expect(query).len()..];
        assert!(is_quoted(value) || value.parse::<f64>().is_ok(), "{place}: {value}: {query}");
    }
}

fn is_quoted(text: &str) -> bool {
    text.len() > 1 && text.starts_with('"') && text.ends_with('"')
}
