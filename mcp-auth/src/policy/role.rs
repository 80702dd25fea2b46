//! A role: who has it, and what it gives.

use mcp_core::{Principal, ScopeSet, Tier};
use serde::Deserialize;

use super::Member;
use crate::settings::{some_scopes, tier};

/// Who has a role, and what it gives them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    members: Vec<Member>,
    #[serde(default)]
    issuers: Vec<String>,
    #[serde(default, deserialize_with = "some_scopes")]
    scopes: Option<ScopeSet>,
    #[serde(default, deserialize_with = "tier")]
    tier: Tier,
}

impl Role {
    /// A role of these callers, which gives nothing yet.
    pub fn of(members: impl IntoIterator<Item = Member>) -> Self {
        Self { members: members.into_iter().collect(), issuers: Vec::new(), scopes: None, tier: Tier::Public }
    }

    /// Keeps the role to callers that one of these issuers vouches for.
    ///
    /// Needed where the server takes tokens of several issuers: the same subject of two issuers is two people,
    /// and not every issuer verifies e-mail addresses with the same care.
    #[must_use]
    pub fn from_issuers<S: Into<String>>(mut self, issuers: impl IntoIterator<Item = S>) -> Self {
        self.issuers.extend(issuers.into_iter().map(Into::into));
        self
    }

    /// Gives scopes, in addition to those before.
    #[must_use]
    pub fn giving_scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        let more: ScopeSet = scopes.into_iter().collect();
        self.scopes = Some(union(self.scopes.unwrap_or_else(ScopeSet::none), more));
        self
    }

    /// Gives a tier.
    #[must_use]
    pub fn giving_tier(mut self, tier: Tier) -> Self {
        self.tier = tier;
        self
    }

    /// The scopes it gives, if it speaks of scopes at all.
    pub(super) fn scopes(&self) -> Option<&ScopeSet> {
        self.scopes.as_ref()
    }

    pub(super) fn tier(&self) -> Tier {
        self.tier
    }

    pub(super) fn includes(&self, principal: &Principal, groups_claim: &str) -> bool {
        let vouched = self.issuers.is_empty() || principal.issuer().is_some_and(|issuer| self.issuers.iter().any(|known| known == issuer));
        vouched && self.members.iter().any(|member| member.includes(principal, groups_claim))
    }
}

/// The scopes of either.
pub(super) fn union(one: ScopeSet, other: ScopeSet) -> ScopeSet {
    match (one, other) {
        (ScopeSet::These(mut one), ScopeSet::These(other)) => {
            one.extend(other);
            ScopeSet::These(one)
        }
        _ => ScopeSet::All,
    }
}

/// The scopes of both.
pub(super) fn intersection(one: &ScopeSet, other: &ScopeSet) -> ScopeSet {
    match (one, other) {
        (ScopeSet::All, scopes) | (scopes, ScopeSet::All) => scopes.clone(),
        (ScopeSet::These(one), ScopeSet::These(other)) => ScopeSet::These(one & other),
        // A kind of set that this crate does not know yet holds nothing.
        _ => ScopeSet::none(),
    }
}
