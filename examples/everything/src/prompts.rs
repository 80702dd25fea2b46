//! Prompts: messages a person picks to start from, and suggestions for their arguments.

use mcp_parity::{Content, PromptMessage, ResourceContents, completion, prompt};

use crate::content::IMAGE;

/// A prompt without arguments.
#[prompt]
fn test_simple_prompt() -> &'static str {
    "This is a simple prompt for testing."
}

/// A prompt with two arguments.
#[prompt]
fn test_prompt_with_arguments(
    /// The first argument.
    arg1: String,
    /// The second argument.
    arg2: String,
) -> String {
    format!("Prompt with arguments: arg1='{arg1}', arg2='{arg2}'")
}

/// Suggestions for the first argument.
#[completion(prompt = "test_prompt_with_arguments", argument = "arg1")]
fn arg1_values(typed: String) -> Vec<String> {
    ["test", "testing", "tested"].into_iter().filter(|value| value.starts_with(&typed)).map(str::to_owned).collect()
}

/// A prompt with a resource in it.
#[prompt]
fn test_prompt_with_embedded_resource(
    /// The resource to embed.
    #[arg(name = "resourceUri")]
    resource_uri: String,
) -> Vec<PromptMessage> {
    let resource = ResourceContents::text(resource_uri, "Embedded resource content for testing.").with_mime_type("text/plain");
    vec![PromptMessage::user(Content::resource(resource)), PromptMessage::user("Please process the embedded resource above.")]
}

/// A prompt with an image in it.
#[prompt]
fn test_prompt_with_image() -> Vec<PromptMessage> {
    vec![PromptMessage::user(Content::image(IMAGE, "image/png")), PromptMessage::user("Please analyze the image above.")]
}
