//! What a client says it can do.

use std::collections::HashMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::error::RpcError;
use super::frame::describe;
use super::scan::Raw;

/// Identifier of the tasks extension.
pub(crate) const TASKS_EXTENSION: &str = "io.modelcontextprotocol/tasks";

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
        if declared.extensions.is_some_and(|extensions| extensions.contains_key(TASKS_EXTENSION)) {
            capabilities.insert(ClientCapability::Tasks);
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
