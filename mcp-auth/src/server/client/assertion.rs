//! What the assertion of a client says (RFC 7523, section 3; draft-ietf-oauth-rfc7523bis).

use super::Client;
use crate::JwsAlgorithm;
use crate::jwt::{SignedJwt, date};

/// How far ahead an assertion may expire, in seconds.
const MAX_LIFE: u64 = 5 * 60;
/// How far the clocks of client and server may be apart, in seconds.
pub(super) const SKEW: u64 = 30;
/// The longest `jti`, in bytes.
const MAX_JTI: usize = 512;

/// What makes an assertion the only one of its kind.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Single {
    pub(super) jti: String,
    /// When it expires, in seconds since 1970.
    pub(super) expires: u64,
}

/// The client that an assertion says it is of, which nothing vouches for.
pub(super) fn client_of(jwt: &SignedJwt<'_>) -> Option<String> {
    jwt.text("sub").filter(|subject| !subject.is_empty()).map(str::to_owned)
}

/// Checks all of an assertion but its signature and whether it was used before. It is for one of `audiences`, and for
/// nothing else: an assertion for several servers is one that each of them could use at the others.
///
/// # Errors
/// What is wrong with it, for the log.
pub(super) fn check(jwt: &SignedJwt<'_>, client: &Client, audiences: [&str; 2], now: u64) -> Result<Single, &'static str> {
    let typed = |typ: &str| {
        ["JWT", "client-authentication+jwt", "application/client-authentication+jwt"].iter().any(|known| typ.eq_ignore_ascii_case(known))
    };
    if !jwt.typ().is_none_or(typed) {
        return Err("it is another kind of JWT");
    }
    if client.assertion_alg.as_deref().is_some_and(|name| JwsAlgorithm::parse(name) != Some(jwt.algorithm())) {
        return Err("its algorithm is not the one that is registered");
    }
    if jwt.text("iss") != Some(&client.id) || jwt.text("sub") != Some(&client.id) {
        return Err("its issuer and its subject are not the client");
    }
    let audience = match jwt.claims().get("aud") {
        Some(serde_json::Value::Array(values)) if values.len() == 1 => values.first(),
        other => other,
    };
    if !audience.and_then(|audience| audience.as_str()).is_some_and(|audience| audiences.contains(&audience)) {
        return Err("its audience is not this server alone");
    }
    let when = |name: &str| date(jwt.claims(), name).map_err(|_| "a date in it is malformed");
    let expires = when("exp")?.ok_or("it does not expire")?;
    if expires + SKEW <= now || expires > now + MAX_LIFE + SKEW {
        return Err("it has expired, or expires too late");
    }
    if when("nbf")?.into_iter().chain(when("iat")?).any(|start| start > now + SKEW) {
        return Err("it is of the future");
    }
    let jti = jwt.text("jti").filter(|jti| !jti.is_empty() && jti.len() <= MAX_JTI).ok_or("it has no usable jti")?;
    Ok(Single { jti: jti.to_owned(), expires })
}
