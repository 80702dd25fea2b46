//! Tools that go on after they were answered (extension `io.modelcontextprotocol/tasks`).

use std::time::Duration;

use mcp_parity::{Context, Elicited, RpcError, ToolError, tool};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::rounds::{Name, ask_name};

/// A yes or a no.
#[derive(Deserialize, JsonSchema)]
struct Confirmation {
    confirm: bool,
}

/// Greet somebody, at once.
#[tool(read_only)]
fn greet(
    /// Who is greeted.
    name: String,
) -> String {
    format!("Hello, {name}!")
}

/// Take some time. A client that accepts tasks need not wait.
#[tool(read_only, task = "optional")]
async fn slow_compute(
    /// How long it takes.
    #[arg(range = 0..=3600)]
    seconds: u32,
    /// What to call it.
    label: Option<String>,
    cx: Context,
) -> String {
    cx.sleep(Duration::from_secs(seconds.into())).await;
    format!("{} took {seconds} s.", label.as_deref().unwrap_or("The computation"))
}

/// Fail after a while, in words for the model.
#[tool(read_only, task = "required")]
async fn failing_job(cx: Context) -> Result<String, ToolError> {
    cx.sleep(Duration::from_secs(1)).await;
    Err(ToolError::new("The job failed, as it always does."))
}

/// Fail with an error of the protocol.
#[tool(read_only, task = "optional")]
async fn protocol_error_job(cx: Context) -> Result<String, ToolError> {
    cx.sleep(Duration::from_millis(100)).await;
    Err(ToolError::protocol(RpcError::internal()))
}

/// Delete a file, once the user has confirmed it. Nothing is deleted here.
#[tool(destructive, task = "optional")]
async fn confirm_delete(
    /// The file to delete.
    filename: String,
    cx: Context,
) -> Result<String, ToolError> {
    match cx.elicit::<Confirmation>(format!("Delete {filename}?")).key("confirm").await? {
        Elicited::Accepted(Confirmation { confirm: true }) => Ok(format!("Deleted {filename}.")),
        _ => Ok(format!("Kept {filename}.")),
    }
}

/// Ask two questions at once, which may be answered one by one.
#[tool(task = "optional")]
async fn multi_input(cx: Context) -> Result<String, ToolError> {
    let (name, sure) = tokio::join!(
        cx.elicit::<Name>("What is your name?").key("name").into_future(),
        cx.elicit::<Confirmation>("Are you sure?").key("confirm").into_future(),
    );
    let name = name?.accepted().map_or_else(|| "Somebody".to_owned(), |Name { name }| name);
    let sure = matches!(sure?, Elicited::Accepted(Confirmation { confirm: true }));
    Ok(format!("{name} is {}.", if sure { "sure" } else { "not sure" }))
}

/// Ask for a name first, then go on as a task.
#[tool(task = "on_demand")]
async fn test_tool_with_task(cx: Context) -> Result<String, ToolError> {
    let name = ask_name(&cx).await?;
    cx.become_task().await?;
    cx.sleep(Duration::from_millis(500)).await;
    Ok(format!("Hello, {name}! This was a task."))
}
