//! ID tokens: what an issuer says to one client about who signed in (OpenID Connect Core 1.0, section 2).

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::claims::{lifetime, text, texts};
use super::compact::{Compact, Unverified};
use super::header::Header;
use super::issuer::JwtIssuer;
use super::verifier::Trusted;
use crate::{AuthError, Clock, Fetch, Issuer};

/// Verifies the ID tokens of an issuer for a client.
pub(crate) struct IdTokens {
    trusted: Trusted,
    client_id: String,
    clock: Clock,
}

impl fmt::Debug for IdTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdTokens").field("issuer", &self.trusted.issuer).field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

impl IdTokens {
    /// Those of this issuer, for the client of this id. Keys are fetched when first needed.
    pub(crate) fn new(issuer: &Issuer, client_id: &str, fetcher: Arc<dyn Fetch>, clock: Clock) -> Self {
        let issuer = JwtIssuer::new(issuer.as_str()).expect("an issuer was parsed before");
        Self { trusted: Trusted::new(issuer, fetcher, clock.clone()), client_id: client_id.to_owned(), clock }
    }

    /// The claims of a token, if it was issued to this client for the sign-in with this nonce (section 3.1.3.7).
    ///
    /// # Errors
    /// [`AuthError::Invalid`] with what is wrong with it, and [`AuthError::Unavailable`] when there are no keys.
    pub(crate) async fn verify(&self, token: &str, nonce: &str) -> Result<Map<String, Value>, AuthError> {
        const MALFORMED: AuthError = AuthError::invalid("the ID token is malformed");
        let token = Compact::split(token).ok_or(MALFORMED)?;
        let claims = Unverified::parse(token.payload).map_err(|_| MALFORMED)?;
        if claims.issuer() != Some(self.trusted.issuer.name.as_str()) {
            return Err(AuthError::invalid("the ID token is of another issuer"));
        }
        self.trusted.verify_signature(token, is_id_token).await?;
        let claims = claims.verified();
        lifetime(&claims, self.trusted.issuer.leeway.as_secs(), self.clock.unix_seconds())?;
        self.check_audience(&claims)?;
        if text(&claims, "nonce")? != Some(nonce) {
            return Err(AuthError::invalid("the ID token is for another sign-in"));
        }
        match text(&claims, "sub")? {
            Some(subject) if !subject.is_empty() && subject.len() <= 255 => Ok(claims),
            _ => Err(AuthError::invalid("the ID token names no subject")),
        }
    }

    /// It has to be for this client, and issued to it if it is for others too.
    fn check_audience(&self, claims: &Map<String, Value>) -> Result<(), AuthError> {
        let audiences = claims.get("aud").and_then(texts).unwrap_or_default();
        let party = text(claims, "azp")?;
        if !audiences.contains(&self.client_id.as_str()) {
            return Err(AuthError::invalid("the ID token is for another client"));
        }
        let issued_to_us = party == Some(self.client_id.as_str()) || party.is_none() && audiences.len() == 1;
        if issued_to_us { Ok(()) } else { Err(AuthError::invalid("the ID token was issued to another client")) }
    }
}

/// Access tokens, logout tokens and the like are signed with the same keys, and say what they are.
fn is_id_token(header: &Header) -> Result<(), AuthError> {
    match header.typ.as_deref() {
        None => Ok(()),
        Some(typ) if typ.eq_ignore_ascii_case("JWT") => Ok(()),
        Some(_) => Err(AuthError::invalid("the token is not an ID token")),
    }
}
