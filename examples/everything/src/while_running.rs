//! What a tool can do before it answers: tell how far it is, log, let go of the connection.

use std::time::Duration;

use mcp_parity::{Context, LogLevel, tool};

const STEP: Duration = Duration::from_millis(50);

/// Tell how far the work is, in three steps.
#[tool(read_only)]
async fn test_tool_with_progress(cx: Context) -> &'static str {
    for done in [0.0, 50.0, 100.0] {
        cx.progress(done, Some(100.0), Some(&format!("Completed step {done} of 100"))).await;
        cx.sleep(STEP).await;
    }
    "All steps are done."
}

/// Log what happens, for clients that asked for log messages.
#[tool(read_only)]
async fn test_tool_with_logging(cx: Context) -> &'static str {
    for message in ["Tool execution started", "Tool processing data", "Tool execution completed"] {
        cx.log(LogLevel::Info, "everything", message).await;
        cx.sleep(STEP).await;
    }
    "Tool with logging executed successfully"
}

/// Log one message, for clients that asked for log messages.
#[tool(read_only)]
async fn test_logging_tool(cx: Context) -> &'static str {
    cx.log(LogLevel::Info, "everything", "Log message during tool execution").await;
    "Logged, if you asked for it."
}

/// Let go of the connection, finish, and leave the answer for the client to fetch.
#[tool(read_only)]
async fn test_reconnection(cx: Context) -> &'static str {
    cx.release_connection(Duration::from_millis(500));
    cx.sleep(2 * STEP).await;
    "Reconnection test completed: you came back for this."
}
