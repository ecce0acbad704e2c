//! A log record, its one JSON encoding, and the sink.
