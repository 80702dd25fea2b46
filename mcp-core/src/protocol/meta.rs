//! Parameters and their `_meta`, split into raw members in one pass.

use bytes::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::capabilities::ClientCapabilities;
use super::error::RpcError;
use super::frame::{Text, describe};
use super::log_level::LogLevel;

/// Every parameter any method reads, still JSON.
///
/// A member that is `null` counts as absent.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Params<'a> {
    #[serde(borrow, rename = "_meta")]
    pub(crate) meta: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) name: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) arguments: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) uri: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) cursor: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) input_responses: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) request_state: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) notifications: Option<&'a RawValue>,
    #[serde(borrow, rename = "ref")]
    pub(crate) reference: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) argument: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) context: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) level: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) task_id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) request_id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) protocol_version: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) capabilities: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) client_info: Option<&'a RawValue>,
}

impl<'a> Params<'a> {
    pub(crate) fn parse(raw: Option<&'a RawValue>) -> Result<Self, RpcError> {
        let Some(raw) = raw else { return Ok(Self::default()) };
        serde_json::from_str(raw.get()).map_err(|error| {
            let message = error.to_string();
            let message = message.rsplit_once(" at line ").map_or(&*message, |(message, _)| message);
            RpcError::invalid_params(format!("`params` cannot be read: {message}"))
        })
    }
}

/// Reads a member that must be there and a string.
pub(crate) fn required_text<'a>(raw: Option<&'a RawValue>, key: &str) -> Result<std::borrow::Cow<'a, str>, RpcError> {
    let Some(raw) = raw else {
        return Err(RpcError::invalid_params(format!("`params.{key}` is missing; it must be a string")));
    };
    text(raw, key)
}

/// Reads a member that may be there and must then be a string.
pub(crate) fn optional_text<'a>(raw: Option<&'a RawValue>, key: &str) -> Result<Option<std::borrow::Cow<'a, str>>, RpcError> {
    raw.map(|raw| text(raw, key)).transpose()
}

fn text<'a>(raw: &'a RawValue, key: &str) -> Result<std::borrow::Cow<'a, str>, RpcError> {
    match serde_json::from_str::<Text<'a>>(raw.get()) {
        Ok(Text(text)) => Ok(text),
        Err(_) => Err(RpcError::invalid_params(format!("`params.{key}` must be a string, not {}", describe(raw.get())))),
    }
}

/// Reads a member into a type, naming it when it does not fit.
pub(crate) fn typed<T: DeserializeOwned>(raw: &RawValue, key: &str) -> Result<T, RpcError> {
    serde_json::from_str(raw.get()).map_err(|error| {
        let message = error.to_string();
        let message = message.rsplit_once(" at line ").map_or(&*message, |(message, _)| message);
        RpcError::invalid_params(format!("`params.{key}` cannot be read: {message}"))
    })
}

/// The members of a request's `_meta` that the protocol defines.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Meta<'a> {
    #[serde(borrow, rename = "progressToken")]
    progress_token: Option<&'a RawValue>,
    #[serde(borrow, rename = "io.modelcontextprotocol/protocolVersion")]
    version: Option<&'a RawValue>,
    #[serde(borrow, rename = "io.modelcontextprotocol/clientCapabilities")]
    capabilities: Option<&'a RawValue>,
    #[serde(borrow, rename = "io.modelcontextprotocol/clientInfo")]
    client_info: Option<&'a RawValue>,
    #[serde(borrow, rename = "io.modelcontextprotocol/logLevel")]
    log_level: Option<&'a RawValue>,
}

impl<'a> Meta<'a> {
    pub(crate) fn parse(raw: Option<&'a RawValue>) -> Result<Self, RpcError> {
        let Some(raw) = raw else { return Ok(Self::default()) };
        if !raw.get().starts_with('{') {
            return Err(RpcError::invalid_params(format!("`params._meta` must be an object, not {}", describe(raw.get()))));
        }
        typed_borrowed(raw, "_meta")
    }

    /// The token for progress notifications, as JSON.
    pub(crate) fn progress_token(&self, frame: &Bytes) -> Result<Option<Bytes>, RpcError> {
        let Some(raw) = self.progress_token else { return Ok(None) };
        let text = raw.get();
        if !text.starts_with('"') && text.contains(['.', 'e', 'E', '{', '[', 't', 'f']) {
            return Err(RpcError::invalid_params(format!(
                "`params._meta.progressToken` must be a string or an integer, not {}",
                describe(text)
            )));
        }
        Ok(Some(frame.slice_ref(text.as_bytes())))
    }

    pub(crate) fn version(&self) -> Result<Option<std::borrow::Cow<'a, str>>, RpcError> {
        optional_text(self.version, "_meta[\"io.modelcontextprotocol/protocolVersion\"]")
    }

    pub(crate) fn capabilities(&self) -> Result<ClientCapabilities, RpcError> {
        const KEY: &str = "_meta[\"io.modelcontextprotocol/clientCapabilities\"]";
        let Some(raw) = self.capabilities else {
            return Err(RpcError::invalid_params(format!("`params.{KEY}` is missing; every request declares the client's capabilities")));
        };
        ClientCapabilities::parse(raw, KEY)
    }

    /// Checks that the client's description of itself, which is only displayed, is an object.
    pub(crate) fn check_client_info(&self) -> Result<(), RpcError> {
        match self.client_info {
            Some(raw) if !raw.get().starts_with('{') => Err(RpcError::invalid_params(format!(
                "`params._meta[\"io.modelcontextprotocol/clientInfo\"]` must be an object, not {}",
                describe(raw.get())
            ))),
            _ => Ok(()),
        }
    }

    pub(crate) fn log_level(&self) -> Result<Option<LogLevel>, RpcError> {
        self.log_level.map(|raw| LogLevel::parse(raw, "_meta[\"io.modelcontextprotocol/logLevel\"]")).transpose()
    }
}

fn typed_borrowed<'a, T: Deserialize<'a>>(raw: &'a RawValue, key: &str) -> Result<T, RpcError> {
    serde_json::from_str(raw.get()).map_err(|error| {
        let message = error.to_string();
        let message = message.rsplit_once(" at line ").map_or(&*message, |(message, _)| message);
        RpcError::invalid_params(format!("`params.{key}` cannot be read: {message}"))
    })
}
