//! Everything a server offers, found at link time or added while it runs.

mod error;
mod live;
mod snapshot;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use error::RegistryError;
pub(crate) use live::Live;
pub use live::LiveRegistry;
pub(crate) use snapshot::{ListKind, ListSettings, Snapshot};

use crate::item::{
    Completion, CompletionDef, CompletionTarget, Location, Prompt, PromptDef, Resource, ResourceDef, Tool, ToolDef, Unlisted,
};

/// The items of a server.
///
/// Names and URIs are unique; adding a second item under one is an error that names both places.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    pub(crate) tools: BTreeMap<String, Arc<Tool>>,
    pub(crate) resources: BTreeMap<String, Arc<Resource>>,
    pub(crate) prompts: BTreeMap<String, Arc<Prompt>>,
    pub(crate) completions: BTreeMap<(CompletionTarget, String), Arc<Completion>>,
    /// Names and URIs of items that are kept but not offered.
    pub(crate) disabled: BTreeSet<String>,
    /// What another server answers for besides.
    pub(crate) unlisted: Option<Arc<Unlisted>>,
    /// Whether items are announced that may not be there.
    pub(crate) announces_all: bool,
    /// Whether other callers would have been given other items.
    pub(crate) private: bool,
}

impl Registry {
    /// No items.
    pub fn new() -> Self {
        Self::default()
    }

    /// Everything that macros linked into this binary.
    ///
    /// # Errors
    /// [`RegistryError::Empty`] when nothing is linked, which usually means that the crate with the
    /// tools is never referenced; [`RegistryError::Duplicate`] and others when items clash or are unusable.
    pub fn linked() -> Result<Self, RegistryError> {
        let mut registry = Self::new();
        for def in inventory::iter::<ToolDef> {
            registry.add_tool(def.into())?;
        }
        for def in inventory::iter::<ResourceDef> {
            registry.add_resource(
                Resource::from_def(def)
                    .map_err(|error| RegistryError::unusable("resource", def.item.name, Some(def.item.location), error.to_string()))?,
            )?;
        }
        for def in inventory::iter::<PromptDef> {
            registry.add_prompt(def.into())?;
        }
        for def in inventory::iter::<CompletionDef> {
            registry.add_completion(def.into())?;
        }
        if registry.is_empty() {
            return Err(RegistryError::Empty);
        }
        registry.check_completions()?;
        Ok(registry)
    }

    /// Announces tools, resources and prompts whether or not there are any: clients that connect now are told when some come.
    #[must_use]
    pub fn announcing_all(mut self) -> Self {
        self.announces_all = true;
        self
    }

    /// Whether there is nothing to offer.
    pub fn is_empty(&self) -> bool {
        self.tools.is_empty() && self.resources.is_empty() && self.prompts.is_empty()
    }

    /// The tools, by name.
    pub fn tools(&self) -> impl Iterator<Item = &Tool> {
        self.tools.values().map(AsRef::as_ref)
    }

    /// The resources and templates, by URI.
    pub fn resources(&self) -> impl Iterator<Item = &Resource> {
        self.resources.values().map(AsRef::as_ref)
    }

    /// The prompts, by name.
    pub fn prompts(&self) -> impl Iterator<Item = &Prompt> {
        self.prompts.values().map(AsRef::as_ref)
    }

    /// Every scope that some item needs.
    pub fn scopes(&self) -> BTreeSet<&str> {
        self.accesses().flat_map(|access| access.scopes()).collect()
    }

    /// Whether some item asks anything of its caller.
    pub fn asks_for_identity(&self) -> bool {
        // Where it depends on the URI, some URI asks.
        let unlisted = self.unlisted.as_ref().is_some_and(|unlisted| unlisted.access("", false).is_none_or(|access| !access.is_open()));
        unlisted || self.accesses().any(|access| !access.is_open())
    }

    fn accesses(&self) -> impl Iterator<Item = &crate::access::Access> {
        self.items().map(|(_, item)| &item.access)
    }

    /// Every item, with what it is.
    fn items(&self) -> impl Iterator<Item = (&'static str, &crate::item::ItemMeta)> {
        let tools = self.tools.values().map(|tool| ("tool", &tool.item));
        let resources = self.resources.values().map(|resource| ("resource", &resource.item));
        let prompts = self.prompts.values().map(|prompt| ("prompt", &prompt.item));
        let completions = self.completions.values().map(|completion| ("completion", &completion.item));
        tools.chain(resources).chain(prompts).chain(completions)
    }

    /// Finds items that need what the server was not given.
    pub(crate) fn check_requirements(&self, provided: &crate::call::Provided<'_>) -> Result<(), RegistryError> {
        for (kind, item) in self.items() {
            if let Some(reason) = item.lacks(provided) {
                return Err(RegistryError::unusable(kind, item.name(), item.location, reason));
            }
        }
        Ok(())
    }

    /// Adds a tool.
    ///
    /// # Errors
    /// When the name is taken or not a tool name, or the schema is not an object's.
    pub fn add_tool(&mut self, tool: Tool) -> Result<(), RegistryError> {
        let name = tool.name().to_owned();
        let place = tool.item.location;
        // What another server offers under other names is called by them too: the rule is a recommendation.
        if tool.mirror.is_none() && !is_tool_name(&name) {
            let reason = "a tool name has 1 to 128 ASCII letters, digits, `_`, `-` and `.`".to_owned();
            return Err(RegistryError::unusable("tool", &name, place, reason));
        }
        if let Some(reason) = tool.input.fault().filter(|_| tool.mirror.is_none()) {
            return Err(RegistryError::unusable("tool", &name, place, reason));
        }
        if let Some(scope) = tool.item.access.scopes().find(|scope| !crate::access::is_scope_token(scope)) {
            let reason = format!("`{scope}` is not a scope (RFC 6749, section 3.3)");
            return Err(RegistryError::unusable("tool", &name, place, reason));
        }
        if let Some(other) = self.tools.get(&name) {
            return Err(RegistryError::duplicate("tools", &name, other.item.location, place));
        }
        self.tools.insert(name, Arc::new(tool));
        Ok(())
    }

    /// Adds a resource or a template.
    ///
    /// # Errors
    /// When the URI is taken.
    pub fn add_resource(&mut self, resource: Resource) -> Result<(), RegistryError> {
        let uri = resource.uri().to_owned();
        let place = resource.item.location;
        if let Some(other) = self.resources.get(&uri) {
            return Err(RegistryError::duplicate("resources", &uri, other.item.location, place));
        }
        if !uri.contains(':') {
            let reason = "a resource needs an absolute URI, as `file:///notes.txt`".to_owned();
            return Err(RegistryError::unusable("resource", &uri, place, reason));
        }
        self.resources.insert(uri, Arc::new(resource));
        Ok(())
    }

    /// Adds a prompt.
    ///
    /// # Errors
    /// When the name is taken.
    pub fn add_prompt(&mut self, prompt: Prompt) -> Result<(), RegistryError> {
        let name = prompt.item.name().to_owned();
        if let Some(other) = self.prompts.get(&name) {
            return Err(RegistryError::duplicate("prompts", &name, other.item.location, prompt.item.location));
        }
        self.prompts.insert(name, Arc::new(prompt));
        Ok(())
    }

    /// Adds a completion.
    ///
    /// # Errors
    /// When the argument has one already.
    pub fn add_completion(&mut self, completion: Completion) -> Result<(), RegistryError> {
        let key = (completion.target.clone(), completion.argument.to_string());
        if let Some(other) = self.completions.get(&key) {
            let place = completion.item.location;
            return Err(RegistryError::duplicate("completions of", &completion.argument, other.item.location, place));
        }
        self.completions.insert(key, Arc::new(completion));
        Ok(())
    }

    /// Has another server answer for resources and skills that are in no list.
    pub fn set_unlisted(&mut self, unlisted: Unlisted) {
        self.unlisted = Some(Arc::new(unlisted));
    }

    /// Says that these are the items of one caller, as a server that was asked on its behalf lists them: what is listed here is not
    /// for caches that callers share.
    pub fn set_private(&mut self) {
        self.private = true;
    }

    /// Finds completions of prompts, templates and arguments that do not exist.
    pub(crate) fn check_completions(&self) -> Result<(), RegistryError> {
        for completion in self.completions.values() {
            let argument = &*completion.argument;
            let fault = match &completion.target {
                CompletionTarget::Prompt(name) => match self.prompts.get(&**name) {
                    None => Some(format!("there is no prompt `{name}`")),
                    Some(prompt) if argument != Completion::EVERY && !prompt.takes(argument) => {
                        Some(format!("the prompt `{name}` has no argument `{argument}`"))
                    }
                    Some(_) => None,
                },
                CompletionTarget::Resource(uri) => match self.resources.get(&**uri).and_then(|resource| resource.template.as_ref()) {
                    None => Some(format!("there is no resource template `{uri}`")),
                    Some(template) if argument != Completion::EVERY && template.variables().all(|name| name != argument) => {
                        Some(format!("the template `{uri}` has no variable `{argument}`"))
                    }
                    Some(_) => None,
                },
            };
            if let Some(reason) = fault {
                return Err(RegistryError::unusable("completion", argument, completion.item.location, reason));
            }
        }
        Ok(())
    }

    /// Takes in another server's items: tools and prompts as `{prefix}_{name}`, resources as
    /// `{scheme}://{prefix}/{rest}`. An empty prefix changes nothing. What that server answers for besides stays behind.
    ///
    /// # Errors
    /// When a name or URI is taken.
    pub fn mount(&mut self, prefix: &str, other: Self) -> Result<(), RegistryError> {
        let named = |name: &str| if prefix.is_empty() { name.to_owned() } else { format!("{prefix}_{name}") };
        let located = |uri: &str| match uri.split_once("://") {
            Some((scheme, rest)) if !prefix.is_empty() => format!("{scheme}://{prefix}/{}", rest.trim_start_matches('/')),
            _ => uri.to_owned(),
        };
        for tool in other.tools.into_values() {
            let mut tool = Arc::unwrap_or_clone(tool);
            tool.item.name = named(&tool.item.name).into();
            self.add_tool(tool)?;
        }
        for resource in other.resources.into_values() {
            let mut resource = Arc::unwrap_or_clone(resource);
            let uri = located(&resource.uri);
            resource.template = resource.template.and_then(|_| crate::uri_template::UriTemplate::parse(&uri).ok());
            resource.uri = uri.into();
            self.add_resource(resource)?;
        }
        for prompt in other.prompts.into_values() {
            let mut prompt = Arc::unwrap_or_clone(prompt);
            prompt.item.name = named(&prompt.item.name).into();
            self.add_prompt(prompt)?;
        }
        for completion in other.completions.into_values() {
            let mut completion = Arc::unwrap_or_clone(completion);
            completion.target = match completion.target {
                CompletionTarget::Prompt(name) => CompletionTarget::Prompt(named(&name).into()),
                CompletionTarget::Resource(uri) => CompletionTarget::Resource(located(&uri).into()),
            };
            self.add_completion(completion)?;
        }
        self.private |= other.private;
        self.disabled.extend(other.disabled.iter().map(|name| if name.contains("://") { located(name) } else { named(name) }));
        Ok(())
    }
}

/// Whether a text may name a tool (2025-11-25, server/tools, "Tool Names").
pub const fn is_tool_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    let mut position = 0;
    while position < bytes.len() {
        if !(bytes[position].is_ascii_alphanumeric() || matches!(bytes[position], b'_' | b'-' | b'.')) {
            return false;
        }
        position += 1;
    }
    !bytes.is_empty() && bytes.len() <= 128
}

pub(crate) fn place(location: Option<Location>) -> String {
    location.map_or_else(|| "added at run time".to_owned(), |location| location.to_string())
}
