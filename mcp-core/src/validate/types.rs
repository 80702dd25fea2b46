//! Which assertions of a schema a Rust type enforces by itself, and which it does not.

use serde_json::{Map, Value};

/// Keywords that deserialising into the type the schema was made from enforces already.
const ENFORCED_BY_TYPES: [&str; 17] = [
    "type",
    "properties",
    "required",
    "items",
    "prefixItems",
    "additionalProperties",
    "enum",
    "const",
    "anyOf",
    "oneOf",
    "allOf",
    "$ref",
    "$defs",
    "description",
    "title",
    "default",
    "format",
];
/// Keywords that assert nothing.
const ANNOTATIONS: [&str; 8] = ["examples", "deprecated", "readOnly", "writeOnly", "$comment", "$schema", "$id", "x-mcp-header"];

/// Whether a schema asserts anything that deserialising does not.
///
/// With `plain`, numeric bounds of top-level properties count as enforced.
pub(crate) fn asserts_beyond_types(schema: &Value, plain: bool) -> bool {
    let Value::Object(members) = schema else { return false };
    members.iter().any(|(key, value)| match (key.as_str(), value) {
        ("properties", Value::Object(properties)) => properties.values().any(|property| match property {
            Value::Object(inner) if plain => {
                let mut rest = inner.clone();
                rest.remove("minimum");
                rest.remove("maximum");
                asserts_beyond_types(&Value::Object(rest), false)
            }
            property => asserts_beyond_types(property, false),
        }),
        ("$defs", Value::Object(inner)) => inner.values().any(|schema| asserts_beyond_types(schema, false)),
        ("items" | "additionalProperties", inner) => asserts_beyond_types(inner, false),
        ("anyOf" | "oneOf" | "allOf" | "prefixItems", Value::Array(inner)) => {
            inner.iter().any(|schema| asserts_beyond_types(schema, false))
        }
        ("minimum" | "maximum", bound) => !is_natural_bound(members, key, bound),
        // Tuples and arrays of a fixed length carry equal bounds, which their type enforces.
        ("minItems", least) => members.get("maxItems") != Some(least),
        ("maxItems", most) => members.get("minItems") != Some(most),
        ("uniqueItems", _) => false,
        (key, _) => !ENFORCED_BY_TYPES.contains(&key) && !ANNOTATIONS.contains(&key),
    })
}

/// Whether a bound is the one an integer type has by itself.
fn is_natural_bound(members: &Map<String, Value>, key: &str, bound: &Value) -> bool {
    let (least, most): (f64, f64) = match members.get("format").and_then(Value::as_str) {
        Some("uint8") => (0.0, f64::from(u8::MAX)),
        Some("uint16") => (0.0, f64::from(u16::MAX)),
        Some("int8") => (f64::from(i8::MIN), f64::from(i8::MAX)),
        Some("int16") => (f64::from(i16::MIN), f64::from(i16::MAX)),
        Some("uint32" | "uint64" | "uint128" | "uint") => (0.0, f64::NAN),
        _ => return false,
    };
    bound.as_f64() == Some(if key == "minimum" { least } else { most })
}

/// Whether an object with named members lies somewhere within a schema, not at its top: a type made
/// of it would read an array just as well.
pub(crate) fn holds_structs(schema: &Value) -> bool {
    fn is_struct(schema: &Value) -> bool {
        schema.get("properties").is_some() || inner(schema)
    }
    fn inner(schema: &Value) -> bool {
        let Value::Object(members) = schema else { return false };
        members.iter().any(|(key, value)| match (key.as_str(), value) {
            ("properties" | "$defs" | "patternProperties", Value::Object(schemas)) => schemas.values().any(is_struct),
            ("items" | "additionalProperties", schema) => is_struct(schema),
            ("anyOf" | "oneOf" | "allOf" | "prefixItems", Value::Array(schemas)) => schemas.iter().any(is_struct),
            _ => false,
        })
    }
    inner(schema)
}

/// The least and the greatest number of an integer type, by the name of its format.
pub(super) fn range(format: &str) -> Option<(i128, i128)> {
    Some(match format {
        "int8" => (i8::MIN.into(), i8::MAX.into()),
        "int16" => (i16::MIN.into(), i16::MAX.into()),
        "int32" => (i32::MIN.into(), i32::MAX.into()),
        "int64" | "int" => (i64::MIN.into(), i64::MAX.into()),
        "uint8" => (0, u8::MAX.into()),
        "uint16" => (0, u16::MAX.into()),
        "uint32" => (0, u32::MAX.into()),
        "uint64" | "uint" => (0, u64::MAX.into()),
        _ => return None,
    })
}
