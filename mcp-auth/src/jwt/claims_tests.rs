//! What verified claims must say, as tables.

use serde_json::json;

use super::*;

const NOW: u64 = 1_700_000_000;

fn good() -> Map<String, Value> {
    let claims = json!({
        "iss": "https://issuer.example", "aud": "https://mcp.example.com/mcp", "sub": "dee", "client_id": "cli",
        "exp": NOW + 600, "iat": NOW - 10, "scope": "a b",
    });
    claims.as_object().expect("an object").clone()
}

fn issuer() -> JwtIssuer {
    JwtIssuer::new("https://issuer.example").expect("an issuer").audience("api://mcp")
}

fn decide(claims: Map<String, Value>, issuer: &JwtIssuer) -> Result<Principal, AuthError> {
    let resource = Resource::parse("https://mcp.example.com/mcp").expect("a URL");
    principal(claims, issuer, &resource, NOW)
}

/// Good claims with one replaced, or taken away if it is `None`.
fn with(name: &str, value: Option<Value>) -> Map<String, Value> {
    let mut claims = good();
    match value {
        Some(value) => drop(claims.insert(name.to_owned(), value)),
        None => drop(claims.remove(name)),
    }
    claims
}

#[track_caller]
fn check(name: &str, value: Option<Value>, reason: Option<&str>) {
    let shown = format!("{name}: {value:?}");
    let shown: String = shown.chars().take(80).collect();
    let refused = match decide(with(name, value), &issuer()) {
        Ok(_) => None,
        Err(AuthError::Invalid { reason }) => Some(reason),
        Err(other) => panic!("{shown}: {other:?}"),
    };
    assert_eq!(refused, reason, "{shown}");
}

const EXPIRED: Option<&str> = Some("the token has expired");
const EARLY: Option<&str> = Some("the token is not valid yet");
const FUTURE: Option<&str> = Some("the token was issued in the future");
const ELSEWHERE: Option<&str> = Some("the token is for another audience");
const NOBODY: Option<&str> = Some("the token names no subject");
const UNREADABLE: Option<&str> = Some("a claim of the token is malformed");
const BOUND: Option<&str> = Some("the token is bound to a key and is no bearer token");

#[test]
fn dates_are_whole_seconds_within_leeway() {
    for (exp, reason) in [
        (json!(NOW + 1), None),
        (json!(NOW), None),
        (json!(NOW - 29), None),
        (json!(NOW - 30), EXPIRED),
        (json!(0), EXPIRED),
        (json!(1_700_000_600.0), None),
        (json!(1.7e9), None),
        (json!(LAST_DATE), None),
        (json!(1_700_000_600.5), UNREADABLE),
        (json!(LAST_DATE + 1), UNREADABLE),
        (json!(u64::MAX), UNREADABLE),
        (json!(i64::MIN), UNREADABLE),
        (json!(-1), UNREADABLE),
        (json!(1e300), UNREADABLE),
        (json!(-1e300), UNREADABLE),
        (json!("1700000600"), UNREADABLE),
        (json!(null), UNREADABLE),
        (json!([NOW + 600]), UNREADABLE),
        (json!(true), UNREADABLE),
    ] {
        check("exp", Some(exp), reason);
    }
    check("exp", None, Some("the token does not expire"));
    for (nbf, reason) in [(json!(NOW + 30), None), (json!(NOW + 31), EARLY), (json!(0), None), (json!("x"), UNREADABLE)] {
        check("nbf", Some(nbf), reason);
    }
    for (iat, reason) in [(json!(NOW + 60), None), (json!(NOW + 61), FUTURE), (json!(u64::MAX), UNREADABLE)] {
        check("iat", Some(iat), reason);
    }
    check("iat", None, None);
    let patient = issuer().leeway(Duration::from_secs(3_600));
    assert!(decide(with("exp", Some(json!(NOW - 59))), &patient).is_ok());
    assert!(decide(with("exp", Some(json!(NOW - 60))), &patient).is_err(), "leeway is a minute at most");
}

#[test]
fn the_audience_names_the_resource() {
    for (aud, reason) in [
        (json!("https://mcp.example.com/mcp"), None),
        (json!("https://MCP.example.com:443/mcp/"), None),
        (json!(["https://other.example", "https://mcp.example.com/mcp"]), None),
        (json!("api://mcp"), None),
        (json!("api://mcp/"), ELSEWHERE),
        (json!("api://MCP"), ELSEWHERE),
        (json!("https://mcp.example.com/mcp-other"), ELSEWHERE),
        (json!("https://mcp.example.com"), ELSEWHERE),
        (json!("https://mcp.example.com./mcp"), ELSEWHERE),
        (json!("https://user@mcp.example.com/mcp"), ELSEWHERE),
        (json!("https://mcp.example.com%2Fmcp"), ELSEWHERE),
        (json!("https://issuer.example"), ELSEWHERE),
        (json!("https://mcp.example.com/mcp https://other.example"), ELSEWHERE),
        (json!(["https://other.example"]), ELSEWHERE),
        (json!([]), ELSEWHERE),
        (json!(""), ELSEWHERE),
        (json!(vec!["https://other.example"; 100_000]), ELSEWHERE),
        (json!(["https://mcp.example.com/mcp", 7]), UNREADABLE),
        (json!([["https://mcp.example.com/mcp"]]), UNREADABLE),
        (json!({ "https://mcp.example.com/mcp": true }), UNREADABLE),
        (json!(null), UNREADABLE),
    ] {
        check("aud", Some(aud), reason);
    }
    check("aud", None, ELSEWHERE);
}

#[test]
fn issuer_subject_client_and_binding_are_checked() {
    for other in ["https://issuer.example/", "https://ISSUER.example", "https://issuer.example:443", ""] {
        check("iss", Some(json!(other)), Some("the token is of another issuer"));
    }
    check("iss", None, Some("the token is of another issuer"));
    check("sub", Some(json!("")), NOBODY);
    check("sub", None, NOBODY);
    check("sub", Some(json!(7)), UNREADABLE);
    check("client_id", Some(json!(7)), UNREADABLE);
    check("client_id", None, None);
    for cnf in [json!({ "jkt": "x" }), json!({ "x5t#S256": "x" }), json!({ "jwk": {} }), json!({}), json!(null)] {
        check("cnf", Some(cnf), BOUND);
    }
}

#[test]
fn with_plain_typ_other_tokens_are_told_by_their_claims() {
    for (name, value, taken) in [
        ("at_hash", json!("x"), false),
        ("c_hash", json!("x"), false),
        ("events", json!({}), false),
        ("typ", json!("ID"), false),
        ("typ", json!("Refresh"), false),
        ("typ", json!("Bearer"), true),
        ("token_use", json!("id"), false),
        ("token_use", json!("access"), true),
        ("token_use", json!(7), false),
    ] {
        let decision = decide(with(name, Some(value.clone())), &issuer().accept_plain_typ());
        assert_eq!(decision.is_ok(), taken, "{name}: {value}");
    }
}

#[test]
fn a_principal_is_what_the_claims_say() {
    let principal = decide(good(), &issuer()).expect("good claims");
    assert_eq!((principal.issuer(), principal.subject(), principal.client()), (Some("https://issuer.example"), Some("dee"), Some("cli")));
    assert_eq!(principal.expires_at(), Some(UNIX_EPOCH + Duration::from_secs(NOW + 630)));
    assert_eq!((principal.has_second_factor(), principal.claim("iat")), (false, Some(&json!(NOW - 10))));
    let mut claims = with("client_id", None);
    claims.insert("azp".to_owned(), json!("party"));
    assert_eq!(decide(claims, &issuer()).expect("good claims").client(), Some("party"));
}

#[test]
fn scopes_are_of_the_first_claim_that_is_there() {
    let held = |pairs: &[(&str, Value)], issuer: &JwtIssuer| {
        let mut claims = with("scope", None);
        claims.extend(pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        decide(claims, issuer).map(|principal| principal.scopes().to_string()).map_err(drop)
    };
    let named = issuer().scope_claims(["permissions"]);
    for (pairs, issuer, scopes) in [
        (&[("scope", json!("a b"))][..], &issuer(), Ok("a b")),
        (&[("scp", json!("a b"))], &issuer(), Ok("a b")),
        (&[("scp", json!(["b", "a"]))], &issuer(), Ok("a b")),
        (&[("scope", json!("a")), ("scp", json!("b"))], &issuer(), Ok("a")),
        (&[("scope", json!(""))], &issuer(), Ok("no scope")),
        (&[("scp", json!(["a b", "c\"", "", "d"]))], &issuer(), Ok("d")),
        (&[("scope", json!("a  b\tc \"d"))], &issuer(), Ok("a")),
        (&[("permissions", json!(["a"])), ("scope", json!("b"))], &named, Ok("a")),
        (&[], &issuer(), Ok("no scope")),
        (&[("scope", json!(7))], &issuer(), Err(())),
        (&[("scp", json!(["a", 7]))], &issuer(), Err(())),
    ] {
        assert_eq!(held(pairs, issuer), scopes.map(str::to_owned), "{pairs:?}");
    }
}

#[test]
fn a_second_factor_is_one_of_the_methods() {
    let phones = issuer().second_factors(["sms"]);
    for (amr, issuer, second) in [
        (json!(["pwd", "otp"]), &issuer(), false),
        (json!(["mfa"]), &issuer(), true),
        (json!(["hwk"]), &issuer(), false),
        (json!(["pwd"]), &issuer(), false),
        (json!(["pwd", "sms"]), &issuer(), false),
        (json!(["MFA"]), &issuer(), false),
        (json!("mfa"), &issuer(), false),
        (json!([["mfa"]]), &issuer(), false),
        (json!(["sms"]), &phones, true),
        (json!(["mfa"]), &phones, false),
    ] {
        let principal = decide(with("amr", Some(amr.clone())), issuer).expect("good claims");
        assert_eq!(principal.has_second_factor(), second, "{amr}");
    }
}
