//! What a statement does, by its first verb.

use kyros_schema::names::operation::{DDL, DELETE, INSERT, OTHER, SELECT, TRANSACTION, UPDATE};

/// Words that a statement begins with, and the value of the label `operation` for each.
const VERBS: [(&str, &str); 22] = [
    ("select", SELECT),
    ("values", SELECT),
    ("table", SELECT),
    ("insert", INSERT),
    ("replace", INSERT),
    ("update", UPDATE),
    ("delete", DELETE),
    ("create", DDL),
    ("alter", DDL),
    ("drop", DDL),
    ("truncate", DDL),
    ("comment", DDL),
    ("grant", DDL),
    ("revoke", DDL),
    ("begin", TRANSACTION),
    ("start", TRANSACTION),
    ("commit", TRANSACTION),
    ("end", TRANSACTION),
    ("rollback", TRANSACTION),
    ("abort", TRANSACTION),
    ("savepoint", TRANSACTION),
    ("release", TRANSACTION),
];
const WITH: &str = "with";
/// What may follow the tables of a `WITH`; their own statements are in parentheses.
const AFTER_WITH: [&str; 6] = ["select", "values", "table", "insert", "update", "delete"];

/// The statement's value of the label `operation`.
pub(super) fn operation(statement: &str) -> &'static str {
    let mut words = Words::of(statement);
    let Some(first) = words.next() else { return OTHER };
    if !first.is(WITH) {
        return verb(first.text);
    }
    let level = first.depth;
    let after = |word: &Word<'_>| word.depth <= level && AFTER_WITH.iter().any(|it| word.is(it));
    words.find(after).map_or(OTHER, |word| verb(word.text))
}

fn verb(word: &str) -> &'static str {
    let row = VERBS.iter().find(|(verb, _)| word.eq_ignore_ascii_case(verb));
    row.map_or(OTHER, |(_, operation)| operation)
}

/// A word of a statement, and how many parentheses are open around it.
struct Word<'a> {
    text: &'a str,
    depth: usize,
}

impl Word<'_> {
    fn is(&self, text: &str) -> bool {
        self.text.eq_ignore_ascii_case(text)
    }
}

/// The words of a statement, without its comments and what it quotes. Each byte is looked at once.
struct Words<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Words<'a> {
    fn of(statement: &'a str) -> Self {
        Self { rest: statement, depth: 0 }
    }

    /// Steps over what is no word: a comment, a text in quotes, or one character.
    fn step(&mut self, first: char) {
        self.rest = match first {
            '-' if self.rest.starts_with("--") => after(self.rest, 2, "\n"),
            '/' if self.rest.starts_with("/*") => after(self.rest, 2, "*/"),
            '\'' | '"' | '`' => after(self.rest, 1, first.encode_utf8(&mut [0; 4])),
            _ => self.rest.get(first.len_utf8()..).unwrap_or_default(),
        };
        match first {
            '(' => self.depth += 1,
            ')' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = Word<'a>;

    fn next(&mut self) -> Option<Word<'a>> {
        loop {
            let first = self.rest.chars().next()?;
            if !is_of_word(first) {
                self.step(first);
                continue;
            }
            let end = self.rest.find(|c| !is_of_word(c)).unwrap_or(self.rest.len());
            let (text, rest) = self.rest.split_at(end);
            self.rest = rest;
            return Some(Word { text, depth: self.depth });
        }
    }
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// What comes after a mark; nothing where it is missing.
fn after<'a>(text: &'a str, skip: usize, mark: &str) -> &'a str {
    let text = text.get(skip..).unwrap_or_default();
    text.split_once(mark).map_or("", |(_, rest)| rest)
}
