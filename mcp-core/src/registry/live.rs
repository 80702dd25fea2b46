//! A registry that changes while the server runs.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use super::{Registry, RegistryError, Snapshot};
use crate::changes::Change;
use crate::dispatch::Shared;
use crate::item::{Prompt, Resource, Tool};

/// The registry of a running dispatcher and the snapshot that calls read.
#[derive(Debug)]
pub(crate) struct Live {
    registry: Mutex<Registry>,
    snapshot: RwLock<Arc<Snapshot>>,
}

impl Live {
    pub(crate) fn new(registry: Registry) -> Self {
        let snapshot = Arc::new(Snapshot::new(&registry));
        Self { registry: Mutex::new(registry), snapshot: RwLock::new(snapshot) }
    }

    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshot.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn lock(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut Registry) -> Result<T, RegistryError>) -> Result<T, RegistryError> {
        let mut registry = self.lock();
        let value = change(&mut registry)?;
        *self.snapshot.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Snapshot::new(&registry));
        Ok(value)
    }
}

/// Adds, removes, enables and disables items of a running server, and tells clients.
#[derive(Clone)]
pub struct LiveRegistry(Arc<Shared>);

impl std::fmt::Debug for LiveRegistry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LiveRegistry")
    }
}

impl LiveRegistry {
    pub(crate) fn of(shared: &Arc<Shared>) -> Self {
        Self(Arc::clone(shared))
    }

    fn change<T>(&self, news: Change, change: impl FnOnce(&mut Registry) -> Result<T, RegistryError>) -> Result<T, RegistryError> {
        let value = self.0.live.change(change)?;
        self.0.changes.tell(news);
        Ok(value)
    }

    /// Adds a tool.
    ///
    /// # Errors
    /// As [`Registry::add_tool`].
    pub fn add_tool(&self, tool: Tool) -> Result<(), RegistryError> {
        self.change(Change::Tools, |registry| registry.add_tool(tool))
    }

    /// Adds a resource or template.
    ///
    /// # Errors
    /// As [`Registry::add_resource`].
    pub fn add_resource(&self, resource: Resource) -> Result<(), RegistryError> {
        self.change(Change::Resources, |registry| registry.add_resource(resource))
    }

    /// Adds a prompt.
    ///
    /// # Errors
    /// As [`Registry::add_prompt`].
    pub fn add_prompt(&self, prompt: Prompt) -> Result<(), RegistryError> {
        self.change(Change::Prompts, |registry| registry.add_prompt(prompt))
    }

    /// Removes a tool; calls of it that run go on.
    ///
    /// # Errors
    /// [`RegistryError::Unknown`] when there is none of this name.
    pub fn remove_tool(&self, name: &str) -> Result<(), RegistryError> {
        self.change(Change::Tools, |registry| known(registry.tools.remove(name), name))
    }

    /// Removes a resource or template.
    ///
    /// # Errors
    /// [`RegistryError::Unknown`] when there is none at this URI.
    pub fn remove_resource(&self, uri: &str) -> Result<(), RegistryError> {
        self.change(Change::Resources, |registry| known(registry.resources.remove(uri), uri))
    }

    /// Removes a prompt.
    ///
    /// # Errors
    /// [`RegistryError::Unknown`] when there is none of this name.
    pub fn remove_prompt(&self, name: &str) -> Result<(), RegistryError> {
        self.change(Change::Prompts, |registry| known(registry.prompts.remove(name), name))
    }

    /// Offers an item again, by its name or URI.
    ///
    /// # Errors
    /// [`RegistryError::Unknown`] when there is no such item.
    pub fn enable(&self, name: &str) -> Result<(), RegistryError> {
        self.toggle(name, true)
    }

    /// Stops offering an item, by its name or URI, and keeps it.
    ///
    /// # Errors
    /// [`RegistryError::Unknown`] when there is no such item.
    pub fn disable(&self, name: &str) -> Result<(), RegistryError> {
        self.toggle(name, false)
    }

    fn toggle(&self, name: &str, offered: bool) -> Result<(), RegistryError> {
        let news = self.0.live.change(|registry| {
            let news = if registry.tools.contains_key(name) {
                Change::Tools
            } else if registry.prompts.contains_key(name) {
                Change::Prompts
            } else if registry.resources.contains_key(name) {
                Change::Resources
            } else {
                return Err(RegistryError::Unknown(name.to_owned()));
            };
            if offered {
                registry.disabled.remove(name);
            } else {
                registry.disabled.insert(name.to_owned());
            }
            Ok(news)
        })?;
        self.0.changes.tell(news);
        Ok(())
    }

    /// Offers what `registry` has in place of everything that was offered so far, and tells of `news`.
    ///
    /// # Errors
    /// When a completion in it completes nothing.
    pub fn replace(&self, mut registry: Registry, news: &[Change]) -> Result<(), RegistryError> {
        registry.check_completions()?;
        self.0.live.change(|current| {
            registry.disabled = std::mem::take(&mut current.disabled);
            *current = registry;
            Ok(())
        })?;
        news.iter().for_each(|change| self.0.changes.tell(change.clone()));
        Ok(())
    }

    /// The resources that clients would be told of, each of which may read them: those that they listen for, and those that sessions
    /// subscribe to while a stream of theirs is open.
    pub fn watched(&self) -> BTreeSet<String> {
        self.watched_by_caller().into_iter().flatten().collect()
    }

    /// The same for each caller, whatever sessions and streams it has, so that each can be given its share.
    pub fn watched_by_caller(&self) -> Vec<BTreeSet<String>> {
        self.0.watched()
    }

    /// Tells listeners that something changed.
    pub fn notify(&self, change: Change) {
        self.0.changes.tell(change);
    }
}

fn known<T>(removed: Option<T>, name: &str) -> Result<(), RegistryError> {
    removed.map(drop).ok_or_else(|| RegistryError::Unknown(name.to_owned()))
}
