//! Settings: which are taken, and how a wrong one is told.

#![expect(clippy::panic, reason = "a test fails by panicking")]

use kyros_core::Settings;

const KEY: &str = "0123456789abcdef";

#[test]
fn what_is_not_given_has_its_default() {
    let settings = Settings::resolve([("service", "api")]).unwrap();
    assert_eq!(settings.get("log_level"), Some("info"));
    assert_eq!(settings.get("metrics"), Some("true"));
    assert_eq!(settings.get("audit_dsn"), None);
}

#[test]
fn a_flag_has_one_spelling() {
    for (given, flag) in [("1", true), ("Yes", true), ("on", true), ("0", false), ("FALSE", false)]
    {
        let settings = Settings::resolve([("service", "api"), ("healthz", given)]).unwrap();
        assert_eq!(settings.flag("healthz"), flag, "{given}");
    }
}

#[test]
fn a_place_to_listen_has_one_spelling() {
    for (given, place) in [("0.0.0.0:9464", "0.0.0.0:9464"), ("[0::0]:9464", "[::]:9464")] {
        let settings = Settings::resolve([("service", "api"), ("metrics_listen", given)]).unwrap();
        assert_eq!(settings.get("metrics_listen"), Some(place), "{given}");
    }
}

#[test]
fn a_problem_names_the_setting_and_the_remedy() {
    check(&[], &["no setting `service`", "KYROS_OBS_SERVICE"]);
    check(&[("service", " ")], &["no setting `service`"]);
    check(&[("service", "a"), ("sevrice", "b")], &["`sevrice`", "did you mean `service`?"]);
    check(&[("service", "a"), ("metrics", "perhaps")], &["`metrics`", "perhaps", "`true`"]);
    check(&[("service", "a"), ("log_level", "loud")], &["`log_level`", "loud", "`critical`"]);
    check(&[("service", "a"), ("log_email", "all")], &["`log_email`", "all", "`access`"]);
    check(&[("service", "a"), ("identity", "module")], &["`identity`", "`module:function`"]);
    for place in
        ["9464", ":9464", "localhost:9464", "0.0.0.0", "127.0.0.1:0", "::9464", "[::]:70000"]
    {
        check(&[("service", "a"), ("metrics_listen", place)], &["`metrics_listen`", place, "[::]"]);
    }
    check(&[("service", "a"), ("strict", "true")], &["`pii_key`", "KYROS_OBS_PII_KEY_FILE"]);
    check(&[("service", "a"), ("config", "/absent.toml")], &["/absent.toml", "hint:"]);
}

#[test]
fn a_problem_of_tokens_names_the_setting_and_the_remedy() {
    let with_key = |name, value| [("service", "a"), ("jwt_keys", "/keys.json"), (name, value)];
    for (name, value, remedy) in [
        ("jwt_secret", "short", "32 bytes"),
        ("jwt_algorithms", "RS256,none", "`ES256`"),
        ("jwt_algorithms", "", "`ES256`"),
        ("jwt_claims", "roles=roles", "`tenant_id=tid,sub=oid`"),
        ("jwt_claims", "sub", "`tenant_id=tid,sub=oid`"),
        ("jwt_claims", "sub=", "`tenant_id=tid,sub=oid`"),
        ("jwt_cookie", "a b", "letters"),
        ("jwt_header", "a: b", "letters"),
        ("trace_header", "set-cookie", "`x-`"),
        ("trace_header", "x-a\r\nb", "`x-`"),
    ] {
        check(&with_key(name, value), &[&format!("setting `{name}`"), remedy]);
    }
    for name in ["jwt_audience", "jwt_issuer", "jwt_cookie"] {
        check(&[("service", "a"), (name, "x")], &[name, "no key", "KYROS_OBS_JWT_KEYS"]);
    }
}

#[test]
fn the_names_of_headers_are_in_lower_case() {
    for (name, given) in [("jwt_header", "X-Token"), ("trace_header", "TraceResponse")] {
        let settings = Settings::resolve([("service", "a"), (name, given)]).unwrap();
        assert_eq!(settings.get(name), Some(given.to_lowercase().as_str()));
    }
}

#[test]
fn all_problems_are_told_at_once() {
    check(
        &[("log_level", "loud"), ("metrics", "perhaps"), ("pii_key", "short")],
        &["`service`", "`log_level`", "`metrics`", "`pii_key`"],
    );
}

#[test]
fn a_secret_is_in_no_problem() {
    let problem = problem(&[("service", "a"), ("pii_key", "too-short-a-key")]);
    assert!(problem.contains("`pii_key`") && !problem.contains("too-short-a-key"), "{problem}");
}

#[test]
fn strict_with_a_key_starts() {
    Settings::resolve([("service", "a"), ("strict", "true"), ("pii_key", KEY)]).unwrap();
}

fn check(given: &[(&str, &str)], words: &[&str]) {
    let problem = problem(given);
    for word in words {
        assert!(problem.contains(word), "no `{word}` in: {problem}");
    }
}

fn problem(given: &[(&str, &str)]) -> String {
    match Settings::resolve(given.iter().copied()) {
        Ok(_) => panic!("accepted: {given:?}"),
        Err(error) => error.to_string(),
    }
}
