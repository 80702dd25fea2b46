//! Arguments of tools that HTTP repeats in headers
//! (2026-07-28, basic/transports/streamable-http, "Custom Headers from Tool Parameters").

use serde_json::Value;

use crate::compose::encoded;

/// How deep schemas are followed.
const DEEPEST: usize = 8;

/// The headers that a client sends with these arguments; `None` if no header can say what an argument is, so that no client calls the
/// tool with it over HTTP.
pub(super) fn repeated(schema: &Value, arguments: &Value) -> Option<Vec<(String, String)>> {
    let mut headers = Vec::new();
    search(schema, arguments, DEEPEST, &mut headers).then_some(headers)
}

/// Whether every argument fits.
fn search(schema: &Value, value: &Value, depth: usize, headers: &mut Vec<(String, String)>) -> bool {
    if let Some(name) = schema.get("x-mcp-header").and_then(Value::as_str) {
        let text = match value {
            // An argument that is null is left out.
            Value::Null => return true,
            Value::String(text) => encoded(text),
            Value::Bool(_) | Value::Number(_) => value.to_string(),
            Value::Array(_) | Value::Object(_) => return false,
        };
        headers.push((format!("Mcp-Param-{name}"), text));
        return true;
    }
    let properties = schema.get("properties").and_then(Value::as_object).filter(|_| depth > 0);
    properties.into_iter().flatten().all(|(name, property)| match value.get(name) {
        Some(value) => search(property, value, depth - 1, headers),
        None => true,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn arguments_are_repeated_where_the_schema_says_so() {
        let schema = json!({"type": "object", "properties": {
            "region": {"type": "string", "x-mcp-header": "Region"},
            "where": {"type": "object", "properties": {"floor": {"type": "integer", "x-mcp-header": "Floor"}}},
            "other": {"type": "string"}
        }});
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        for (arguments, expected) in [
            (json!({"region": "x", "other": "y"}), Some(vec![header("Mcp-Param-Region", "x")])),
            (
                json!({"region": "é", "where": {"floor": 3}}),
                Some(vec![header("Mcp-Param-Region", "=?base64?w6k=?="), header("Mcp-Param-Floor", "3")]),
            ),
            (json!({"region": null}), Some(Vec::new())),
            (json!({"region": {"not": "text"}}), None),
            (json!([]), Some(Vec::new())),
            (Value::Null, Some(Vec::new())),
        ] {
            assert_eq!(repeated(&schema, &arguments), expected, "{arguments}");
        }
    }
}
