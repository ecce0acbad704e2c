//! House rules that no compiler keeps: who imports whom, names typed once, files that stay small.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use kyros_schema::Schema;
use serde_json::Value;

/// A source file: its path below the repository, and its text.
#[derive(Clone)]
struct File {
    path: String,
    text: String,
}

impl File {
    fn is(&self, suffix: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|found| found == suffix)
    }
}

#[test]
fn crates_import_only_what_the_architecture_says() {
    let allowed = code_map();
    let imports = imports();
    assert_eq!(imports.keys().collect::<Vec<_>>(), allowed.keys().collect::<Vec<_>>());
    for (name, imported) in imports {
        let more: Vec<_> = imported.difference(&allowed[&name]).collect();
        assert!(more.is_empty(), "{name} imports {more:?}, which ARCHITECTURE.md doesn't allow");
    }
}

/// What each crate may import, by the table in ARCHITECTURE.md.
fn code_map() -> BTreeMap<String, BTreeSet<String>> {
    let page = fs::read_to_string(repository().join("ARCHITECTURE.md")).unwrap();
    let mut allowed = BTreeMap::<String, BTreeSet<String>>::new();
    for row in page.lines().filter(|line| line.starts_with("| `kyros-")) {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        let name = cells[0].trim_matches('`').to_owned();
        let may = match cells[2] {
            "–" => BTreeSet::new(),
            "all above" => allowed.keys().cloned().collect(),
            list => list.split(", ").map(|short| format!("kyros-{short}")).collect(),
        };
        allowed.insert(name, may);
    }
    allowed
}

/// What each crate imports of the others, outside its tests.
fn imports() -> BTreeMap<String, BTreeSet<String>> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let arguments = ["metadata", "--format-version", "1", "--no-deps", "--offline"];
    let output = Command::new(cargo).args(arguments).current_dir(repository()).output().unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let package = |package: &Value| {
        let imported = items(&package["dependencies"]).filter(|one| one["kind"].is_null());
        let names =
            imported.map(|one| text(&one["name"])).filter(|name| name.starts_with("kyros-"));
        (text(&package["name"]), names.collect())
    };
    items(&metadata["packages"]).map(package).collect()
}

/// Files that type names: the two that are generated, the rules that hold for whatever the schema
/// names, and a Python file that passes an argument of that name on.
const NAMING: [&str; 4] = [
    "crates/kyros-schema/src/names.rs",
    "crates/kyros-schema/src/policy.rs",
    "python/kyros_obs/_vocabulary.py",
    "python/kyros_obs/frameworks.py",
];

#[test]
fn names_of_the_schema_are_typed_in_the_schema_alone() {
    let names = unmistakable();
    assert!(names.len() > 60, "{names:?}");
    let mut typed = Vec::new();
    for file in sources().iter().filter(|file| !NAMING.contains(&&*file.path)) {
        for (number, line) in code(file) {
            let literals = literals(line);
            let found = names.iter().filter(|name| literals.contains(&name.as_str()));
            typed.extend(found.map(|name| format!("{}:{number}: `{name}`", file.path)));
        }
    }
    assert!(typed.is_empty(), "{}\n  hint: use the constant of that name", typed.join("\n"));
}

/// Names that can hardly mean anything else: of two words or more.
fn unmistakable() -> Vec<String> {
    let schema = Schema::embedded();
    let names = schema.metrics.keys().chain(schema.labels.keys()).chain(schema.fields.keys());
    let names = names.chain(schema.columns.keys()).chain(schema.actions.keys());
    let names = names.chain(schema.events.keys()).chain(schema.recordings.keys());
    let settings = schema.settings.values().map(|setting| setting.env.clone());
    let names = names.cloned().chain(settings).filter(|name| name.contains(['_', ':']));
    names.collect()
}

/// The numbered lines of a file that are neither comments nor docstrings.
fn code(file: &File) -> Vec<(usize, &str)> {
    let mut quoted = false;
    let lines = file.text.lines().enumerate().filter(|(_, line)| {
        let line = line.trim_start();
        let marks = line.matches("\"\"\"").count();
        let inside = quoted;
        quoted ^= file.is("py") && marks == 1;
        !(inside || marks > 0 || line.starts_with("//") || line.starts_with('#'))
    });
    lines.map(|(index, line)| (index + 1, line)).collect()
}

/// The texts in quotes of a line.
fn literals(line: &str) -> Vec<&str> {
    line.split('"').skip(1).step_by(2).collect()
}

#[test]
fn no_file_is_named_after_nothing() {
    for file in sources().iter().chain(&other_sources()) {
        let name = Path::new(&file.path).file_stem().unwrap().to_string_lossy().to_lowercase();
        let vague = ["util", "utils", "common", "helper", "helpers", "manager", "misc"];
        assert!(!vague.contains(&&*name), "{}: name it by what it knows", file.path);
    }
}

/// Files that are one table each.
const TABLES: [&str; 3] = [
    "crates/kyros-schema/src/names.rs",
    "crates/kyros-schema/src/policy.rs",
    "python/kyros_obs/_vocabulary.py",
];

#[test]
fn files_stay_small() {
    for file in sources().iter().filter(|file| !TABLES.contains(&&*file.path)) {
        let lines = file.text.lines().count();
        assert!(lines <= 400, "{}: {lines} lines: cut it by subject", file.path);
    }
}

#[test]
fn every_file_begins_by_saying_what_it_is() {
    for file in sources().iter().chain(&other_sources()) {
        let start = if file.is("rs") { "//! " } else { "\"\"\"" };
        assert!(file.text.starts_with(start), "{} doesn't begin with `{start}`", file.path);
    }
}

#[test]
fn unsafe_code_is_in_one_place() {
    let opens = |file: &File| file.is("rs") && file.text.contains("expect(unsafe_code");
    let files: Vec<_> = sources().into_iter().filter(opens).map(|file| file.path).collect();
    assert_eq!(files, ["crates/kyros-metrics/src/cells.rs"]);
}

#[test]
fn the_command_line_prints_in_one_place() {
    for file in sources().iter().filter(|file| file.path.starts_with("crates/kyros-cli/src/")) {
        let prints =
            ["io::stdout", "io::stderr", "println!"].iter().any(|way| file.text.contains(way));
        assert_eq!(prints, file.path.ends_with("/print.rs"), "{}", file.path);
    }
}

/// The sources of the product.
fn sources() -> Vec<File> {
    let mut files = below("python/kyros_obs");
    for name in crates() {
        files.extend(below(&format!("crates/{name}/src")));
    }
    files
}

/// Sources of tests, examples and benchmarks.
fn other_sources() -> Vec<File> {
    let mut files = [below("python/tests"), below("examples")].concat();
    for name in crates() {
        files.extend(below(&format!("crates/{name}/tests")));
        files.extend(below(&format!("crates/{name}/benches")));
    }
    files
}

fn crates() -> Vec<String> {
    imports().into_keys().collect()
}

/// The Rust and Python files below a folder, in the order of their paths.
fn below(folder: &str) -> Vec<File> {
    let mut paths = Vec::new();
    walk(&repository().join(folder), &mut paths);
    paths.sort();
    let file = |path: PathBuf| File {
        text: fs::read_to_string(&path).unwrap(),
        path: path.strip_prefix(repository()).unwrap().to_str().unwrap().to_owned(),
    };
    paths.into_iter().map(file).collect()
}

fn walk(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, paths);
        } else if path.extension().is_some_and(|suffix| suffix == "rs" || suffix == "py") {
            paths.push(path);
        }
    }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
