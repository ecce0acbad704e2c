//! Spans on their way to receivers that are real: what arrives is decoded and compared.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod arrival;
mod closing;
mod faults;
mod grpc;
mod http;
mod options;
mod pressure;
mod process;
mod receiver;
mod redaction;
mod rust_code;
mod sample;
mod sampling;
mod secrecy;
