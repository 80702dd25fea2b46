//! Values that fit a schema, as far as can be told without solving it.

use serde_json::{Map, Value, json};

/// How deep schemas are followed.
const DEEPEST: usize = 8;

/// A value of a schema: what must be there and no more.
pub(super) fn sample(schema: &Value) -> Value {
    value(schema, schema, DEEPEST)
}

fn value(whole: &Value, schema: &Value, depth: usize) -> Value {
    let Some(depth) = depth.checked_sub(1) else { return Value::Null };
    if let Some(target) = schema.get("$ref").and_then(Value::as_str).and_then(|to| whole.pointer(to.strip_prefix('#')?)) {
        return value(whole, target, depth);
    }
    for given in ["const", "default"] {
        if let Some(given) = schema.get(given) {
            return given.clone();
        }
    }
    let first = |key: &str| schema.get(key).and_then(Value::as_array).and_then(|list| list.first());
    if let Some(given) = first("enum").or_else(|| first("examples")) {
        return given.clone();
    }
    if let Some(choice) = first("anyOf").or_else(|| first("oneOf")) {
        return value(whole, choice, depth);
    }
    let kind = match schema.get("type") {
        Some(Value::String(kind)) => kind.as_str(),
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("null"),
        _ if schema.get("properties").is_some() => "object",
        _ => "string",
    };
    match kind {
        "object" => object(whole, schema, depth),
        "array" => {
            let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0).min(8);
            let item = schema.get("items").map_or(Value::Null, |items| value(whole, items, depth));
            (0..least).map(|_| item.clone()).collect()
        }
        "integer" | "number" => schema.get("minimum").cloned().unwrap_or_else(|| json!(1)),
        "boolean" => json!(false),
        "null" => Value::Null,
        _ => {
            let least = schema.get("minLength").and_then(Value::as_u64).unwrap_or(1).clamp(1, 1_000);
            (0..least).map(|_| 'x').collect::<String>().into()
        }
    }
}

fn object(whole: &Value, schema: &Value, depth: usize) -> Value {
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let of_member = |name: &str| schema.get("properties").and_then(|properties| properties.get(name));
    let members: Map<String, Value> =
        required.map(|name| (name.to_owned(), of_member(name).map_or(json!("x"), |member| value(whole, member, depth)))).collect();
    members.into()
}

/// A value of another type.
pub(super) fn wrong(right: &Value) -> Option<Value> {
    match right {
        Value::String(_) => Some(json!({"not": "text"})),
        Value::Number(_) => Some(json!("many")),
        Value::Bool(_) => Some(json!("perhaps")),
        Value::Array(_) => Some(json!(true)),
        Value::Object(_) => Some(json!([])),
        Value::Null => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_have_what_is_required() {
        for (schema, expected) in [
            (json!({"type": "object"}), json!({})),
            (
                json!({"type": "object", "required": ["a", "b", "c"], "properties": {
                    "a": {"type": "integer", "minimum": 3}, "b": {"$ref": "#/$defs/b"}, "d": {"type": "string"}
                }, "$defs": {"b": {"enum": ["p", "q"]}}}),
                json!({"a": 3, "b": "p", "c": "x"}),
            ),
            (json!({"type": "array", "minItems": 2, "items": {"type": ["null", "boolean"]}}), json!([false, false])),
            (json!({"anyOf": [{"type": "string", "minLength": 3}]}), json!("xxx")),
            (json!(true), json!("x")),
        ] {
            assert_eq!(sample(&schema), expected, "{schema}");
        }
        let endless = json!({"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#"}}});
        assert!(sample(&endless).is_object());
    }
}
