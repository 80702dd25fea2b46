//! Prompts: messages a person picks to start from.

use std::borrow::Cow;
use std::sync::Arc;

use super::meta::{Handler, ItemDef, ItemMeta};
use super::mirror::Mirror;
use crate::access::Tier;
use crate::call::{Answer, Arguments, CallFn, Context, Invocation};
use crate::content::{Content, PromptMessage};
use crate::json::{Object, push_array};
use crate::protocol::revision::Revision;
use crate::tool_error::IntoToolError;

/// A prompt that a macro linked into the binary.
#[derive(Clone, Copy, Debug)]
pub struct PromptDef {
    item: ItemDef,
    arguments: &'static [PromptArgument],
    call: CallFn,
}

inventory::collect!(PromptDef);

impl PromptDef {
    /// A prompt with its arguments and the function that writes it.
    pub const fn new(item: ItemDef, arguments: &'static [PromptArgument], call: CallFn) -> Self {
        Self { item, arguments, call }
    }
}

/// One argument of a prompt; its value is a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptArgument {
    name: Cow<'static, str>,
    description: Cow<'static, str>,
    required: bool,
}

impl PromptArgument {
    /// An argument; an empty description says nothing.
    pub const fn new(name: &'static str, description: &'static str, required: bool) -> Self {
        Self { name: Cow::Borrowed(name), description: Cow::Borrowed(description), required }
    }

    fn write(&self, out: &mut Vec<u8>) {
        let mut object = Object::open(out);
        object.text("name", &self.name);
        if !self.description.is_empty() {
            object.text("description", &self.description);
        }
        object.value("required", &self.required);
        object.close();
    }
}

/// A prompt in the registry.
#[derive(Clone, Debug)]
pub struct Prompt {
    pub(crate) item: ItemMeta,
    arguments: Cow<'static, [PromptArgument]>,
    pub(crate) handler: Handler,
    /// What another server says of it, if it is that one's.
    mirror: Option<Arc<Mirror>>,
}

impl From<&'static PromptDef> for Prompt {
    fn from(def: &'static PromptDef) -> Self {
        Self { item: (&def.item).into(), arguments: def.arguments.into(), handler: Handler::Static(def.call), mirror: None }
    }
}

impl Prompt {
    /// A prompt made while running; its arguments come as pairs.
    pub fn new<F, Fut, R, E>(name: impl Into<Cow<'static, str>>, arguments: Vec<PromptArgument>, write: F) -> Self
    where
        F: Fn(Context, Vec<(String, String)>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<R, E>> + Send + 'static,
        R: IntoPromptOutput,
        E: IntoToolError,
    {
        let call = move |cx: &Context, arguments: Arguments<'_>| {
            let running = write(cx.clone(), arguments.to_pairs());
            Invocation::running(async move { Answer::prompt(running.await) })
        };
        Self { item: ItemMeta::new(name), arguments: arguments.into(), handler: Handler::Dynamic(Arc::new(call)), mirror: None }
    }

    /// A prompt of another server.
    pub(super) fn of_mirror(item: ItemMeta, arguments: Vec<String>, handler: Handler, mirror: Mirror) -> Self {
        let argument = |name: String| PromptArgument { name: name.into(), description: Cow::Borrowed(""), required: false };
        Self { item, arguments: arguments.into_iter().map(argument).collect(), handler, mirror: Some(Arc::new(mirror)) }
    }

    /// Whether its arguments are for another server to look at.
    pub(crate) fn is_mirrored(&self) -> bool {
        self.mirror.is_some()
    }

    /// Sets the description shown to people.
    #[must_use]
    pub fn with_description(mut self, description: impl Into<Cow<'static, str>>) -> Self {
        self.item.description = description.into();
        self
    }

    /// Adds a scope the caller needs.
    #[must_use]
    pub fn with_scope(mut self, scope: impl Into<Cow<'static, str>>) -> Self {
        self.item.access.scopes.push(scope.into());
        self
    }

    /// Asks for a second factor.
    #[must_use]
    pub fn with_mfa(mut self) -> Self {
        self.item.access.second_factor = true;
        self
    }

    /// Sets the tier from which callers see the prompt.
    #[must_use]
    pub fn with_tier(mut self, tier: Tier) -> Self {
        self.item.access.tier = tier;
        self
    }

    /// What it has in common with other items.
    pub fn item(&self) -> &ItemMeta {
        &self.item
    }

    /// The first required argument that `given` lacks.
    pub(crate) fn missing_argument(&self, given: impl Fn(&str) -> bool) -> Option<&str> {
        self.arguments.iter().find(|argument| argument.required && !given(&argument.name)).map(|argument| &*argument.name)
    }

    /// Whether the prompt has an argument of this name.
    pub(crate) fn takes(&self, name: &str) -> bool {
        self.arguments.iter().any(|argument| argument.name == name)
    }

    /// The names of its arguments.
    pub fn argument_names(&self) -> Vec<&str> {
        self.arguments.iter().map(|argument| &*argument.name).collect()
    }

    /// Writes the entry of `prompts/list`.
    pub(crate) fn write(&self, out: &mut Vec<u8>, revision: Revision) {
        let mut object = Object::open(out);
        if let Some(mirror) = &self.mirror {
            mirror.write(&mut object, &[("name", &self.item.name)], revision, |_| true);
            self.item.write_meta(&mut object, revision, None);
            return object.close();
        }
        object.text("name", &self.item.name);
        self.item.write_description(&mut object, revision);
        if !self.arguments.is_empty() {
            push_array(object.key("arguments"), &*self.arguments, |out, argument| argument.write(out));
        }
        self.item.write_meta(&mut object, revision, None);
        object.close();
    }
}

/// What a prompt says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PromptOutput {
    pub(crate) description: Option<String>,
    pub(crate) messages: Vec<PromptMessage>,
}

impl PromptOutput {
    /// A prompt of these messages.
    pub fn new(messages: impl IntoIterator<Item = PromptMessage>) -> Self {
        Self { description: None, messages: messages.into_iter().collect() }
    }

    /// Describes this instance of the prompt.
    #[must_use]
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    pub(crate) fn write(&self, object: &mut Object<'_>, revision: Revision) {
        object.optional_text("description", self.description.as_deref());
        push_array(object.key("messages"), &self.messages, |out, message| message.write(out, revision));
    }
}

/// A value a prompt may return.
#[diagnostic::on_unimplemented(
    message = "a prompt cannot return `{Self}`",
    label = "this type is not a prompt's messages",
    note = "return a `String`, a `PromptMessage`, a `Vec<PromptMessage>` or a `PromptOutput`"
)]
pub trait IntoPromptOutput {
    /// Turns the value into messages.
    fn into_prompt_output(self) -> PromptOutput;
}

impl IntoPromptOutput for PromptOutput {
    fn into_prompt_output(self) -> PromptOutput {
        self
    }
}

impl IntoPromptOutput for PromptMessage {
    fn into_prompt_output(self) -> PromptOutput {
        PromptOutput::new([self])
    }
}

impl IntoPromptOutput for Vec<PromptMessage> {
    fn into_prompt_output(self) -> PromptOutput {
        PromptOutput::new(self)
    }
}

impl IntoPromptOutput for Content {
    fn into_prompt_output(self) -> PromptOutput {
        PromptMessage::user(self).into_prompt_output()
    }
}

impl IntoPromptOutput for String {
    fn into_prompt_output(self) -> PromptOutput {
        PromptMessage::user(self).into_prompt_output()
    }
}

impl IntoPromptOutput for &'static str {
    fn into_prompt_output(self) -> PromptOutput {
        PromptMessage::user(self).into_prompt_output()
    }
}
