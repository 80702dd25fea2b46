//! What the operator has settled: names, scopes and times.

use std::collections::BTreeSet;
use std::time::Duration;

use super::error::OAuthError;

/// What the operator has settled.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    /// The issuer, which is the public URL of the server without a path.
    pub(crate) issuer: String,
    /// What tokens can be for; the first is meant where nobody says.
    pub(crate) resources: Vec<Served>,
    /// Every scope there is.
    pub(crate) scopes: BTreeSet<String>,
    /// The scopes of a client that asks for none that there are.
    pub(crate) baseline: BTreeSet<String>,
    /// Scopes that are given for a short time, after a second factor. The one that stands for a second factor is among them.
    pub(crate) elevated: BTreeSet<String>,
    /// The scope that stands for a second factor, if anything asks for one.
    pub(crate) second_factor_scope: String,
    pub(crate) access_ttl: Duration,
    pub(crate) code_ttl: Duration,
    /// How long a refresh token lasts that is not used.
    pub(crate) refresh_idle: Duration,
    /// How long a grant lasts at most.
    pub(crate) grant_max: Duration,
    /// How long elevated scopes last.
    pub(crate) elevated_for: Duration,
    /// How long the last refresh token can still be brought, by a client that did not get the answer.
    pub(crate) grace: Duration,
}

/// A resource that tokens are for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Served {
    /// Its name in tokens: the URL of the endpoint.
    pub(crate) canonical: String,
    /// Other names that clients call it by (RFC 8707 leaves them room).
    pub(crate) aliases: Vec<String>,
}

impl Rules {
    /// A URL of this server's.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer)
    }

    /// The resources that a client names, by their own names (RFC 8707, section 2).
    ///
    /// # Errors
    /// `invalid_target`, when one is none of this server's.
    pub(crate) fn resources_of<'a>(&self, named: impl Iterator<Item = &'a str>) -> Result<Vec<String>, OAuthError> {
        let mut found: Vec<String> = Vec::new();
        for name in named {
            let served = self.resources.iter().find(|served| served.is(name));
            let served = served.ok_or_else(|| {
                OAuthError::new("invalid_target", "a `resource` is none of this server's; use the URL of the MCP endpoint")
            })?;
            if !found.contains(&served.canonical) {
                found.push(served.canonical.clone());
            }
        }
        Ok(found)
    }

    /// The scopes that are asked for: those of the list that there are, or the usual ones if there are none of it.
    pub(crate) fn scopes_of(&self, list: Option<&str>) -> BTreeSet<String> {
        let known = |scope: &&str| self.scopes.contains(*scope);
        let asked: BTreeSet<String> = list.unwrap_or_default().split(' ').filter(known).map(str::to_owned).collect();
        if asked.is_empty() { self.baseline.clone() } else { asked }
    }
}

impl Served {
    /// Whether a client means this one. Scheme and host count in any case, and one slash at the end does not.
    fn is(&self, name: &str) -> bool {
        let same = |own: &str| crate::Resource::parse(own).is_ok_and(|own| own.is(name));
        !name.contains('#') && std::iter::once(&self.canonical).chain(&self.aliases).any(|own| same(own))
    }
}
