//! What a client says it can do.

use std::collections::HashMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::error::RpcError;
use super::frame::describe;
use super::scan::Raw;

/// Identifier of the tasks extension.
pub(crate) const TASKS_EXTENSION: &str = "io.modelcontextprotocol/tasks";
/// Identifier of the skills extension.
pub(crate) const SKILLS_EXTENSION: &str = "io.modelcontextprotocol/skills";
/// Identifier of this project's extension by which a client hears that the server would let go of a connection
/// (`docs/extensions.md`). Sessions announce it among the experimental capabilities.
pub const RELEASE_EXTENSION: &str = "io.mcp-parity/release-connection";

/// What a client declared it can do, one bit a capability.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClientCapabilities(u16);

/// One capability of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[repr(u16)]
pub enum ClientCapability {
    /// It can list its roots.
    Roots = 1,
    /// It can sample from a model.
    Sampling = 1 << 1,
    /// Its sampling takes tools.
    SamplingTools = 1 << 2,
    /// It can show the user a form.
    ElicitationForm = 1 << 3,
    /// It can send the user to a URL.
    ElicitationUrl = 1 << 4,
    /// It accepts tasks in place of results.
    Tasks = 1 << 5,
    /// It hears when the server would let go of a connection; see [`RELEASE_EXTENSION`].
    Releases = 1 << 6,
}

impl ClientCapability {
    /// The `requiredCapabilities` object that names this capability.
    pub(crate) fn required(self) -> serde_json::Value {
        match self {
            Self::Roots => serde_json::json!({"roots": {}}),
            Self::Sampling => serde_json::json!({"sampling": {}}),
            Self::SamplingTools => serde_json::json!({"sampling": {"tools": {}}}),
            Self::ElicitationForm => serde_json::json!({"elicitation": {"form": {}}}),
            Self::ElicitationUrl => serde_json::json!({"elicitation": {"url": {}}}),
            Self::Tasks => serde_json::json!({"extensions": {TASKS_EXTENSION: {}}}),
            Self::Releases => serde_json::json!({"extensions": {RELEASE_EXTENSION: {}}}),
        }
    }

    /// What to call it in a sentence.
    pub(crate) fn phrase(self) -> &'static str {
        match self {
            Self::Roots => "roots",
            Self::Sampling => "sampling",
            Self::SamplingTools => "sampling with tools",
            Self::ElicitationForm => "form elicitation",
            Self::ElicitationUrl => "URL elicitation",
            Self::Tasks => "the tasks extension",
            Self::Releases => "the extension to release connections",
        }
    }
}

#[derive(Deserialize)]
struct Declared<'a> {
    roots: Option<IgnoredAny>,
    sampling: Option<Sampling>,
    elicitation: Option<Elicitation>,
    #[serde(borrow)]
    extensions: Option<HashMap<std::borrow::Cow<'a, str>, IgnoredAny>>,
    /// Not read unless it may name something known: what clients try out is their own.
    #[serde(borrow)]
    experimental: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Sampling {
    tools: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Elicitation {
    form: Option<IgnoredAny>,
    url: Option<IgnoredAny>,
}

impl ClientCapabilities {
    /// Reads a capabilities object; `key` names it in the error.
    pub(crate) fn parse(raw: Raw<'_>, key: &str) -> Result<Self, RpcError> {
        let text = raw.get();
        if text == "{}" {
            return Ok(Self::default());
        }
        if !text.starts_with('{') {
            return Err(RpcError::invalid_params(format!("`params.{key}` must be an object, not {}", describe(text))));
        }
        let declared: Declared<'_> =
            serde_json::from_str(text).map_err(|_| RpcError::invalid_params(format!("`params.{key}` is not a capabilities object")))?;
        let mut capabilities = Self::default();
        if declared.roots.is_some() {
            capabilities.insert(ClientCapability::Roots);
        }
        if let Some(sampling) = declared.sampling {
            capabilities.insert(ClientCapability::Sampling);
            if sampling.tools.is_some() {
                capabilities.insert(ClientCapability::SamplingTools);
            }
        }
        if let Some(elicitation) = declared.elicitation {
            if elicitation.url.is_some() {
                capabilities.insert(ClientCapability::ElicitationUrl);
            }
            // An empty object means forms (2026-07-28, client/elicitation, "Capabilities").
            if elicitation.form.is_some() || elicitation.url.is_none() {
                capabilities.insert(ClientCapability::ElicitationForm);
            }
        }
        let extensions = declared.extensions.unwrap_or_default();
        if extensions.contains_key(TASKS_EXTENSION) {
            capabilities.insert(ClientCapability::Tasks);
        }
        if extensions.contains_key(RELEASE_EXTENSION) || declared.experimental.is_some_and(tries_releases) {
            capabilities.insert(ClientCapability::Releases);
        }
        Ok(capabilities)
    }

    fn insert(&mut self, capability: ClientCapability) {
        self.0 |= capability as u16;
    }

    /// Whether the client declared this capability.
    pub fn has(self, capability: ClientCapability) -> bool {
        self.0 & capability as u16 != 0
    }

    pub(crate) fn bits(self) -> u16 {
        self.0
    }

    pub(crate) fn from_bits(bits: u16) -> Self {
        Self(bits)
    }
}

fn tries_releases(experimental: &RawValue) -> bool {
    let tried: HashMap<std::borrow::Cow<'_, str>, IgnoredAny> = serde_json::from_str(experimental.get()).unwrap_or_default();
    tried.contains_key(RELEASE_EXTENSION)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::scan::Scanner;

    #[test]
    fn an_extension_is_announced_in_either_place_and_what_else_is_tried_is_not_looked_at() {
        for (text, releases) in [
            (r#"{"extensions":{"io.mcp-parity/release-connection":{}}}"#, true),
            (r#"{"experimental":{"io.mcp-parity/release-connection":{}}}"#, true),
            (r#"{"experimental":{"other":{"a":[1]}}}"#, false),
            (r#"{"experimental":7}"#, false),
            (r#"{"extensions":{"io.modelcontextprotocol/tasks":{}}}"#, false),
        ] {
            let raw = Scanner::new(text, 16).value(0).expect("valid JSON");
            let capabilities = ClientCapabilities::parse(raw, "capabilities").expect("an object of capabilities");
            assert_eq!(capabilities.has(ClientCapability::Releases), releases, "{text}");
        }
    }
}
