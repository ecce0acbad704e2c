//! Several processes at once: one budget, no sample lost, one exposition.

#![expect(clippy::disallowed_methods, reason = "it makes the files that an arena has to refuse")]

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::thread;

use kyros_metrics::Sharing;
use kyros_schema::names::metric::HTTP_REQUESTS_TOTAL;

use crate::part::{BUDGET, Part, insert, lines, open};

/// A directory that goes with the test.
struct Place(PathBuf);

impl Place {
    fn of(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("processes-{test}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("arena")
    }

    fn sharing(&self) -> Sharing {
        Sharing::File(self.file())
    }

    fn part(&self) -> Part {
        Part::start("s", &format!("file {}", self.file().display()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn total(lines: &[String]) -> u64 {
    lines.iter().map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()).sum()
}

/// How many values of a label there are that stand for a particular thing.
fn own_values(lines: &[String], label: &str) -> usize {
    let start = format!("{label}=\"");
    let value = |line: &String| Some(line.split_once(&start)?.1.split_once('"')?.0.to_owned());
    let values: BTreeSet<_> = lines.iter().filter_map(value).collect();
    values.iter().filter(|value| !value.starts_with('_')).count()
}

fn check_bounds(lines: &[String]) {
    assert!(lines.len() <= BUDGET, "{} series", lines.len());
    assert!(own_values(lines, "endpoint") <= 30);
    assert!(own_values(lines, "tenant_id") <= 40);
}

#[test]
fn a_budget_is_that_of_all_processes() {
    const EACH: u64 = 5_000;
    let place = Place::of("budget");
    let mut parts: Vec<_> = (0..4).map(|_| place.part()).collect();
    for (at, part) in parts.iter_mut().enumerate() {
        part.tell(&format!("insert {} {EACH}", at + 1));
    }
    for part in &mut parts {
        part.hear();
    }
    for part in &mut parts {
        part.ask("show");
    }
    let all: Vec<_> = parts.iter_mut().map(|part| part.ask("show")).collect();
    for lines in &all {
        check_bounds(lines);
        assert_eq!(total(lines), 4 * EACH);
        assert_eq!(lines, &all[0]);
    }
    parts.into_iter().for_each(Part::leave);
}

#[test]
fn a_budget_is_that_of_all_registries_of_a_process() {
    const EACH: u64 = 3_000;
    let place = Place::of("registries");
    let registries: Vec<_> = (0..4).map(|_| open("s", place.sharing())).collect();
    thread::scope(|scope| {
        for (seed, registry) in (1..).zip(&registries) {
            scope.spawn(move || insert(registry, seed, EACH));
        }
    });
    for registry in &registries {
        let lines = lines(registry);
        check_bounds(&lines);
        assert_eq!(total(&lines), 4 * EACH);
    }
}

#[test]
fn who_is_killed_leaves_nobody_waiting_and_loses_nothing_that_others_counted() {
    let place = Place::of("killed");
    let ours = open("s", place.sharing());
    let before = total(&lines(&ours));
    for seed in 1..6 {
        let mut part = place.part();
        part.tell(&format!("insert {seed} 100000000"));
        insert(&ours, seed + 100, 500);
        part.kill();
    }
    insert(&ours, 200, 500);
    let lines = lines(&ours);
    check_bounds(&lines);
    assert!(total(&lines) >= before + 3_000);
}

#[test]
fn who_is_stopped_leaves_nobody_waiting_and_costs_no_sample() {
    const EACH: u64 = 20_000;
    let place = Place::of("stopped");
    let ours = open("s", place.sharing());
    let mut part = place.part();
    part.tell(&format!("insert 1 {EACH}"));
    for seed in 0..10 {
        part.signal("STOP");
        insert(&ours, seed + 10, 200);
        part.signal("CONT");
    }
    part.hear();
    part.ask("show");
    lines(&ours);
    let all = part.ask("show");
    assert_eq!(total(&all), EACH + 10 * 200);
    assert_eq!(all, lines(&ours));
    check_bounds(&all);
    part.leave();
}

#[test]
fn what_comes_while_nobody_can_make_series_is_counted_in_the_end() {
    let place = Place::of("locked");
    let ours = open("s", place.sharing());
    let mut part = place.part();
    let family = ours.family(HTTP_REQUESTS_TOTAL).unwrap();
    let known = family.series(&["s", "/", "GET", "200", "known"]);
    part.ask(&format!("lock {}", place.file().display()));
    let kept = family.series(&["s", "/", "GET", "200", "kept"]);
    insert(&ours, 1, 500);
    known.add(1.0);
    kept.add(1.0);
    assert_eq!(total(&lines(&ours)), 1);
    part.leave();
    kept.add(1.0);
    assert_eq!(total(&lines(&ours)), 503);
    insert(&ours, 1, 500);
    let lines = lines(&ours);
    assert_eq!(total(&lines), 1_003);
    check_bounds(&lines);
}

#[test]
fn a_tenant_is_forgotten_by_all_processes() {
    let place = Place::of("forget");
    let ours = open("s", place.sharing());
    let family = ours.family(HTTP_REQUESTS_TOTAL).unwrap();
    let kept = family.series(&["s", "/", "GET", "200", "gone"]);
    kept.add(7.0);
    let mut part = place.part();
    assert_eq!(total(&part.ask("show")), 7);
    assert_eq!(part.ask("forget gone"), ["1"]);
    assert_eq!(total(&lines(&ours)), 0);
    kept.add(2.0);
    assert_eq!(total(&part.ask("show")), 2);
    part.leave();
}

#[test]
fn children_of_one_supervisor_share_by_service() {
    let pid = std::process::id();
    let supervisor = format!("supervisor {pid}");
    let name = format!("by-supervisor-{pid}");
    let [mut one, mut two] = [(); 2].map(|()| Part::start(&name, &supervisor));
    let mut other = Part::start(&format!("{name}-other"), &supervisor);
    one.ask("insert 1 100");
    assert_eq!(total(&two.ask("show")), 100);
    assert_eq!(total(&other.ask("show")), 0);
    [one, two, other].into_iter().for_each(Part::leave);
}

#[test]
fn without_the_supervisor_a_process_is_alone_and_says_so() {
    let mut gone = Part::start("gone", "forks");
    let pid = gone.pid();
    gone.ask("show");
    gone.leave();
    let registry = open("s", Sharing::Supervisor(pid));
    assert_eq!(registry.problem().unwrap().to_string(), "no such process");
    insert(&registry, 1, 100);
    assert_eq!(total(&lines(&registry)), 100);
}

#[test]
fn a_file_is_begun_anew_when_its_processes_are_dead() {
    let place = Place::of("anew");
    let mut first = place.part();
    first.ask("insert 1 100");
    let mut second = place.part();
    assert_eq!(total(&second.ask("show")), 100);
    first.leave();
    let mut third = place.part();
    assert_eq!(total(&third.ask("show")), 100);
    second.leave();
    third.kill();
    let mut last = place.part();
    assert_eq!(total(&last.ask("show")), 0);
    last.leave();
}

/// Opens a file that is not for us: what is in it stays, and the process is alone.
fn check_refused(place: &Place, service: &str, problem: &str) {
    let registry = open(service, place.sharing());
    let said = registry.problem().map(ToString::to_string).unwrap_or_default();
    assert!(said.contains(problem), "{said}");
    insert(&registry, 1, 100);
    assert_eq!(total(&lines(&registry)), 100);
}

#[test]
fn a_file_that_is_not_this_users_alone_is_refused() {
    let place = Place::of("open");
    fs::write(place.file(), "").unwrap();
    fs::set_permissions(place.file(), fs::Permissions::from_mode(0o644)).unwrap();
    check_refused(&place, "s", "not this user's alone");
    fs::rename(place.file(), place.0.join("elsewhere")).unwrap();
    symlink(place.0.join("elsewhere"), place.file()).unwrap();
    check_refused(&place, "s", "symbolic link");
    fs::remove_file(place.file()).unwrap();
    fs::create_dir(place.file()).unwrap();
    check_refused(&place, "s", "directory");
}

#[test]
fn a_file_that_holds_something_else_stays_as_it_is() {
    let place = Place::of("foreign");
    for content in ["the only copy of a thesis, and a long one", "short", "\0\0\0\0\0\0\0\0thesis"]
    {
        fs::write(place.file(), content).unwrap();
        fs::set_permissions(place.file(), fs::Permissions::from_mode(0o600)).unwrap();
        check_refused(&place, "s", "something else");
        assert_eq!(fs::read_to_string(place.file()).unwrap(), content);
    }
}

#[test]
fn another_service_at_the_same_file_has_series_of_its_own() {
    let place = Place::of("services");
    let first = open("first", place.sharing());
    insert(&first, 1, 100);
    let second = open("second", place.sharing());
    insert(&second, 1, 50);
    assert_eq!([&first, &second].map(|registry| total(&lines(registry))), [100, 50]);
}
