//! The entries of the `[auth]` part: each one who can tell who a caller is.

use std::path::PathBuf;

use ipnet::IpNet;
use mcp_core::{ScopeSet, Tier};
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::values::{KeyHash, SecretSource, TwoPlaces, algorithms, env_name, issuer, name, nets, path, safe_url};
use super::{scope_set, tier};
use crate::JwsAlgorithm;

/// An issuer of JSON Web Tokens (RFC 9068).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct JwtSettings {
    /// The `iss` of its tokens.
    #[serde(deserialize_with = "issuer")]
    pub issuer: String,
    /// The algorithms it signs with; empty if not said.
    #[serde(default, deserialize_with = "algorithms")]
    pub algorithms: Vec<JwsAlgorithm>,
    /// Where its keys are, if its metadata need not be asked.
    #[serde(default, deserialize_with = "safe_url")]
    pub jwks_uri: Option<String>,
    /// Whether its access tokens may have the type `JWT`, which its ID tokens have too.
    #[serde(default)]
    pub accept_plain_typ: bool,
}

/// An issuer that is asked about each token (RFC 7662).
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "IntrospectionTable")]
#[non_exhaustive]
pub struct IntrospectionSettings {
    /// Where it is asked.
    pub url: String,
    /// The `iss` of its tokens, if it has one.
    pub issuer: Option<String>,
    /// Who this server is to it.
    pub client_id: String,
    /// Where the secret of `client_id` is.
    pub client_secret: SecretSource,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IntrospectionTable {
    #[serde(deserialize_with = "safe_url")]
    url: String,
    #[serde(default, deserialize_with = "issuer")]
    issuer: Option<String>,
    #[serde(deserialize_with = "name")]
    client_id: String,
    #[serde(default, deserialize_with = "env_name")]
    client_secret_env: Option<String>,
    #[serde(default, deserialize_with = "path")]
    client_secret_file: Option<PathBuf>,
}

impl TryFrom<IntrospectionTable> for IntrospectionSettings {
    type Error = &'static str;

    fn try_from(table: IntrospectionTable) -> Result<Self, Self::Error> {
        let client_secret = SecretSource::of(table.client_secret_env, table.client_secret_file)
            .map_err(|TwoPlaces| "only one of `client_secret_env` and `client_secret_file` says where the secret is")?
            .ok_or("say where the secret is, with `client_secret_env` or `client_secret_file`")?;
        Ok(Self { url: table.url, issuer: table.issuer, client_id: table.client_id, client_secret })
    }
}

/// An issuer that says whose a token is (OpenID Connect Core, section 5.3), and not what it is for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct UserinfoSettings {
    /// Where it is asked.
    #[serde(deserialize_with = "safe_url")]
    pub url: String,
    /// Who vouches for the subjects.
    #[serde(deserialize_with = "issuer")]
    pub issuer: String,
    /// The operator knows what this gives up.
    pub audience: Unverifiable,
    /// The scopes that its callers hold.
    #[serde(default = "ScopeSet::none", deserialize_with = "scope_set")]
    pub scopes: ScopeSet,
}

/// The operator wrote that the audience of these tokens cannot be verified: a token that was meant for another
/// server of the same issuer is taken as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unverifiable;

impl<'de> Deserialize<'de> for Unverifiable {
    /// Reads an option, because that is told when the key is missing and can say why it has to be there.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Option::<String>::deserialize(deserializer)?.as_deref() {
            Some("unverifiable") => Ok(Self),
            _ => Err(D::Error::custom(
                "userinfo proves whose a token is and not that it is meant for this server; write `audience = \"unverifiable\"` to accept that",
            )),
        }
    }
}

/// A key that was handed out.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ApiKeySettings {
    /// The SHA-256 of the key, in hexadecimal.
    pub hash: KeyHash,
    /// Who presents it.
    #[serde(deserialize_with = "name")]
    pub subject: String,
    /// The scopes its holder has.
    #[serde(default = "ScopeSet::none", deserialize_with = "scope_set")]
    pub scopes: ScopeSet,
    /// The tier its holder has.
    #[serde(default, deserialize_with = "tier")]
    pub tier: Tier,
}

/// Proxies that say who the caller is, in headers.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "GatewayTable")]
#[non_exhaustive]
pub struct GatewaySettings {
    /// Their addresses.
    pub peers: Vec<IpNet>,
    /// Where the secret is that they present, if one is asked for.
    pub secret: Option<SecretSource>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GatewayTable {
    #[serde(deserialize_with = "nets")]
    peers: Vec<IpNet>,
    #[serde(default, deserialize_with = "env_name")]
    secret_env: Option<String>,
    #[serde(default, deserialize_with = "path")]
    secret_file: Option<PathBuf>,
}

impl TryFrom<GatewayTable> for GatewaySettings {
    type Error = &'static str;

    fn try_from(GatewayTable { peers, secret_env, secret_file }: GatewayTable) -> Result<Self, Self::Error> {
        if peers.is_empty() {
            return Err("a gateway has at least one address in `peers`");
        }
        if peers.iter().map(|net| crate::gateway::canonical(*net)).any(|net| net.prefix_len() < if net.addr().is_ipv4() { 8 } else { 16 }) {
            return Err("a network this large is nearly everybody, and everybody could say to be anybody; /8 is the largest, /16 of IPv6");
        }
        let secret = SecretSource::of(secret_env, secret_file)
            .map_err(|TwoPlaces| "only one of `secret_env` and `secret_file` says where the secret is")?;
        Ok(Self { peers, secret })
    }
}
