//! Ways to write a return type.
#![deny(warnings)]

use std::borrow::Cow;

use mcp_parity::{Content, ToolError, ToolOutput, prompt, resource, tool};

mod error {
    pub type Result<T> = std::result::Result<T, super::ToolError>;
}

/// Alias.
#[tool]
async fn alias() -> error::Result<Vec<u8>> {
    std::future::ready(Ok(Vec::new())).await
}

/// Unit.
#[tool]
fn unit() -> () {}

/// Fallible unit.
#[tool]
async fn fallible_unit() -> Result<(), ToolError> {
    std::future::ready(Ok(())).await
}

/// Content.
#[tool]
fn content() -> Content {
    Content::text("x")
}

/// Output.
#[tool]
fn output() -> Result<ToolOutput, String> {
    Ok(ToolOutput::new())
}

/// Optional.
#[tool]
fn optional() -> Option<(u8, Cow<'static, str>)> {
    None
}

/// Input and output.
#[resource("io://x")]
fn io() -> std::io::Result<Vec<u8>> {
    std::fs::read("/does/not/exist")
}

/// Plain.
#[prompt]
fn plain() -> &'static str {
    "plain"
}

fn main() {}
