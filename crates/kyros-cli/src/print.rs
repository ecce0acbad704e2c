//! The only place that prints.
//!
//! Each text is flushed, since nothing flushes Rust's buffers when Python ends the process. A reader
//! that has gone away is no failure of ours.

use std::io::{self, Write};

/// Prints an answer.
pub(crate) fn say(text: &str) {
    line(&mut io::stdout().lock(), text);
}

/// Prints what is wrong.
pub(crate) fn complain(text: &str) {
    line(&mut io::stderr().lock(), text);
}

fn line(stream: &mut impl Write, text: &str) {
    let _ = writeln!(stream, "{text}").and_then(|()| stream.flush());
}
