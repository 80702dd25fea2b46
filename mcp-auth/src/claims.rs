//! What an issuer says of a token, read into a principal.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mcp_core::{Principal, ScopeSet, is_scope_token};
use serde_json::{Map, Value};

use crate::{AuthError, Resource};

/// The longest subject and client that are taken, in bytes.
const MAX_NAME_BYTES: usize = 1_024;

/// How far ahead of ours an issuer's clock may be.
const LEEWAY: Duration = Duration::from_secs(60);

/// The caller that claims of RFC 7519, section 4.1, RFC 9068, section 2.2, and RFC 7662, section 2.2, describe.
///
/// The caller presented a second factor if one of the methods in `second_factor` is among the token's
/// `amr` (RFC 8176). Without an `issuer` it is the one the claims name.
///
/// # Errors
/// When no subject is named, or a claim has another shape than it should.
pub(crate) fn principal(issuer: Option<&str>, claims: Map<String, Value>, second_factor: &[String]) -> Result<Principal, AuthError> {
    let mut principal = Principal::new(subject(&claims)?);
    if let Some(issuer) = issuer.or_else(|| text(&claims, "iss")) {
        principal = principal.with_issuer(issuer);
    }
    if let Some(client) = text(&claims, "client_id").or_else(|| text(&claims, "azp")) {
        principal = principal.with_client(name(client)?);
    }
    if let Some(expiry) = time(&claims, "exp")? {
        principal = principal.with_expiry(expiry);
    }
    let used = |method: &Value| second_factor.iter().any(|accepted| method == accepted.as_str());
    let stepped_up = claims.get("amr").and_then(Value::as_array).is_some_and(|methods| methods.iter().any(used));
    Ok(principal.with_scopes(scopes(&claims)).with_second_factor(stepped_up).with_claims(claims))
}

/// Whose claims they are.
///
/// # Errors
/// When there is no `sub`: a client's own name is none, since a user might have it too (RFC 9068, section 5).
pub(crate) fn subject(claims: &Map<String, Value>) -> Result<&str, AuthError> {
    name(text(claims, "sub").ok_or(AuthError::invalid("the token names no subject"))?)
}

/// Whether the audience is `resource`; `None` if the claims name no audience.
pub(crate) fn is_for(claims: &Map<String, Value>, resource: &Resource) -> Option<bool> {
    match claims.get("aud") {
        None | Some(Value::Null) => None,
        Some(Value::String(audience)) => Some(resource.is(audience)),
        Some(Value::Array(audiences)) => Some(audiences.iter().filter_map(Value::as_str).any(|audience| resource.is(audience))),
        Some(_) => Some(false),
    }
}

/// Checks `iss`, if there is one, against the issuer that is expected, if one is: both are compared exactly (RFC 9068, section 4).
///
/// # Errors
/// When it is another.
pub(crate) fn check_issuer(claims: &Map<String, Value>, expected: Option<&str>) -> Result<(), AuthError> {
    match (claims.get("iss"), expected) {
        (None, _) | (Some(Value::String(_)), None) => Ok(()),
        (Some(issuer), Some(expected)) if issuer == expected => Ok(()),
        _ => Err(AuthError::invalid("the token is of another issuer")),
    }
}

/// Checks `exp` and `nbf`, as far as there are any.
///
/// # Errors
/// When the token is not valid at this time.
pub(crate) fn check_times(claims: &Map<String, Value>, now: SystemTime) -> Result<(), AuthError> {
    if time(claims, "exp")?.is_some_and(|expiry| expiry <= now) {
        return Err(AuthError::invalid("the token has expired"));
    }
    if time(claims, "nbf")?.is_some_and(|start| now.checked_add(LEEWAY).is_some_and(|latest| start > latest)) {
        return Err(AuthError::invalid("the token is not valid yet"));
    }
    Ok(())
}

/// A `NumericDate` (RFC 7519, section 2): seconds since 1970, fractions allowed.
fn time(claims: &Map<String, Value>, claim: &str) -> Result<Option<SystemTime>, AuthError> {
    let Some(value) = claims.get(claim).filter(|value| !value.is_null()) else { return Ok(None) };
    let whole = |seconds: f64| Duration::try_from_secs_f64(seconds.trunc()).ok();
    let since_1970 = value.as_u64().map(Duration::from_secs).or_else(|| value.as_f64().and_then(whole));
    let time = since_1970.and_then(|duration| UNIX_EPOCH.checked_add(duration));
    time.map(Some).ok_or(AuthError::invalid("a date in the token is malformed"))
}

/// `scope` as RFC 8693, section 4.2, has it, or as the list that some issuers write; what is no scope token is left out.
fn scopes(claims: &Map<String, Value>) -> ScopeSet {
    match claims.get("scope").or_else(|| claims.get("scp")) {
        Some(Value::String(list)) => list.split(' ').filter(|scope| is_scope_token(scope)).collect(),
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).filter(|scope| is_scope_token(scope)).collect(),
        _ => ScopeSet::none(),
    }
}

fn text<'a>(claims: &'a Map<String, Value>, claim: &str) -> Option<&'a str> {
    claims.get(claim)?.as_str()
}

/// A name that may stand in records.
fn name(text: &str) -> Result<&str, AuthError> {
    if is_name(text) { Ok(text) } else { Err(AuthError::invalid("a name in the token is malformed")) }
}

/// Whether a text may stand in records as the name of somebody.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_NAME_BYTES && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(claims: Value) -> Map<String, Value> {
        let Value::Object(claims) = claims else { panic!("not an object: {claims}") };
        claims
    }

    fn read(claims: Value) -> Result<Principal, AuthError> {
        principal(Some("https://issuer.example"), map(claims), &["mfa".to_owned()])
    }

    #[test]
    fn claims_describe_a_caller() {
        let principal = read(json!({"sub": "alice", "client_id": "app", "scope": "a b\"c d", "exp": 100.5, "amr": ["pwd", "mfa"], "x": 1}));
        let principal = principal.expect("a caller");
        assert_eq!((principal.subject(), principal.client()), (Some("alice"), Some("app")));
        assert_eq!(principal.issuer(), Some("https://issuer.example"));
        assert_eq!(principal.scopes(), &ScopeSet::parse("a d"));
        assert_eq!(principal.expires_at(), Some(UNIX_EPOCH + Duration::from_secs(100)));
        assert!(principal.has_second_factor());
        assert_eq!(principal.claim("x"), Some(&json!(1)));

        let other = read(json!({"sub": "bob", "scp": ["a", "", "b c"], "azp": "app", "amr": "mfa"})).expect("a caller");
        assert_eq!((other.scopes(), other.client()), (&ScopeSet::parse("a"), Some("app")));
        assert!(!other.has_second_factor());
        let own = super::principal(None, map(json!({"sub": "bob", "iss": "https://own.example"})), &[]).expect("a caller");
        assert_eq!(own.issuer(), Some("https://own.example"));
    }

    #[test]
    fn misshapen_claims_are_refused_without_a_panic() {
        for claims in [
            json!({}),
            json!({"sub": ""}),
            json!({"sub": 7}),
            json!({"sub": "a\nb"}),
            json!({"sub": "a".repeat(1_025)}),
            json!({"sub": "a", "client_id": "a\u{7f}"}),
            json!({"sub": "a", "exp": "100"}),
            json!({"sub": "a", "exp": -1}),
            json!({"sub": "a", "exp": -0.5e300}),
            json!({"sub": "a", "exp": 1e300}),
            json!({"sub": "a", "exp": u64::MAX}),
        ] {
            assert!(matches!(read(claims.clone()), Err(AuthError::Invalid { .. })), "{claims}");
        }
    }

    #[test]
    fn audiences_are_one_or_several() {
        let resource = Resource::parse("https://mcp.example.com/mcp").expect("a URL");
        for (claims, verdict) in [
            (json!({}), None),
            (json!({"aud": null}), None),
            (json!({"aud": "https://mcp.example.com/mcp/"}), Some(true)),
            (json!({"aud": "https://mcp.example.com/mcp-other"}), Some(false)),
            (json!({"aud": ["https://other.example", "https://mcp.example.com/mcp"]}), Some(true)),
            (json!({"aud": []}), Some(false)),
            (json!({"aud": [1, null, {}]}), Some(false)),
            (json!({"aud": {"a": "https://mcp.example.com/mcp"}}), Some(false)),
            (json!({"aud": ""}), Some(false)),
        ] {
            assert_eq!(is_for(&map(claims.clone()), &resource), verdict, "{claims}");
        }
    }

    #[test]
    fn tokens_have_their_time() {
        let now = UNIX_EPOCH + Duration::from_secs(1_000);
        for (claims, valid) in [
            (json!({}), true),
            (json!({"exp": 1_001}), true),
            (json!({"exp": 1_000}), false),
            (json!({"nbf": 1_060}), true),
            (json!({"nbf": 1_061}), false),
            (json!({"nbf": true}), false),
        ] {
            assert_eq!(check_times(&map(claims.clone()), now).is_ok(), valid, "{claims}");
        }
    }
}
