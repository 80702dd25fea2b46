//! What a scope lets its holder do, from the registry of the server that asks for it.

use std::collections::BTreeSet;

use mcp_core::{ItemMeta, Registry, Tier};

use super::pages::{ScopeLine, ToolLine};

/// The scopes of a server, and the items that ask for them.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    items: Vec<Item>,
}

#[derive(Clone, Debug)]
struct Item {
    scopes: Vec<String>,
    tier: Tier,
    second_factor: bool,
    line: ToolLine,
}

impl From<&Registry> for Catalog {
    /// Everything in a registry.
    fn from(registry: &Registry) -> Self {
        let tools = registry.tools().map(|tool| {
            let hints = tool.hints();
            let read_only = hints.read_only == Some(true);
            Item::new(tool.item(), read_only, !read_only && hints.destructive == Some(true))
        });
        let read = registry.resources().map(|resource| Item::new(resource.item(), true, false));
        let prompts = registry.prompts().map(|prompt| Item::new(prompt.item(), true, false));
        let mut items: Vec<Item> = tools.chain(read).chain(prompts).collect();
        items.sort_by(|one, other| one.line.name.cmp(&other.line.name));
        Self { items }
    }
}

impl Item {
    fn new(item: &ItemMeta, read_only: bool, destructive: bool) -> Self {
        let access = item.access();
        let line = ToolLine {
            name: item.name().to_owned(),
            title: item.title().unwrap_or(item.name()).to_owned(),
            about: first_sentence(item.description()),
            read_only,
            destructive,
            also: Vec::new(),
        };
        Self { scopes: access.scopes().map(str::to_owned).collect(), tier: access.tier(), second_factor: access.second_factor(), line }
    }
}

impl Catalog {
    /// The scopes that anything asks for.
    pub fn scopes(&self) -> BTreeSet<String> {
        self.items.iter().flat_map(|item| item.scopes.iter().cloned()).collect()
    }

    /// The scopes of everything that is not above anybody's tier.
    pub fn public_scopes(&self) -> BTreeSet<String> {
        self.items.iter().filter(|item| item.tier == Tier::Public).flat_map(|item| item.scopes.iter().cloned()).collect()
    }

    /// Whether anything asks for a second factor.
    pub fn asks_for_second_factor(&self) -> bool {
        self.items.iter().any(|item| item.second_factor)
    }

    /// What a scope lets somebody of a tier do; `second_factor` if it stands for one.
    pub(crate) fn line(&self, scope: &str, tier: Tier, second_factor: bool, elevated: bool) -> ScopeLine {
        let concerned = |item: &&Item| {
            tier.sees(item.tier) && if second_factor { item.second_factor } else { item.scopes.iter().any(|needed| needed == scope) }
        };
        let tools = self.items.iter().filter(concerned).map(|item| {
            let also = item.scopes.iter().filter(|needed| *needed != scope).cloned().collect();
            ToolLine { also, ..item.line.clone() }
        });
        ScopeLine { name: scope.to_owned(), tools: tools.collect(), elevated }
    }
}

/// What stands before the first full stop, or the first line.
fn first_sentence(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default().trim();
    let end = line.find(". ").map_or(line.len(), |at| at + 1);
    line[..end].chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_cut_after_its_first_sentence() {
        for (text, sentence) in [
            ("Search the tree. Slowly.", "Search the tree."),
            ("Search the tree\nfor a word", "Search the tree"),
            ("Version 1.2 of it", "Version 1.2 of it"),
            ("", ""),
        ] {
            assert_eq!(first_sentence(text), sentence);
        }
    }
}
