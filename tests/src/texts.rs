//! Resources, templates, prompts and completions.

use mcp_parity::{PromptMessage, ToolError, completion, prompt, resource};

/// The server's terms of use.
#[resource("about://terms", mime_type = "text/plain")]
fn terms() -> &'static str {
    "Be kind."
}

/// Bytes that are no text.
#[resource("about://picture", mime_type = "image/png")]
fn picture() -> Vec<u8> {
    vec![0x89, 0x50, 0x4e, 0x47]
}

/// One page of the handbook.
#[resource("handbook://pages/{page}")]
async fn handbook(page: u32) -> Result<String, ToolError> {
    if page > 100 { Err(ToolError::not_found("the handbook has 100 pages")) } else { Ok(format!("page {page}")) }
}

/// Review a piece of code.
#[prompt(title = "Code review")]
fn review(
    /// The code.
    code: String,
    /// What to look for.
    focus: Option<String>,
) -> Vec<PromptMessage> {
    vec![PromptMessage::user(format!("Review this, mind {}:\n{code}", focus.as_deref().unwrap_or("everything")))]
}

/// Things to look for that start with what was typed.
#[completion(prompt = "review", argument = "focus")]
fn focuses(typed: String) -> Vec<String> {
    ["safety", "speed", "style"].into_iter().filter(|name| name.starts_with(&typed)).map(str::to_owned).collect()
}

/// Pages that start with what was typed.
#[completion(resource = "handbook://pages/{page}", argument = "page")]
fn pages(typed: String) -> Vec<String> {
    (1..=100).map(|page: u32| page.to_string()).filter(|page| page.starts_with(&typed)).collect()
}
