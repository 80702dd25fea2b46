//! Resources: data a client may read, at a fixed URI or at every URI of a template.

use std::borrow::Cow;
use std::sync::Arc;

use super::meta::{Handler, ItemDef, ItemMeta};
use super::mirror::Mirror;
use crate::access::Tier;
use crate::call::{Answer, Arguments, CallFn, Context, Invocation};
use crate::content::{Annotations, ResourceContents};
use crate::json::{Object, push_array};
use crate::protocol::revision::Revision;
use crate::tool_error::{IntoToolError, ToolError};
use crate::uri_template::{InvalidTemplate, UriTemplate};

/// A resource that a macro linked into the binary.
#[derive(Clone, Copy, Debug)]
pub struct ResourceDef {
    pub(crate) item: ItemDef,
    pub(crate) uri: &'static str,
    mime_type: Option<&'static str>,
    size: Option<u64>,
    call: CallFn,
}

inventory::collect!(ResourceDef);

impl ResourceDef {
    /// A resource at a URI, or at every URI of a template (RFC 6570).
    pub const fn new(item: ItemDef, uri: &'static str, call: CallFn) -> Self {
        Self { item, uri, mime_type: None, size: None, call }
    }

    /// Sets the MIME type.
    #[must_use]
    pub const fn mime_type(mut self, mime_type: &'static str) -> Self {
        self.mime_type = Some(mime_type);
        self
    }

    /// Sets the size in bytes.
    #[must_use]
    pub const fn size(mut self, bytes: u64) -> Self {
        self.size = Some(bytes);
        self
    }
}

/// A resource in the registry.
#[derive(Clone, Debug)]
pub struct Resource {
    pub(crate) item: ItemMeta,
    pub(crate) uri: Cow<'static, str>,
    /// Present when the URI has variables.
    pub(crate) template: Option<UriTemplate>,
    pub(crate) mime_type: Option<Cow<'static, str>>,
    pub(crate) size: Option<u64>,
    pub(crate) annotations: Option<Annotations>,
    pub(crate) handler: Handler,
    /// What another server says of it, if it is that one's.
    pub(crate) mirror: Option<Arc<Mirror>>,
}

impl Resource {
    /// The registry's form of a linked resource.
    ///
    /// # Errors
    /// When the template cannot be read.
    pub(crate) fn from_def(def: &'static ResourceDef) -> Result<Self, InvalidTemplate> {
        Ok(Self {
            item: (&def.item).into(),
            uri: def.uri.into(),
            template: template_of(def.uri)?,
            mime_type: def.mime_type.map(Into::into),
            size: def.size,
            annotations: None,
            handler: Handler::Static(def.call),
            mirror: None,
        })
    }

    /// A resource made while running. `uri` may be a template; its variables come as pairs.
    ///
    /// # Errors
    /// When the template cannot be read.
    pub fn new<F, Fut, R, E>(
        uri: impl Into<Cow<'static, str>>,
        name: impl Into<Cow<'static, str>>,
        read: F,
    ) -> Result<Self, InvalidTemplate>
    where
        F: Fn(Context, Vec<(String, String)>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<R, E>> + Send + 'static,
        R: IntoResourceOutput,
        E: IntoToolError,
    {
        let uri = uri.into();
        let call = move |cx: &Context, arguments: Arguments<'_>| {
            let running = read(cx.clone(), arguments.to_pairs());
            Invocation::running(async move { Answer::resource(running.await) })
        };
        Ok(Self {
            item: ItemMeta::new(name),
            template: template_of(&uri)?,
            uri,
            mime_type: None,
            size: None,
            annotations: None,
            handler: Handler::Dynamic(Arc::new(call)),
            mirror: None,
        })
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

    /// Sets the MIME type.
    #[must_use]
    pub fn with_mime_type(mut self, mime_type: impl Into<Cow<'static, str>>) -> Self {
        self.mime_type = Some(mime_type.into());
        self
    }

    /// Says whom it is for and how important it is.
    #[must_use]
    pub fn with_annotations(mut self, annotations: Annotations) -> Self {
        self.annotations = Some(annotations);
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

    /// Sets the tier from which callers see the resource.
    #[must_use]
    pub fn with_tier(mut self, tier: Tier) -> Self {
        self.item.access.tier = tier;
        self
    }

    /// The URI or template.
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// What it has in common with other items.
    pub fn item(&self) -> &ItemMeta {
        &self.item
    }

    /// Writes the entry of `resources/list` or `resources/templates/list`.
    pub(crate) fn write(&self, out: &mut Vec<u8>, revision: Revision) {
        let mut object = Object::open(out);
        let known_by = if self.template.is_some() { "uriTemplate" } else { "uri" };
        if let Some(mirror) = &self.mirror {
            mirror.write(&mut object, &[(known_by, &self.uri)], revision, |_| true);
            self.item.write_meta(&mut object, revision, None);
            return object.close();
        }
        object.text(known_by, &self.uri);
        object.text("name", &self.item.name);
        self.item.write_description(&mut object, revision);
        object.optional_text("mimeType", self.mime_type.as_deref());
        if let Some(annotations) = &self.annotations {
            object.value("annotations", annotations);
        }
        if let Some(size) = self.size.filter(|_| self.template.is_none()) {
            object.value("size", &size);
        }
        self.item.write_meta(&mut object, revision, None);
        object.close();
    }
}

fn template_of(uri: &str) -> Result<Option<UriTemplate>, InvalidTemplate> {
    uri.contains('{').then(|| UriTemplate::parse(uri)).transpose()
}

/// What reading a resource yields.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResourceOutput {
    pub(crate) contents: Vec<ResourceContents>,
}

impl ResourceOutput {
    pub(crate) fn write(&self, object: &mut Object<'_>) {
        push_array(object.key("contents"), &self.contents, |out, contents| contents.write(out));
    }
}

/// A value a resource may return.
#[diagnostic::on_unimplemented(
    message = "a resource cannot return `{Self}`",
    label = "this type is not resource contents",
    note = "return a `String`, `Vec<u8>`, `serde_json::Value`, `ResourceContents` or a `Vec` of them"
)]
pub trait IntoResourceOutput {
    /// Turns the value into contents. An empty URI is filled with the one asked for.
    ///
    /// # Errors
    /// When the value cannot be written.
    fn into_resource_output(self) -> Result<ResourceOutput, ToolError>;
}

impl IntoResourceOutput for ResourceOutput {
    fn into_resource_output(self) -> Result<ResourceOutput, ToolError> {
        Ok(self)
    }
}

impl IntoResourceOutput for ResourceContents {
    fn into_resource_output(self) -> Result<ResourceOutput, ToolError> {
        Ok(ResourceOutput { contents: vec![self] })
    }
}

impl IntoResourceOutput for Vec<ResourceContents> {
    fn into_resource_output(self) -> Result<ResourceOutput, ToolError> {
        Ok(ResourceOutput { contents: self })
    }
}

impl IntoResourceOutput for String {
    fn into_resource_output(self) -> Result<ResourceOutput, ToolError> {
        ResourceContents::text("", self).into_resource_output()
    }
}

impl IntoResourceOutput for &'static str {
    fn into_resource_output(self) -> Result<ResourceOutput, ToolError> {
        ResourceContents::text("", self).into_resource_output()
    }
}

impl IntoResourceOutput for Vec<u8> {
    fn into_resource_output(self) -> Result<ResourceOutput, ToolError> {
        ResourceContents::blob("", self).into_resource_output()
    }
}

impl IntoResourceOutput for serde_json::Value {
    fn into_resource_output(self) -> Result<ResourceOutput, ToolError> {
        ResourceContents::text("", self.to_string()).with_mime_type("application/json").into_resource_output()
    }
}
