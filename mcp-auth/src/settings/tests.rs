//! Configuration files, by table.

use std::net::IpAddr;
use std::time::Duration;

use mcp_core::{Principal, ScopeSet, Tier};

use super::*;
use crate::{AuthMode, JwsAlgorithm, Rate};

const WHOLE: &str = r#"
public_url = "https://mcp.example.com"
[auth]
mode = "lazy"
baseline_scopes = ["mcp:read"]
[[auth.jwt]]
issuer = "https://auth.example.com"
algorithms = ["RS256", "EdDSA"]
jwks_uri = "https://auth.example.com/keys"
accept_plain_typ = true
[[auth.jwt]]
issuer = "http://127.0.0.1:8080/realm"
[[auth.introspection]]
url = "https://auth.example.com/introspect"
client_id = "mcp"
client_secret_env = "INTROSPECTION_SECRET"
[[auth.introspection]]
url = "https://other.example.com/introspect"
issuer = "https://other.example.com"
client_id = "mcp"
client_secret_file = "/run/secrets/introspection"
[[auth.userinfo]]
url = "https://login.example.com/userinfo"
issuer = "https://login.example.com/"
audience = "unverifiable"
scopes = ["mcp:read"]
[[auth.api_key]]
hash = "00112233445566778899aabbccddeeffF00112233445566778899aabbccddeef"
subject = "ci"
scopes = ["mcp:read"]
tier = "service"
[auth.gateway]
peers = ["10.0.0.0/8", "::1"]
secret_file = "/run/secrets/gateway"
[auth.policy]
admit = ["@example.com"]
[auth.policy.roles.admin]
members = ["alice@example.com"]
tier = "admin"
[limits]
per_principal = "60/min"
per_address = "600/min"
burst = 20
trusted_proxies = ["10.0.0.1/32"]
[audit]
file = "audit.jsonl"
"#;

#[test]
fn a_whole_file_is_read() {
    let settings = Settings::parse("mcp.toml", WHOLE).expect("settings");
    let auth = settings.auth.expect("auth");
    assert_eq!((settings.public_url.as_deref(), auth.mode), (Some("https://mcp.example.com"), AuthMode::Lazy));
    assert_eq!(auth.baseline_scopes.as_deref(), Some(&["mcp:read".to_owned()][..]));
    assert_eq!(auth.jwt[0].algorithms, [JwsAlgorithm::Rs256, JwsAlgorithm::EdDsa]);
    assert_eq!((auth.jwt[0].jwks_uri.as_deref(), auth.jwt[0].accept_plain_typ), (Some("https://auth.example.com/keys"), true));
    assert_eq!((auth.jwt[1].issuer.as_str(), auth.jwt[1].accept_plain_typ), ("http://127.0.0.1:8080/realm", false));
    assert_eq!(auth.introspection[0].client_secret, SecretSource::Env("INTROSPECTION_SECRET".into()));
    assert_eq!(auth.introspection[1].client_secret, SecretSource::File("/run/secrets/introspection".into()));
    assert_eq!((auth.userinfo[0].audience, &auth.userinfo[0].scopes), (Unverifiable, &ScopeSet::parse("mcp:read")));
    assert_eq!((auth.api_key[0].hash.as_bytes()[..3].to_vec(), auth.api_key[0].tier), (vec![0x00, 0x11, 0x22], Tier::Service));
    let gateway = auth.gateway.expect("a gateway");
    assert_eq!(gateway.secret, Some(SecretSource::File("/run/secrets/gateway".into())));
    assert!(gateway.peers[0].contains(&IpAddr::from([10, 1, 2, 3])) && gateway.peers[1].prefix_len() == 128);
    assert!(auth.policy.apply(Principal::new("mallory")).is_err());
    let rate = |count| Rate::new(count, Duration::from_secs(60)).expect("a rate").with_burst(20);
    let limits = &settings.limits;
    assert_eq!((limits.per_principal, limits.per_client, limits.per_address), (Some(rate(60)), None, Some(rate(600))));
    assert!(limits.trusted_proxies.contains(IpAddr::from([10, 0, 0, 1])) && limits.limits(crate::Clock::default()).is_some());
    assert_eq!(settings.audit.expect("audit").file.to_str(), Some("audit.jsonl"));
}

#[test]
fn an_empty_file_asks_for_nothing() {
    let settings = Settings::parse("mcp.toml", "").expect("settings");
    assert!(settings.auth.is_none() && settings.audit.is_none() && settings.limits.limits(crate::Clock::default()).is_none());
    assert_eq!(Settings::parse("mcp.toml", "[auth]").expect("settings").auth.expect("auth").mode, AuthMode::Required);
}

/// Checks which line is named, what is said of it, and that the values given as secrets are not repeated.
fn check(text: &str, line: usize, quoted: &str, says: &[&str]) {
    let error = Settings::parse("mcp.toml", text).expect_err(text);
    let shown = error.to_string();
    assert!(shown.starts_with(&format!("mcp.toml:{line}: ")), "{shown}");
    assert!(shown.ends_with(&format!("\n  {line} | {quoted}")), "{shown}");
    assert_eq!(error.line(), Some(line));
    for part in says {
        assert!(error.message().contains(part), "{shown} says nothing of {part}");
    }
    assert!(!shown.contains("hunter2") && !format!("{error:?}").contains("hunter2"), "{shown}");
}

#[test]
fn unknown_keys_are_refused_with_the_nearest() {
    check("publicurl = \"x\"", 1, "publicurl = \"x\"", &["unknown key `publicurl`", "did you mean `public_url`"]);
    check("[auth]\nmoed = \"lazy\"", 2, "moed = \"lazy\"", &["did you mean `mode`", "`introspection`"]);
    check("[[auth.jwt]]\nissuer = \"https://a\"\njwks_url = \"b\"", 3, "jwks_url = \"b\"", &["did you mean `jwks_uri`"]);
    check("[auht]\n", 1, "[auht]", &["did you mean `auth`"]);
    check("[auth.policy]\nroles.a = { members = [], scope = [] }", 2, "roles.a = { members = [], scope = [] }", &["`scopes`"]);
    check("[limits]\nper_minute = 1", 2, "per_minute = 1", &["unknown key `per_minute`", "there are `per_principal`"]);
    check("[audit]\nfile = \"a\"\nkind = 1", 3, "kind = 1", &["there are `file`"]);
}

#[test]
fn wrong_values_are_refused_with_what_is_expected() {
    let jwt = "[[auth.jwt]]\nissuer = \"https://a\"\n";
    for (line, says) in [
        ("algorithms = [\"HS256\"]", "`RS256`"),
        ("algorithms = [\"none\"]", "`RS256`"),
        ("algorithms = \"RS256\"", "expected a sequence"),
        ("jwks_uri = \"http://auth.example.com\"", "https URL"),
        ("jwks_uri = \"https://auth.example.com/#a\"", "https URL"),
        ("jwks_uri = 7", "expected an https URL"),
        ("accept_plain_typ = \"no\"", "expected a boolean"),
    ] {
        check(&format!("{jwt}{line}"), 3, line, &[says]);
    }
    for (part, line, says) in [
        ("", "public_url = \"mcp.example.com\"", "absolute"),
        ("[auth]", "mode = \"requird\"", "did you mean `required`"),
        ("[auth.gateway]", "peers = [\"10.0.0.0/33\"]", "10.0.0.0/8"),
        ("[auth.policy]", "admit = [\"@\"]", "a member is"),
        ("[auth.policy]", "allowed_scopes = [\"a b\"]", "one word"),
        ("[auth.policy]", "grant = \"rolle\"", "did you mean `role`"),
        ("[auth.policy.hierarchy]", "admin = [\"\"]", "one word"),
        ("[auth.policy.roles.a]", "tier = \"root\"", "`developer`"),
        ("[limits]", "per_client = \"60\"", "60/min"),
        ("[limits]", "per_client = \"0/min\"", "60/min"),
        ("[limits]", "burst = 0", "nonzero"),
        ("[limits]", "trusted_proxies = [\"proxy\"]", "10.0.0.0/8"),
        ("[audit]", "file = \"\"", "path"),
        ("[audit]", "file = ", "string"),
    ] {
        check(&format!("{part}\n{line}"), 2, line.trim_end(), &[says]);
    }
    check("[[auth.jwt]]\nissuer = \"https://a/?b\"", 2, "issuer = \"https://a/…", &["without user, query"]);
    check("[[auth.jwt]]\nissuer = \"https://a\"\n[[auth.jwt]]\n", 3, "[[auth.jwt]]", &["the key `issuer` is missing"]);
    let twice = "[[auth.jwt]]\nissuer = \"https://a\"\n";
    check(&format!("{twice}{twice}"), 1, "[[auth.jwt]]", &["two entries", "https://a"]);
    let twice = format!("[[auth.api_key]]\nsubject = \"a\"\nhash = \"{}\"\n", "0".repeat(64));
    check(&format!("{twice}{twice}"), 1, "[[auth.api_key]]", &["two entries"]);
    check("[auth.gateway]\npeers = []", 1, "[auth.gateway]", &["at least one"]);
    check("[auth.gateway]\npeers = [\"0.0.0.0/0\"]", 1, "[auth.gateway]", &["everybody"]);
    check("[auth.gateway]\npeers = [\"::ffff:0:0/96\"]", 1, "[auth.gateway]", &["everybody"]);
    check("[auth.gateway]\npeers = [\"0.0.0.0/1\", \"128.0.0.0/1\"]", 1, "[auth.gateway]", &["everybody"]);
    let peers = "[auth.gateway]\npeers = [\"::1\"]\n";
    check(&format!("{peers}secret_env = \"A\"\nsecret_file = \"b\""), 1, "[auth.gateway]", &["only one of"]);
    check(&format!("{peers}secret = \"hunter2\""), 3, "secret =…", &["`secret_env`"]);
    check("[auth]\nsecurity_schemes = 1", 2, "security_schemes = 1", &["expected a boolean"]);
    check("[auth]\nmode = \"lazy\"\nmode = \"lazy\"", 3, "mode = \"lazy\"", &["duplicate"]);
}

#[test]
fn an_unverifiable_audience_has_to_be_spelled_out() {
    let userinfo = "[[auth.userinfo]]\nurl = \"https://a\"\nissuer = \"https://a\"\n";
    check(userinfo, 1, "[[auth.userinfo]]", &["audience = \"unverifiable\""]);
    check(&format!("{userinfo}audience = \"any\""), 4, "audience = \"any\"", &["audience = \"unverifiable\""]);
}

#[test]
fn secrets_do_not_stand_in_the_file_and_are_not_repeated() {
    let entry = "[[auth.introspection]]\nurl = \"https://a\"\nclient_id = \"b\"\n";
    let hidden = |line: &str| format!("{}=…", line.split('=').next().expect("a key"));
    for (line, says) in [
        ("client_secret = \"hunter2\"", "`client_secret_env`"),
        ("secret = \"hunter2\"", "`client_secret_file`"),
        ("client_secret_env = \"hunter2\"", "name of an environment variable"),
        ("client_secret_env = [\"hunter2\"]", "expected the name"),
        ("client_secret_envs = \"hunter2\"", "did you mean `client_secret_env`"),
        ("client_secret_file = { hunter2 = \"hunter2\" }", "expected a path"),
        ("client_secret_env = hunter2", ""),
        ("client_secret_env = \"hunter2", ""),
    ] {
        check(&format!("{entry}{line}"), 4, &hidden(line), &[says]);
    }
    check(&format!("[[auth.introspection]]\n{entry}"), 1, "[[auth.introspection]]", &["the key `url` is missing"]);
    check(&format!("{entry}client_secret_env = \"A\"\n{entry}"), 5, "[[auth.introspection]]", &["say where the secret is"]);
    let both = format!("{entry}client_secret_env = \"A\"\nclient_secret_file = \"b\"");
    check(&both, 1, "[[auth.introspection]]", &["only one of"]);
    check("[auth]\napi_key = \"hunter2\"", 2, "api_key =…", &["expected a sequence"]);
    check("[[auth.api_key]]\nhash = \"hunter2\"", 2, "hash =…", &["64 hexadecimal"]);
    check("[[auth.jwt]]\nissuer = \"https://a:hunter2@b\"", 2, "issuer = \"https://…", &["without user"]);
    check(&format!("{entry}client_secret_env = \"\"\"\nhunter2\\q\"\"\""), 5, "…", &[]);
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mcp.toml");
    let error = Settings::load(&path).expect_err("there is none");
    assert!(error.to_string().starts_with(&path.display().to_string()) && error.line().is_none(), "{error}");
    std::fs::write(&path, WHOLE).expect("it can be written");
    assert!(Settings::load(&path).is_ok());
    std::fs::write(&path, "#".repeat(MAX_FILE + 1)).expect("it can be written");
    assert!(Settings::load(&path).is_err());
}

#[test]
fn debug_shows_no_hash_of_a_key() {
    let shown = format!("{:?}", Settings::parse("mcp.toml", WHOLE).expect("settings"));
    assert!(shown.contains("KeyHash([redacted])") && !shown.contains("17, 34"), "{shown}");
}
