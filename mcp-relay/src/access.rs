//! What items ask of their callers, by name.

use std::collections::BTreeMap;

use mcp_core::{Access, Prompt, Resource, Tier, Tool};

use crate::settings::{AccessSettings, RelaySettings};
use crate::spelling;

/// What items ask of their callers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules(RelaySettings);

/// What one item asks.
struct Asked<'r> {
    scopes: std::str::SplitAsciiWhitespace<'r>,
    tier: Tier,
    mfa: bool,
}

impl Rules {
    pub(crate) fn new(settings: RelaySettings) -> Self {
        Self(settings)
    }

    fn of<'r>(&'r self, table: &'r BTreeMap<String, AccessSettings>, name: &str) -> Asked<'r> {
        self.asked(find(table, name).map(|(_, entry)| entry))
    }

    fn asked<'r>(&'r self, entry: Option<&'r AccessSettings>) -> Asked<'r> {
        Asked {
            scopes: entry.and_then(|entry| entry.scope.as_deref()).unwrap_or(&self.0.scope).split_ascii_whitespace(),
            tier: entry.and_then(|entry| entry.tier).unwrap_or(self.0.tier).0,
            mfa: entry.and_then(|entry| entry.mfa).unwrap_or(self.0.mfa),
        }
    }

    pub(crate) fn tool(&self, tool: Tool) -> Tool {
        let asked = self.of(&self.0.tools, tool.name());
        let tool = asked.scopes.fold(tool.with_tier(asked.tier), |tool, scope| tool.with_scope(scope.to_owned()));
        if asked.mfa { tool.with_mfa() } else { tool }
    }

    pub(crate) fn resource(&self, resource: Resource) -> Resource {
        let asked = self.of(&self.0.resources, resource.uri());
        let resource = asked.scopes.fold(resource.with_tier(asked.tier), |resource, scope| resource.with_scope(scope.to_owned()));
        if asked.mfa { resource.with_mfa() } else { resource }
    }

    /// What a resource asks that is in no list; `None` where it is not offered. A rule for one URI could be gone around by
    /// another spelling of it, so where there are rules, one of them has to fit, and the URI has to be spelled in the normal way.
    pub(crate) fn unlisted(&self, uri: &str) -> Option<Access> {
        let table = &self.0.resources;
        let entry = match table.is_empty() {
            true => None,
            false if spelling::is_normal(uri) => Some(of_tree(table, uri)?),
            false => return None,
        };
        let asked = self.asked(entry);
        Some(Access::new(asked.scopes.map(str::to_owned), asked.tier, asked.mfa))
    }

    /// Whether there may be resources in no list that not everybody sees.
    pub(crate) fn hides_resources(&self) -> bool {
        !self.0.resources.is_empty() || self.0.tier.0 != Tier::Public
    }

    pub(crate) fn prompt(&self, prompt: Prompt) -> Prompt {
        let asked = self.of(&self.0.prompts, prompt.item().name());
        let prompt = asked.scopes.fold(prompt.with_tier(asked.tier), |prompt, scope| prompt.with_scope(scope.to_owned()));
        if asked.mfa { prompt.with_mfa() } else { prompt }
    }
}

/// The entry for a name: the one of exactly that name, else that of the longest pattern which fits.
fn find<'r>(table: &'r BTreeMap<String, AccessSettings>, name: &str) -> Option<(&'r str, &'r AccessSettings)> {
    let fitting = || table.iter().filter(|(pattern, _)| fits(pattern, name)).max_by_key(|(pattern, _)| pattern.len());
    let found = table.get_key_value(name).or_else(fitting);
    found.map(|(pattern, entry)| (pattern.as_str(), entry))
}

/// The entry for a URI that may be a directory: a rule for all that is in it is one for the directory, too.
fn of_tree<'r>(table: &'r BTreeMap<String, AccessSettings>, uri: &str) -> Option<&'r AccessSettings> {
    let own = find(table, uri);
    let inside = if uri.ends_with('/') { None } else { find(table, &format!("{uri}/")) };
    let more_particular = match (own, inside) {
        (Some((own, _)), Some(_)) if own == uri => false,
        (Some((own, _)), Some((inside, _))) => inside.len() > own.len(),
        (None, inside) => inside.is_some(),
        (Some(_), None) => false,
    };
    if more_particular { inside } else { own }.map(|(_, entry)| entry)
}

/// Whether a name fits a pattern, in which `*` stands for any text.
fn fits(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, name, expected) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("delete_*", "delete_note", true),
            ("delete_*", "delete_", true),
            ("delete_*", "undelete_note", false),
            ("*", "", true),
            ("*_note", "delete_note", true),
            ("*_note", "delete_notes", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "acb", false),
            ("a*a", "a", false),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn the_most_particular_entry_counts_and_leaves_the_rest_as_it_is() {
        let entry = |scope: &str| AccessSettings { scope: Some(scope.to_owned()), ..AccessSettings::default() };
        let tools = [("*", "any"), ("delete_*", "write"), ("delete_all", "admin")];
        let tools = tools.map(|(name, scope)| (name.to_owned(), entry(scope))).into();
        let rules = Rules::new(RelaySettings { mfa: true, tools, ..RelaySettings::default() });
        for (name, scope) in [("read", "any"), ("delete_note", "write"), ("delete_all", "admin")] {
            let asked = rules.of(&rules.0.tools, name);
            assert_eq!((asked.scopes.collect::<Vec<_>>(), asked.mfa), (vec![scope], true), "{name}");
        }
        assert_eq!(rules.of(&rules.0.prompts, "x").scopes.collect::<Vec<_>>(), ["mcp:use"]);
    }

    #[test]
    fn where_some_resources_have_rules_one_has_to_fit_what_is_in_no_list() {
        let scopes = |rules: &Rules, uri| rules.unlisted(uri).map(|access| access.scopes().map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(scopes(&Rules::default(), "a:1"), Some(vec!["mcp:use".to_owned()]));
        let entry = AccessSettings { scope: Some("b".to_owned()), ..AccessSettings::default() };
        let rules = Rules::new(RelaySettings { resources: [("b:*".to_owned(), entry)].into(), ..RelaySettings::default() });
        assert_eq!((scopes(&rules, "a:1"), scopes(&rules, "b:1")), (None, Some(vec!["b".to_owned()])));
    }

    #[test]
    fn a_narrow_rule_is_not_gone_around_with_another_spelling_that_a_broad_one_fits() {
        let entry = |scope: &str| AccessSettings { scope: Some(scope.to_owned()), ..AccessSettings::default() };
        let resources = [("file:///*", "any"), ("file:///secret.txt", "admin"), ("skill://*", "any"), ("skill://secret/*", "admin")];
        let resources = resources.map(|(uri, scope)| (uri.to_owned(), entry(scope))).into();
        let rules = Rules::new(RelaySettings { resources, ..RelaySettings::default() });
        for (uri, expected) in [
            ("file:///open.txt", Some("any")),
            ("file:///a%20b.txt", Some("any")),
            ("file:///secret.txt", Some("admin")),
            ("file:///%73ecret.txt", None),
            ("file:///./secret.txt", None),
            ("file:////secret.txt", None),
            ("skill://open", Some("any")),
            ("skill://secret", Some("admin")),
            ("skill://secret/", Some("admin")),
            ("skill://secret/SKILL.md", Some("admin")),
            ("SKILL://secret/SKILL.md", None),
        ] {
            let access = rules.unlisted(uri);
            assert_eq!(access.map(|access| access.scopes().collect::<Vec<_>>().join(" ")).as_deref(), expected, "{uri}");
        }
    }
}
