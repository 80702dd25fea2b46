//! Nothing is missing docs, and nothing unsafe is written in the user's crate.
#![deny(warnings, missing_docs, unreachable_pub, unused_qualifications, missing_debug_implementations, rust_2018_idioms)]
#![deny(clippy::all, clippy::pedantic)]
#![forbid(unsafe_code)]

use mcp_parity::{State, ToolError, tool};

/// Notes.
#[derive(Debug)]
pub struct Notes;

#[tool]
impl Notes {
    /// Adds a note.
    ///
    /// # Errors
    /// Never.
    #[tool]
    pub fn add(&self, text: String, #[arg(default = 1)] times: u8) -> Result<String, ToolError> {
        match times {
            0 => Err(ToolError::new("say it at least once")),
            _ => Ok(format!("{self:?} {text}")),
        }
    }
}

/// Has more arguments than functions should, which is the caller's gain.
#[tool]
#[must_use]
pub fn many(un: u8, deux: u8, trois: u8, quatre: u8, cinq: u8, six: u8, sept: u8, notes: State<Notes>) -> String {
    format!("{un}{deux}{trois}{quatre}{cinq}{six}{sept}{notes:?}")
}

fn main() {}
