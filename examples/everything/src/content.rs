//! What a tool can answer: text, images, audio, resources, several of them, or an error.

use mcp_parity::serde_json::json;
use mcp_parity::{Content, ResourceContents, ToolError, ToolOutput, tool};

/// A red dot.
pub(crate) const IMAGE: &[u8] = include_bytes!("../assets/dot.png");
/// A moment of silence.
const AUDIO: &[u8] = include_bytes!("../assets/silence.wav");

/// Answer with text.
#[tool(read_only)]
fn test_simple_text() -> &'static str {
    "This is a simple text response for testing."
}

/// Answer with an image.
#[tool(read_only)]
fn test_image_content() -> Content {
    Content::image(IMAGE, "image/png")
}

/// Answer with audio.
#[tool(read_only)]
fn test_audio_content() -> Content {
    Content::audio(AUDIO, "audio/wav")
}

/// Answer with a resource, embedded whole.
#[tool(read_only)]
fn test_embedded_resource() -> ResourceContents {
    ResourceContents::text("test://embedded-resource", "This is an embedded resource content.").with_mime_type("text/plain")
}

/// Answer with several kinds of content at once.
#[tool(read_only)]
fn test_multiple_content_types() -> ToolOutput {
    let data = json!({"test": "data", "value": 123}).to_string();
    ToolOutput::from([
        Content::text("Multiple content types test:"),
        Content::image(IMAGE, "image/png"),
        Content::resource(ResourceContents::text("test://mixed-content-resource", data).with_mime_type("application/json")),
    ])
}

/// Fail, in words for the model.
#[tool(read_only)]
fn test_error_handling() -> Result<String, ToolError> {
    Err(ToolError::new("This tool intentionally returns an error for testing"))
}
