//! Content: text, images, audio, links and resources.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use mcp_core::Annotations;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Meta, Resource};
use crate::error::{Error, Result};

/// One block of content.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Content {
    /// Text.
    Text {
        /// The text.
        text: String,
        /// For whom it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        annotations: Option<Annotations>,
    },
    /// A picture.
    #[serde(rename_all = "camelCase")]
    Image {
        /// Its bytes, as Base64.
        data: String,
        /// Its type.
        mime_type: String,
        /// For whom it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        annotations: Option<Annotations>,
    },
    /// A sound.
    #[serde(rename_all = "camelCase")]
    Audio {
        /// Its bytes, as Base64.
        data: String,
        /// Its type.
        mime_type: String,
        /// For whom it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        annotations: Option<Annotations>,
    },
    /// A resource that may be read.
    ResourceLink(Box<Resource>),
    /// A resource, whole.
    Resource {
        /// The resource.
        resource: ResourceContents,
        /// For whom it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        annotations: Option<Annotations>,
    },
    /// A block of a type this client does not know.
    #[serde(untagged)]
    Other(Value),
}

impl Content {
    /// The text of a text block.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The bytes of a picture or a sound.
    ///
    /// # Errors
    /// When they are not Base64.
    pub fn bytes(&self) -> Option<Result<Vec<u8>>> {
        match self {
            Self::Image { data, .. } | Self::Audio { data, .. } => Some(decode(data)),
            _ => None,
        }
    }
}

/// What reading a resource yields: text, or bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ResourceContents {
    /// Its URI.
    pub uri: String,
    /// Its type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// The text, if it is text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The bytes as Base64, if it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blob: Option<String>,
    /// Whatever the server adds.
    #[serde(rename = "_meta", default, skip_serializing_if = "Meta::is_empty")]
    pub meta: Meta,
}

impl ResourceContents {
    /// The bytes, of text as of anything else.
    ///
    /// # Errors
    /// When they are not Base64.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        match (&self.text, &self.blob) {
            (Some(text), _) => Ok(text.clone().into_bytes()),
            (None, Some(blob)) => decode(blob),
            (None, None) => Ok(Vec::new()),
        }
    }
}

fn decode(data: &str) -> Result<Vec<u8>> {
    BASE64.decode(data).map_err(|error| Error::Malformed(format!("bytes are not Base64: {error}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn blocks_are_read_and_written_alike() {
        for block in [
            json!({"type": "text", "text": "a"}),
            json!({"type": "text", "text": "a", "annotations": {"audience": ["user"], "priority": 0.5}}),
            json!({"type": "image", "data": "AAEC", "mimeType": "image/png"}),
            json!({"type": "audio", "data": "AAEC", "mimeType": "audio/wav"}),
            json!({"type": "resource_link", "uri": "a:b", "name": "n", "size": 3}),
            json!({"type": "resource", "resource": {"uri": "a:b", "mimeType": "text/plain", "text": "t"}}),
            json!({"type": "hologram", "data": {"x": 1}}),
        ] {
            let content: Content = serde_json::from_value(block.clone()).expect("every block can be read");
            assert_eq!(matches!(content, Content::Other(_)), block["type"] == "hologram", "{block}");
            assert_eq!(serde_json::to_value(&content).expect("every block can be written"), block);
        }
    }

    #[test]
    fn bytes_are_decoded() {
        let image: Content = serde_json::from_value(json!({"type": "image", "data": "AAEC", "mimeType": "x"})).expect("valid");
        assert_eq!(image.bytes().expect("has bytes").expect("valid"), [0, 1, 2]);
        let broken: Content = serde_json::from_value(json!({"type": "image", "data": "!", "mimeType": "x"})).expect("valid");
        assert!(broken.bytes().expect("has bytes").is_err());
    }
}
