//! What may be bound as an identity.

use kyros_logs::{plausible_domain, plausible_email, plausible_id};
use proptest::prelude::*;

fn jwt() -> String {
    ["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiJmOGQxIn0", "c2lnbmF0dXJlLXNpZ25hdHVyZQ"].join(".")
}

#[test]
fn identifiers() {
    let kept = ["f8d1", "auth0|77", "8e1b3d5b-0c0f-4a51-9c3c-4f4b5b2c9f10", "acme", "_none", "17"];
    for id in kept {
        assert_eq!(plausible_id(id), Some(id));
    }
    let long = "x".repeat(129);
    let refused = [
        "",
        "ana@client.example",
        "root@db",
        "ana%40client.example",
        "two words",
        "a\nb",
        "é",
        "token=abc123",
        &long,
        &jwt(),
        &format!("Bearer {}", jwt()),
    ];
    for id in refused {
        assert_eq!(plausible_id(id), None, "{id}");
    }
}

#[test]
fn addresses_and_domains() {
    for email in ["ana@client.example", "ana.b+c@client.example", "ana@sub.bücher.example"] {
        assert_eq!(plausible_email(email), Some(email));
    }
    let long = format!("{}@client.example", "x".repeat(250));
    let refused =
        ["", "ana", "ana@", "@client.example", "a@b.c,d@e.f", "Ana <ana@client.example>", &long];
    for email in refused.into_iter().chain([jwt().as_str(), "[redacted:email]"]) {
        assert_eq!(plausible_email(email), None, "{email}");
    }
    assert_eq!(plausible_domain("client.example"), Some("client.example"));
    for domain in ["", "a b", "ana@client.example", jwt().as_str()] {
        assert_eq!(plausible_domain(domain), None, "{domain}");
    }
}

proptest! {
    #[test]
    fn what_is_plausible_is_what_was_given(text: String) {
        for found in [plausible_id(&text), plausible_email(&text), plausible_domain(&text)] {
            prop_assert!(found.is_none_or(|found| found == text));
        }
        prop_assert!(plausible_id(&text).is_none_or(|id| !id.contains('@')));
    }
}
