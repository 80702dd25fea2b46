//! What is known of the server's tools: which arguments are repeated in headers.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use http::{HeaderName, HeaderValue};

use crate::draft::Draft;
use crate::http::{Mirrored, mirrored};
use crate::types::Tool;

/// What is known of the server's tools. Tools without such arguments are not kept.
#[derive(Debug, Default)]
pub(crate) struct Catalog(Mutex<HashMap<String, Mirrored>>);

impl Catalog {
    /// Takes note of the server's tools, and leaves out those that must not be used.
    pub(crate) fn replace(&self, tools: Vec<Tool>) -> Vec<Tool> {
        let mut known = HashMap::new();
        let mut usable = Vec::with_capacity(tools.len());
        for tool in tools {
            match mirrored(&tool.input_schema) {
                Ok(mirrored) => {
                    if !mirrored.is_empty() {
                        known.insert(tool.name.clone(), mirrored);
                    }
                    usable.push(tool);
                }
                Err(why) => tracing::warn!(tool = tool.name, why, "a tool is left out because it must not be used"),
            }
        }
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = known;
        usable
    }

    /// The headers that repeat a call's arguments, where that is done.
    pub(crate) fn headers(&self, draft: &Draft, mirrors: bool) -> Vec<(HeaderName, HeaderValue)> {
        let (true, "tools/call", Some(name)) = (mirrors, &*draft.method, &draft.name) else { return Vec::new() };
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(mirrored) = known.get(name) else { return Vec::new() };
        draft.params.get("arguments").map(|arguments| mirrored.headers(arguments)).unwrap_or_default()
    }
}
