//! Processes that are killed, and disks that are full, in the middle of recording.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use kyros_audit::{Options, Trail, spooled};
use kyros_schema::names::column;

use crate::directory::temporary;
use crate::events::{value, view};

/// Names the spool of [`recorder`].
const SPOOL: &str = "KYROS_AUDIT_TEST_SPOOL";

/// Length of an event's identifier.
const ID: usize = 36;

#[test]
fn a_process_killed_while_recording_loses_nothing_it_was_told_is_on_disk() {
    let spool = temporary("killed");
    let mut acknowledged = BTreeSet::new();
    for lines in 1..=12 {
        acknowledged.extend(killed_after(&spool, lines * 7));
    }
    let read: Vec<_> = ids(&spool);
    let distinct: BTreeSet<_> = read.iter().cloned().collect();
    assert_eq!(distinct.len(), read.len(), "an event is there twice");
    assert!(acknowledged.is_subset(&distinct));
    // At most the event in flight is there beside the acknowledged.
    assert!(distinct.len() <= acknowledged.len() + 12);
}

#[test]
fn a_full_disk_is_an_error_and_what_was_acknowledged_stays() {
    let spool = temporary("full");
    let mut limited = Command::new("bash");
    limited.args(["-c", r#"trap '' XFSZ; ulimit -f 24; exec "$0" "$@""#]);
    let output = limited.args(recorder_command()).env(SPOOL, &*spool).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("FileTooLarge"), "{said}");
    let acknowledged: Vec<_> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter(|line| is_id(line))
        .map(str::to_owned)
        .collect();
    assert!(acknowledged.len() > 20);
    assert_eq!(ids(&spool), acknowledged);
}

/// No test but the process that the others kill: records without end, and says what is on disk.
#[test]
fn recorder() {
    let Some(spool) = std::env::var_os(SPOOL) else { return };
    let trail = Trail::open(Options { segment_bytes: 64 << 10, ..Options::new(spool) }).unwrap();
    let mut out = std::io::stdout().lock();
    for number in 0.. {
        let receipt = trail.record(&view(number)).unwrap();
        writeln!(out, "\n{}", receipt.event_id).unwrap();
        out.flush().unwrap();
    }
}

/// What a recorder said before it was killed after that many events.
fn killed_after(spool: &Path, events: usize) -> Vec<String> {
    let [program, arguments @ ..] = recorder_command();
    let mut recorder = Command::new(program);
    recorder.args(arguments).env(SPOOL, spool).stdout(Stdio::piped());
    let mut child = recorder.spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut ids = lines.map_while(Result::ok).filter(|line| is_id(line));
    let mut read: Vec<_> = ids.by_ref().take(events).collect();
    child.kill().unwrap();
    child.wait().unwrap();
    read.extend(ids);
    read
}

fn recorder_command() -> [OsString; 4] {
    let program = std::env::current_exe().unwrap().into_os_string();
    [program, "crash::recorder".into(), "--exact".into(), "--nocapture".into()]
}

fn is_id(line: &str) -> bool {
    line.len() == ID && uuid::Uuid::parse_str(line).is_ok()
}

fn ids(spool: &Path) -> Vec<String> {
    let rows = spooled(spool).unwrap();
    rows.iter().map(|row| value(row, column::EVENT_ID).as_str().unwrap().to_owned()).collect()
}
