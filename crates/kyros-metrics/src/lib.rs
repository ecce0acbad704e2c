//! Series storage, cardinality governor and exposition.
