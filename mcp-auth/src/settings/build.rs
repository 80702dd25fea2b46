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

#[cfg(feature = "server")]
impl CannotBuild {
    pub(super) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

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
        self.build_if_any(clock)?.ok_or_else(|| {
            CannotBuild(
                "`[auth]` names nobody who could tell who a caller is; add `[[auth.jwt]]`, `[[auth.introspection]]`, \
                 `[[auth.userinfo]]`, `[[auth.api_key]]` or `[auth.gateway]`"
                    .to_owned(),
            )
        })
    }

    /// The same, or none where nobody is named.
    ///
    /// # Errors
    /// As of [`build`](Self::build), but for that.
    pub fn build_if_any(self, clock: &Clock) -> Result<Option<Arc<dyn Authenticate>>, CannotBuild> {
        let mut providers: Vec<Arc<dyn Authenticate>> = Vec::new();
        let upstream = !(self.jwt.is_empty() && self.introspection.is_empty() && self.userinfo.is_empty());
        let fetchers = if upstream { Some(Fetchers::new(&self.urls())?) } else { None };
        if let Some(settings) = self.gateway {
            let gateway = Gateway::trusting(settings.peers);
            let secret = settings.secret.as_ref().map(|source| secret(source, "the gateway's secret")).transpose()?;
            if secret.as_ref().is_some_and(|secret| secret.len() > 1_024 || !secret.bytes().all(|byte| byte.is_ascii_graphic())) {
                return Err(CannotBuild(
                    "the gateway's secret is one word of visible ASCII, of at most 1,024 characters: it comes in a header".to_owned(),
                ));
            }
            providers.push(Arc::new(match secret {
                Some(secret) => gateway.secret(&secret),
                None => gateway,
            }));
        }
        if !self.api_key.is_empty() {
            let keys = self.api_key.into_iter().fold(ApiKeys::new(KEY_PREFIX).clock(clock.clone()), |keys, key| {
                let principal = Principal::new(key.subject).with_issuer(KEY_ISSUER).with_scopes(key.scopes).with_tier(key.tier);
                keys.key_digest(*key.hash.as_bytes(), principal)
            });
            providers.push(Arc::new(keys));
        }
        if let Some(fetchers) = fetchers {
            let (near, far): (Vec<_>, Vec<_>) = self.jwt.iter().partition(|settings| is_near(settings.urls()));
            // Clients take the first issuer that metadata names, so the first of the file stays the first.
            let first_is_near = self.jwt.first().is_some_and(|settings| is_near(settings.urls()));
            let groups = if first_is_near { [near, far] } else { [far, near] };
            for issuers in groups.iter().filter(|issuers| !issuers.is_empty()) {
                let fetcher = fetchers.of(issuers.iter().flat_map(|settings| settings.urls()));
                let verifier = JwtVerifier::new(fetcher).clock(clock.clone());
                let verifier = issuers.iter().try_fold(verifier, |verifier, issuer| Ok(verifier.issuer(jwt(issuer)?)))?;
                providers.push(Arc::new(Cached::new(verifier).clock(clock.clone())));
            }
            for settings in &self.introspection {
                let verifier = introspection(settings, fetchers.of([&*settings.url]))?.clock(clock.clone());
                providers.push(Arc::new(Cached::new(verifier).clock(clock.clone())));
            }
            for settings in self.userinfo {
                let verifier = Userinfo::new(fetchers.of([&*settings.url]), uri(&settings.url)?)
                    .issuer(settings.issuer)
                    .granting(settings.scopes)
                    .accept_without_audience();
                providers.push(Arc::new(Cached::new(verifier).clock(clock.clone())));
            }
        }
        if providers.is_empty() {
            return Ok(None);
        }
        Ok(Some(Arc::new(self.policy.guarding(Arc::new(FirstOf::new(providers))))))
    }

    /// The URLs that are asked.
    fn urls(&self) -> Vec<&str> {
        let jwt = self.jwt.iter().flat_map(JwtSettings::urls);
        let introspection = self.introspection.iter().map(|settings| &*settings.url);
        jwt.chain(introspection).chain(self.userinfo.iter().map(|settings| &*settings.url)).collect()
    }
}

impl JwtSettings {
    fn urls(&self) -> impl Iterator<Item = &str> {
        [Some(&*self.issuer), self.jwks_uri.as_deref()].into_iter().flatten()
    }
}

/// Whether an issuer is on this machine, as while developing; settings allow plain HTTP to nobody else.
fn is_near<'a>(urls: impl IntoIterator<Item = &'a str>) -> bool {
    urls.into_iter().any(|url| url.starts_with("http://"))
}

/// Who asks issuers: one for those on this machine, if there are any, and one for all others, who lead nobody to this machine.
struct Fetchers {
    near: Option<Arc<dyn Fetch>>,
    far: Arc<dyn Fetch>,
}

impl Fetchers {
    fn new(urls: &[&str]) -> Result<Self, CannotBuild> {
        let fetcher = |allow_loopback_http| -> Result<Arc<dyn Fetch>, CannotBuild> {
            let fetcher = GuardedFetcher::new(FetchPolicy { allow_loopback_http, ..FetchPolicy::default() });
            Ok(Arc::new(fetcher.map_err(|error| CannotBuild(format!("issuers cannot be asked: {error}")))?))
        };
        let near = is_near(urls.iter().copied()).then(|| fetcher(true)).transpose()?;
        Ok(Self { near, far: fetcher(false)? })
    }

    fn of<'a>(&self, urls: impl IntoIterator<Item = &'a str>) -> Arc<dyn Fetch> {
        let near = self.near.as_ref().filter(|_| is_near(urls));
        Arc::clone(near.unwrap_or(&self.far))
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
    let credentials = ClientAuth::basic(settings.client_id.as_str(), secret(&settings.client_secret, "a client secret")?);
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
pub(super) fn secret(source: &SecretSource, what: &str) -> Result<String, CannotBuild> {
    let (secret, place) = match source {
        SecretSource::Env(name) => (std::env::var(name).ok(), format!("the environment variable {name}")),
        SecretSource::File(path) => (std::fs::read_to_string(path).ok(), format!("the file {}", path.display())),
    };
    let secret = secret.map(|secret| secret.trim_end_matches(['\r', '\n']).to_owned());
    secret.filter(|secret| !secret.is_empty()).ok_or_else(|| CannotBuild(format!("{place} should hold {what} and does not")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_on_this_machine_opens_it_to_no_other() {
        let fetchers = Fetchers::new(&["https://auth.example.com", "http://127.0.0.1:8080"]).expect("fetchers");
        let far = fetchers.of(["https://auth.example.com"]);
        let near = fetchers.of(["http://127.0.0.1:8080", "https://auth.example.com/keys"]);
        assert!(Arc::ptr_eq(&far, &fetchers.far) && !Arc::ptr_eq(&near, &far));
        assert!(Fetchers::new(&["https://auth.example.com"]).expect("fetchers").near.is_none());
    }
}
