//! The `[auth]` part.

use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::providers::{ApiKeySettings, GatewaySettings, IntrospectionSettings, JwtSettings, UserinfoSettings};
use super::text::ScopeName;
use crate::{AuthMode, Policy};

/// Who callers are, and what they may do.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct AuthSettings {
    /// What happens to a request without credentials.
    #[serde(deserialize_with = "mode")]
    pub mode: AuthMode,
    /// Whether `tools/list` says what each tool asks of its caller.
    pub security_schemes: bool,
    /// The scopes that clients are told to ask for at first; by default those of everything that is not above anybody's tier.
    #[serde(deserialize_with = "names")]
    pub baseline_scopes: Option<Vec<String>>,
    /// Issuers of JSON Web Tokens.
    #[serde(deserialize_with = "jwt")]
    pub jwt: Vec<JwtSettings>,
    /// Issuers that are asked about each token.
    #[serde(deserialize_with = "entries")]
    pub introspection: Vec<IntrospectionSettings>,
    /// Issuers that say whose a token is and not what it is for.
    #[serde(deserialize_with = "entries")]
    pub userinfo: Vec<UserinfoSettings>,
    /// Keys that were handed out.
    #[serde(deserialize_with = "api_keys")]
    pub api_key: Vec<ApiKeySettings>,
    /// The authorization server in this process.
    #[cfg(feature = "server")]
    pub server: Option<super::ServerSettings>,
    /// Proxies that say who the caller is.
    pub gateway: Option<GatewaySettings>,
    /// What callers may do.
    pub policy: Policy,
}

/// The mode by its name.
fn mode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<AuthMode, D::Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Name {
        Required,
        Optional,
        Lazy,
    }

    Ok(match Name::deserialize(deserializer)? {
        Name::Required => AuthMode::Required,
        Name::Optional => AuthMode::Optional,
        Name::Lazy => AuthMode::Lazy,
    })
}

/// Scopes, in the order in which they stand.
fn names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    Ok(Some(Vec::<ScopeName>::deserialize(deserializer)?.into_iter().map(String::from).collect()))
}

/// A list of tables. The wrapper is where the reader of the file notes on which line each of them begins.
fn entries<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    #[derive(Deserialize)]
    struct Entry<T>(T);

    Ok(Vec::<Entry<T>>::deserialize(deserializer)?.into_iter().map(|entry| entry.0).collect())
}

/// Issuers, each of them once: which keys its tokens verify with would else depend on the order.
fn jwt<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<JwtSettings>, D::Error> {
    let issuers: Vec<JwtSettings> = entries(deserializer)?;
    match repeated(&issuers, |entry| &entry.issuer) {
        Some(entry) => Err(D::Error::custom(format!("two entries have the issuer `{}`", entry.issuer))),
        None => Ok(issuers),
    }
}

/// Keys, each of them once: whose it is would else depend on the order.
fn api_keys<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<ApiKeySettings>, D::Error> {
    let keys: Vec<ApiKeySettings> = entries(deserializer)?;
    match repeated(&keys, |entry| entry.hash.as_bytes()) {
        Some(entry) => Err(D::Error::custom(format!("two entries have the hash of the key of `{}`", entry.subject))),
        None => Ok(keys),
    }
}

fn repeated<T, K: Ord>(entries: &[T], key: impl Fn(&T) -> &K) -> Option<&T> {
    let mut seen = std::collections::BTreeSet::new();
    entries.iter().find(|entry| !seen.insert(key(entry)))
}
