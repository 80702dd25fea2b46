//! Which scopes include others.

use std::collections::{BTreeMap, BTreeSet};

use mcp_core::ScopeSet;
use serde::Deserialize;

use crate::settings::ScopeName;

/// Which scopes include others: who holds the broader one holds the narrower ones too.
///
/// ```
/// use mcp_auth::{ScopeHierarchy, ScopeSet};
///
/// let hierarchy = ScopeHierarchy::new().implies("mcp:admin", ["mcp:execute", "mcp:read"]);
/// assert!(hierarchy.close(&ScopeSet::parse("mcp:admin")).contains("mcp:read"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "BTreeMap<ScopeName, Vec<ScopeName>>")]
pub struct ScopeHierarchy(BTreeMap<String, BTreeSet<String>>);

impl ScopeHierarchy {
    /// A hierarchy in which no scope includes another.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says that `scope` includes `implied`, in addition to what it included before.
    #[must_use]
    pub fn implies<S: Into<String>>(mut self, scope: impl Into<String>, implied: impl IntoIterator<Item = S>) -> Self {
        self.0.entry(scope.into()).or_default().extend(implied.into_iter().map(Into::into));
        self
    }

    /// Adds everything that `scopes` include, directly or through others.
    ///
    /// Every scope is followed once, so circles do no harm and the work is bounded by the size of the hierarchy.
    pub fn close(&self, scopes: &ScopeSet) -> ScopeSet {
        let ScopeSet::These(held) = scopes else { return scopes.clone() };
        let mut closed = held.clone();
        let mut to_follow: Vec<&String> = held.iter().collect();
        while let Some(scope) = to_follow.pop() {
            for implied in self.0.get(scope).into_iter().flatten() {
                if closed.insert(implied.clone()) {
                    to_follow.push(implied);
                }
            }
        }
        ScopeSet::These(closed)
    }

    /// The broader scopes, each with those it includes directly.
    pub fn iter(&self) -> impl Iterator<Item = (&str, impl Iterator<Item = &str>)> {
        self.0.iter().map(|(scope, implied)| (scope.as_str(), implied.iter().map(String::as_str)))
    }
}

impl From<BTreeMap<ScopeName, Vec<ScopeName>>> for ScopeHierarchy {
    fn from(table: BTreeMap<ScopeName, Vec<ScopeName>>) -> Self {
        table.into_iter().fold(Self::new(), |hierarchy, (scope, implied)| hierarchy.implies(scope, implied))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_closed_through_chains_and_circles() {
        let hierarchy = ScopeHierarchy::new()
            .implies("admin", ["execute"])
            .implies("admin", ["audit"])
            .implies("execute", ["read"])
            .implies("a", ["b"])
            .implies("b", ["c", "b"])
            .implies("c", ["a"]);
        let check = |held: &str, closed: &str| {
            assert_eq!(hierarchy.close(&ScopeSet::parse(held)), ScopeSet::parse(closed), "{held}");
        };
        check("", "");
        check("read", "read");
        check("execute", "execute read");
        check("admin", "admin audit execute read");
        check("read other", "read other");
        check("b", "a b c");
        check("a read", "a b c read");
        assert_eq!(hierarchy.close(&ScopeSet::All), ScopeSet::All);
    }

    #[test]
    fn a_long_chain_is_followed_to_its_end() {
        let hierarchy = (0..10_000)
            .fold(ScopeHierarchy::new(), |hierarchy, level: u32| hierarchy.implies(level.to_string(), [(level + 1).to_string()]));
        assert!(hierarchy.close(&ScopeSet::parse("0")).contains("10000"));
    }
}
