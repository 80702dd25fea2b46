//! Handles: values that travel with the client and come back.

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Context;
use crate::runtime::unix_seconds;
use crate::seal::Purpose;
use crate::tool_error::ToolError;

/// What a handle holds.
#[derive(Serialize, Deserialize)]
struct Sealed<T> {
    /// When it stops being good, in seconds since 1970.
    expires: u64,
    value: T,
}

impl Context {
    /// Makes a handle for a value, which only the caller can bring back, within `ttl`, to this server or one with the same sealing key.
    ///
    /// A tool that keeps state between calls gives its caller a text that names it, as the id of a cart. Whoever learns such a text
    /// could bring it in the caller's place (2026-07-28, security best practices, "State handles"). This one is sealed: it can be
    /// neither read nor made nor changed outside, and opens for the same issuer and subject only. Callers who do
    /// not say who they are share theirs. It outlives the process if the server has a sealing key.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use mcp_core::{Context, ToolError};
    /// async fn open_cart(cx: Context) -> Result<String, ToolError> {
    ///     cx.seal_handle("cart", &42, Duration::from_secs(3_600))
    /// }
    ///
    /// async fn add_to_cart(cx: Context, cart: String) -> Result<String, ToolError> {
    ///     let id: u64 = cx.open_handle("cart", &cart)?;
    ///     Ok(format!("added to cart {id}"))
    /// }
    /// ```
    ///
    /// # Errors
    /// When the value cannot be written as JSON.
    pub fn seal_handle<T: Serialize + ?Sized>(&self, kind: &str, value: &T, ttl: Duration) -> Result<String, ToolError> {
        let expires = unix_seconds(self.runtime().now()).saturating_add(ttl.as_secs().saturating_add(u64::from(ttl.subsec_nanos() > 0)));
        let text = serde_json::to_vec(&Sealed { expires, value })?;
        Ok(self.0.shared.lists.sealer.seal(Purpose::Handle, &self.handle_binding(kind), &text))
    }

    /// The value of a handle of the same kind that this caller was given.
    ///
    /// # Errors
    /// When it was given to somebody else or for something else, was changed, or is too old; the model is told to get another one.
    pub fn open_handle<T: DeserializeOwned>(&self, kind: &str, handle: &str) -> Result<T, ToolError> {
        let text = self.0.shared.lists.sealer.open(Purpose::Handle, &self.handle_binding(kind), handle);
        // One answer for all: which of them it is would tell somebody else that the handle is good.
        text.and_then(|text| serde_json::from_slice::<Sealed<T>>(&text).ok())
            .filter(|sealed| unix_seconds(self.runtime().now()) < sealed.expires)
            .map(|sealed| sealed.value)
            .ok_or_else(|| ToolError::new(format!("the {kind} handle is not good any more, or not yours; get another one")))
    }

    /// What a handle is bound to: its kind, and who calls.
    fn handle_binding(&self, kind: &str) -> Vec<u8> {
        let caller = self.principal();
        serde_json::json!([kind, caller.issuer(), caller.subject()]).to_string().into_bytes()
    }
}
