//! Arguments with more than a type: mirrored into headers, or described by a schema of one's own.

use mcp_parity::{Content, Context, Tool, ToolOutput, tool};
use schemars::json_schema;

/// Repeat a region, which HTTP clients send in a header too, so that proxies can route by it.
#[tool(read_only)]
fn test_x_mcp_header(
    /// Where to look.
    #[arg(header = "Region")]
    region: String,
    /// How often this was tried before.
    #[arg(header = "Attempt", range = 0..=10)]
    attempt: Option<u32>,
) -> String {
    match attempt {
        Some(attempt) => format!("{region}, attempt {attempt}"),
        None => region,
    }
}

/// A tool whose schema is written by hand. Arguments are checked against it before the tool sees them.
pub(crate) fn verbatim() -> Tool {
    let schema = json_schema!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": {
            "address": {
                "$anchor": "addressDef",
                "type": "object",
                "properties": {"street": {"type": "string"}, "city": {"type": "string"}}
            }
        },
        "properties": {
            "name": {"type": "string"},
            "address": {"$ref": "#/$defs/address"},
            "contactMethod": {"type": "string", "enum": ["phone", "email"]},
            "phone": {"type": "string"},
            "email": {"type": "string"}
        },
        "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
        "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
        "then": {"required": ["phone"]},
        "else": {"required": ["email"]},
        "additionalProperties": false
    });
    Tool::with_schema("json_schema_2020_12_tool", schema, |_cx: Context, arguments| async move {
        Ok(ToolOutput::from_content(Content::text(format!("Received {arguments}"))))
    })
    .with_description("Repeat the arguments, which have to fit a schema of many keywords.")
}
