//! What a token says, once its signature is verified (RFC 9068, section 4; RFC 7519, section 4).

use std::time::{Duration, UNIX_EPOCH};

use mcp_core::{Principal, ScopeSet};
use serde_json::{Map, Value};

use super::issuer::{JwtIssuer, MAX_LEEWAY};
use crate::{AuthError, Resource};

/// The latest date that is taken, the end of the year 9999, in seconds since 1970.
const LAST_DATE: u64 = 253_402_300_799;
/// Why a claim is refused that is there and unreadable.
const MALFORMED: AuthError = AuthError::invalid("a claim of the token is malformed");

/// Decides whether verified claims let their subject use `resource` at `now`, in seconds since 1970.
///
/// # Errors
/// [`AuthError::Invalid`] with what is wrong with them.
pub(super) fn principal(claims: Map<String, Value>, issuer: &JwtIssuer, resource: &Resource, now: u64) -> Result<Principal, AuthError> {
    if text(&claims, "iss")? != Some(issuer.name.as_str()) {
        return Err(AuthError::invalid("the token is of another issuer"));
    }
    if issuer.plain_typ && is_something_else(&claims) {
        return Err(AuthError::invalid("the token is not an access token"));
    }
    // Whoever presents it would have to prove that it holds a key (RFC 7800), which a bearer does not.
    if claims.contains_key("cnf") {
        return Err(AuthError::invalid("the token is bound to a key and is no bearer token"));
    }
    let expiry = lifetime(&claims, issuer.leeway.as_secs(), now)?;
    if !is_for(&claims, issuer, resource)? {
        return Err(AuthError::invalid("the token is for another audience"));
    }
    let subject = text(&claims, "sub")?.filter(|subject| !subject.is_empty()).ok_or(AuthError::invalid("the token names no subject"))?;
    let client = text(&claims, "client_id")?.or(text(&claims, "azp")?).filter(|client| !client.is_empty());
    if [Some(subject), client].into_iter().flatten().any(|name| !crate::claims::is_name(name)) {
        return Err(AuthError::invalid("a name in the token is malformed"));
    }
    let mut principal = Principal::new(subject)
        .with_issuer(issuer.name.as_str())
        .with_scopes(scopes(&claims, issuer)?)
        .with_second_factor(has_second_factor(&claims, issuer))
        .with_expiry(UNIX_EPOCH + Duration::from_secs(expiry));
    if let Some(client) = client {
        principal = principal.with_client(client);
    }
    Ok(principal.with_claims(claims))
}

/// Checks the dates, and says when the token is not taken any more: leeway after its expiry, as here.
pub(super) fn lifetime(claims: &Map<String, Value>, leeway: u64, now: u64) -> Result<u64, AuthError> {
    let expiry = date(claims, "exp")?.ok_or(AuthError::invalid("the token does not expire"))? + leeway;
    if now >= expiry {
        return Err(AuthError::invalid("the token has expired"));
    }
    if date(claims, "nbf")?.is_some_and(|start| start > now.saturating_add(leeway)) {
        return Err(AuthError::invalid("the token is not valid yet"));
    }
    if date(claims, "iat")?.is_some_and(|issued| issued > now.saturating_add(MAX_LEEWAY.as_secs())) {
        return Err(AuthError::invalid("the token was issued in the future"));
    }
    Ok(expiry)
}

/// Whether one of the audiences is the resource, or one that was configured.
fn is_for(claims: &Map<String, Value>, issuer: &JwtIssuer, resource: &Resource) -> Result<bool, AuthError> {
    let Some(audience) = claims.get("aud") else { return Ok(false) };
    let mut found = false;
    for audience in texts(audience).ok_or(MALFORMED)? {
        found = found || issuer.audiences.iter().any(|extra| extra == audience) || resource.is(audience);
    }
    Ok(found)
}

/// The scopes: of the first scope claim that is there. What is not a scope token is left out.
fn scopes(claims: &Map<String, Value>, issuer: &JwtIssuer) -> Result<ScopeSet, AuthError> {
    let Some(scopes) = issuer.scope_claims.iter().find_map(|name| claims.get(name)) else { return Ok(ScopeSet::none()) };
    let scopes = match scopes {
        Value::String(list) => list.split(' ').collect(),
        other => texts(other).ok_or(MALFORMED)?,
    };
    Ok(scopes.into_iter().filter(|scope| mcp_core::is_scope_token(scope)).collect())
}

fn has_second_factor(claims: &Map<String, Value>, issuer: &JwtIssuer) -> bool {
    let methods = claims.get("amr").and_then(Value::as_array).into_iter().flatten();
    methods.filter_map(Value::as_str).any(|method| issuer.second_factors.iter().any(|factor| factor == method))
}

/// Whether claims are those of another kind of JWT: an ID token (OpenID Connect Core, section 3.1.3.6), a security
/// event (RFC 8417, section 2.2), or what Keycloak (`typ`) and Cognito (`token_use`) mark as no access token.
fn is_something_else(claims: &Map<String, Value>) -> bool {
    let has = |name: &str| claims.contains_key(name);
    let marked = |name: &str| claims.get(name).and_then(Value::as_str);
    has("at_hash")
        || has("c_hash")
        || has("events")
        || marked("typ").is_some_and(|kind| ["ID", "Refresh", "Offline", "Logout"].iter().any(|other| kind.eq_ignore_ascii_case(other)))
        || has("token_use") && marked("token_use") != Some("access")
}

/// A claim that must be a text if it is there.
pub(super) fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, AuthError> {
    claims.get(name).map(|value| value.as_str().ok_or(MALFORMED)).transpose()
}

/// One text, or an array of texts.
pub(super) fn texts(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::String(text) => Some(vec![text]),
        Value::Array(values) => values.iter().map(Value::as_str).collect(),
        _ => None,
    }
}

/// A date in whole seconds since 1970 (`NumericDate` of RFC 7519, section 2); `1.7e9` is one, `1.5` is not.
pub(crate) fn date(claims: &Map<String, Value>, name: &str) -> Result<Option<u64>, AuthError> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    let whole = |seconds: f64| (seconds.fract() == 0.0 && (0.0..=LAST_DATE as f64).contains(&seconds)).then_some(seconds as u64);
    let seconds = value.as_u64().or_else(|| value.as_f64().and_then(whole));
    seconds.filter(|seconds| *seconds <= LAST_DATE).map(Some).ok_or(MALFORMED)
}

#[cfg(test)]
#[path = "claims_tests.rs"]
mod tests;
