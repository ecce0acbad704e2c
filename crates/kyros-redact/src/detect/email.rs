//! E-mail addresses.
//!
//! A domain has a dot in it or is the local machine: `ana@localhost` names somebody, while
//! `user@host` is how shells, remotes and clusters write where something runs, and stays.

use super::{byte, byte_before, run, run_back};
use crate::class::Class;
use crate::scan::Found;

/// How long a quoted local part is at most.
const LONGEST_QUOTED: usize = 66;
/// Domains without a dot.
const LOCAL: [&[u8]; 2] = [b"localhost", b"localdomain"];

/// An address around its at sign, which may be percent-encoded or escaped.
pub(super) fn plain(found: &mut Found<'_>, at: usize, after: usize) {
    let bytes = found.bytes();
    let start = local_part(bytes, at, found.covered.max(found.floor));
    let end = domain(bytes, after);
    found.floor = after;
    if let (Some(start), Some(end)) = (start, end) {
        found.add(start, end, Class::Email);
    }
}

fn local_part(bytes: &[u8], at: usize, floor: usize) -> Option<usize> {
    if byte_before(bytes, at) == b'"' {
        let quoted = at.saturating_sub(LONGEST_QUOTED).max(floor);
        let start = run_back(bytes, at - 1, quoted, |c| c != b'"');
        return (byte_before(bytes, start) == b'"').then(|| start - 1);
    }
    let start = run_back(bytes, at, floor, |c| is_word(c) || b".!#$%&'*+/=?^`{|}~".contains(&c));
    let start = run(bytes, start, |c| b".!#$%&'*/=?^`{|}~".contains(&c));
    (start < at).then_some(start)
}

/// The end of a domain that is local, or has a dot and is no version.
fn domain(bytes: &[u8], start: usize) -> Option<usize> {
    let mut end = run(bytes, start, is_word);
    let mut labels = usize::from(end > start);
    let mut numeric = byte(bytes, start).is_ascii_digit();
    while labels > 0 && byte(bytes, end) == b'.' {
        let stop = run(bytes, end + 1, is_word);
        if stop == end + 1 {
            break;
        }
        numeric &= byte(bytes, end + 1).is_ascii_digit();
        labels += 1;
        end = stop;
    }
    let local = labels == 1 && is_local(bytes.get(start..end).unwrap_or_default());
    (local || labels >= 2 && (!numeric || labels >= 4)).then_some(end)
}

fn is_local(domain: &[u8]) -> bool {
    LOCAL.iter().any(|name| domain.eq_ignore_ascii_case(name))
}

fn is_word(c: u8) -> bool {
    c.is_ascii_alphanumeric() || b"-_".contains(&c) || !c.is_ascii()
}
