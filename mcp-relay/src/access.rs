//! What items ask of their callers, by name.

use std::collections::{BTreeMap, BTreeSet};

use mcp_core::{Access, Prompt, Resource, Tier, Tool};

use crate::settings::{AccessSettings, RelaySettings};
use crate::{location, spelling};

/// What is asked by name or pattern.
pub(crate) type Table = BTreeMap<String, AccessSettings>;

/// What items ask of their callers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules(RelaySettings);

/// What one item asks.
#[derive(Debug, PartialEq, Eq)]
struct Asked<'r> {
    scopes: BTreeSet<&'r str>,
    tier: Tier,
    mfa: bool,
}

impl<'r> Asked<'r> {
    /// What both ask. Nobody can be of two tiers, so that nothing may do if they want different ones.
    fn and(self, other: &Self) -> Option<Self> {
        let tier = match (self.tier.sees(other.tier), other.tier.sees(self.tier)) {
            (true, _) => self.tier,
            (false, true) => other.tier,
            (false, false) => return None,
        };
        Some(Self { scopes: &self.scopes | &other.scopes, tier, mfa: self.mfa || other.mfa })
    }

    fn access(self) -> Access {
        Access::new(self.scopes.into_iter().map(str::to_owned), self.tier, self.mfa)
    }
}

impl Rules {
    pub(crate) fn new(settings: RelaySettings) -> Self {
        Self(settings)
    }

    pub(crate) fn tools(&self) -> &Table {
        &self.0.tools
    }

    pub(crate) fn prompts(&self) -> &Table {
        &self.0.prompts
    }

    fn of<'r>(&'r self, table: &'r Table, name: &str) -> Option<Asked<'r>> {
        self.all(find(table, name).map(|found| found.entries).unwrap_or_default())
    }

    fn asked<'r>(&'r self, entry: Option<&'r AccessSettings>) -> Asked<'r> {
        Asked {
            scopes: entry.and_then(|entry| entry.scope.as_deref()).unwrap_or(&self.0.scope).split_ascii_whitespace().collect(),
            tier: entry.and_then(|entry| entry.tier).unwrap_or(self.0.tier).0,
            mfa: entry.and_then(|entry| entry.mfa).unwrap_or(self.0.mfa),
        }
    }

    /// A tool of the upstream's list, if it is offered.
    pub(crate) fn tool(&self, tool: Tool) -> Option<Tool> {
        let asked = self.of(&self.0.tools, tool.name())?;
        let tool = asked.scopes.into_iter().fold(tool.with_tier(asked.tier), |tool, scope| tool.with_scope(scope.to_owned()));
        Some(if asked.mfa { tool.with_mfa() } else { tool })
    }

    /// A resource or template of the upstream's lists, if it is offered.
    pub(crate) fn resource(&self, resource: Resource) -> Option<Resource> {
        // A template is known by its own text; each URI of it is looked at when somebody wants it.
        let asked = match resource.variables().next() {
            Some(_) => self.of(&self.0.resources, resource.uri())?,
            None => self.all(location::rules(&self.0.resources, &spelling::nearest(resource.uri())))?,
        };
        let resource =
            asked.scopes.into_iter().fold(resource.with_tier(asked.tier), |resource, scope| resource.with_scope(scope.to_owned()));
        Some(if asked.mfa { resource.with_mfa() } else { resource })
    }

    /// What a URI asks that is in no list, be it of a listed template or not; `None` where it is not offered. A rule for one URI could be gone around by
    /// another spelling of it, so where there are rules, the URI has to have a normal spelling, and one of them has to fit if there is no template.
    pub(crate) fn unlisted(&self, uri: &str, is_of_template: bool) -> Option<Access> {
        let table = &self.0.resources;
        let rules = if table.is_empty() { Vec::new() } else { location::rules(table, &spelling::normal(uri)?) };
        let is_offered = is_of_template || table.is_empty() || !rules.is_empty();
        self.all(rules).filter(|_| is_offered).map(Asked::access)
    }

    /// What all of these ask; what everything does, if there are none.
    fn all<'r>(&'r self, rules: Vec<&'r AccessSettings>) -> Option<Asked<'r>> {
        let mut all = rules.into_iter().map(|entry| self.asked(Some(entry)));
        match all.next() {
            Some(first) => all.try_fold(first, |all, asked| all.and(&asked)),
            None => Some(self.asked(None)),
        }
    }

    /// Whether there may be resources in no list that not everybody sees.
    pub(crate) fn hides_resources(&self) -> bool {
        !self.0.resources.is_empty() || self.0.tier.0 != Tier::Public
    }

    /// A prompt of the upstream's list, if it is offered.
    pub(crate) fn prompt(&self, prompt: Prompt) -> Option<Prompt> {
        let asked = self.of(&self.0.prompts, prompt.item().name())?;
        let prompt = asked.scopes.into_iter().fold(prompt.with_tier(asked.tier), |prompt, scope| prompt.with_scope(scope.to_owned()));
        Some(if asked.mfa { prompt.with_mfa() } else { prompt })
    }
}

/// The most particular entries for a name.
pub(crate) struct Found<'r> {
    /// All of them have to be satisfied.
    pub(crate) entries: Vec<&'r AccessSettings>,
    /// The length of their names.
    pub(crate) length: usize,
    /// Whether it is the entry of exactly that name.
    pub(crate) is_exact: bool,
}

/// The entries for a name: the one of exactly that name, else those of the longest patterns which fit.
pub(crate) fn find<'r>(table: &'r Table, name: &str) -> Option<Found<'r>> {
    if let Some(entry) = table.get(name) {
        return Some(Found { entries: vec![entry], length: name.len(), is_exact: true });
    }
    let fitting = || table.iter().filter(|(pattern, _)| fits(pattern, name));
    let length = fitting().map(|(pattern, _)| pattern.len()).max()?;
    let entries = fitting().filter(|(pattern, _)| pattern.len() == length).map(|(_, entry)| entry).collect();
    Some(Found { entries, length, is_exact: false })
}

/// Whether a name fits a pattern, in which `*` stands for any text.
pub(crate) fn fits(pattern: &str, name: &str) -> bool {
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
    use crate::settings::TierName;

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
            let asked = rules.of(&rules.0.tools, name).expect("it is offered");
            assert_eq!((asked.scopes, asked.mfa), ([scope].into(), true), "{name}");
        }
        assert_eq!(rules.of(&rules.0.prompts, "x").expect("it is offered").scopes, ["mcp:use"].into());
    }

    #[test]
    fn patterns_of_one_length_all_count() {
        let entry =
            |scope: &str, tier| AccessSettings { scope: Some(scope.to_owned()), tier: Some(TierName(tier)), ..AccessSettings::default() };
        for (tiers, expected) in [
            ([Tier::Public, Tier::Admin], Some(Tier::Admin)),
            ([Tier::Admin, Tier::Developer], Some(Tier::Admin)),
            ([Tier::Service, Tier::Public], Some(Tier::Service)),
            ([Tier::Service, Tier::Admin], None),
        ] {
            let tools = [("*_admin", "a"), ("files_*", "b")].into_iter().zip(tiers);
            let tools = tools.map(|((name, scope), tier)| (name.to_owned(), entry(scope, tier))).collect();
            let rules = Rules::new(RelaySettings { tools, ..RelaySettings::default() });
            let asked = rules.of(&rules.0.tools, "files_admin");
            assert_eq!(asked.map(|asked| (asked.scopes, asked.tier)), expected.map(|tier| (["a", "b"].into(), tier)), "{tiers:?}");
        }
    }

    /// Checks the scopes of URIs that are in no list, of a template or not; `None` for those that are not offered.
    fn check(rules: &[(&str, &str)], is_of_template: bool, cases: &[(&str, Option<&str>)]) {
        let entry = |scope: &str| AccessSettings { scope: Some(scope.to_owned()), ..AccessSettings::default() };
        let resources = rules.iter().map(|(uri, scope)| ((*uri).to_owned(), entry(scope))).collect();
        let rules = Rules::new(RelaySettings { resources, ..RelaySettings::default() });
        for (uri, expected) in cases {
            let access = rules.unlisted(uri, is_of_template);
            assert_eq!(access.map(|access| access.scopes().collect::<Vec<_>>().join(" ")).as_deref(), *expected, "{uri}");
        }
    }

    #[test]
    fn a_broad_template_gives_nothing_that_a_rule_for_the_uri_keeps() {
        let rules = [("file:///*", "any"), ("file:///secret.txt", "admin"), ("user://{name}", "users"), ("user://*", "any")];
        let cases = [
            ("file:///open.txt", Some("any")),
            ("file:///secret.txt", Some("admin")),
            ("file:///%73ecret.txt", Some("admin")),
            ("user://ann", Some("any users")),
            ("user://ann,bob", Some("any users")),
            ("user://ann%40corp.com", Some("any users")),
            ("user://@ann", None),
            // No rule is about it, so it asks what everything does.
            ("note://1", Some("mcp:use")),
        ];
        check(&rules, true, &cases);
    }

    #[test]
    fn where_some_resources_have_rules_one_has_to_fit_what_is_in_no_list() {
        check(&[], false, &[("a:1", Some("mcp:use"))]);
        check(&[("b:*", "b")], false, &[("a:1", None), ("b:1", Some("b"))]);
    }

    #[test]
    fn a_narrow_rule_is_not_gone_around_with_another_spelling_that_a_broad_one_fits() {
        let rules = [("file:///*", "any"), ("file:///secret.txt", "admin"), ("skill://*", "any"), ("skill://secret/*", "admin")];
        let cases = [
            ("file:///open.txt", Some("any")),
            ("file:///a%20b.txt", Some("any")),
            ("file:///secret.txt", Some("admin")),
            ("file:///%73ecret.txt", Some("admin")),
            ("file:///./secret.txt", None),
            ("file:////secret.txt", None),
            ("skill://open", Some("any")),
            ("skill://secret", Some("admin")),
            ("skill://secret/", Some("admin")),
            ("skill://secret/SKILL.md", Some("admin")),
            ("SKILL://secret/SKILL.md", Some("admin")),
            ("skill:///secret/SKILL.md", Some("admin any")),
            ("skill://./secret/SKILL.md", None),
        ];
        check(&rules, false, &cases);
    }
}
