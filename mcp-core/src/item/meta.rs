//! What every kind of item has in common.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use crate::access::{Access, Tier, is_scope_token};
use crate::call::{Arguments, CallFn, Context, Invocation, Provided};
use crate::json::{Object, push_array};
use crate::protocol::revision::Revision;

/// Where an item was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    /// Source file, as the compiler names it.
    pub file: &'static str,
    /// Line, from 1.
    pub line: u32,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// A picture that stands for an item (2025-11-25, basic, "icons").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Icon {
    /// `https:` or `data:` URI of the picture.
    pub src: &'static str,
    /// Its MIME type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<&'static str>,
    /// Sizes such as `48x48`, or `any`.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub sizes: &'static [&'static str],
    /// The background it is drawn for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theme: Option<Theme>,
}

impl Icon {
    /// An icon of which only the address is known.
    pub const fn new(src: &'static str) -> Self {
        Self { src, mime_type: None, sizes: &[], theme: None }
    }
}

/// The background an icon is drawn for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Theme {
    /// A light background.
    Light,
    /// A dark background.
    Dark,
}

/// What a macro knows of any item at compile time.
#[derive(Clone, Copy, Debug)]
pub struct ItemDef {
    pub(crate) name: &'static str,
    title: Option<&'static str>,
    description: &'static str,
    scopes: &'static [&'static str],
    tier: Tier,
    mfa: bool,
    icons: &'static [Icon],
    tags: &'static [&'static str],
    timeout: Option<Duration>,
    meta: Option<&'static str>,
    requires: &'static [Requirement],
    pub(crate) location: Location,
}

/// Says what a server lacks for an item to be of use.
type Requirement = fn(&Provided<'_>) -> Option<String>;

impl ItemDef {
    /// An item with a name, written at a place.
    pub const fn new(name: &'static str, file: &'static str, line: u32) -> Self {
        Self {
            name,
            title: None,
            description: "",
            scopes: &[],
            tier: Tier::Public,
            mfa: false,
            icons: &[],
            tags: &[],
            timeout: None,
            meta: None,
            requires: &[],
            location: Location { file, line },
        }
    }

    /// Sets the title shown to people.
    #[must_use]
    pub const fn title(mut self, title: &'static str) -> Self {
        self.title = Some(title);
        self
    }

    /// Sets the description shown to models.
    #[must_use]
    pub const fn description(mut self, description: &'static str) -> Self {
        self.description = description;
        self
    }

    /// Sets the scopes a caller needs, all of them.
    ///
    /// # Panics
    /// At compile time, when one is not a scope (RFC 6749, section 3.3).
    #[must_use]
    pub const fn scopes(mut self, scopes: &'static [&'static str]) -> Self {
        let mut position = 0;
        while position < scopes.len() {
            assert!(is_scope_token(scopes[position]), "a scope is one word of printable ASCII without quotes and backslashes");
            position += 1;
        }
        self.scopes = scopes;
        self
    }

    /// Sets the tier from which callers see the item.
    #[must_use]
    pub const fn tier(mut self, tier: Tier) -> Self {
        self.tier = tier;
        self
    }

    /// Asks for a second factor.
    #[must_use]
    pub const fn mfa(mut self) -> Self {
        self.mfa = true;
        self
    }

    /// Sets the icons.
    #[must_use]
    pub const fn icons(mut self, icons: &'static [Icon]) -> Self {
        self.icons = icons;
        self
    }

    /// Sets the tags, sent in `_meta`.
    #[must_use]
    pub const fn tags(mut self, tags: &'static [&'static str]) -> Self {
        self.tags = tags;
        self
    }

    /// Limits how long one call may take.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets what is looked for at start.
    #[must_use]
    pub const fn requires(mut self, requires: &'static [Requirement]) -> Self {
        self.requires = requires;
        self
    }

    /// Sets `_meta` to a JSON object.
    #[must_use]
    pub const fn meta(mut self, json: &'static str) -> Self {
        self.meta = Some(json);
        self
    }
}

/// What the registry knows of any item.
#[derive(Clone, Debug, Default)]
pub struct ItemMeta {
    pub(crate) name: Cow<'static, str>,
    pub(crate) title: Option<Cow<'static, str>>,
    pub(crate) description: Cow<'static, str>,
    pub(crate) access: Access,
    pub(crate) icons: Cow<'static, [Icon]>,
    pub(crate) tags: Vec<Cow<'static, str>>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) meta: Option<Cow<'static, str>>,
    requires: &'static [Requirement],
    pub(crate) location: Option<Location>,
}

impl From<&ItemDef> for ItemMeta {
    fn from(def: &ItemDef) -> Self {
        Self {
            name: def.name.into(),
            title: def.title.map(Into::into),
            description: def.description.into(),
            access: Access { scopes: def.scopes.iter().map(|&scope| scope.into()).collect(), tier: def.tier, second_factor: def.mfa },
            icons: def.icons.into(),
            tags: def.tags.iter().map(|&tag| tag.into()).collect(),
            timeout: def.timeout,
            meta: def.meta.map(Into::into),
            requires: def.requires,
            location: Some(def.location),
        }
    }
}

impl ItemMeta {
    /// An item with a name and nothing else.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// The name it is called by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The title shown to people.
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// The description shown to models.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// What it asks of its caller.
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// What the server lacks for the item to be of use.
    pub(crate) fn lacks(&self, provided: &Provided<'_>) -> Option<String> {
        self.requires.iter().find_map(|requirement| requirement(provided))
    }

    /// Where it was written, if a macro made it.
    pub fn location(&self) -> Option<Location> {
        self.location
    }

    /// Writes `title`, `description` and `icons`.
    pub(crate) fn write_description(&self, object: &mut Object<'_>, revision: Revision) {
        if revision.has_titles() {
            object.optional_text("title", self.title.as_deref());
        }
        if !self.description.is_empty() {
            object.text("description", &self.description);
        }
        if revision.has_icons() && !self.icons.is_empty() {
            object.value("icons", &*self.icons);
        }
    }

    /// Writes `_meta`, if there is anything to put there; `more` is a further member of it, unless the author wrote that one.
    pub(crate) fn write_meta(&self, object: &mut Object<'_>, revision: Revision, more: Option<&str>) {
        let own = self.meta.as_deref().and_then(|meta| meta.trim().strip_prefix('{')?.strip_suffix('}')).map(str::trim);
        let own = own.filter(|members| !members.is_empty());
        let more = more.filter(|more| more.split(':').next().is_some_and(|key| own.is_none_or(|own| !own.contains(key))));
        if !revision.has_titles() || (self.tags.is_empty() && self.meta.is_none() && more.is_none()) {
            return;
        }
        let mut meta = Object::open(object.key("_meta"));
        own.into_iter().chain(more).for_each(|members| meta.members(members));
        if !self.tags.is_empty() {
            push_array(meta.key("tags"), &self.tags, |out, tag| crate::json::push_str(out, tag));
        }
        meta.close();
    }
}

type DynamicCall = dyn Fn(&Context, Arguments<'_>) -> Invocation + Send + Sync;

/// How an item is run: a function the macro made, or one added while running.
#[derive(Clone)]
pub(crate) enum Handler {
    Static(CallFn),
    Dynamic(Arc<DynamicCall>),
    /// Another server answers.
    Foreign(super::Forward),
}

impl Handler {
    pub(crate) fn call(&self, cx: &Context, arguments: Arguments<'_>) -> Invocation {
        match self {
            Self::Static(call) => call(cx, arguments),
            Self::Dynamic(call) => call(cx, arguments),
            Self::Foreign(forward) => Invocation(crate::call::Started::Running(forward(cx.clone()))),
        }
    }
}

impl fmt::Debug for Handler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Static(_) => "Handler::Static",
            Self::Dynamic(_) => "Handler::Dynamic",
            Self::Foreign(_) => "Handler::Foreign",
        })
    }
}
