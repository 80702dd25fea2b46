//! Whose a JWT is.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use mcp_core::Principal;

use super::algorithm::JwsAlgorithm;
use super::claims::principal;
use super::compact::{Compact, Unverified, decode};
use super::header::Header;
use super::issuer::JwtIssuer;
use super::keys::{KeySet, Signature};
use super::remote;
use crate::fetch::kept::Kept;
use crate::{AuthError, Bearer, Clock, Fetch, Resource, VerifyToken};

/// Verifies access tokens that are JWTs (RFC 9068), of one or several issuers.
///
/// Each issuer's tokens are verified with its own keys, which are fetched when first needed, every ten minutes,
/// and when a token names a key that is not among them, at most once in 30 seconds. While an issuer cannot be
/// reached its last keys are used, for a day. A token of any other issuer is [`AuthError::NotMine`].
pub struct JwtVerifier {
    fetcher: Arc<dyn Fetch>,
    clock: Clock,
    issuers: Vec<Trusted>,
}

/// An issuer, and its keys.
pub(super) struct Trusted {
    pub(super) issuer: JwtIssuer,
    keys: Kept<KeySet>,
}

impl fmt::Debug for JwtVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let issuers: Vec<&JwtIssuer> = self.issuers.iter().map(|trusted| &trusted.issuer).collect();
        f.debug_struct("JwtVerifier").field("issuers", &issuers).finish_non_exhaustive()
    }
}

impl JwtVerifier {
    /// A verifier that trusts nobody yet.
    pub fn new(fetcher: Arc<dyn Fetch>) -> Self {
        Self { fetcher, clock: Clock::default(), issuers: Vec::new() }
    }

    /// Trusts an issuer, in place of one of the same name.
    #[must_use]
    pub fn issuer(mut self, issuer: JwtIssuer) -> Self {
        self.issuers.retain(|trusted| trusted.issuer.name != issuer.name);
        self.issuers.push(Trusted::new(issuer, self.fetcher.clone(), self.clock.clone()));
        self
    }

    /// Sets the clock that dates and ages are measured by.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        let issuers = std::mem::take(&mut self.issuers);
        issuers.into_iter().fold(self, |verifier, trusted| verifier.issuer(trusted.issuer))
    }
}

#[async_trait]
impl VerifyToken for JwtVerifier {
    async fn verify(&self, token: Bearer<'_>, resource: &Resource) -> Result<Principal, AuthError> {
        let token = Compact::split(token.expose()).ok_or(AuthError::NotMine)?;
        let claims = Unverified::parse(token.payload)?;
        let named = |trusted: &&Trusted| claims.issuer() == Some(trusted.issuer.name.as_str());
        let trusted = self.issuers.iter().find(named).ok_or(AuthError::NotMine)?;
        let signed = trusted.verify_signature(token, |header| match header.is_access_token(trusted.issuer.plain_typ) {
            true => Ok(()),
            false => Err(AuthError::invalid("the token is not an access token")),
        });
        signed.await?;
        principal(claims.verified(), &trusted.issuer, resource, self.clock.unix_seconds())
    }

    fn issuers(&self) -> Vec<String> {
        self.issuers.iter().map(|trusted| trusted.issuer.name.as_str().to_owned()).collect()
    }
}

impl Trusted {
    pub(super) fn new(issuer: JwtIssuer, fetcher: Arc<dyn Fetch>, clock: Clock) -> Self {
        let keys = remote::keys(issuer.name.clone(), issuer.jwks_uri.clone(), fetcher, clock);
        Self { issuer, keys }
    }

    /// Verifies that the issuer signed a token, and as one of the right kind.
    pub(super) async fn verify_signature(
        &self,
        token: Compact<'_>,
        kind: impl Fn(&Header) -> Result<(), AuthError>,
    ) -> Result<(), AuthError> {
        const BAD: AuthError = AuthError::invalid("the signature of the token does not verify");
        let header = Header::parse(token.header)?;
        let allowed = |algorithm: &JwsAlgorithm| self.issuer.algorithms.contains(algorithm);
        let algorithm =
            JwsAlgorithm::parse(&header.alg).filter(allowed).ok_or(AuthError::invalid("the algorithm of the token is not allowed"))?;
        kind(&header)?;
        let signature = decode(token.signature).ok_or(BAD)?;
        let keys = self.keys.get().await?;
        match keys.verify(token, &header, algorithm, &signature) {
            Signature::Good => return Ok(()),
            Signature::Bad if header.kid.is_some() => return Err(BAD),
            // The issuer may have a new key: one of that name, or one without a name in place of the old.
            Signature::Bad | Signature::NoKey => {}
        }
        let newer = self.keys.other_than(&keys).await?.ok_or(BAD)?;
        if newer.verify(token, &header, algorithm, &signature) == Signature::Good { Ok(()) } else { Err(BAD) }
    }
}
