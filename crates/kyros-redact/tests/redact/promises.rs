//! What holds for every text.

use kyros_redact::{Findings, Value, json};
use proptest::prelude::*;

use crate::{clean, jwt};

/// Pieces that texts are made of where they are most likely to go wrong.
const PIECES: &[&str] = &[
    "password",
    "token",
    "=",
    ":",
    "'",
    "\"",
    "\\",
    "\\\"",
    "{",
    "}",
    "[",
    "(",
    ")",
    ",",
    " ",
    ";",
    "&",
    "?",
    "/",
    "://",
    "@",
    "%40",
    ".",
    "eyJ",
    "eyJhbGciOiJI",
    "Bearer ",
    "Basic ",
    "-",
    "\n",
    "Cookie: ",
    "authorization",
    "sk-",
    "ghp_",
    "-----BEGIN PRIVATE KEY-----",
    "-----END",
    "--",
    "[redacted:jwt]",
    "[redacted:query]",
    "[redacted:",
    "]",
    "a1",
    "é",
    "x",
    "#",
    "%3D",
    "<",
    ">",
    "[parameters: ",
    "None",
    "pin",
    "b'",
    "\\u0040",
    "example.com",
    "Q~",
    "\0",
    "code",
    "grant_type",
    "pw",
    "_used",
    "%2E",
    ",password) values ",
    "contraseña",
    "\n  ",
    "`",
    "|",
];

fn pieces() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..24).prop_map(|pieces| pieces.concat())
}

/// Words that stand around a secret, with nothing to hide.
fn surroundings() -> impl Strategy<Value = String> {
    const WORDS: &[&str] =
        &["user", "ana", "GET", "200", "failed:", "(", "é", "at", "- ", "\n", "{", "x=1", "it"];
    let word = prop::sample::select(WORDS);
    prop::collection::vec(word, 0..8).prop_map(|words| words.join(" "))
}

/// Notations with a secret in the place of `#`.
const NOTATIONS: &[&str] = &[
    "password=#",
    "password: #",
    "token = '#'",
    "{\"secret\": \"#\"}",
    "{\\\"api_key\\\":\\\"#\\\"}",
    "{'cookie': 'kyros_session=#'}",
    "(b'authorization', b'Bearer #')",
    "Authorization: Basic #",
    "Bearer #",
    "Cookie: a=1; b=#",
    "Set-Cookie: sid=#; Path=/",
    "/reset?code=#",
    "/a?b=1&c=#",
    "amqp://user:#@mq.example/",
    "#@client.example",
    "#%40client.example",
    "ghp_#",
    "glpat-#",
    "-----BEGIN EC PRIVATE KEY-----\n#\n-----END EC PRIVATE KEY-----",
    "eyJhbGciOiJub25lIn0.#.#",
    "--token #",
    "<secret>#</secret>",
    "otp=#",
    "sig=#",
    "client_secret%3D#",
    "pwd=\"#\"",
    "x-api-key: #",
    "[parameters: ('#',)]",
    "input_value='#'",
    "DB_PASSWORD=# HOST=db",
    "password1=#",
    "pw=#",
    "token_used=#",
    "code=#&grant_type=authorization_code",
    "grant_type=authorization_code&code=#",
    "code_verifier=#",
    "SAMLResponse=#",
    "dsn=#",
    "contraseña=#",
    "password:\n  #",
    "passwd(#)",
    "(name,password) VALUES ('a','#')",
    "eyJhbGciOiJub25lIn0%2E#%2E#",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_planted_secret_survives(
        before in surroundings(),
        notation in prop::sample::select(NOTATIONS),
        secret in "[a-zA-Z0-9]{6}[0-9][a-zA-Z0-9]{13,30}",
        after in surroundings(),
    ) {
        let planted = format!("{before} {} {after}", notation.replace('#', &secret));
        let clean = clean(&planted);
        prop_assert!(!clean.contains(&secret), "{clean}");
        let value = Value::List(vec![Value::Map(vec![(planted.clone(), Value::Text(planted))])]);
        let encoded = json(&value, &mut Findings::default());
        prop_assert!(!encoded.as_str().contains(&secret), "{}", encoded.as_str());
    }

    #[test]
    fn redacting_again_changes_nothing(text in pieces()) {
        let once = clean(&text);
        prop_assert_eq!(clean(&once), once);
    }

    #[test]
    fn nor_does_it_for_any_text(text: String) {
        let once = clean(&text);
        prop_assert_eq!(clean(&once), once);
    }

    #[test]
    fn a_token_is_seen_wherever_it_stands(before in pieces(), after in pieces()) {
        let payload = "eyJzdWIiOiJmOGQxIn0";
        let clean = clean(&[before, jwt(), after].concat());
        prop_assert!(!clean.contains(payload), "{clean}");
    }
}

/// A scan whose time grows with the square of its input would not come back from these.
#[test]
fn repetition_is_no_trap() {
    let check = |piece: &str| _ = clean(&piece.repeat(500_000 / piece.len()));
    let others = PIECES.iter().cycle().skip(PIECES.len() / 2);
    for (one, other) in PIECES.iter().zip(others) {
        check(one);
        check(&[*one, *other].concat());
    }
}
