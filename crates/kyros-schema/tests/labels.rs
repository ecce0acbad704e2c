//! What may be a metric's label, in files and in calls alike.

use kyros_schema::{Metric, MetricKind, Schema};

/// Whether a label is refused, and for what, by a row, a metric of a file and a call.
fn check(name: &str, expected: Option<&str>) {
    let row = format!("[label.{name}]\nhelp = \"x\"\nbound = 1\n");
    let metric =
        format!("[metric.own_total]\nkind = \"counter\"\nhelp = \"x\"\nlabels = [\"{name}\"]\n");
    let in_file = |text: &str| Schema::with_overlay("o.toml", text).map(|_| ());
    let own = Metric::own("own_total", MetricKind::Counter, "x", vec![name.to_owned()]);
    let both = format!("{row}{metric}");
    for admitted in [in_file(&row), in_file(&both), Schema::embedded().admit(&own)] {
        let said = admitted.err().map(|problems| problems.to_string());
        let fits = match (&said, expected) {
            (Some(said), Some(expected)) => said.contains(expected),
            (said, expected) => said.is_none() && expected.is_none(),
        };
        assert!(fits, "label `{name}`: {said:?}");
    }
    if expected.is_some() {
        assert!(in_file(&metric).is_err(), "label `{name}` was accepted without a row");
    }
}

#[test]
fn people_are_no_labels() {
    for name in [
        "sub",
        "user_sub",
        "sub_hash",
        "subject",
        "subject_id",
        "email",
        "email_hash",
        "email_domain",
        "user_email",
        "email_address",
        "useremail",
        "e_mail",
        "mail",
        "mail_address",
        "user",
        "user_id",
        "userid",
        "user_name",
        "username",
        "preferred_username",
        "login",
        "login_name",
        "first_name",
        "display_name",
        "phone",
        "phone_number",
        "client_ip",
        "ip_address",
        "person",
    ] {
        check(name, Some("would put a person into a metric"));
    }
}

#[test]
fn secrets_are_no_labels() {
    for name in [
        "token",
        "user_token",
        "jwt",
        "id_jwt",
        "password",
        "old_password",
        "passwd",
        "session",
        "session_key",
        "cookie",
        "secret",
        "client_secret",
        "credentials",
        "api_key",
        "apikey",
        "private_key",
        "authorization",
        "token_hash",
    ] {
        check(name, Some("would put a secret into a metric"));
    }
}

#[test]
fn what_is_never_the_same_twice_is_no_label() {
    for name in ["session_id", "trace_id", "span_id", "request_id", "event_id", "correlation_id"] {
        check(name, Some("would give each request a series of its own"));
    }
}

#[test]
fn labels_of_prometheus_are_its_own() {
    for name in ["le", "quantile", "job", "namespace"] {
        check(name, Some("belongs to Prometheus"));
    }
}

#[test]
fn other_names_are_labels() {
    for name in [
        "format",
        "kind",
        "queue",
        "key",
        "cache_key",
        "name",
        "file_name",
        "sub_category",
        "subsystem",
        "submitter",
        "token_type",
        "token_kind",
        "user_type",
        "user_role",
        "user_agent",
        "login_method",
        "login_outcome",
        "session_state",
        "password_policy",
        "mail_template",
        "ip_version",
        "shipment",
        "secretariat",
        "tokenizer",
        "auth_method",
        "customer_id",
    ] {
        check(name, None);
    }
    for label in Schema::embedded().labels.values() {
        let own = Metric::own("own_total", MetricKind::Counter, "x", vec![label.name.clone()]);
        assert!(Schema::embedded().admit(&own).is_ok(), "{}", label.name);
    }
}
