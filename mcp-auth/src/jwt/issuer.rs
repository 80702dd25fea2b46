//! What an issuer's tokens must be like.

use std::time::Duration;

use super::algorithm::JwsAlgorithm;
use crate::{Issuer, NotAnIssuer};

/// The longest leeway.
pub(super) const MAX_LEEWAY: Duration = Duration::from_secs(60);

/// An issuer, and what its tokens must be like.
#[derive(Clone, Debug)]
#[must_use]
pub struct JwtIssuer {
    pub(super) name: Issuer,
    pub(super) algorithms: Vec<JwsAlgorithm>,
    pub(super) jwks_uri: Option<String>,
    pub(super) plain_typ: bool,
    pub(super) audiences: Vec<String>,
    pub(super) leeway: Duration,
    pub(super) scope_claims: Vec<String>,
    pub(super) second_factors: Vec<String>,
}

impl JwtIssuer {
    /// An issuer by its identifier, which its tokens' `iss` must be exactly. Its tokens must be as RFC 9068 says.
    ///
    /// # Errors
    /// When it is not the identifier of an issuer.
    pub fn new(issuer: &str) -> Result<Self, NotAnIssuer> {
        Ok(Self {
            name: Issuer::parse(issuer)?,
            algorithms: JwsAlgorithm::DEFAULT.to_vec(),
            jwks_uri: None,
            plain_typ: false,
            audiences: Vec::new(),
            leeway: Duration::from_secs(30),
            scope_claims: ["scope", "scp"].map(str::to_owned).to_vec(),
            second_factors: vec!["mfa".to_owned()],
        })
    }

    /// Takes tokens that are signed in these ways and no others. `RS256`, `PS256`, `ES256`, `ES384` and
    /// `EdDSA` unless set.
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = JwsAlgorithm>) -> Self {
        self.algorithms = algorithms.into_iter().collect();
        self
    }

    /// Says where the issuer's keys are, in place of [discovery](crate::Discovery).
    pub fn jwks_uri(mut self, uri: impl Into<String>) -> Self {
        self.jwks_uri = Some(uri.into());
        self
    }

    /// Takes tokens whose `typ` is `JWT` or missing too, as many issuers write it.
    ///
    /// Other JWTs of the issuer then differ from access tokens in their claims only, so those that look
    /// like ID tokens, refresh tokens and security events are refused, and the audience matters more.
    pub fn accept_plain_typ(mut self) -> Self {
        self.plain_typ = true;
        self
    }

    /// Takes tokens for this audience too, compared exactly, for issuers that cannot name the resource.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// How far the issuer's clock may be off: 30 seconds unless set, 60 at most.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway.min(MAX_LEEWAY);
        self
    }

    /// The claims that may hold the scopes, as a list with spaces or an array; the first that is there counts.
    /// `scope` (RFC 8693, section 4.2) and `scp` unless set.
    pub fn scope_claims<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.scope_claims = names.into_iter().map(Into::into).collect();
        self
    }

    /// The values of `amr` (RFC 8176, section 2) that stand for a second factor.
    ///
    /// `mfa` unless set: several factors. A one-time password, a hardware key or a smart card may have been the only one;
    /// whoever knows that the issuer asks for them besides another adds `otp`, `hwk` or `sc`.
    pub fn second_factors<S: Into<String>>(mut self, methods: impl IntoIterator<Item = S>) -> Self {
        self.second_factors = methods.into_iter().map(Into::into).collect();
        self
    }
}
