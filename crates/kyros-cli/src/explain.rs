//! `kyros-obs explain NAME`.

mod entry;

use std::path::Path;

use kyros_schema::{Schema, nearest};

use crate::failure::Failure;
use crate::{overlay, print};
use entry::{Entry, entries};

/// Says everything the schema says about a name, and where the name turns up.
pub(crate) fn run(name: &str, config: Option<&Path>) -> Result<(), Failure> {
    let schema = overlay::schema(config)?;
    let known = entries(&schema);
    let meant: Vec<_> = known.iter().filter(|entry| entry.answers_to(name)).collect();
    let Some(first) = meant.first() else { return Err(unknown(name, &known)) };
    let said: Vec<_> = meant.iter().map(ToString::to_string).collect();
    print::say(&format!("{}{}", said.join("\n\n"), mentions(&schema, first.name)?));
    Ok(())
}

fn unknown(name: &str, known: &[Entry<'_>]) -> Failure {
    let names: Vec<_> = known.iter().map(|entry| entry.name).collect();
    let offer = nearest(name, &names);
    let near = offer.starts_with("did you mean");
    let hint = if near { &offer } else { "every name is on a page of `docs/reference/`" };
    Failure::Input(format!("the schema has no such name: `{name}`\n  hint: {hint}"))
}

/// The generated files that say the name, apart from the pages that list all names.
fn mentions(schema: &Schema, name: &str) -> Result<String, Failure> {
    let outputs =
        kyros_assets::render(schema).map_err(|error| Failure::Failed(error.to_string()))?;
    let paths = outputs
        .iter()
        .filter(|output| !LISTS.iter().any(|list| output.path.starts_with(list)))
        .filter(|output| says(&output.contents, name))
        .map(|output| format!("  {}", output.path))
        .collect::<Vec<_>>()
        .join("\n");
    Ok(if paths.is_empty() { paths } else { format!("\n\nin generated files\n{paths}") })
}

/// Where every name of the schema is, whatever it is used for.
const LISTS: [&str; 3] = ["crates/", "python/", "docs/reference/"];

/// Whether a text has the name as a word; a histogram's parts are called by the histogram's name.
fn says(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(start, _)| {
        let before = text[..start].chars().next_back();
        let after = &text[start + name.len()..];
        let after = PARTS.iter().find_map(|part| after.strip_prefix(part)).unwrap_or(after);
        ![before, after.chars().next()].into_iter().flatten().any(is_of_word)
    })
}

const PARTS: [&str; 3] = ["_bucket", "_count", "_sum"];

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == ':'
}
