//! Numbering and writing.

use std::collections::HashSet;
use std::io::Read;
use std::process::{Command, Stdio};

use kyros_logs::{Level, Log, Record, Sink};
use kyros_redact::Findings;
use serde_json::Value as Json;

use crate::{encoder, read};

fn number(line: &str) -> u64 {
    serde_json::from_str::<Json>(line).unwrap()["seq"].as_u64().unwrap()
}

fn write(log: &Log, message: &str) -> std::io::Result<()> {
    let record = Record { message: Some(message), ..Record::new(Level::Info, "log") };
    log.write(&record, jiff::Timestamp::UNIX_EPOCH, &mut Findings::default())
}

#[test]
fn lines_are_numbered_from_zero_also_in_a_child() {
    let encoder = encoder();
    let record = Record::new(Level::Info, "log");
    assert_eq!([0, 1].map(|_| read(&encoder, &record)["seq"].as_u64()), [Some(0), Some(1)]);
    encoder.after_fork();
    assert_eq!(read(&encoder, &record)["seq"], 0);
}

#[test]
fn numbers_are_in_the_order_of_the_lines() {
    let log = Log::new(encoder(), Sink::memory());
    let many = || (0..500).for_each(|n| write(&log, &n.to_string()).unwrap());
    std::thread::scope(|scope| (0..8).for_each(|_| _ = scope.spawn(many)));
    let numbers: Vec<_> = log.sink().lines().iter().map(|line| number(line)).collect();
    assert_eq!(numbers, (0..4000).collect::<Vec<_>>());
}

#[test]
fn a_child_does_not_wait_for_a_thread_it_has_not_got() {
    let log = Log::new(encoder(), Sink::memory());
    for _ in 0..3 {
        write(&log, "one").unwrap();
        log.after_fork();
    }
    write(&log, "two").unwrap();
    let numbers: Vec<_> = log.sink().lines().iter().map(|line| number(line)).collect();
    assert_eq!(numbers, [0, 0, 0, 0]);
}

/// Set in a process that is to write lines to its standard output.
const WRITES: &str = "KYROS_TEST_WRITES";

/// Not a test of its own: what the children of the tests below do.
#[test]
fn writer() {
    let log = Log::new(encoder(), Sink::stdout());
    match std::env::var(WRITES).as_deref() {
        Ok("many") => write_many(&log),
        Ok("until error") => write_until_error(&log),
        _ => assert!(log.sink().lines().is_empty()),
    }
}

fn write_many(log: &Log) {
    let filler = "x ".repeat(4_000);
    let many = || (0..200).for_each(|n| _ = write(log, &filler[..n * 40]));
    std::thread::scope(|scope| (0..4).for_each(|_| _ = scope.spawn(many)));
}

#[expect(clippy::print_stderr, reason = "the parent reads it")]
fn write_until_error(log: &Log) {
    let error = (0..).find_map(|_| write(log, "one").err());
    eprintln!("{:?}", error.map(|error| error.kind()));
}

fn child(what: &str) -> Command {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["writing::writer", "--exact", "--nocapture"]).env(WRITES, what);
    child.stdin(Stdio::null()).stderr(Stdio::null());
    child
}

fn check_whole(text: &str) {
    let lines: Vec<_> = text.lines().filter(|line| line.starts_with('{')).collect();
    let numbers: HashSet<_> = lines.iter().map(|line| number(line)).collect();
    assert_eq!((lines.len(), numbers.len()), (800, 800));
}

#[test]
fn threads_write_whole_lines_to_standard_output() {
    let output = child("many").output().unwrap();
    check_whole(&String::from_utf8(output.stdout).unwrap());
}

/// Bytes that no reader takes wait in the socket's or pipe's buffer, which is then full.
#[test]
fn a_full_pipe_that_does_not_block_is_waited_for() {
    let (ours, theirs) = std::os::unix::net::UnixStream::pair().unwrap();
    theirs.set_nonblocking(true).unwrap();
    let output: std::os::fd::OwnedFd = theirs.into();
    let mut running = child("many").stdout(output).spawn().unwrap();
    let mut text = String::new();
    (&ours).read_to_string(&mut text).unwrap();
    assert!(running.wait().unwrap().success());
    check_whole(&text);
}

#[test]
fn a_pipe_that_nobody_reads_is_an_error() {
    let mut running = child("until error");
    let mut running = running.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut reader = running.stdout.take().unwrap();
    reader.read_exact(&mut [0; 1000]).unwrap();
    drop(reader);
    let mut said = String::new();
    running.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    running.wait().unwrap();
    assert!(said.contains("Some(BrokenPipe)"), "{said}");
}
