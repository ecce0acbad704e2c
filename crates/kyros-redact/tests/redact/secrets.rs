//! Each class in each notation.

use kyros_redact::{Findings, text};

use crate::{clean, jwt};

/// The secrets of the tables; none contains another's.
const SECRET: &str = "s3cr3t-Value-77";

#[test]
fn values_of_secret_names() {
    let check = |written: &str, remains: &str| {
        let seen = clean(&written.replace("SECRET", SECRET));
        assert_eq!(seen, remains, "{written}");
    };
    check("password=SECRET", "password=[redacted:password]");
    check("newPassword = SECRET, user=ana", "newPassword = [redacted:password], user=ana");
    check("password: SECRET", "password: [redacted:password]");
    check("DB_PASSWORD=SECRET", "DB_PASSWORD=[redacted:password]");
    check("{'user_token': 'SECRET', 'n': 1}", "{'user_token': '[redacted:token]', 'n': 1}");
    check(r#"{"apiKey":"SECRET","n":1}"#, r#"{"apiKey":"[redacted:key]","n":1}"#);
    check(
        r#"{\"api_key\": \"SECRET\", \"n\": 1}"#,
        r#"{\"api_key\": \"[redacted:key]\", \"n\": 1}"#,
    );
    check(r#"{\\\"token\\\": \\\"SECRET\\\"}"#, r#"{\\\"token\\\": \\\"[redacted:token]\\\"}"#);
    check("(b'x-api-key', b'SECRET')", "(b'x-api-key', b'[redacted:key]')");
    check("[('token', 'SECRET')]", "[('token', '[redacted:token]')]");
    check("User(password='SECRET', id=7)", "User(password='[redacted:password]', id=7)");
    check("password=Secret('SECRET') id=7", "password=[redacted:password]) id=7");
    check("secrets: ['SECRET', \"x]\"] end", "secrets: [redacted:secret] end");
    check("credentials={'a': {'b': 'SECRET'}} end", "credentials=[redacted:secret] end");
    check("password='it\\'s SECRET' end", "password='[redacted:password]' end");
    check("password=\"SECRET", "password=\"[redacted:password]");
    check("client_secret=SECRET&state=1", "client_secret=[redacted:secret]&state=1");
    check("token%3DSECRET&x=1", "token%3D[redacted:token]&x=1");
    check("%22token%22%3A%22SECRET%22", "%22token%22%3A[redacted:token]");
    check("Password=SECRET;Server=db", "Password=[redacted:password];Server=db");
    check("Password=a;b&cSECRET;Server=db", "Password=[redacted:password];Server=db");
    check("AccountKey=SECRET==;x=1", "AccountKey=[redacted:key];x=1");
    check("<password>SECRET</password>", "<password>[redacted:password]</password>");
    check("psql --password SECRET -h db", "psql --password [redacted:password] -h db");
    check("password => SECRET", "password => [redacted:password]");
    check("form[password]=SECRET", "form[password]=[redacted:password]");
    check("kyros_session=SECRET; theme=dark", "kyros_session=[redacted:session]; theme=dark");
    check("JSESSIONID=SECRET", "JSESSIONID=[redacted:session]");
    check("x-csrf-token: SECRET", "x-csrf-token: [redacted:token]");
    check("'query_string': b'a=SECRET'", "'query_string': b'[redacted:query]'");
    check("otp: 123456", "otp: [redacted:password]");
    check("input_value='SECRET', input_type=str", "input_value='[redacted:input]', input_type=str");
    check("[parameters: ('SECRET', 1)]\nnext", "[parameters: [redacted:input]\nnext");
}

#[test]
fn more_names() {
    let check = |written: &str, remains: &str| {
        let seen = clean(&written.replace("SECRET", SECRET));
        assert_eq!(seen, remains, "{written}");
    };
    check("password1=SECRET password2=SECRET", {
        "password1=[redacted:password] password2=[redacted:password]"
    });
    check("pwd1: SECRET", "pwd1: [redacted:password]");
    check("token1=SECRET", "token1=[redacted:token]");
    check("pw=SECRET", "pw=[redacted:password]");
    check("{'pw': 'correct horse'}", "{'pw': '[redacted:password]'}");
    check("code_verifier=SECRET", "code_verifier=[redacted:secret]");
    check("{\"codeVerifier\": \"SECRET\"}", "{\"codeVerifier\": \"[redacted:secret]\"}");
    check("client_assertion=SECRET&x=1", "client_assertion=[redacted:token]&x=1");
    check("SAMLResponse=SECRET&RelayState=1", "SAMLResponse=[redacted:token]&RelayState=1");
    check("{'bearer': 'SECRET'}", "{'bearer': '[redacted:bearer]'}");
    check("bearer=SECRET", "bearer=[redacted:bearer]");
    check("AUDIT_DSN=SECRET", "AUDIT_DSN=[redacted:secret]");
    check("{'dsn': 'host=db user=SECRET'}", "{'dsn': '[redacted:secret]'}");
    check("connection_string='Server=db;Key=SECRET'", "connection_string='[redacted:secret]'");
    check("ConnectionString: SECRET", "ConnectionString: [redacted:secret]");
    check("passwort=SECRET", "passwort=[redacted:password]");
    check("mot_de_passe: SECRET", "mot_de_passe: [redacted:password]");
    check("contrasena=SECRET", "contrasena=[redacted:password]");
    check("contraseña=SECRET", "contraseña=[redacted:password]");
    check("auth_code=SECRET", "auth_code=[redacted:token]");
    check("{'recovery_code': 'SECRET'}", "{'recovery_code': '[redacted:token]'}");
}

#[test]
fn a_code_is_one_beside_its_grant() {
    let check = |written: &str, remains: &str| {
        let seen = clean(&written.replace("SECRET", SECRET));
        assert_eq!(seen, remains, "{written}");
    };
    check(
        "code=SECRET&grant_type=authorization_code",
        "code=[redacted:token]&grant_type=authorization_code",
    );
    check(
        "{'grant_type': 'authorization_code', 'code': 'SECRET'}",
        "{'grant_type': 'authorization_code', 'code': '[redacted:token]'}",
    );
    check("grant_type=client_credentials, code: 400", "grant_type=client_credentials, code: 400");
    check("code: SECRET", &format!("code: {SECRET}"));
}

#[test]
fn names_about_a_secret_excuse_words_and_numbers_only() {
    let check = |written: &str, remains: &str| {
        let seen = clean(&written.replace("SECRET", SECRET));
        assert_eq!(seen, remains, "{written}");
    };
    check("token_used=SECRET", "token_used=[redacted:token]");
    check("token_in: SECRET", "token_in: [redacted:token]");
    check("{'password_attempts': 'SECRET'}", "{'password_attempts': '[redacted:password]'}");
    check("password_min=hunter2-hunter2", "password_min=[redacted:password]");
    check("token_valid=abcdefghijklmnopqrstuvwxyz", "token_valid=[redacted:token]");
    check("token_used=aXbYcZdWeVf", "token_used=[redacted:token]");
    check("token_required=abc123", "token_required=[redacted:token]");
    check("secret_name=c2VjcmV0LXZhbHVlLTc3", "secret_name=[redacted:secret]");
}

#[test]
fn other_notations() {
    let check = |written: &str, remains: &str| {
        let seen = clean(&written.replace("SECRET", SECRET));
        assert_eq!(seen, remains, "{written}");
    };
    check("password:\n  SECRET\nuser: ana", "password:\n  [redacted:password]\nuser: ana");
    check("password:\r\n\tSECRET", "password:\r\n\t[redacted:password]");
    check("password: |\n  correcthorse\n", "password: |\n  [redacted:password]\n");
    check("\"password\":\n  \"SECRET\"", "\"password\":\n  \"[redacted:password]\"");
    check("passwd(SECRET) end", "passwd([redacted:password]) end");
    check("set_password('SECRET')", "set_password('[redacted:password]')");
    check(
        "INSERT INTO u (email,password) VALUES ('a','SECRET'), ('b','SECRET'); next",
        "INSERT INTO u (email,password) VALUES [redacted:input], [redacted:input]; next",
    );
    check(
        "insert into u(\"api_key\") values('SECRET",
        "insert into u(\"api_key\") values[redacted:input]",
    );
}

#[test]
fn headers() {
    let check = |written: &str, remains: &str| {
        let seen = clean(&written.replace("SECRET", SECRET));
        assert_eq!(seen, remains, "{written}");
    };
    check("Authorization: Bearer SECRET", "Authorization: [redacted:authorization]");
    check("authorization: SECRET\nHost: x", "authorization: [redacted:authorization]\nHost: x");
    check("{'authorization': 'Bearer SECRET'}", "{'authorization': '[redacted:authorization]'}");
    check("Proxy-Authorization: SECRET", "Proxy-Authorization: [redacted:authorization]");
    check(
        "Authorization: Digest username=\"a\", response=\"SECRET\"",
        "Authorization: [redacted:authorization]",
    );
    check("-H 'Authorization: Token SECRET' x", "-H 'Authorization: [redacted:authorization]' x");
    check("authorization=Bearer SECRET x=1", "authorization=[redacted:authorization] x=1");
    check("Cookie: a=SECRET; b=SECRET", "Cookie: [redacted:cookie]");
    check("Set-Cookie: a=SECRET; Path=/\r\nX: y", "Set-Cookie: [redacted:cookie]\r\nX: y");
    check("cookie=a=SECRET; b=SECRET end", "cookie=[redacted:cookie] end");
    check("(b'cookie', b'a=SECRET')", "(b'cookie', b'[redacted:cookie]')");
    check("got Bearer SECRET.", "got Bearer [redacted:bearer]");
    check("bearer SECRET", "bearer [redacted:bearer]");
    check("Bearer%20SECRET", "Bearer%20[redacted:bearer]");
    check("Basic dXNlcjpodW50ZXIyLWh1bnRlcjI=", "Basic [redacted:basic]");
    check("Token s3cr3tValue77s3cr3t", "Token [redacted:token]");
}

#[test]
fn shapes() {
    let check = |written: &str, remains: &str| assert_eq!(clean(written), remains, "{written}");
    let jwt = jwt();
    let [head, payload, _] = jwt.split('.').collect::<Vec<_>>()[..] else { unreachable!() };
    check(&format!("({jwt}), next"), "([redacted:jwt]), next");
    check(&format!("\\n{jwt}<"), "\\n[redacted:jwt]<");
    check(&format!("{}&x", jwt.replace('.', "%2E")), "[redacted:jwt]&x");
    check(&format!("{}&x", jwt.replace('.', "%252e")), "[redacted:jwt]&x");
    check(&format!("x{head}…"), "x[redacted:jwt]…");
    check(&format!(".{payload}.c2ln"), ".[redacted:jwt]");
    check("ZXlKaGJHY2lPaUpJVXpJMU5pSjkuZXlK", "[redacted:jwt]");
    let random = "a1B2c3D4e5".repeat(4);
    for prefix in ["ghp_", "github_pat_", "glpat-", "xoxb-", "npm_", "hvs.", "sk-", "SG."] {
        check(&format!("use {prefix}{random}, or"), "use [redacted:token], or");
        check(&format!("\\n{prefix}{random}"), "\\n[redacted:token]");
    }
    check(&format!("AKIA{} x", "Z2".repeat(8)), "[redacted:token] x");
    check(&format!("abc8Q~{}", "x".repeat(31)), "[redacted:secret]");
}

#[test]
fn private_keys() {
    let check = |written: &str, remains: &str| assert_eq!(clean(written), remains, "{written}");
    let (begin, end) = ("-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----");
    check(&format!("a {begin}\nMIIB\nAQ==\n{end} b"), "a [redacted:private_key] b");
    check(&format!("{begin}\\nMIIB\\n{end}"), "[redacted:private_key]");
    check(&format!("{begin}\nMIIB\nAQ"), "[redacted:private_key]");
    let encoded = "LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQpNSUlCQVFJREFRQUJNSUlCQVFJREFRQUI=";
    check(encoded, "[redacted:private_key]");
}

#[test]
fn addresses_and_urls() {
    let check = |written: &str, remains: &str| assert_eq!(clean(written), remains, "{written}");
    check("mail ana@client.example.", "mail [redacted:email].");
    check("<ana.b+c@client.example>", "<[redacted:email]>");
    check("ana%40client.example", "[redacted:email]");
    check("ana%2540client.example", "[redacted:email]");
    check("ana\\u0040client.example", "[redacted:email]");
    check("\"ana b\"@client.example", "[redacted:email]");
    check("ana@sub.bücher.example", "[redacted:email]");
    check("a@b.c,d@e.f", "[redacted:email],[redacted:email]");
    check("root@10.0.0.1", "[redacted:email]");
    check("ana@localhost", "[redacted:email]");
    check("ana@LOCALHOST:25", "[redacted:email]:25");
    check("postgres://u:p@db.example/k", "postgres://[redacted:userinfo]@db.example/k");
    check("postgres://u:p/w@db.example/k", "postgres://[redacted:userinfo]@db.example/k");
    check("https://tok@git.example/x", "https://[redacted:userinfo]@git.example/x");
    check("GET /a?x=1&y=ana HTTP", "GET /a?x=[redacted:query]&y=[redacted:query] HTTP");
    check("'/a?x=1#y=2'", "'/a?x=[redacted:query]#y=[redacted:query]'");
    check("/a?q=a@b.c", "/a?q=[redacted:query]");
    check("/a?x=1&0123456789abcdef0123456789", "/a?x=[redacted:query]&[redacted:query]");
    check("/a?0123456789abcdef0123456789", "/a?[redacted:query]");
}

#[test]
fn findings_count_by_class() {
    let mut findings = Findings::default();
    text("a@b.c and password=x7x7 of d@e.f", &mut findings);
    let mut more = Findings::default();
    text("password=x7x7", &mut more);
    findings.merge(&more);
    let counts: Vec<_> = findings.iter().collect();
    assert_eq!(counts, [("password", 2), ("email", 2)]);
}
