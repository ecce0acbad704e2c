//! What the kernel tells about processes.

use std::path::PathBuf;

use kyros_schema::names::metric::{
    PROCESS_CPU_SECONDS_TOTAL, PROCESS_OPEN_FDS, PROCESS_RESIDENT_MEMORY_BYTES,
    PROCESS_START_TIME_SECONDS,
};
#[cfg(target_os = "linux")]
use procfs::process::{FDTarget, Process, Stat};

/// What could be read of a process, by metric; what the kernel doesn't tell is left out.
#[cfg(target_os = "linux")]
pub(crate) fn readings(pid: u32) -> Vec<(&'static str, f64)> {
    let Some((process, stat)) = stat(pid) else { return Vec::new() };
    [
        (PROCESS_CPU_SECONDS_TOTAL, Some(cpu_seconds(&stat))),
        (PROCESS_RESIDENT_MEMORY_BYTES, Some(resident_bytes(&stat))),
        (PROCESS_OPEN_FDS, process.fd_count().ok().map(float)),
        (PROCESS_START_TIME_SECONDS, start_seconds(&stat)),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect()
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn readings(_pid: u32) -> Vec<(&'static str, f64)> {
    Vec::new()
}

/// When a process was started, in ticks since boot; none where it is gone.
#[cfg(target_os = "linux")]
pub(crate) fn started(pid: u32) -> Option<u64> {
    Some(stat(pid)?.1.starttime)
}

/// When a process was started: not known here, so that only this process counts as alive.
#[cfg(not(target_os = "linux"))]
pub(crate) fn started(pid: u32) -> Option<u64> {
    (pid == std::process::id()).then_some(1)
}

/// The namespace that process numbers are of; 0 where it is not known.
#[cfg(target_os = "linux")]
pub(crate) fn pid_namespace() -> u64 {
    use rustix::fs::{AtFlags, CWD, statat};
    statat(CWD, "/proc/self/ns/pid", AtFlags::empty()).map_or(0, |stat| stat.st_ino)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn pid_namespace() -> u64 {
    0
}

/// What the kernel appends to the name of a file that has none any more.
#[cfg(target_os = "linux")]
const DELETED: &str = " (deleted)";

/// Paths of the files of certain names that a process has open.
#[cfg(target_os = "linux")]
pub(crate) fn open_files(pid: u32, named: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let process = i32::try_from(pid).ok().and_then(|pid| Process::new(pid).ok());
    let Some(open) = process.and_then(|process| process.fd().ok()) else { return Vec::new() };
    let is_named = |target: &FDTarget| match target {
        FDTarget::MemFD(name) => named(name.trim_end_matches(DELETED)),
        FDTarget::Path(path) => {
            let name = path.file_name().and_then(|name| name.to_str());
            name.is_some_and(|name| named(name.trim_end_matches(DELETED)))
        }
        _ => false,
    };
    let open = open.flatten().filter(|file| is_named(&file.target));
    open.map(|file| format!("/proc/{pid}/fd/{}", file.fd).into()).collect()
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn open_files(_pid: u32, _named: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    Vec::new()
}

#[cfg(target_os = "linux")]
fn stat(pid: u32) -> Option<(Process, Stat)> {
    let process = Process::new(i32::try_from(pid).ok()?).ok()?;
    let stat = process.stat().ok().filter(|stat| !matches!(stat.state, 'Z' | 'X'))?;
    Some((process, stat))
}

/// User and system time.
#[cfg(target_os = "linux")]
#[expect(clippy::cast_precision_loss, reason = "ticks stay far below 2^53")]
fn cpu_seconds(stat: &Stat) -> f64 {
    (stat.utime + stat.stime) as f64 / procfs::ticks_per_second() as f64
}

#[cfg(target_os = "linux")]
fn resident_bytes(stat: &Stat) -> f64 {
    use procfs::WithCurrentSystemInfo;
    float(usize::try_from(stat.rss_bytes().get()).unwrap_or(usize::MAX))
}

/// Since the Unix epoch.
#[cfg(target_os = "linux")]
#[expect(clippy::cast_precision_loss, reason = "seconds and ticks stay far below 2^53")]
fn start_seconds(stat: &Stat) -> Option<f64> {
    let booted = procfs::boot_time_secs().ok()? as f64;
    Some(booted + stat.starttime as f64 / procfs::ticks_per_second() as f64)
}

#[cfg(target_os = "linux")]
#[expect(clippy::cast_precision_loss, reason = "counts and sizes stay far below 2^53")]
fn float(count: usize) -> f64 {
    count as f64
}
