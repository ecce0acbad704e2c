//! The runbooks: `docs/runbooks/*.md`, what somebody does whom an alert has woken.
//!
//! They are written by hand. A service gets copies, which say where they come from; in a checkout of
//! this repository they are the sources, and nothing writes them.

use crate::Output;

/// The embedded pages: path in the repository, and text.
const PAGES: &[(&str, &str)] = &include!(concat!(env!("OUT_DIR"), "/runbooks.rs"));

/// Copies of all pages.
pub(crate) fn render() -> Vec<Output> {
    PAGES.iter().map(|(path, text)| Output::new(*path, marked(path, text))).collect()
}

/// The page with its origin below its title.
fn marked(path: &str, text: &str) -> String {
    let (title, rest) = text.split_once('\n').unwrap_or((text, ""));
    format!("{title}\n\n<!-- {} -->\n{rest}", crate::yaml::note(&format!("`{path}` of kyros-obs")))
}
