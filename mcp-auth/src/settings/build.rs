//! From settings to the provider that they describe.

use std::fmt;
use std::sync::Arc;

use mcp_core::Principal;

use super::{AuthSettings, IntrospectionSettings, JwtSettings, SecretSource};
use crate::{
    ApiKeys, Authenticate, Cached, ClientAuth, Clock, Fetch, FetchPolicy, FirstOf, Gateway, GuardedFetcher, Introspection, JwtIssuer,
    JwtVerifier, Userinfo,
};

/// What the API keys of a configuration file begin with, before a `_`.
pub const KEY_PREFIX: &str = "mcpk";

/// Who vouches for API keys: an issuer of their own, so that a key and a user of the same name are two callers.
const KEY_ISSUER: &str = "urn:mcp-parity:api-key";

/// Why settings describe no provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CannotBuild(String);

impl fmt::Display for CannotBuild {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CannotBuild {}

impl AuthSettings {
    /// The provider: the gateway, then API keys, JWTs, introspection and userinfo, in this order, under the policy.
    /// What issuers were asked is kept for a minute.
    ///
    /// # Errors
    /// When nobody is named who could tell who a caller is, a secret cannot be read, or no certificate authorities are
    /// known.
    pub fn build(self, clock: &Clock) -> Result<Arc<dyn Authenticate>, CannotBuild> {
        let mut providers: Vec<Arc<dyn Authenticate>> = Vec::new();
        let upstream = !(self.jwt.is_empty() && self.introspection.is_empty() && self.userinfo.is_empty());
        let fetcher = if upstream { Some(self.fetcher()?) } else { None };
        if let Some(gateway) = self.gateway {
            providers.push(Arc::new(Gateway::trusting(gateway.peers)));
        }
        if !self.api_key.is_empty() {
            let keys = self.api_key.into_iter().fold(ApiKeys::new(KEY_PREFIX).clock(clock.clone()), |keys, key| {
                let principal = Principal::new(key.subject).with_issuer(KEY_ISSUER).with_scopes(key.scopes).with_tier(key.tier);
                keys.key_digest(*key.hash.as_bytes(), principal)
            });
            providers.push(Arc::new(keys));
        }
        if let Some(fetcher) = fetcher {
            if !self.jwt.is_empty() {
                let verifier = JwtVerifier::new(Arc::clone(&fetcher)).clock(clock.clone());
                let verifier = self.jwt.iter().try_fold(verifier, |verifier, issuer| Ok(verifier.issuer(jwt(issuer)?)))?;
                providers.push(Arc::new(Cached::new(verifier).clock(clock.clone())));
            }
            for settings in &self.introspection {
                let verifier = introspection(settings, Arc::clone(&fetcher))?.clock(clock.clone());
                providers.push(Arc::new(Cached::new(verifier).clock(clock.clone())));
            }
            for settings in self.userinfo {
                let verifier = Userinfo::new(Arc::clone(&fetcher), uri(&settings.url)?)
                    .issuer(settings.issuer)
                    .granting(settings.scopes)
                    .accept_without_audience();
                providers.push(Arc::new(Cached::new(verifier).clock(clock.clone())));
            }
        }
        if providers.is_empty() {
            return Err(CannotBuild(
                "`[auth]` names nobody who could tell who a caller is; add `[[auth.jwt]]`, `[[auth.introspection]]`, \
                 `[[auth.userinfo]]`, `[[auth.api_key]]` or `[auth.gateway]`"
                    .to_owned(),
            ));
        }
        Ok(Arc::new(self.policy.guarding(Arc::new(FirstOf::new(providers)))))
    }

    /// Whether an issuer is on this machine, as while developing; settings allow plain HTTP to nobody else.
    fn fetcher(&self) -> Result<Arc<dyn Fetch>, CannotBuild> {
        let jwt = self.jwt.iter().flat_map(|jwt| [Some(&jwt.issuer), jwt.jwks_uri.as_ref()]).flatten();
        let urls =
            jwt.chain(self.introspection.iter().map(|settings| &settings.url)).chain(self.userinfo.iter().map(|settings| &settings.url));
        let policy = FetchPolicy { allow_loopback_http: urls.into_iter().any(|url| url.starts_with("http://")), ..FetchPolicy::default() };
        let fetcher = GuardedFetcher::new(policy).map_err(|error| CannotBuild(format!("issuers cannot be asked: {error}")))?;
        Ok(Arc::new(fetcher))
    }
}

fn jwt(settings: &JwtSettings) -> Result<JwtIssuer, CannotBuild> {
    let mut issuer = JwtIssuer::new(&settings.issuer).map_err(|error| CannotBuild(format!("`{}`: {error}", settings.issuer)))?;
    if !settings.algorithms.is_empty() {
        issuer = issuer.algorithms(settings.algorithms.iter().copied());
    }
    if let Some(jwks_uri) = &settings.jwks_uri {
        issuer = issuer.jwks_uri(jwks_uri.as_str());
    }
    Ok(if settings.accept_plain_typ { issuer.accept_plain_typ() } else { issuer })
}

fn introspection(settings: &IntrospectionSettings, fetcher: Arc<dyn Fetch>) -> Result<Introspection, CannotBuild> {
    let credentials = ClientAuth::basic(settings.client_id.as_str(), secret(&settings.client_secret)?);
    let introspection = Introspection::new(fetcher, uri(&settings.url)?, credentials);
    Ok(match &settings.issuer {
        Some(issuer) => introspection.issuer(issuer.as_str()),
        None => introspection,
    })
}

fn uri(url: &str) -> Result<http::Uri, CannotBuild> {
    url.parse().map_err(|_| CannotBuild(format!("`{url}` is not a URL")))
}

/// Reads a secret from where the settings say it is. Errors name the place and hold nothing of the secret.
fn secret(source: &SecretSource) -> Result<String, CannotBuild> {
    let (secret, place) = match source {
        SecretSource::Env(name) => (std::env::var(name).ok(), format!("the environment variable {name}")),
        SecretSource::File(path) => (std::fs::read_to_string(path).ok(), format!("the file {}", path.display())),
    };
    let secret = secret.map(|secret| secret.trim_end_matches(['\r', '\n']).to_owned());
    secret.filter(|secret| !secret.is_empty()).ok_or_else(|| CannotBuild(format!("{place} should hold a client secret and does not")))
}
