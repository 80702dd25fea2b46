//! What the server is.

use mcp_core::Revision;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::Icon;

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
        self.extension(identifier).is_some()
    }

    /// The settings of an extension that the server announced.
    pub fn extension(&self, identifier: &str) -> Option<&Value> {
        self.capabilities.get("extensions")?.get(identifier)
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
    /// Its pictures; those that cannot be read are left out.
    #[serde(default, deserialize_with = "readable")]
    pub icons: Vec<Icon>,
}

/// What of a list can be read. A picture must not hide who the server is.
fn readable<'de, D: Deserializer<'de>>(list: D) -> Result<Vec<Icon>, D::Error> {
    let Value::Array(icons) = Value::deserialize(list)? else { return Ok(Vec::new()) };
    Ok(icons.into_iter().filter_map(|icon| serde_json::from_value(icon).ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_that_cannot_be_read_does_not_hide_the_server() {
        for (icons, read) in [(r#"[{"src":"data:a"},{"src":7},8]"#, 1), ("7", 0), ("null", 0), ("[]", 0)] {
            let info: ServerInfo = serde_json::from_str(&format!(r#"{{"name":"a","icons":{icons}}}"#)).expect("the server is named");
            assert_eq!((info.name.as_str(), info.icons.len()), ("a", read), "{icons}");
        }
    }
}
