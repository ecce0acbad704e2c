//! The header `tracestate`: passed on as it came, bounded, dropped where it is malformed.

use std::collections::HashSet;

/// The members of a valid `tracestate`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceState(String);

/// Members a header may have.
const MOST_MEMBERS: usize = 32;
/// Bytes that are passed on; members past it are left out, the oldest first, as the standard says.
const LONGEST: usize = 512;
/// Members longer than this are the first to be left out.
const LONGEST_MEMBER: usize = 128;

impl TraceState {
    /// Reads the header; `None` where it is malformed or says nothing.
    pub fn parse(header: &str) -> Option<Self> {
        let trimmed = header.split(',').map(|member| member.trim_matches([' ', '\t']));
        let members: Vec<&str> = trimmed.filter(|member| !member.is_empty()).collect();
        let valid = members.len() <= MOST_MEMBERS && members.iter().all(|one| is_member(one));
        let kept = (valid && !repeats(&members)).then(|| bounded(members))?;
        (!kept.is_empty()).then_some(Self(kept))
    }

    /// The header's value.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn bounded(mut members: Vec<&str>) -> String {
    if length(&members) > LONGEST {
        members.retain(|member| member.len() <= LONGEST_MEMBER);
    }
    while length(&members) > LONGEST {
        members.pop();
    }
    members.join(",")
}

fn length(members: &[&str]) -> usize {
    members.iter().map(|member| member.len() + 1).sum::<usize>().saturating_sub(1)
}

fn repeats(members: &[&str]) -> bool {
    let key = |member: &str| member.split('=').next().unwrap_or_default().to_owned();
    let keys: HashSet<String> = members.iter().map(|member| key(member)).collect();
    keys.len() < members.len()
}

fn is_member(member: &str) -> bool {
    member.split_once('=').is_some_and(|(key, value)| is_key(key) && is_value(value))
}

fn is_key(key: &str) -> bool {
    let starts = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
    let continues = |c: u8| starts(c) || b"_-*/@".contains(&c);
    key.len() <= 256 && key.bytes().next().is_some_and(starts) && key.bytes().all(continues)
}

fn is_value(value: &str) -> bool {
    let allowed = |c: u8| matches!(c, 0x20..=0x7e) && c != b',' && c != b'=';
    (1..=256).contains(&value.len()) && value.bytes().all(allowed) && !value.ends_with(' ')
}
