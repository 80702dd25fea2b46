//! All four attributes, on functions that are async, sync and blocking.
#![deny(warnings)]

use mcp_parity::{Context, Principal, State, ToolError, completion, prompt, resource, tool};

struct Tree(Vec<String>);

/// Finds lines.
#[tool(
    title = "Find",
    scope = "mcp:read",
    tier = Developer,
    mfa,
    icon = "https://example.com/find.png",
    tags = ["text"],
    timeout = "30s",
    meta = r#"{"a": 1}"#,
    read_only,
    idempotent = true,
    open_world = false,
    task
)]
async fn find(
    /// What to look for.
    #[arg(min_length = 1, pattern = "^[a-z]+$")]
    pattern: String,
    #[arg(default = 50, range = 1..=1000, header = "Limit")] limit: u32,
    #[arg(range = 0.0..1.0)] share: Option<f64>,
    #[arg(default, name = "in")] places: Vec<String>,
    #[arg(default = "utf-8")] encoding: String,
    tree: State<Tree>,
    cx: &Context,
    who: Principal,
) -> Result<Vec<String>, ToolError> {
    std::future::ready(()).await;
    let _ = (share, places, encoding, cx.principal() == &who);
    Ok(tree.0.iter().filter(|line| line.contains(&pattern)).take(limit as usize).cloned().collect())
}

/// Counts lines.
#[tool(blocking)]
fn count(tree: &State<Tree>) -> usize {
    tree.0.len()
}

/// Forgets nothing.
#[tool(task = "required")]
fn keep() {}

/// A line.
#[resource("line://{number}{?width}", mime_type = "text/plain")]
async fn line(number: usize, width: Option<usize>, tree: State<Tree>) -> Result<String, ToolError> {
    std::future::ready(()).await;
    let line = tree.0.get(number).ok_or_else(|| ToolError::not_found("no such line"))?;
    Ok(line.chars().take(width.unwrap_or(usize::MAX)).collect())
}

/// All lines.
#[resource("lines://all", size = 12)]
fn lines() -> &'static str {
    "lines"
}

/// Reviews lines.
#[prompt(title = "Review")]
fn review(
    /// The lines.
    text: String,
    #[arg(default = 3)] depth: u8,
    style: Option<String>,
) -> String {
    format!("{text} {depth} {}", style.unwrap_or_default())
}

#[completion(prompt = "review", argument = "style")]
fn styles(typed: String, text: Option<String>) -> Vec<String> {
    vec![typed, text.unwrap_or_default()]
}

#[completion(resource = "line://{number}{?width}", argument = "number")]
async fn numbers(typed: String, tree: State<Tree>) -> Result<Vec<String>, ToolError> {
    std::future::ready(()).await;
    Ok((0..tree.0.len()).map(|number| number.to_string()).filter(|number| number.starts_with(&typed)).collect())
}

fn main() {
    use mcp_parity::__private::{CompletionDef, PromptDef, ResourceDef, ToolDef, inventory};
    assert_eq!(inventory::iter::<ToolDef>().count(), 3);
    assert_eq!(inventory::iter::<ResourceDef>().count(), 2);
    assert_eq!(inventory::iter::<PromptDef>().count(), 1);
    assert_eq!(inventory::iter::<CompletionDef>().count(), 2);
}
