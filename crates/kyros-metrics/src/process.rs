//! The process' own numbers, read from the kernel at each scrape.

use std::time::Duration;

use kyros_schema::names::metric::{
    PROCESS_CPU_SECONDS_TOTAL, PROCESS_OPEN_FDS, PROCESS_RESIDENT_MEMORY_BYTES,
    PROCESS_START_TIME_SECONDS,
};
use rustix::time::{ClockId, clock_gettime};

/// What could be read, by metric; where the kernel doesn't tell, the metric is left out.
pub(crate) fn readings() -> Vec<(&'static str, f64)> {
    let mut readings = vec![(PROCESS_CPU_SECONDS_TOTAL, cpu_seconds())];
    readings.extend(from_proc());
    readings
}

/// User and system time.
fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap_or_default().as_secs_f64()
}

#[cfg(target_os = "linux")]
fn from_proc() -> Vec<(&'static str, f64)> {
    let Ok(process) = procfs::process::Process::myself() else { return Vec::new() };
    let stat = process.stat().ok();
    let resident = stat.as_ref().map(resident_bytes);
    let started = stat.as_ref().and_then(start_seconds);
    let open = process.fd_count().ok().map(float);
    [
        (PROCESS_RESIDENT_MEMORY_BYTES, resident),
        (PROCESS_OPEN_FDS, open),
        (PROCESS_START_TIME_SECONDS, started),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect()
}

#[cfg(not(target_os = "linux"))]
fn from_proc() -> Vec<(&'static str, f64)> {
    Vec::new()
}

#[cfg(target_os = "linux")]
fn resident_bytes(stat: &procfs::process::Stat) -> f64 {
    use procfs::WithCurrentSystemInfo;
    float(usize::try_from(stat.rss_bytes().get()).unwrap_or(usize::MAX))
}

/// Since the Unix epoch.
#[cfg(target_os = "linux")]
#[expect(clippy::cast_precision_loss, reason = "seconds and ticks stay far below 2^53")]
fn start_seconds(stat: &procfs::process::Stat) -> Option<f64> {
    let booted = procfs::boot_time_secs().ok()? as f64;
    Some(booted + stat.starttime as f64 / procfs::ticks_per_second() as f64)
}

#[cfg(target_os = "linux")]
#[expect(clippy::cast_precision_loss, reason = "counts and sizes stay far below 2^53")]
fn float(count: usize) -> f64 {
    count as f64
}
