//! The vocabulary: every metric, label, log field, audit column, action, objective and threshold.
