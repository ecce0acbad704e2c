//! What the program prints, and the code it exits with.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use kyros_schema::Schema;

/// One run of the program in a directory of its own.
#[derive(Default)]
struct Run<'a> {
    arguments: &'a [&'a str],
    environment: &'a [(&'a str, &'a str)],
    files: &'a [(&'a str, &'a str)],
}

#[track_caller]
fn check(name: &str, run: &Run<'_>, code: i32, said: &[&str], complained: &[&str]) -> PathBuf {
    let directory = fresh(name);
    for (file, text) in run.files {
        fs::write(directory.join(file), text).unwrap();
    }
    let output = program(&directory, run.arguments, run.environment);
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{name}: {stdout}{stderr}");
    let missing = |text: &str, parts: &[&str]| parts.iter().any(|part| !text.contains(part));
    assert!(!missing(&stdout, said), "{name} said: {stdout}");
    assert!(!missing(&stderr, complained), "{name} complained: {stderr}");
    assert_eq!(code == 0, stderr.is_empty(), "{name} complained: {stderr}");
    directory
}

#[test]
fn it_explains_itself() {
    let help = ["generate", "migrate", "explain", "preview"];
    check("version", &arguments(&["--version"]), 0, &["kyros-obs 0."], &[]);
    check("help", &arguments(&["--help"]), 0, &help, &[]);
    check("nothing", &arguments(&[]), 2, &[], &help);
    check("a slip", &arguments(&["genrate"]), 2, &[], &["generate"]);
    check("elsewhere", &arguments(&["preview", "--port", "1"]), 2, &[], &["Python package"]);
    check("an unknown option", &arguments(&["generate", "--dsn", "x"]), 2, &[], &["--dsn"]);
}

#[test]
fn generate_writes_for_operators_and_nothing_of_this_repository() {
    let directory = check(
        "generate",
        &arguments(&["generate", "--out", "assets"]),
        0,
        &["wrote dashboards/out/saas-overview.json\n", "generated files, "],
        &[],
    );
    assert!(directory.join("assets/alerts/out/alerts.yaml").is_file());
    assert!(!directory.join("assets/crates").exists() && !directory.join("assets/python").exists());
    let again = program(&directory, &["generate", "--out", "assets"], &[]);
    assert!(text(&again.stdout).ends_with(", 0 changed\n"), "{}", text(&again.stdout));
    let checked = program(&directory, &["generate", "--check", "--out", "assets"], &[]);
    assert_eq!(checked.status.code(), Some(0), "{}", text(&checked.stderr));
}

#[test]
fn a_drift_is_listed_with_the_command_that_mends_it() {
    let files = ["missing: alerts/out/rules.yaml\n", "  hint: `kyros-obs generate --out .`\n"];
    let directory = check("drift", &arguments(&["generate", "--check"]), 1, &[], &files);
    assert_eq!(fs::read_dir(directory).unwrap().count(), 0, "a check wrote something");
}

#[test]
fn the_overlay_comes_from_the_option_then_the_environment_then_the_directory() {
    let overlay =
        |threshold: &str| format!("[alert.HttpErrorRatioHigh]\nthreshold = {threshold}\n");
    let (one, two, three) = (overlay("0.11"), overlay("0.12"), overlay("0.13"));
    let files = [("option.toml", &*one), ("variable.toml", &*two), ("kyros-obs.toml", &*three)];
    let environment = [("KYROS_OBS_CONFIG", "variable.toml")];
    let option = &["--config", "option.toml", "generate"];
    for (name, arguments, environment, threshold) in [
        ("by option", &option[..], &environment[..], "> 0.11\n"),
        ("by variable", &["generate"], &environment, "> 0.12\n"),
        ("by an empty variable", &["generate"], &[("KYROS_OBS_CONFIG", "")], "> 0.13\n"),
        ("by directory", &["generate"], &[], "> 0.13\n"),
    ] {
        let run = Run { arguments, environment, files: &files };
        let directory = check(name, &run, 0, &[], &[]);
        let alerts = fs::read_to_string(directory.join("alerts/out/alerts.yaml")).unwrap();
        assert!(alerts.contains(threshold), "{name}: {alerts}");
    }
}

#[test]
fn every_problem_of_the_overlay_is_said_and_nothing_is_written() {
    let overlay =
        "[metric.reports]\nkind = 'counter'\nhelp = 'Reports.'\n[alert.Nonsense]\nthreshold = 1\n";
    let run =
        Run { arguments: &["generate"], files: &[("kyros-obs.toml", overlay)], ..Run::default() };
    let problems = ["kyros-obs.toml:1: ", "kyros-obs.toml:4: ", "  hint: "];
    let directory = check("problems", &run, 2, &[], &problems);
    assert_eq!(fs::read_dir(directory).unwrap().count(), 1, "something was written");
}

#[test]
fn alerts_that_could_never_fire_are_said_with_all_other_problems() {
    let overlay = "[alert.HttpErrorRatioHigh]\nthreshold = 1\n[retention]\naudit_days = 3\n\
                   [alert.PostgresConnectionsHigh]\nthreshold = 2\n\
                   [alert.LoginFailuresHigh]\nthreshold = 'many'\n";
    let run =
        Run { arguments: &["generate"], files: &[("kyros-obs.toml", overlay)], ..Run::default() };
    let problems = [
        "kyros-obs.toml:1: alert `HttpErrorRatioHigh` could never fire: ",
        "kyros-obs.toml:3: `audit_days` is too low",
        "kyros-obs.toml:5: alert `PostgresConnectionsHigh` could never fire: ",
        "kyros-obs.toml:8: alert `LoginFailuresHigh`: bad value of `threshold`",
    ];
    let directory = check("dead", &run, 2, &[], &problems);
    assert_eq!(fs::read_dir(directory).unwrap().count(), 1, "something was written");
}

#[test]
fn a_named_overlay_has_to_be_there() {
    let run = arguments(&["--config", "gone.toml", "generate"]);
    check("gone by option", &run, 2, &[], &["gone.toml", "`KYROS_OBS_CONFIG`"]);
    let environment = [("KYROS_OBS_CONFIG", "gone.toml")];
    let run = Run { arguments: &["generate"], environment: &environment, ..Run::default() };
    check("gone by variable", &run, 2, &[], &["gone.toml"]);
}

#[test]
fn a_directory_that_is_a_file_is_a_failure_of_ours() {
    let run =
        Run { arguments: &["generate", "--out", "file"], files: &[("file", "")], ..Run::default() };
    check("no directory", &run, 1, &[], &["can't read file/", "hint: "]);
}

#[test]
fn explain_says_what_a_name_is_wherever_it_is_one() {
    let schema = Schema::embedded();
    let over = format!("over: {}\n", schema.alerts["HttpErrorRatioHigh"].threshold);
    let promise = &schema.objectives["public_get"];
    let target = format!("target: {}\n", promise.target);
    let within = format!("threshold: {}\n", promise.threshold.as_ref().unwrap());
    let tenant = ["label tenant_id\n", "log field tenant_id\n", "audit column tenant_id\n"];
    for (name, said) in [
        ("tenant_id", &tenant[..]),
        (
            "http_requests_total",
            &[
                "metric ",
                "labels: service, endpoint, method, code, tenant_id",
                "\n  alerts/out/rules.yaml",
            ],
        ),
        (
            "http_request_duration_seconds",
            &["buckets: 0.005, ", "\n  dashboards/out/saas-overview.json"],
        ),
        ("login_failed", &["audit action ", "class: standard"]),
        ("auth_failed", &["event ", "HTTP status: 401"]),
        ("KYROS_OBS_AUDIT_DSN", &["setting audit_dsn\n", "KYROS_OBS_AUDIT_DSN_FILE"]),
        ("HttpErrorRatioHigh", &["alert ", &over, "docs/runbooks/5xx-spike.md"]),
        ("public_get", &["objective ", &target, &within]),
        ("service:http_errors:rate", &["recorded series "]),
        (
            "pg_locks_count",
            &["metric of another exporter ", "from: postgres_exporter", "platform-db.json"],
        ),
    ] {
        check("explain", &arguments(&["explain", name]), 0, said, &[]);
    }
}

#[test]
fn explain_knows_a_services_own_names() {
    let overlay = "[metric.reports_exported_total]\nkind = 'counter'\nhelp = 'Reports exported.'\n";
    let run = Run {
        arguments: &["explain", "reports_exported_total"],
        files: &[("kyros-obs.toml", overlay)],
        ..Run::default()
    };
    check("explain own", &run, 0, &["metric reports_exported_total\n  Reports exported."], &[]);
}

#[test]
fn explain_offers_the_nearest_name() {
    let near = arguments(&["explain", "htp_requests_total"]);
    check("near", &near, 2, &[], &["did you mean `http_requests_total`?"]);
    check("far", &arguments(&["explain", "zebra crossing"]), 2, &[], &["docs/reference/"]);
}

#[test]
fn migrate_takes_the_address_from_the_environment_or_a_file() {
    let nowhere = "postgresql://nobody@127.0.0.1:1/nothing?connect_timeout=1";
    let files = [("dsn", "no address\n")];
    let unusable = &["unusable"];
    for (name, arguments, environment, code, complained) in [
        ("no address", &["migrate"][..], &[][..], 2, &["`KYROS_OBS_AUDIT_DSN_FILE`"]),
        ("variable", &["migrate"], &[("KYROS_OBS_AUDIT_DSN", nowhere)], 1, &["can't reach"]),
        ("bad variable", &["migrate"], &[("KYROS_OBS_AUDIT_DSN", "no address")], 2, unusable),
        ("twin", &["migrate"], &[("KYROS_OBS_AUDIT_DSN_FILE", "dsn")], 2, unusable),
        (
            "lost twin",
            &["migrate"],
            &[("KYROS_OBS_AUDIT_DSN_FILE", "gone")],
            2,
            &["can't read gone"],
        ),
        ("file", &["migrate", "--dsn-file", "dsn"], &[], 2, unusable),
        ("never an argument", &["migrate", "--dsn", nowhere], &[], 2, &["--dsn"]),
    ] {
        check(name, &Run { arguments, environment, files: &files }, code, &[], complained);
    }
}

#[test]
fn the_address_is_never_printed() {
    let word = "PASSWORD-OF-A-TEST";
    for address in [
        format!("postgresql://someone:{word}@127.0.0.1:1/nothing?sslmode=nonsense"),
        format!("postgresql://someone:{word}@[::/nothing"),
        word.to_owned(),
    ] {
        let directory = fresh("secret address");
        let output = program(&directory, &["migrate"], &[("KYROS_OBS_AUDIT_DSN", &address)]);
        let said = text(&output.stdout) + &text(&output.stderr);
        assert!(!said.contains(word), "{said}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let mut child =
        command(&fresh("pipe"), &["generate"], &[]).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "");
}

fn arguments<'a>(arguments: &'a [&'a str]) -> Run<'a> {
    Run { arguments, ..Run::default() }
}

fn program(directory: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    command(directory, arguments, environment).output().unwrap()
}

fn command(directory: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kyros-obs"));
    command.args(arguments).current_dir(directory).stdout(Stdio::piped());
    command.env_clear().envs(environment.iter().copied());
    command
}

/// An empty directory; tests that run at once have names of their own.
fn fresh(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).unwrap();
    directory
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
