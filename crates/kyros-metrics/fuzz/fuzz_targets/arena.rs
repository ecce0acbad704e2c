//! Strikes an arena with whatever blows the bytes spell: registries over it neither panic nor hang
//! nor leave its bounds, and their expositions stay sound.

#![no_main]

#[path = "../../tests/metrics/corruption/blow.rs"]
mod blow;
#[path = "../../tests/metrics/corruption/judge.rs"]
mod judge;
#[path = "../../tests/metrics/corruption/ordeal.rs"]
mod ordeal;
#[path = "../../tests/metrics/corruption/spoiled.rs"]
mod spoiled;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static SPOILED: LazyLock<spoiled::Spoiled> = LazyLock::new(|| spoiled::Spoiled::filled("fuzz"));

fuzz_target!(|bytes: &[u8]| {
    ordeal::endure(&SPOILED, &blow::Blow::all(bytes));
    close_all("/kyros-fuzz-");
});

/// Closes the files that arenas leave open as long as the process lives: here it outlives many.
fn close_all(named: &str) {
    for number in 3..32 {
        let file = std::fs::read_link(format!("/proc/self/fd/{number}"));
        if file.is_ok_and(|file| file.to_string_lossy().contains(named)) {
            // SAFETY: the registries that had this file are gone.
            unsafe { libc::close(number) };
        }
    }
}
