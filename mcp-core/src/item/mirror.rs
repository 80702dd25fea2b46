//! Items of another server: their entries in lists are what that server wrote, and whoever forwards calls answers.

use std::sync::Arc;

use serde_json::Value;

use super::meta::{Handler, ItemMeta};
use super::{Completion, CompletionTarget, Hints, Prompt, Resource, TaskSupport, Tool};
use crate::call::{Answer, BoxFuture, Context};
use crate::json::Object;
use crate::protocol::revision::Revision;
use crate::protocol::scan::{Raw, Scanner};
use crate::schema;
use crate::uri_template::UriTemplate;

/// Deepest nesting of an entry.
const DEEPEST: usize = 128;

/// Why an entry of another server's list cannot be offered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UnfitEntry(String);

/// Who answers in place of an item's own function.
pub type Forward = Arc<dyn Fn(Context) -> BoxFuture<'static, Answer> + Send + Sync>;

/// The entry of an item in a list, member by member as another server wrote it.
#[derive(Clone, Debug)]
pub(crate) struct Mirror(Vec<(Box<str>, Box<str>)>);

impl Mirror {
    fn read(entry: &str) -> Result<Self, UnfitEntry> {
        let mut members = Vec::new();
        let mut scanner = Scanner::new(entry, DEEPEST);
        scanner
            .object(0, |scanner, key| {
                let value = scanner.value(1)?;
                members.push((key.into(), value.get().into()));
                Ok(())
            })
            .and_then(|_| scanner.end())
            .map_err(|_| UnfitEntry("its entry is not a JSON object, or nested too deeply".to_owned()))?;
        Ok(Self(members))
    }

    fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| **known == *key).map(|(_, value)| &**value)
    }

    fn value(&self, key: &str) -> Option<Value> {
        serde_json::from_str(self.get(key)?).ok()
    }

    fn text(&self, key: &str) -> Option<String> {
        serde_json::from_str(self.get(key)?).ok()
    }

    fn named(&self) -> Result<ItemMeta, UnfitEntry> {
        let name = self.text("name").filter(|name| !name.is_empty()).ok_or_else(|| UnfitEntry("it has no name".to_owned()))?;
        let mut item = ItemMeta::new(name);
        item.title = self.text("title").map(Into::into);
        item.description = self.text("description").unwrap_or_default().into();
        item.meta = self.get("_meta").filter(|meta| meta.starts_with('{')).map(|meta| meta.to_owned().into());
        Ok(item)
    }

    /// Writes the members that a revision has, but not `_meta`. What an item is known by is written as this server has it.
    pub(crate) fn write(&self, object: &mut Object<'_>, known_by: &[(&'static str, &str)], revision: Revision, has: impl Fn(&str) -> bool) {
        for (key, value) in &self.0 {
            let fits = match &**key {
                "_meta" => false,
                "title" => revision.has_titles(),
                "icons" => revision.has_icons(),
                key => has(key),
            };
            if !fits {
                continue;
            }
            match known_by.iter().find(|(name, _)| *name == &**key) {
                Some((name, value)) => object.text(name, value),
                None => object.member(key, value),
            }
        }
    }
}

pub(super) fn forwarding(forward: Forward) -> Handler {
    Handler::Foreign(forward)
}

impl Tool {
    /// A tool of another server. `entry` is what that server's `tools/list` says of it; its arguments are not looked at here.
    ///
    /// # Errors
    /// When the entry has no name or no schema.
    pub fn mirrored(entry: &str, forward: Forward) -> Result<Self, UnfitEntry> {
        let mirror = Mirror::read(entry)?;
        let input = mirror.get("inputSchema").filter(|schema| schema.starts_with('{'));
        let input = input.ok_or_else(|| UnfitEntry("it has no input schema".to_owned()))?;
        let schema = mirror.value("inputSchema").unwrap_or_default();
        let output = mirror.value("outputSchema").and_then(|schema| schema.try_into().ok()).map(schema::Output::new);
        Ok(Self {
            item: mirror.named()?,
            input: schema::Input::foreign(schema, input.to_owned()),
            output,
            handler: forwarding(forward),
            hints: Hints::NONE,
            task: TaskSupport::OnDemand,
            mirror: Some(Arc::new(mirror)),
        })
    }
}

impl Resource {
    /// A resource or a template of another server. `entry` is what that server's list says of it.
    ///
    /// # Errors
    /// When the entry has no name, or neither a URI nor a template that can be read.
    pub fn mirrored(entry: &str, forward: Forward) -> Result<Self, UnfitEntry> {
        let mirror = Mirror::read(entry)?;
        let (uri, template) = match (mirror.text("uri"), mirror.text("uriTemplate")) {
            (Some(uri), _) => (uri, None),
            (None, Some(text)) => {
                let template = UriTemplate::parse(&text).map_err(|error| UnfitEntry(error.to_string()))?;
                (text, Some(template))
            }
            (None, None) => return Err(UnfitEntry("it has no URI".to_owned())),
        };
        Ok(Self {
            item: mirror.named()?,
            uri: uri.into(),
            template,
            mime_type: mirror.text("mimeType").map(Into::into),
            size: None,
            annotations: None,
            handler: forwarding(forward),
            mirror: Some(Arc::new(mirror)),
        })
    }

    /// The variables of its template.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.template.iter().flat_map(UriTemplate::variables)
    }
}

impl Prompt {
    /// A prompt of another server. `entry` is what that server's list says of it; its arguments are not looked at here.
    ///
    /// # Errors
    /// When the entry has no name.
    pub fn mirrored(entry: &str, forward: Forward) -> Result<Self, UnfitEntry> {
        #[derive(serde::Deserialize)]
        struct Argument {
            name: String,
        }
        let mirror = Mirror::read(entry)?;
        let arguments: Vec<Argument> = mirror.get("arguments").and_then(|list| serde_json::from_str(list).ok()).unwrap_or_default();
        let names = arguments.into_iter().map(|argument| argument.name).collect();
        Ok(Self::of_mirror(mirror.named()?, names, forwarding(forward), mirror))
    }
}

impl Completion {
    /// The completions of another server, of whatever argument of an item it is asked for.
    pub fn mirrored(target: CompletionTarget, forward: Forward) -> Self {
        Self { item: ItemMeta::new("completion"), target, argument: Self::EVERY.into(), handler: forwarding(forward) }
    }
}

/// The members of a JSON object.
pub(crate) fn members_of(object: &str) -> Option<Vec<(String, Raw<'_>)>> {
    let mut members = Vec::new();
    let mut scanner = Scanner::new(object, DEEPEST);
    scanner
        .object(0, |scanner, key| {
            let value = scanner.value(1)?;
            members.push((key.to_owned(), value));
            Ok(())
        })
        .ok()?;
    Some(members)
}

/// The items of a JSON array.
pub(crate) fn items_of(array: &str) -> Option<Vec<Raw<'_>>> {
    let mut items = Vec::new();
    Scanner::new(array, DEEPEST)
        .array(0, |scanner| {
            items.push(scanner.value(1)?);
            Ok(())
        })
        .ok()?;
    Some(items)
}
