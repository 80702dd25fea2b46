//! Completions: suggestions for an argument of a prompt or a variable of a template.

use std::borrow::Cow;
use std::sync::Arc;

use super::meta::{Handler, ItemDef, ItemMeta};
use crate::call::{Answer, Arguments, CallFn, Context, Invocation};
use crate::json::{Object, push_array, push_str};
use crate::tool_error::IntoToolError;

/// Most values one answer may hold (2024-11-05, server/utilities/completion).
const MAX_VALUES: usize = 100;

/// What is completed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CompletionTarget {
    /// An argument of the prompt with this name.
    Prompt(Cow<'static, str>),
    /// A variable of the resource template with this URI.
    Resource(Cow<'static, str>),
}

/// A completion that a macro linked into the binary.
#[derive(Clone, Copy, Debug)]
pub struct CompletionDef {
    item: ItemDef,
    prompt: Option<&'static str>,
    resource: Option<&'static str>,
    argument: &'static str,
    call: CallFn,
}

inventory::collect!(CompletionDef);

impl CompletionDef {
    /// Completes `argument` of a prompt.
    pub const fn for_prompt(item: ItemDef, prompt: &'static str, argument: &'static str, call: CallFn) -> Self {
        Self { item, prompt: Some(prompt), resource: None, argument, call }
    }

    /// Completes the variable `argument` of a resource template.
    pub const fn for_resource(item: ItemDef, template: &'static str, argument: &'static str, call: CallFn) -> Self {
        Self { item, prompt: None, resource: Some(template), argument, call }
    }
}

/// A completion in the registry.
#[derive(Clone, Debug)]
pub struct Completion {
    pub(crate) item: ItemMeta,
    pub(crate) target: CompletionTarget,
    pub(crate) argument: Cow<'static, str>,
    pub(crate) handler: Handler,
}

impl Completion {
    /// Stands for every argument that has no completion of its own.
    pub(crate) const EVERY: &'static str = "";
}

impl From<&'static CompletionDef> for Completion {
    fn from(def: &'static CompletionDef) -> Self {
        let target = match (def.prompt, def.resource) {
            (Some(prompt), _) => CompletionTarget::Prompt(prompt.into()),
            (None, template) => CompletionTarget::Resource(template.unwrap_or_default().into()),
        };
        Self { item: (&def.item).into(), target, argument: def.argument.into(), handler: Handler::Static(def.call) }
    }
}

impl Completion {
    /// A completion made while running. The pairs are the arguments settled so far; the
    /// one being completed comes first.
    pub fn new<F, Fut, R, E>(target: CompletionTarget, argument: impl Into<Cow<'static, str>>, complete: F) -> Self
    where
        F: Fn(Context, Vec<(String, String)>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<R, E>> + Send + 'static,
        R: Into<CompletionValues>,
        E: IntoToolError,
    {
        let call = move |cx: &Context, arguments: Arguments<'_>| {
            let running = complete(cx.clone(), arguments.to_pairs());
            Invocation::running(async move { Answer::completion(running.await) })
        };
        Self { item: ItemMeta::new("completion"), target, argument: argument.into(), handler: Handler::Dynamic(Arc::new(call)) }
    }
}

/// Suggestions, best first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompletionValues {
    values: Vec<String>,
    total: Option<usize>,
}

impl CompletionValues {
    /// Says how many there are in all, when not all are given.
    #[must_use]
    pub fn with_total(mut self, total: usize) -> Self {
        self.total = Some(total);
        self
    }

    pub(crate) fn write(&self, object: &mut Object<'_>) {
        let shown = &self.values[..self.values.len().min(MAX_VALUES)];
        let total = self.total.unwrap_or(self.values.len());
        let mut completion = Object::open(object.key("completion"));
        push_array(completion.key("values"), shown, |out, value| push_str(out, value));
        completion.value("total", &total);
        completion.value("hasMore", &(total > shown.len()));
        completion.close();
    }
}

impl<S: Into<String>> From<Vec<S>> for CompletionValues {
    fn from(values: Vec<S>) -> Self {
        values.into_iter().collect()
    }
}

impl<S: Into<String>> FromIterator<S> for CompletionValues {
    fn from_iter<I: IntoIterator<Item = S>>(values: I) -> Self {
        Self { values: values.into_iter().map(Into::into).collect(), total: None }
    }
}
