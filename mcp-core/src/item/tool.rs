//! Tools: functions a model may call.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Serialize;

use super::meta::{Handler, ItemDef, ItemMeta};
use super::mirror::Mirror;
use super::security::SecuritySchemes;
use crate::access::Tier;
use crate::call::{Answer, Arguments, CallFn, Context, Invocation};
use crate::content::{Content, ResourceContents, ResourceLink, write_blocks, write_text_block};
use crate::json::{Object, push_str, to_json};
use crate::protocol::revision::Revision;
use crate::schema;
use crate::tool_error::ToolError;

/// Makes a schema with the given settings.
type SchemaFn = fn(SchemaSettings) -> Schema;

/// A tool that a macro linked into the binary.
#[derive(Clone, Copy, Debug)]
pub struct ToolDef {
    item: ItemDef,
    input: SchemaFn,
    output: Option<fn(SchemaSettings) -> Option<Schema>>,
    call: CallFn,
    hints: Hints,
    task: TaskSupport,
    plain_parameters: bool,
}

inventory::collect!(ToolDef);

impl ToolDef {
    /// A tool with the schema of its arguments and the function that runs it.
    pub const fn new(item: ItemDef, input: SchemaFn, call: CallFn) -> Self {
        Self { item, input, output: None, call, hints: Hints::NONE, task: TaskSupport::Forbidden, plain_parameters: false }
    }

    /// Sets the schema of the structured result; the function may answer that there is none.
    #[must_use]
    pub const fn output(mut self, output: fn(SchemaSettings) -> Option<Schema>) -> Self {
        self.output = Some(output);
        self
    }

    /// Sets what the tool tells of its effects.
    #[must_use]
    pub const fn hints(mut self, hints: Hints) -> Self {
        self.hints = hints;
        self
    }

    /// Says whether the tool may run as a task.
    #[must_use]
    pub const fn task(mut self, task: TaskSupport) -> Self {
        self.task = task;
        self
    }

    /// Says that the function itself checks the ranges of its top-level arguments
    /// and refuses unknown ones, so that no second look at them is needed.
    #[must_use]
    pub const fn plain_parameters(mut self) -> Self {
        self.plain_parameters = true;
        self
    }
}

/// What a tool tells of its effects (2025-03-26, `ToolAnnotations`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Hints {
    /// It changes nothing.
    #[serde(rename = "readOnlyHint", skip_serializing_if = "Option::is_none")]
    pub read_only: Option<bool>,
    /// It may destroy something.
    #[serde(rename = "destructiveHint", skip_serializing_if = "Option::is_none")]
    pub destructive: Option<bool>,
    /// Calling it again with the same arguments changes nothing more.
    #[serde(rename = "idempotentHint", skip_serializing_if = "Option::is_none")]
    pub idempotent: Option<bool>,
    /// It reaches beyond the server, as a web search does.
    #[serde(rename = "openWorldHint", skip_serializing_if = "Option::is_none")]
    pub open_world: Option<bool>,
}

impl Hints {
    /// Nothing said.
    pub const NONE: Self = Self { read_only: None, destructive: None, idempotent: None, open_world: None };
}

/// Whether a tool may run as a task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TaskSupport {
    /// It always answers directly.
    #[default]
    Forbidden,
    /// It becomes a task when the client accepts tasks.
    Optional,
    /// It only runs as a task; a client without tasks is refused.
    Required,
    /// It answers directly until it calls [`Context::become_task`].
    OnDemand,
}

/// A tool in the registry.
#[derive(Clone, Debug)]
pub struct Tool {
    pub(crate) item: ItemMeta,
    pub(crate) input: schema::Input,
    pub(crate) output: Option<schema::Output>,
    pub(crate) handler: Handler,
    pub(crate) hints: Hints,
    pub(crate) task: TaskSupport,
    /// What another server says of it, if it is that one's.
    pub(crate) mirror: Option<Arc<Mirror>>,
}

impl From<&'static ToolDef> for Tool {
    fn from(def: &'static ToolDef) -> Self {
        Self {
            item: (&def.item).into(),
            input: schema::Input::new((def.input)(schema::settings()), def.plain_parameters),
            output: def.output.and_then(|output| output(schema::settings())).map(schema::Output::new),
            handler: Handler::Static(def.call),
            hints: def.hints,
            task: def.task,
            mirror: None,
        }
    }
}

impl Tool {
    /// A tool made while running, whose arguments are of type `A`.
    ///
    /// ```
    /// # use mcp_core::{Tool, ToolError, schemars, serde};
    /// #[derive(serde::Deserialize, schemars::JsonSchema)]
    /// # #[serde(crate = "mcp_core::serde")]
    /// # #[schemars(crate = "mcp_core::schemars")]
    /// struct Shout { text: String }
    ///
    /// let tool = Tool::new("shout", |_cx, Shout { text }: Shout| async move {
    ///     Ok::<_, ToolError>(text.to_uppercase())
    /// });
    /// ```
    pub fn new<A, F, Fut, R, E>(name: impl Into<Cow<'static, str>>, run: F) -> Self
    where
        A: serde::de::DeserializeOwned + JsonSchema,
        F: Fn(Context, A) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<R, E>> + Send + 'static,
        R: IntoToolOutput,
        E: crate::tool_error::IntoToolError,
    {
        let call = move |cx: &Context, arguments: Arguments<'_>| match arguments.parse::<A>() {
            Ok(input) => {
                let running = run(cx.clone(), input);
                Invocation::running(async move { Answer::tool(running.await) })
            }
            Err(error) => Invocation::ready(Answer::invalid_arguments(error)),
        };
        Self {
            item: ItemMeta::new(name),
            input: schema::Input::new(schema::root::<A>(schema::settings()), false),
            output: R::output_schema(schema::settings()).map(schema::Output::new),
            handler: Handler::Dynamic(Arc::new(call)),
            hints: Hints::NONE,
            task: TaskSupport::Forbidden,
            mirror: None,
        }
    }

    /// A tool whose argument schema is only known at run time, as when tools are read from a file.
    ///
    /// Arguments are checked against `input_schema` before `run` sees them.
    pub fn with_schema<F, Fut>(name: impl Into<Cow<'static, str>>, input_schema: Schema, run: F) -> Self
    where
        F: Fn(Context, serde_json::Value) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<ToolOutput, ToolError>> + Send + 'static,
    {
        let call = move |cx: &Context, arguments: Arguments<'_>| match arguments.parse::<serde_json::Value>() {
            Ok(input) => {
                let running = run(cx.clone(), input);
                Invocation::running(async move { Answer::tool(running.await) })
            }
            Err(error) => Invocation::ready(Answer::invalid_arguments(error)),
        };
        Self {
            item: ItemMeta::new(name),
            input: schema::Input::verbatim(input_schema),
            output: None,
            handler: Handler::Dynamic(Arc::new(call)),
            hints: Hints::NONE,
            task: TaskSupport::Forbidden,
            mirror: None,
        }
    }

    /// Sets the title shown to people.
    #[must_use]
    pub fn with_title(mut self, title: impl Into<Cow<'static, str>>) -> Self {
        self.item.title = Some(title.into());
        self
    }

    /// Sets the description shown to models.
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

    /// Sets the tier from which callers see the tool.
    #[must_use]
    pub fn with_tier(mut self, tier: Tier) -> Self {
        self.item.access.tier = tier;
        self
    }

    /// Asks for a second factor.
    #[must_use]
    pub fn with_mfa(mut self) -> Self {
        self.item.access.second_factor = true;
        self
    }

    /// Sets what the tool tells of its effects.
    #[must_use]
    pub fn with_hints(mut self, hints: Hints) -> Self {
        self.hints = hints;
        self
    }

    /// Says whether the tool may run as a task.
    #[must_use]
    pub fn with_task(mut self, task: TaskSupport) -> Self {
        self.task = task;
        self
    }

    /// The name it is called by.
    pub fn name(&self) -> &str {
        &self.item.name
    }

    /// What it tells of its effects.
    pub fn hints(&self) -> Hints {
        self.hints
    }

    /// What it has in common with other items.
    pub fn item(&self) -> &ItemMeta {
        &self.item
    }

    /// Writes the entry of `tools/list`.
    pub(crate) fn write(&self, out: &mut Vec<u8>, revision: Revision, style: schema::SchemaStyle, security: Option<SecuritySchemes>) {
        let mut object = Object::open(out);
        let output = self.output.as_ref().filter(|output| output.fits(revision));
        if let Some(mirror) = &self.mirror {
            mirror.write(&mut object, &[("name", &self.item.name)], revision, |key| match key {
                "annotations" => revision.has_tool_annotations(),
                "outputSchema" => output.is_some(),
                // Tasks of 2025-11-25 are not spoken here, and what callers need is said by this server.
                "execution" | "securitySchemes" => false,
                _ => true,
            });
        } else {
            object.text("name", &self.item.name);
            self.item.write_description(&mut object, revision);
            self.input.write(object.key("inputSchema"), revision, style);
            if let Some(output) = output {
                output.write(object.key("outputSchema"), revision, style);
            }
            if revision.has_tool_annotations() && self.hints != Hints::NONE {
                object.value("annotations", &self.hints);
            }
        }
        let security = security.map(|security| security.member(&self.item.access));
        if let Some(member) = &security {
            object.members(member);
        }
        self.item.write_meta(&mut object, revision, security.as_deref());
        object.close();
    }
}

/// What a tool answers.
#[derive(Clone, Default, PartialEq)]
pub struct ToolOutput {
    content: Vec<Content>,
    structured: Option<String>,
    is_error: bool,
    meta: Option<String>,
}

impl fmt::Debug for ToolOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToolOutput")
            .field("content", &self.content)
            .field("structured", &self.structured)
            .field("is_error", &self.is_error)
            .finish_non_exhaustive()
    }
}

impl ToolOutput {
    /// An answer without content; add blocks with [`ToolOutput::with`].
    pub fn new() -> Self {
        Self::default()
    }

    /// An answer of one block.
    pub fn from_content(content: impl Into<Content>) -> Self {
        Self::new().with(content)
    }

    /// Adds a block of content.
    #[must_use]
    pub fn with(mut self, content: impl Into<Content>) -> Self {
        self.content.push(content.into());
        self
    }

    /// Sets the structured content.
    ///
    /// # Errors
    /// When `value` cannot be written as JSON, as a map with keys that are not strings.
    pub fn with_structured<T: Serialize + ?Sized>(mut self, value: &T) -> Result<Self, ToolError> {
        self.structured = Some(serde_json::to_string(value)?);
        Ok(self)
    }

    /// Marks the answer as the report of a failure.
    #[must_use]
    pub fn as_error(mut self) -> Self {
        self.is_error = true;
        self
    }

    /// Sets `_meta`.
    ///
    /// # Errors
    /// When `meta` cannot be written as JSON.
    pub fn with_meta(mut self, meta: &serde_json::Map<String, serde_json::Value>) -> Result<Self, ToolError> {
        self.meta = Some(serde_json::to_string(meta)?);
        Ok(self)
    }

    pub(crate) fn structured(&self) -> Option<&str> {
        self.structured.as_deref()
    }

    pub(crate) fn meta(&self) -> Option<&str> {
        self.meta.as_deref()
    }

    pub(crate) fn is_error(&self) -> bool {
        self.is_error
    }

    /// Writes the members of a `CallToolResult`, but not `_meta`.
    ///
    /// A structured value is repeated as text for clients that only read text. A tool that
    /// declares no output schema and returns a string returns text and nothing else.
    pub(crate) fn write(&self, object: &mut Object<'_>, revision: Revision, output: Option<&schema::Output>) {
        match &self.structured {
            Some(json) if self.content.is_empty() => {
                let out = object.key("content");
                out.push(b'[');
                match json.as_bytes() {
                    b"null" if output.is_none() => {}
                    [b'"', ..] => {
                        out.extend_from_slice(b"{\"type\":\"text\",\"text\":");
                        out.extend_from_slice(json.as_bytes());
                        out.push(b'}');
                    }
                    _ => {
                        out.extend_from_slice(b"{\"type\":\"text\",\"text\":");
                        push_str(out, json);
                        out.push(b'}');
                    }
                }
                out.push(b']');
            }
            _ => write_blocks(object.key("content"), &self.content, revision),
        }
        if let Some(json) = &self.structured
            && revision.has_structured_content()
            && (json.starts_with('{') || (revision.structures_any_value() && output.is_some()))
        {
            object.raw("structuredContent", json);
        }
        if self.is_error {
            object.raw("isError", "true");
        }
    }
}

/// Writes the members of a `CallToolResult` that reports a failure to the model.
pub(crate) fn write_error(object: &mut Object<'_>, message: &str) {
    let out = object.key("content");
    out.push(b'[');
    write_text_block(out, message);
    out.push(b']');
    object.raw("isError", "true");
}

/// A value a tool may return.
///
/// Implemented for everything that is `Serialize + JsonSchema` — which becomes structured
/// content with an output schema, or plain text if it is a string — and for content:
/// [`Content`], [`ResourceLink`], [`ResourceContents`] and [`ToolOutput`].
#[diagnostic::on_unimplemented(
    message = "a tool cannot return `{Self}`",
    label = "this type is neither content nor `Serialize + JsonSchema`",
    note = "derive `serde::Serialize` and `schemars::JsonSchema` for it, or return a `String`, `Content` or `ToolOutput`"
)]
pub trait IntoToolOutput {
    /// Turns the value into an answer.
    ///
    /// # Errors
    /// When the value cannot be written as JSON.
    fn into_tool_output(self) -> Result<ToolOutput, ToolError>;

    /// The schema of the structured content, if the type has one.
    fn output_schema(settings: SchemaSettings) -> Option<Schema> {
        let _ = settings;
        None
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + JsonSchema> IntoToolOutput for T {
    fn into_tool_output(self) -> Result<ToolOutput, ToolError> {
        Ok(ToolOutput { structured: Some(to_json(&self)?), ..ToolOutput::default() })
    }

    fn output_schema(settings: SchemaSettings) -> Option<Schema> {
        let schema = schema::root::<T>(settings);
        let plain = match schema.get("type").and_then(serde_json::Value::as_str) {
            Some("string" | "null") => true,
            Some(_) => false,
            None => schema.as_object().is_none_or(|members| !members.keys().any(|key| key != "$schema" && key != "title")),
        };
        (!plain).then_some(schema)
    }
}

impl IntoToolOutput for ToolOutput {
    fn into_tool_output(self) -> Result<ToolOutput, ToolError> {
        Ok(self)
    }
}

impl IntoToolOutput for Content {
    fn into_tool_output(self) -> Result<ToolOutput, ToolError> {
        Ok(ToolOutput::from_content(self))
    }
}

impl IntoToolOutput for ResourceLink {
    fn into_tool_output(self) -> Result<ToolOutput, ToolError> {
        Ok(ToolOutput::from_content(Content::link(self)))
    }
}

impl IntoToolOutput for ResourceContents {
    fn into_tool_output(self) -> Result<ToolOutput, ToolError> {
        Ok(ToolOutput::from_content(Content::resource(self)))
    }
}

impl From<Vec<Content>> for ToolOutput {
    fn from(content: Vec<Content>) -> Self {
        Self { content, ..Self::default() }
    }
}

impl<const N: usize> From<[Content; N]> for ToolOutput {
    fn from(content: [Content; N]) -> Self {
        Self::from(Vec::from(content))
    }
}
