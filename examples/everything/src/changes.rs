//! Items that come and go while the server runs. Clients that listen are told.

use mcp_parity::{Context, NoArguments, Prompt, Tool, ToolError, tool};

const TOOL: &str = "test_sometimes";
const PROMPT: &str = "test_sometimes";

/// Add a tool, or remove it again.
#[tool]
fn test_trigger_tool_change(cx: Context) -> Result<&'static str, ToolError> {
    let registry = cx.registry();
    if registry.remove_tool(TOOL).is_ok() {
        return Ok("A tool is gone.");
    }
    let tool = Tool::new(TOOL, |_cx, _: NoArguments| async { Ok::<_, ToolError>("Here, for now.") });
    registry.add_tool(tool.with_description("Answer, while it is there."))?;
    Ok("There is a new tool.")
}

/// Add a prompt, or remove it again.
#[tool]
fn test_trigger_prompt_change(cx: Context) -> Result<&'static str, ToolError> {
    let registry = cx.registry();
    if registry.remove_prompt(PROMPT).is_ok() {
        return Ok("A prompt is gone.");
    }
    let prompt = Prompt::new(PROMPT, Vec::new(), |_cx, _arguments| async { Ok::<_, ToolError>("Say that you are here, for now.") });
    registry.add_prompt(prompt.with_description("Speak, while it is there."))?;
    Ok("There is a new prompt.")
}
