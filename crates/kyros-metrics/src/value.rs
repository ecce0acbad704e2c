//! Label values that stand for no particular thing; they never count against a label's bound.

/// What went over a budget.
pub const OTHER: &str = "_other";
/// No tenant: the request had no validated identity.
pub const NONE: &str = "_none";
/// No route matched the request.
pub const UNMATCHED: &str = "_unmatched";
/// A route matched, and its template could not be found out.
pub const UNRESOLVED: &str = "_unresolved";

pub(crate) const RESERVED: [&str; 4] = [OTHER, NONE, UNMATCHED, UNRESOLVED];
