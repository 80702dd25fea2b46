//! Asking the client while a call runs: the user, the model. The same call serves every revision.

use mcp_parity::serde_json;
use mcp_parity::{Context, Elicited, Sample, ToolError, tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How to reach somebody.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Contact {
    /// The user's name.
    username: String,
    /// The user's address.
    email: String,
}

/// Ask the client's model.
#[tool(open_world)]
async fn test_sampling(
    /// What to ask.
    prompt: String,
    cx: Context,
) -> Result<String, ToolError> {
    let answer = cx.sample(Sample::new(prompt).max_tokens(100)).await?;
    Ok(format!("LLM response: {}", answer.text))
}

/// Ask the user how to reach them.
#[tool]
async fn test_elicitation(
    /// What to say.
    message: String,
    cx: Context,
) -> Result<String, ToolError> {
    let answer = cx.elicit::<Contact>(message).await?;
    Ok(format!("User response: {}", describe(&answer)?))
}

/// Send the user to a page, for what must not pass through the client.
#[tool]
async fn test_elicitation_url(cx: Context) -> Result<String, ToolError> {
    let answer = cx.elicit_url("Please sign in", "https://example.com/sign-in").await?;
    Ok(format!("User response: {}", answer.action()))
}

/// Ask the user to go on.
#[tool]
async fn test_streaming_elicitation(cx: Context) -> Result<String, ToolError> {
    let answer = cx.elicit::<Contact>("Who should be told when this is done?").await?;
    Ok(format!("User response: {}", describe(&answer)?))
}

/// Ask the client's model; a client without one is told what it lacks.
#[tool(open_world)]
async fn test_missing_capability(cx: Context) -> Result<String, ToolError> {
    let answer = cx.sample(Sample::new("Say hello.").max_tokens(10)).await?;
    Ok(format!("Success: {}", answer.text))
}

/// What a user did with a form, in words.
pub(crate) fn describe<T: Serialize>(answer: &Elicited<T>) -> Result<String, ToolError> {
    let content = match answer {
        Elicited::Accepted(content) => serde_json::to_string(content)?,
        _ => "{}".to_owned(),
    };
    Ok(format!("action={}, content={content}", answer.action()))
}
