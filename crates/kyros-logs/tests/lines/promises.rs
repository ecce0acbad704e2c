//! What holds for every record.

use std::time::Duration;

use kyros_logs::{ErrorData, Http, Identity, Level, Record};
use kyros_redact::Value;
use proptest::prelude::*;
use serde_json::Value as Json;

use crate::{encoder, written};

/// A text for every place of a record.
#[derive(Debug)]
struct Texts {
    words: Vec<String>,
    frames: Vec<String>,
    fields: Value,
}

impl Texts {
    fn at(&self, place: usize) -> Option<&str> {
        self.words.get(place).map(String::as_str)
    }

    fn record(&self) -> Record<'_> {
        let word = |place| self.at(place).unwrap_or_default();
        let latency = Duration::from_secs(u64::MAX);
        let http = Http { route: word(0), method: word(1), status: 599, latency, bytes: u64::MAX };
        let identity = Identity {
            sub: self.at(2),
            email: self.at(3),
            email_hash: self.at(4),
            email_domain: self.at(5),
            tenant_id: self.at(6),
        };
        Record {
            level: Level::Critical,
            event: word(7),
            message: self.at(8),
            http: Some(http),
            identity,
            dashboard_slug: self.at(9),
            trace_id: self.at(10),
            span_id: self.at(11),
            outcome: self.at(12),
            logger: self.at(13),
            error: Some(ErrorData { kind: word(14), message: word(15), frames: &self.frames }),
            fields: &self.fields,
        }
    }
}

fn texts(word: impl Strategy<Value = String> + Clone + 'static) -> impl Strategy<Value = Texts> {
    let words = prop::collection::vec(word.clone(), 16);
    let frames = prop::collection::vec(word.clone(), 0..60);
    let fields = prop::collection::vec((word.clone(), word.prop_map(Value::Text)), 0..20);
    (words, frames, fields).prop_map(|(words, frames, fields)| Texts {
        words,
        frames,
        fields: Value::Map(fields),
    })
}

const REQUIRED: [&str; 6] = ["ts", "level", "service", "env", "event", "seq"];

fn check_line(line: &str) -> Result<(), TestCaseError> {
    prop_assert!(line.len() < 64 * 1024, "{} bytes", line.len());
    prop_assert_eq!(line.find('\n'), Some(line.len() - 1));
    let json: Json = serde_json::from_str(line).map_err(|e| TestCaseError::fail(e.to_string()))?;
    for name in REQUIRED {
        prop_assert!(json.get(name).is_some_and(|value| !value.is_null()), "no {name}");
    }
    Ok(())
}

/// A secret as code that is careless with it gives it away.
fn planted(secret: &str) -> impl Strategy<Value = String> + Clone + use<> {
    let notations = [
        format!("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJmOGQxIn0.{secret}"),
        format!("Bearer {secret}"),
        format!("{{'password': '{secret}'}}"),
        format!("{{\"user_token\": \"{secret}\"}}"),
        format!("Cookie: kyros_session={secret}"),
        format!("/reset?token={secret}&x=1"),
        format!("postgres://kyros:{secret}@db/kyros"),
        format!("ghp_{secret}"),
    ];
    prop::sample::select(notations.to_vec())
}

const SECRET: &str = "c2lnbmF0dXJlLXNpZ25hdHVyZQ77";

proptest! {
    #[test]
    fn any_record_is_one_line_of_json(texts in texts(any::<String>())) {
        check_line(&written(&encoder(), &texts.record()))?;
    }

    #[test]
    fn large_records_too(texts in texts(
        ("[\\x00x\"@= ]{1,2}", 1_usize..40_000).prop_map(|(piece, count)| piece.repeat(count))
    )) {
        check_line(&written(&encoder(), &texts.record()))?;
    }

    #[test]
    fn no_planted_secret_survives_in_any_place(texts in texts(planted(SECRET))) {
        let line = written(&encoder(), &texts.record());
        check_line(&line)?;
        prop_assert!(!line.contains(SECRET), "{line}");
    }

    #[test]
    fn no_address_survives_but_in_its_field(texts in texts(Just("ana@client.example".to_owned()))) {
        let record = texts.record();
        let identity = Identity { email: None, ..record.identity };
        let line = written(&encoder(), &Record { identity, ..record });
        prop_assert!(!line.contains("ana@"), "{line}");
    }
}

#[test]
fn ten_megabytes_are_cut() {
    let long = "x".repeat(10_000_000);
    let fields = Value::Map(vec![("large".into(), Value::Text(long.clone()))]);
    let record =
        Record { message: Some(&long), fields: &fields, ..Record::new(Level::Info, "log") };
    let line = written(&encoder(), &record);
    assert!(line.len() < 64 * 1024 && line.contains("x[truncated]\""), "{}", line.len());
}
