//! What the server is.

use mcp_core::Revision;
use serde::Deserialize;
use serde_json::Value;

/// The server a client is connected to.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Server {
    /// The protocol revision that is spoken.
    pub revision: Revision,
    /// What the server calls itself; not verified by anything.
    pub info: Option<ServerInfo>,
    /// What it offers, as JSON.
    pub capabilities: Value,
    /// How a model should use it.
    pub instructions: Option<String>,
}

impl Server {
    /// Whether the server announced a capability, as `tools` or `resources.subscribe`.
    pub fn can(&self, capability: &str) -> bool {
        let found = capability.split('.').try_fold(&self.capabilities, |value, key| value.get(key));
        found.is_some_and(|value| !matches!(value, Value::Null | Value::Bool(false)))
    }

    /// Whether the server announced an extension (2026-07-28, basic/versioning, "Extension Negotiation").
    pub fn has_extension(&self, identifier: &str) -> bool {
        self.capabilities.get("extensions").and_then(|extensions| extensions.get(identifier)).is_some()
    }
}

/// What a server calls itself.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ServerInfo {
    /// Its name, for programs.
    pub name: String,
    /// Its version.
    #[serde(default)]
    pub version: String,
    /// Its name, for people.
    #[serde(default)]
    pub title: Option<String>,
    /// What it is.
    #[serde(default)]
    pub description: Option<String>,
    /// Where to read more.
    #[serde(default)]
    pub website_url: Option<String>,
}
