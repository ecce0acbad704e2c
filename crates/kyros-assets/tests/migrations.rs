//! The committed migrations are what the schema says, and keep the platform's columns.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use kyros_assets::Output;
use kyros_schema::Schema;

#[test]
fn the_committed_migration_is_the_rendered_one() {
    let Output { path, contents } = migration("");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(committed == contents, "{} differs\n  hint: make generate", file.display());
}

#[test]
fn a_services_overlay_changes_no_migration() {
    let overlay = "[retention]\naudit_days = 730";
    assert_eq!(migration(overlay), migration(""));
}

#[test]
fn audit_rows_are_kept_as_long_as_the_schema_says() {
    let days = Schema::embedded().retention.audit_days;
    let declared = format!("drop_months(keep_days integer DEFAULT {days})");
    assert!(migration("").contents.contains(&declared), "no `{declared}`");
    let schema = Schema::with_overlay("kyros-obs.toml", "[retention]\naudit_days = 400").unwrap();
    let outputs = kyros_assets::render(&schema).unwrap();
    let retention = outputs.iter().find(|output| output.path == "deploy/postgres/retention.sql");
    assert!(retention.unwrap().contents.contains("drop_months(keep_days => 400);"));
}

#[test]
fn columns_have_type_and_nullability_of_the_schema() {
    let contents = migration("").contents;
    for column in Schema::embedded().columns.values() {
        let declared = format!("\n    {} {}", column.name, column.sql);
        let (_, rest) = contents.split_once(&declared).expect(&declared);
        let rest = rest.lines().next().unwrap_or_default();
        assert_eq!(rest.contains("NOT NULL"), !column.nullable, "{}", column.name);
    }
}

#[test]
fn the_platforms_columns_keep_names_and_types() {
    let contents = migration("").contents;
    let platform = [
        "id bigint NOT NULL GENERATED ALWAYS AS IDENTITY",
        "ts timestamptz NOT NULL",
        "sub uuid",
        "email text",
        "tenant_id uuid",
        "action text NOT NULL",
        "resource text",
        "meta jsonb NOT NULL DEFAULT '{}'",
    ];
    for column in platform {
        assert!(contents.contains(&format!("\n    {column},\n")), "no column `{column}`");
    }
}

fn migration(overlay: &str) -> Output {
    let schema = Schema::with_overlay("kyros-obs.toml", overlay).unwrap();
    let outputs = kyros_assets::render(&schema).unwrap();
    let mut migrations =
        outputs.into_iter().filter(|output| output.path.starts_with("migrations/"));
    let only = migrations.next().unwrap();
    assert_eq!(only.path, "migrations/0001_audit_logs.sql");
    assert_eq!(migrations.next(), None);
    only
}
