//! The registry as calls see it: indexed, sorted, with its lists rendered once.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use super::Registry;
use crate::access::{Access, Principal, Tier};
use crate::item::{Completion, CompletionTarget, ItemMeta, Prompt, Resource, SecuritySchemes, Tool, Unlisted};
use crate::json::{Object, push_array};
use crate::protocol::revision::Revision;
use crate::schema::SchemaStyle;
use crate::seal::{Purpose, Sealer};

/// A list a client may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ListKind {
    Tools,
    Prompts,
    Resources,
    Templates,
}

impl ListKind {
    const COUNT: usize = 4;

    fn member(self) -> &'static str {
        match self {
            Self::Tools => "tools",
            Self::Prompts => "prompts",
            Self::Resources => "resources",
            Self::Templates => "resourceTemplates",
        }
    }
}

/// How lists are written; the same for all clients.
#[derive(Clone, Debug)]
pub(crate) struct ListSettings {
    pub(crate) page_size: usize,
    pub(crate) ttl_ms: u64,
    pub(crate) style: SchemaStyle,
    pub(crate) security: Option<SecuritySchemes>,
    pub(crate) sealer: Sealer,
    /// `"_meta":{…}` with the server's identity.
    pub(crate) server_meta: String,
}

/// One state of the registry.
#[derive(Debug)]
pub(crate) struct Snapshot {
    tools: Vec<Arc<Tool>>,
    tool_index: HashMap<Box<str>, usize>,
    resources: Vec<Arc<Resource>>,
    resource_index: HashMap<Box<str>, usize>,
    templates: Vec<Arc<Resource>>,
    prompts: Vec<Arc<Prompt>>,
    prompt_index: HashMap<Box<str>, usize>,
    completions: HashMap<(CompletionTarget, String), Arc<Completion>>,
    unlisted: Option<Arc<Unlisted>>,
    /// Whether some item is not for everybody to see.
    tiered: bool,
    /// Whether tools, resources and prompts are announced in any case.
    announces_all: bool,
    private: bool,
    pages: [OnceLock<Vec<Bytes>>; ListKind::COUNT * Revision::ALL.len() * Tier::ALL.len()],
}

impl Snapshot {
    pub(crate) fn new(registry: &Registry) -> Self {
        let offered = |name: &str| !registry.disabled.contains(name);
        let tools: Vec<_> = registry.tools.values().filter(|tool| offered(tool.name())).cloned().collect();
        let prompts: Vec<_> = registry.prompts.values().filter(|prompt| offered(prompt.item.name())).cloned().collect();
        let (templates, resources): (Vec<_>, Vec<_>) = registry
            .resources
            .values()
            .filter(|resource| offered(resource.uri()))
            .cloned()
            .partition(|resource| resource.template.is_some());
        let tiered = registry.accesses().any(|access| access.tier != Tier::Public);
        Self {
            tool_index: index(tools.iter().map(|tool| tool.name())),
            prompt_index: index(prompts.iter().map(|prompt| prompt.item.name())),
            resource_index: index(resources.iter().map(|resource| resource.uri())),
            completions: registry.completions.iter().map(|(key, completion)| (key.clone(), Arc::clone(completion))).collect(),
            tools,
            resources,
            templates,
            prompts,
            unlisted: registry.unlisted.clone(),
            tiered,
            announces_all: registry.announces_all,
            private: registry.private,
            pages: [const { OnceLock::new() }; _],
        }
    }

    pub(crate) fn tool(&self, name: &str) -> Option<&Arc<Tool>> {
        self.tools.get(*self.tool_index.get(name)?)
    }

    pub(crate) fn tools(&self) -> &[Arc<Tool>] {
        &self.tools
    }

    pub(crate) fn prompt(&self, name: &str) -> Option<&Arc<Prompt>> {
        self.prompts.get(*self.prompt_index.get(name)?)
    }

    pub(crate) fn resource(&self, uri: &str) -> Option<&Arc<Resource>> {
        self.resources.get(*self.resource_index.get(uri)?)
    }

    pub(crate) fn templates(&self) -> &[Arc<Resource>] {
        &self.templates
    }

    pub(crate) fn completion(&self, target: CompletionTarget, argument: String) -> Option<&Arc<Completion>> {
        let mut key = (target, argument);
        self.completions.get(&key).or_else(|| {
            Completion::EVERY.clone_into(&mut key.1);
            self.completions.get(&key)
        })
    }

    pub(crate) fn has_tools(&self) -> bool {
        self.announces_all || !self.tools.is_empty()
    }

    pub(crate) fn has_prompts(&self) -> bool {
        self.announces_all || !self.prompts.is_empty()
    }

    pub(crate) fn has_resources(&self) -> bool {
        self.announces_all || !self.resources.is_empty() || !self.templates.is_empty() || self.unlisted.is_some()
    }

    /// What another server answers for besides.
    pub(crate) fn unlisted(&self) -> Option<&Unlisted> {
        self.unlisted.as_deref()
    }

    /// A template for one URI that fits it; nothing where another server's URI is not offered.
    pub(crate) fn at(&self, template: &Arc<Resource>, uri: &str) -> Option<Arc<Resource>> {
        match self.unlisted() {
            Some(unlisted) => unlisted.at(template, uri),
            None => Some(Arc::clone(template)),
        }
    }

    /// What another server's URI asks, be it listed, of a template or neither.
    pub(crate) fn foreign_access(&self, uri: &str) -> Option<Access> {
        if let Some(resource) = self.resource(uri) {
            return Some(resource.item.access.clone());
        }
        let mut templates = self.templates.iter().filter_map(|resource| resource.template.as_ref());
        self.unlisted()?.access(uri, templates.any(|template| template.matches(uri).is_some()))
    }

    pub(crate) fn has_completions(&self) -> bool {
        !self.completions.is_empty()
    }

    /// The scopes of everything that callers of any tier may see, sorted.
    pub(crate) fn public_scopes(&self) -> Vec<String> {
        let tools = self.tools.iter().map(|tool| &tool.item);
        let resources = self.resources.iter().chain(&self.templates).map(|resource| &resource.item);
        let items = tools.chain(resources).chain(self.prompts.iter().map(|prompt| &prompt.item));
        let scopes = items.filter(|item| item.access.tier == Tier::Public).flat_map(|item| item.access.scopes());
        scopes.collect::<std::collections::BTreeSet<_>>().into_iter().map(str::to_owned).collect()
    }

    /// Whether callers see different lists, here or at the server whose items these are.
    pub(crate) fn is_private(&self) -> bool {
        self.tiered || self.private
    }

    /// One page of a list as a finished result; `None` when the cursor is not one of ours.
    pub(crate) fn list(
        &self,
        kind: ListKind,
        revision: Revision,
        principal: &Principal,
        cursor: Option<&str>,
        settings: &ListSettings,
    ) -> Option<Bytes> {
        let tier = if self.tiered { principal.tier() } else { Tier::Public };
        let slot = (kind as usize * Revision::ALL.len() + revision.index()) * Tier::ALL.len() + tier as usize;
        let pages = self.pages[slot].get_or_init(|| {
            let visible = self.visible(kind, tier);
            let starts = (0..visible.len().max(1)).step_by(settings.page_size);
            starts.map(|start| self.render(kind, revision, &visible, start, settings)).collect()
        });
        let Some(cursor) = cursor else { return pages.first().cloned() };
        let last = settings.sealer.open(Purpose::Cursor, kind.member().as_bytes(), cursor)?;
        let visible = self.visible(kind, tier);
        let start = visible.partition_point(|position| self.key(kind, *position).as_bytes() <= &*last);
        if start % settings.page_size == 0 && start > 0 && start < visible.len() {
            return pages.get(start / settings.page_size).cloned();
        }
        Some(self.render(kind, revision, &visible, start, settings))
    }

    fn item(&self, kind: ListKind, position: usize) -> &ItemMeta {
        match kind {
            ListKind::Tools => &self.tools[position].item,
            ListKind::Prompts => &self.prompts[position].item,
            ListKind::Resources => &self.resources[position].item,
            ListKind::Templates => &self.templates[position].item,
        }
    }

    /// What an item is sorted by.
    fn key(&self, kind: ListKind, position: usize) -> &str {
        match kind {
            ListKind::Tools | ListKind::Prompts => self.item(kind, position).name(),
            ListKind::Resources => self.resources[position].uri(),
            ListKind::Templates => self.templates[position].uri(),
        }
    }

    fn visible(&self, kind: ListKind, tier: Tier) -> Vec<usize> {
        let count = match kind {
            ListKind::Tools => self.tools.len(),
            ListKind::Prompts => self.prompts.len(),
            ListKind::Resources => self.resources.len(),
            ListKind::Templates => self.templates.len(),
        };
        (0..count).filter(|position| tier.sees(self.item(kind, *position).access.tier)).collect()
    }

    fn write_item(&self, kind: ListKind, position: usize, revision: Revision, settings: &ListSettings, out: &mut Vec<u8>) {
        match kind {
            ListKind::Tools => self.tools[position].write(out, revision, settings.style, settings.security),
            ListKind::Prompts => self.prompts[position].write(out, revision),
            ListKind::Resources => self.resources[position].write(out, revision),
            ListKind::Templates => self.templates[position].write(out, revision),
        }
    }

    /// All lists of what a caller may see, without pages.
    pub(crate) fn describe(&self, revision: Revision, principal: &Principal, settings: &ListSettings) -> Vec<u8> {
        let mut out = Vec::new();
        let mut lists = Object::open(&mut out);
        for kind in [ListKind::Tools, ListKind::Resources, ListKind::Templates, ListKind::Prompts] {
            push_array(lists.key(kind.member()), self.visible(kind, principal.tier()), |out, position| {
                self.write_item(kind, position, revision, settings, out);
            });
        }
        lists.close();
        out
    }

    fn render(&self, kind: ListKind, revision: Revision, visible: &[usize], start: usize, settings: &ListSettings) -> Bytes {
        let end = (start + settings.page_size).min(visible.len());
        let mut out = Vec::with_capacity(256 * (end - start) + 256);
        let mut result = Object::open(&mut out);
        push_array(result.key(kind.member()), &visible[start..end], |out, &position| {
            self.write_item(kind, position, revision, settings, out);
        });
        if end < visible.len() {
            let last = self.key(kind, visible[end - 1]);
            result.text("nextCursor", &settings.sealer.seal(Purpose::Cursor, kind.member().as_bytes(), last.as_bytes()));
        }
        if revision.has_caching_hints() {
            result.value("ttlMs", &settings.ttl_ms);
            result.text("cacheScope", if self.is_private() { "private" } else { "public" });
        }
        if revision.has_result_type() {
            result.text("resultType", "complete");
        }
        if revision.names_server_in_results() {
            result.raw("_meta", &settings.server_meta);
        }
        result.close();
        out.into()
    }
}

fn index<'a>(names: impl Iterator<Item = &'a str>) -> HashMap<Box<str>, usize> {
    names.enumerate().map(|(position, name)| (name.into(), position)).collect()
}
