//! Generating makes a directory equal to what is rendered, and touches nothing else.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use kyros_assets::{Change, Error, Mode, Report, generate};
use kyros_schema::Schema;

fn write(directory: &Path) -> Report {
    generate(directory, Schema::embedded(), Mode::Write).unwrap()
}

fn check(directory: &Path) -> Vec<Change> {
    generate(directory, Schema::embedded(), Mode::Check).unwrap().changes
}

#[test]
fn a_check_finds_every_drift_and_mends_none() {
    let directory = fresh("drift");
    write(&directory);
    let (differs, missing) = ("alerts/out/rules.yaml", "dashboards/out/saas-overview.json");
    fs::write(directory.join(differs), "groups: []\n").unwrap();
    fs::remove_file(directory.join(missing)).unwrap();
    let superfluous = "dashboards/out/retired.json";
    let retired = fs::read(directory.join("dashboards/out/platform-db.json")).unwrap();
    fs::write(directory.join(superfluous), retired).unwrap();
    let expected = [
        Change::Missing(missing.to_owned()),
        Change::Differs(differs.to_owned()),
        Change::Superfluous(superfluous.to_owned()),
    ];
    assert_eq!(check(&directory), expected);
    assert_eq!(check(&directory), expected);
    assert_eq!(write(&directory).changes, expected);
    assert_eq!(check(&directory), []);
    assert!(!directory.join(superfluous).exists());
}

#[test]
fn what_others_put_beside_is_left_alone() {
    let directory = fresh("foreign");
    write(&directory);
    let copied =
        fs::read_to_string(directory.join("deploy/prometheus/targets/services/platform.yml"));
    let copied = copied.unwrap();
    let foreign = [
        ("dashboards/out/mine.json", "{}"),
        ("deploy/Dockerfile", "FROM scratch"),
        ("docs/reference/notes.md", "Notes."),
        ("deploy/prometheus/targets/services/mine.yml", &copied),
    ];
    for (path, text) in foreign {
        fs::write(directory.join(path), text).unwrap();
    }
    assert_eq!(write(&directory).changes, []);
    for (path, text) in foreign {
        assert_eq!(fs::read_to_string(directory.join(path)).unwrap(), text, "{path}");
    }
}

#[test]
fn only_a_checkout_gets_code_and_only_our_own_names() {
    let directory = fresh("code");
    write(&directory);
    assert!(!directory.join("crates").exists() && !directory.join("python").exists());
    let marker = directory.join("crates/kyros-schema/schema.toml");
    fs::create_dir_all(marker.parent().unwrap()).unwrap();
    fs::write(marker, "").unwrap();
    let overlay = "[metric.reports_exported_total]\nkind = 'counter'\nhelp = 'Reports exported.'";
    let schema = Schema::with_overlay("kyros-obs.toml", overlay).unwrap();
    generate(&directory, &schema, Mode::Write).unwrap();
    let names = fs::read_to_string(directory.join("crates/kyros-schema/src/names.rs")).unwrap();
    assert!(names.contains("HTTP_REQUESTS_TOTAL") && !names.contains("REPORTS_EXPORTED_TOTAL"));
    let page = fs::read_to_string(directory.join("docs/reference/metrics.md")).unwrap();
    assert!(page.contains("| `reports_exported_total` |"), "{page}");
}

#[test]
fn a_service_gets_the_runbook_of_every_alert_and_a_checkout_keeps_its_own() {
    let directory = fresh("runbooks");
    write(&directory);
    for alert in Schema::embedded().alerts.values() {
        let page = directory.join(format!("docs/runbooks/{}.md", alert.runbook));
        let page = fs::read_to_string(page).unwrap();
        assert!(page.contains(&alert.name) && page.contains("do not edit"), "{page}");
    }
    for page in fs::read_dir(directory.join("docs/runbooks")).unwrap() {
        check_links(&page.unwrap().path());
    }
    let checkout = fresh("runbooks of a checkout");
    let own = checkout.join("docs/runbooks/5xx-spike.md");
    for file in [&own, &checkout.join("crates/kyros-schema/schema.toml")] {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "Mine.").unwrap();
    }
    write(&checkout);
    assert_eq!(fs::read_to_string(&own).unwrap(), "Mine.");
    assert_eq!(fs::read_dir(own.parent().unwrap()).unwrap().count(), 1);
}

/// Every link of a page leads to a file that was written too.
fn check_links(page: &Path) {
    let text = fs::read_to_string(page).unwrap();
    for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        assert!(page.with_file_name(link).is_file(), "{} links to `{link}`", page.display());
    }
}

#[test]
fn nothing_is_written_where_anything_cannot_be_rendered() {
    let directory = fresh("refused");
    let overlay = "[alert.HttpErrorRatioHigh]\nthreshold = 1";
    let schema = Schema::with_overlay("kyros-obs.toml", overlay).unwrap();
    let error = generate(&directory, &schema, Mode::Write).unwrap_err();
    assert!(matches!(error, Error::DeadAlerts(_)), "{error}");
    assert_eq!(fs::read_dir(directory).unwrap().count(), 0);
}

#[test]
fn a_file_that_is_right_is_not_touched() {
    let directory = fresh("untouched");
    write(&directory);
    let file = directory.join("alerts/out/alerts.yaml");
    let written = || fs::metadata(&file).unwrap().modified().unwrap();
    let before = written();
    assert_eq!(write(&directory).changes, []);
    assert_eq!(written(), before);
}

#[test]
fn no_half_written_file_is_left_behind() {
    let directory = fresh("halves");
    let obstacle = directory.join("alerts/out/alerts.yaml");
    write(&directory);
    fs::remove_file(&obstacle).unwrap();
    fs::create_dir_all(obstacle.join("in the way")).unwrap();
    let error = generate(&directory, Schema::embedded(), Mode::Write).unwrap_err();
    assert!(error.to_string().contains("alerts/out/alerts.yaml"), "{error}");
    let names = fs::read_dir(directory.join("alerts/out")).unwrap();
    let mut names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(names.all(|name| !name.starts_with('.')));
}

fn fresh(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("generate {name}"));
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).unwrap();
    directory
}
