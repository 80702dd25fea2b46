//! What a tool, a prompt or a resource says: text, images, audio and resources.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use crate::json::{Object, push_array, push_str};
use crate::protocol::revision::Revision;

/// Whom content is for, how important it is and how old
/// (2026-07-28, server/resources, "Annotations").
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Annotations {
    /// For whom it is meant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub audience: Vec<Role>,
    /// From 0.0, optional, to 1.0, required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<f64>,
    /// ISO 8601 time of the last change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
}

/// Who speaks in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Role {
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// One block of content.
///
/// Blocks that a revision does not know are sent as text that says the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Content {
    kind: Kind,
    annotations: Option<Box<Annotations>>,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Text(String),
    Image { data: String, mime_type: String },
    Audio { data: String, mime_type: String },
    Link(Box<ResourceLink>),
    Resource(Box<ResourceContents>),
}

impl Content {
    fn of(kind: Kind) -> Self {
        Self { kind, annotations: None }
    }

    /// Plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::of(Kind::Text(text.into()))
    }

    /// A picture, given as its bytes.
    pub fn image(bytes: impl AsRef<[u8]>, mime_type: impl Into<String>) -> Self {
        Self::of(Kind::Image { data: BASE64.encode(bytes), mime_type: mime_type.into() })
    }

    /// A sound, given as its bytes.
    pub fn audio(bytes: impl AsRef<[u8]>, mime_type: impl Into<String>) -> Self {
        Self::of(Kind::Audio { data: BASE64.encode(bytes), mime_type: mime_type.into() })
    }

    /// A link to a resource the client may read.
    pub fn link(link: ResourceLink) -> Self {
        Self::of(Kind::Link(Box::new(link)))
    }

    /// A resource, embedded whole.
    pub fn resource(contents: ResourceContents) -> Self {
        Self::of(Kind::Resource(Box::new(contents)))
    }

    /// Says whom the block is for and how important it is.
    #[must_use]
    pub fn annotated(mut self, annotations: Annotations) -> Self {
        self.annotations = Some(Box::new(annotations));
        self
    }

    /// The text of a text block.
    pub fn as_text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>, revision: Revision) {
        let mut object = Object::open(out);
        match &self.kind {
            Kind::Text(text) => {
                object.raw("type", "\"text\"");
                object.text("text", text);
            }
            Kind::Image { data, mime_type } => {
                object.raw("type", "\"image\"");
                object.text("data", data);
                object.text("mimeType", mime_type);
            }
            Kind::Audio { data, mime_type } if revision.has_audio() => {
                object.raw("type", "\"audio\"");
                object.text("data", data);
                object.text("mimeType", mime_type);
            }
            Kind::Audio { mime_type, .. } => {
                object.raw("type", "\"text\"");
                object.text("text", &format!("[audio, {mime_type}, which protocol revision {revision} cannot carry]"));
            }
            Kind::Link(link) if revision.has_resource_links() => {
                object.raw("type", "\"resource_link\"");
                link.write_members(&mut object);
            }
            Kind::Link(link) => {
                object.raw("type", "\"text\"");
                object.text("text", &format!("{}: {}", link.name, link.uri));
            }
            Kind::Resource(contents) => {
                object.raw("type", "\"resource\"");
                contents.write(object.key("resource"));
            }
        }
        if let Some(annotations) = &self.annotations {
            object.value("annotations", &**annotations);
        }
        object.close();
    }
}

impl<T: Into<String>> From<T> for Content {
    fn from(text: T) -> Self {
        Self::text(text)
    }
}

/// A pointer to a resource (2025-06-18, server/tools, "Resource Links").
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceLink {
    uri: String,
    name: String,
    title: Option<String>,
    description: Option<String>,
    mime_type: Option<String>,
    size: Option<u64>,
}

impl ResourceLink {
    /// A link with the URI to read and a name to show.
    pub fn new(uri: impl Into<String>, name: impl Into<String>) -> Self {
        Self { uri: uri.into(), name: name.into(), title: None, description: None, mime_type: None, size: None }
    }

    /// Adds a title to show.
    #[must_use]
    pub fn with_title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Adds what the resource is.
    #[must_use]
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Adds the MIME type.
    #[must_use]
    pub fn with_mime_type(mut self, mime_type: impl Into<String>) -> Self {
        self.mime_type = Some(mime_type.into());
        self
    }

    /// Adds the size in bytes.
    #[must_use]
    pub fn with_size(mut self, bytes: u64) -> Self {
        self.size = Some(bytes);
        self
    }

    pub(crate) fn write_members(&self, object: &mut Object<'_>) {
        object.text("uri", &self.uri);
        object.text("name", &self.name);
        object.optional_text("title", self.title.as_deref());
        object.optional_text("description", self.description.as_deref());
        object.optional_text("mimeType", self.mime_type.as_deref());
        if let Some(size) = self.size {
            object.value("size", &size);
        }
    }
}

/// What reading a resource yields: text, or bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceContents {
    uri: String,
    mime_type: Option<String>,
    body: Body,
    meta: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
enum Body {
    Text(String),
    Blob(String),
}

impl ResourceContents {
    /// Text; an empty `uri` stands for the one that was asked for.
    pub fn text(uri: impl Into<String>, text: impl Into<String>) -> Self {
        Self { uri: uri.into(), mime_type: None, body: Body::Text(text.into()), meta: None }
    }

    /// Bytes; an empty `uri` stands for the one that was asked for.
    pub fn blob(uri: impl Into<String>, bytes: impl AsRef<[u8]>) -> Self {
        Self { uri: uri.into(), mime_type: None, body: Body::Blob(BASE64.encode(bytes)), meta: None }
    }

    /// Sets the MIME type.
    #[must_use]
    pub fn with_mime_type(mut self, mime_type: impl Into<String>) -> Self {
        self.mime_type = Some(mime_type.into());
        self
    }

    /// Adds `_meta`.
    #[must_use]
    pub fn with_meta(mut self, meta: &serde_json::Map<String, serde_json::Value>) -> Self {
        self.meta = serde_json::to_string(meta).ok();
        self
    }

    pub(crate) fn fill(&mut self, uri: &str, mime_type: Option<&str>) {
        if self.uri.is_empty() {
            uri.clone_into(&mut self.uri);
        }
        if self.mime_type.is_none() {
            self.mime_type = mime_type.map(str::to_owned);
        }
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let mut object = Object::open(out);
        object.text("uri", &self.uri);
        object.optional_text("mimeType", self.mime_type.as_deref());
        match &self.body {
            Body::Text(text) => object.text("text", text),
            Body::Blob(data) => object.text("blob", data),
        }
        if let Some(meta) = &self.meta {
            object.raw("_meta", meta);
        }
        object.close();
    }
}

/// One message of a prompt.
#[derive(Clone, Debug, PartialEq)]
pub struct PromptMessage {
    role: Role,
    content: Content,
}

impl PromptMessage {
    /// A message of the person.
    pub fn user(content: impl Into<Content>) -> Self {
        Self { role: Role::User, content: content.into() }
    }

    /// A message of the model.
    pub fn assistant(content: impl Into<Content>) -> Self {
        Self { role: Role::Assistant, content: content.into() }
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>, revision: Revision) {
        let mut object = Object::open(out);
        object.value("role", &self.role);
        self.content.write(object.key("content"), revision);
        object.close();
    }
}

pub(crate) fn write_blocks(out: &mut Vec<u8>, blocks: &[Content], revision: Revision) {
    push_array(out, blocks, |out, block| block.write(out, revision));
}

/// Appends a text block without building one.
pub(crate) fn write_text_block(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(b"{\"type\":\"text\",\"text\":");
    push_str(out, text);
    out.push(b'}');
}
