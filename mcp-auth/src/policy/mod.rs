//! What callers may do, by the operator's configuration.

mod guard;
mod member;
mod role;
#[cfg(test)]
mod tests;
mod tier;

use std::collections::BTreeMap;

use mcp_core::{Principal, ScopeSet};
use serde::Deserialize;

pub use guard::WithPolicy;
pub use member::{Member, NotAMember};
pub use role::Role;
use role::{intersection, union};
pub(crate) use tier::{tier_from_name, tier_name};

use crate::settings::scope_set;
use crate::{AuthError, ScopeHierarchy};

/// What callers may do, by the operator's configuration: who comes in, and which scopes and tier they have.
///
/// The scopes a caller holds afterwards are found in this order:
///
/// 1. those of its token (or whatever identified it), and everything they include by the hierarchy;
/// 2. if any role of the policy names scopes: only those of them that the caller's roles give, again with
///    everything these include ([`Grant::Intersect`]), or exactly what the roles give ([`Grant::Role`]);
/// 3. of these, only the allowed ones.
///
/// So by default a role never gives a caller more than its token does: a token that its owner asked to be
/// read-only stays read-only in the hands of an admin, and a token without our scopes holds none. Where the
/// issuer knows nothing of this server's scopes, `Grant::Role` has to be chosen by name.
///
/// The tier is the highest of what identified the caller (an API key, say) and its roles; `Service` counts
/// only where nothing gives a tier of a person. A caller who is anonymous passes unchanged.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    admit: Vec<Member>,
    roles: BTreeMap<String, Role>,
    grant: Grant,
    #[serde(deserialize_with = "scope_set")]
    allowed_scopes: ScopeSet,
    hierarchy: ScopeHierarchy,
    groups_claim: String,
}

/// How the scopes of a token and those of its owner's roles make the scopes held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Grant {
    /// What both the token and the roles give.
    #[default]
    Intersect,
    /// What the roles give, whatever the token says: for issuers that do not know this server's scopes.
    /// It lets every token of a caller do everything the caller may.
    Role,
}

impl Default for Policy {
    /// Everybody identified comes in with the scopes of its token.
    fn default() -> Self {
        Self {
            admit: vec![Member::Everybody],
            roles: BTreeMap::new(),
            grant: Grant::default(),
            allowed_scopes: ScopeSet::All,
            hierarchy: ScopeHierarchy::new(),
            groups_claim: "groups".to_owned(),
        }
    }
}

impl Policy {
    /// A policy that lets everybody who is identified in with the scopes of its token.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets in only these callers.
    #[must_use]
    pub fn admit(mut self, members: impl IntoIterator<Item = Member>) -> Self {
        self.admit = members.into_iter().collect();
        self
    }

    /// Adds a role, or replaces the one of that name.
    #[must_use]
    pub fn role(mut self, name: impl Into<String>, role: Role) -> Self {
        self.roles.insert(name.into(), role);
        self
    }

    /// Says how the scopes of tokens and roles are joined.
    #[must_use]
    pub fn grant(mut self, grant: Grant) -> Self {
        self.grant = grant;
        self
    }

    /// Sets the most that any caller may hold, together with what it includes by the hierarchy.
    #[must_use]
    pub fn allowed_scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.allowed_scopes = scopes.into_iter().collect();
        self
    }

    /// Sets which scopes include others.
    #[must_use]
    pub fn hierarchy(mut self, hierarchy: ScopeHierarchy) -> Self {
        self.hierarchy = hierarchy;
        self
    }

    /// Names the claim that holds a caller's groups: a text or a list of texts. `groups` if not said.
    #[must_use]
    pub fn groups_claim(mut self, name: impl Into<String>) -> Self {
        self.groups_claim = name.into();
        self
    }

    /// Decides whether a caller comes in, and what it may do.
    ///
    /// # Errors
    /// [`AuthError::NotAdmitted`] if it does not come in.
    pub fn apply(&self, principal: Principal) -> Result<Principal, AuthError> {
        if principal.is_anonymous() {
            return Ok(principal);
        }
        if !self.admit.iter().any(|member| member.includes(&principal, &self.groups_claim)) {
            return Err(AuthError::NotAdmitted);
        }
        let roles: Vec<&Role> = self.roles.values().filter(|role| role.includes(&principal, &self.groups_claim)).collect();
        let scopes = self.scopes(principal.scopes(), &roles);
        let tier = roles.iter().map(|role| role.tier()).fold(principal.tier(), tier::higher);
        Ok(principal.with_scopes(scopes).with_tier(tier))
    }

    /// Whether roles alone say which scopes a caller has, whatever was asked for.
    #[cfg(feature = "server")]
    pub(crate) fn gives_scopes(&self) -> bool {
        self.grant == Grant::Role && self.roles.values().any(|role| role.scopes().is_some())
    }

    fn scopes(&self, token: &ScopeSet, roles: &[&Role]) -> ScopeSet {
        let mut scopes = self.hierarchy.close(token);
        if self.roles.values().any(|role| role.scopes().is_some()) {
            let given = roles.iter().filter_map(|role| role.scopes()).cloned().fold(ScopeSet::none(), union);
            let given = self.hierarchy.close(&given);
            scopes = match self.grant {
                Grant::Intersect => intersection(&scopes, &given),
                Grant::Role => given,
            };
        }
        intersection(&scopes, &self.hierarchy.close(&self.allowed_scopes))
    }
}
