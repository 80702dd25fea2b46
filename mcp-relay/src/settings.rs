//! The table `[gateway]` of a configuration file.

use std::collections::BTreeMap;

use mcp_core::{Tier, is_scope_token};
use serde::{Deserialize, Deserializer, de::Error as _};

use crate::spelling;

/// The scope that everything needs unless something else is said, so that nothing is open by oversight.
const SCOPE: &str = "mcp:use";

/// What the items of the upstream ask of their callers, and what the upstream is told.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RelaySettings {
    /// The scopes that items need, separated by spaces, unless an entry below says otherwise. Default `mcp:use`.
    #[serde(deserialize_with = "scopes")]
    pub scope: String,
    /// The tier from which callers see items.
    pub tier: TierName,
    /// Whether items ask for a second factor.
    pub mfa: bool,
    /// Whether the upstream is told in `X-Auth-*` headers who is calling.
    pub identity_headers: bool,
    /// The environment variable with a secret that is sent as `X-Auth-Secret`, too.
    pub identity_secret_env: Option<String>,
    /// Tools by name, or by a pattern in which `*` stands for any text.
    pub tools: BTreeMap<String, AccessSettings>,
    /// Resources and templates by URI, or by a pattern.
    #[serde(deserialize_with = "locations")]
    pub resources: BTreeMap<String, AccessSettings>,
    /// Prompts by name, or by a pattern.
    pub prompts: BTreeMap<String, AccessSettings>,
}

impl Default for RelaySettings {
    fn default() -> Self {
        Self {
            scope: SCOPE.to_owned(),
            tier: TierName::default(),
            mfa: false,
            identity_headers: true,
            identity_secret_env: None,
            tools: BTreeMap::new(),
            resources: BTreeMap::new(),
            prompts: BTreeMap::new(),
        }
    }
}

impl RelaySettings {
    /// Items that ask nothing of their callers, for servers that only whoever starts them can reach.
    pub fn open() -> Self {
        Self { scope: String::new(), identity_headers: false, ..Self::default() }
    }
}

/// What some items ask of their callers; what is not said is as for all items.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table with `scope`, `tier` or `mfa`")]
#[non_exhaustive]
pub struct AccessSettings {
    /// The scopes they need, separated by spaces; none, if empty.
    #[serde(deserialize_with = "some_scopes")]
    pub scope: Option<String>,
    /// The tier from which callers see them.
    pub tier: Option<TierName>,
    /// Whether they ask for a second factor.
    pub mfa: Option<bool>,
}

/// A tier by its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TierName(pub Tier);

impl<'de> Deserialize<'de> for TierName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match String::deserialize(deserializer)?.as_str() {
            "public" => Tier::Public,
            "developer" => Tier::Developer,
            "admin" => Tier::Admin,
            "service" => Tier::Service,
            _ => return Err(D::Error::custom("a tier is one of `public`, `developer`, `admin`, `service`")),
        }))
    }
}

fn scopes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let list = String::deserialize(deserializer)?;
    match list.split_ascii_whitespace().find(|scope| !is_scope_token(scope)) {
        Some(scope) => Err(D::Error::custom(format!("`{scope}` is not a scope; a scope is one word without quotes and backslashes"))),
        None => Ok(list),
    }
}

/// Entries by URI, as URIs are compared. One that no URI fits would protect nothing.
fn locations<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, AccessSettings>, D::Error> {
    let mut table = BTreeMap::new();
    for (name, entry) in BTreeMap::<String, AccessSettings>::deserialize(deserializer)? {
        let Some(rule) = spelling::rule(&name) else {
            return Err(D::Error::custom(format!(
                "`{name}` fits no URI; write one as in a list of the server, but encode what may not stand there, as a space as `%20`, \
                 and leave out a default port, `/./` and what comes after `#`"
            )));
        };
        if table.insert(rule, entry).is_some() {
            return Err(D::Error::custom(format!("`{name}` is there twice, in two spellings")));
        }
    }
    Ok(table)
}

fn some_scopes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    scopes(deserializer).map(Some)
}
