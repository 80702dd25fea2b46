//! Parameters and their `_meta`, split into members that are not read yet.

use std::borrow::Cow;

use bytes::Bytes;
use serde::de::DeserializeOwned;

use super::capabilities::ClientCapabilities;
use super::error::RpcError;
use super::frame::describe;
use super::log_level::LogLevel;
use super::scan::{Fault, Raw, Scanner};
use crate::uri_template::MAX_URI_BYTES;

/// Declares a struct of raw members and how a scanner fills it. A member that is `null` counts as absent.
macro_rules! members {
    ($(#[$doc:meta])* $name:ident { $($field:ident = $key:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default)]
        pub(crate) struct $name<'a> {
            $(pub(crate) $field: Option<Raw<'a>>,)+
            pub(crate) meta: Meta<'a>,
            /// A member that appears twice.
            pub(crate) repeated: Option<&'static str>,
        }

        impl<'a> $name<'a> {
            /// Takes the members of an object and returns the whole of it.
            pub(crate) fn scan(&mut self, scanner: &mut Scanner<'a>, depth: usize) -> Result<Raw<'a>, Fault> {
                scanner.object(depth, |scanner, key| {
                    let (slot, name) = match key {
                        $($key => (&mut self.$field, $key),)+
                        "_meta" => return self.meta.scan(scanner, depth + 1),
                        _ => return scanner.value(depth + 1).map(drop),
                    };
                    let value = scanner.value(depth + 1)?;
                    if !value.is_null() && slot.replace(value).is_some() {
                        self.repeated = Some(name);
                    }
                    Ok(())
                })
            }
        }
    };
}

members! {
    /// Every parameter any method reads.
    Params {
        name = "name",
        arguments = "arguments",
        uri = "uri",
        cursor = "cursor",
        input_responses = "inputResponses",
        request_state = "requestState",
        notifications = "notifications",
        reference = "ref",
        argument = "argument",
        context = "context",
        level = "level",
        task_id = "taskId",
        request_id = "requestId",
        protocol_version = "protocolVersion",
        capabilities = "capabilities",
        client_info = "clientInfo",
    }
}

/// The members of a request's `_meta` that the protocol defines.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Meta<'a> {
    /// The whole of it.
    pub(crate) raw: Option<Raw<'a>>,
    progress_token: Option<Raw<'a>>,
    version: Option<Raw<'a>>,
    capabilities: Option<Raw<'a>>,
    client_info: Option<Raw<'a>>,
    log_level: Option<Raw<'a>>,
    repeated: bool,
}

/// Reads a URI, which must be there and not too long to be looked for.
pub(crate) fn required_uri<'a>(raw: Option<Raw<'a>>) -> Result<Cow<'a, str>, RpcError> {
    let uri = required_text(raw, "uri")?;
    if uri.len() > MAX_URI_BYTES {
        return Err(RpcError::invalid_params(format!("`params.uri` has {} bytes; {MAX_URI_BYTES} are the most", uri.len())));
    }
    Ok(uri)
}

/// Reads a member that must be there and a string.
pub(crate) fn required_text<'a>(raw: Option<Raw<'a>>, key: &str) -> Result<Cow<'a, str>, RpcError> {
    let Some(raw) = raw else {
        return Err(RpcError::invalid_params(format!("`params.{key}` is missing; it must be a string")));
    };
    text(raw, key)
}

/// Reads a member that may be there and must then be a string.
pub(crate) fn optional_text<'a>(raw: Option<Raw<'a>>, key: &str) -> Result<Option<Cow<'a, str>>, RpcError> {
    raw.map(|raw| text(raw, key)).transpose()
}

fn text<'a>(raw: Raw<'a>, key: &str) -> Result<Cow<'a, str>, RpcError> {
    raw.as_text().ok_or_else(|| RpcError::invalid_params(format!("`params.{key}` must be a string, not {}", describe(raw.get()))))
}

/// Reads an object into a type, naming it when it does not fit.
pub(crate) fn typed<T: DeserializeOwned>(raw: Raw<'_>, key: &str) -> Result<T, RpcError> {
    if !raw.get().starts_with('{') {
        return Err(RpcError::invalid_params(format!("`params.{key}` must be an object, not {}", describe(raw.get()))));
    }
    serde_json::from_str(raw.get()).map_err(|error| {
        let message = error.to_string();
        let message = message.rsplit_once(" at line ").map_or(&*message, |(message, _)| message);
        RpcError::invalid_params(format!("`params.{key}` cannot be read: {message}"))
    })
}

impl<'a> Meta<'a> {
    fn scan(&mut self, scanner: &mut Scanner<'a>, depth: usize) -> Result<(), Fault> {
        if scanner.kind() != Some(b'{') {
            let value = scanner.value(depth)?;
            if !value.is_null() {
                self.raw = Some(value);
            }
            return Ok(());
        }
        *self = Self { repeated: self.raw.is_some(), ..Self::default() };
        let whole = scanner.object(depth, |scanner, key| {
            let slot = match key.strip_prefix("io.modelcontextprotocol/").unwrap_or(key) {
                "progressToken" => &mut self.progress_token,
                "protocolVersion" => &mut self.version,
                "clientCapabilities" => &mut self.capabilities,
                "clientInfo" => &mut self.client_info,
                "logLevel" => &mut self.log_level,
                _ => return scanner.value(depth + 1).map(drop),
            };
            // Only the progress token has no prefix, and it never has one.
            let known = key.contains('/') != (key.ends_with("progressToken"));
            let value = scanner.value(depth + 1)?;
            if known && !value.is_null() {
                self.repeated |= slot.replace(value).is_some();
            }
            Ok(())
        })?;
        self.raw = Some(whole);
        Ok(())
    }

    /// Checks that it is an object without repeated members.
    pub(crate) fn check(&self) -> Result<(), RpcError> {
        match self.raw {
            Some(raw) if !raw.is_object() => {
                Err(RpcError::invalid_params(format!("`params._meta` must be an object, not {}", describe(raw.get()))))
            }
            _ if self.repeated => Err(RpcError::invalid_params("a member of `params._meta` appears twice")),
            _ => Ok(()),
        }
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

    pub(crate) fn version(&self) -> Result<Option<Cow<'a, str>>, RpcError> {
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
            Some(raw) if !raw.is_object() => Err(RpcError::invalid_params(format!(
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
