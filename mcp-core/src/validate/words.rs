//! What a schema asks for, and what was given instead, in words.

use serde_json::{Map, Value};

use super::resolve;

/// How many references are followed to find words for a schema.
const MAX_REFERENCES: usize = 3;

/// Keywords from which [`expectation`] tells what kind of value is asked for.
pub(super) const TELLING: [&str; 4] = ["type", "enum", "anyOf", "oneOf"];

/// What a schema asks for, in words.
pub(super) fn expectation(root: &Value, members: &Map<String, Value>, depth: usize) -> String {
    let base = match members.get("type") {
        Some(Value::String(kind)) => noun(kind).to_owned(),
        Some(Value::Array(kinds)) => {
            let nouns: Vec<&str> = kinds.iter().filter_map(Value::as_str).map(noun).collect();
            nouns.join(" or ")
        }
        _ => match members.get("enum") {
            Some(Value::Array(options)) => return format!("one of {}", listed(options)),
            _ => match members.get("anyOf").or_else(|| members.get("oneOf")) {
                Some(Value::Array(branches)) => return alternatives(root, branches, depth),
                _ => match members.get("required") {
                    Some(Value::Array(needed)) => {
                        return format!("an object with {}", names(needed.iter().filter_map(Value::as_str)));
                    }
                    _ => "a value".to_owned(),
                },
            },
        },
    };
    if let Some(Value::Array(options)) = members.get("enum") {
        return format!("one of {}", listed(options));
    }
    let lower = match (members.get("minimum"), members.get("exclusiveMinimum")) {
        (Some(least), _) => Some(("of at least", least)),
        (None, Some(least)) => Some(("greater than", least)),
        (None, None) => None,
    };
    let upper = match (members.get("maximum"), members.get("exclusiveMaximum")) {
        (Some(most), _) => Some(("of at most", most)),
        (None, Some(most)) => Some(("less than", most)),
        (None, None) => None,
    };
    match (lower, upper) {
        (Some(("of at least", least)), Some(("of at most", most))) => format!("{base} from {least} to {most}"),
        (Some((above, least)), Some((below, most))) => format!("{base} {above} {least} and {below} {most}"),
        (Some((bound, limit)), None) | (None, Some((bound, limit))) => format!("{base} {bound} {limit}"),
        (None, None) => base,
    }
}

/// What any of several schemas asks for, in words. References are followed for a few levels.
pub(super) fn alternatives(root: &Value, branches: &[Value], depth: usize) -> String {
    let words: Vec<String> = branches.iter().map(|branch| alternative(root, branch, depth)).collect();
    words.join(" or ")
}

fn alternative(root: &Value, branch: &Value, depth: usize) -> String {
    let Value::Object(members) = branch else { return "anything".to_owned() };
    if let Some(constant) = members.get("const") {
        return constant.to_string();
    }
    let Some(reference) = members.get("$ref").and_then(Value::as_str) else { return expectation(root, members, depth) };
    match resolve(root, reference) {
        Some(Value::Object(target)) if depth < MAX_REFERENCES && TELLING.iter().any(|key| target.contains_key(*key)) => {
            expectation(root, target, depth + 1)
        }
        _ => reference.rsplit('/').next().unwrap_or(reference).to_owned(),
    }
}

fn noun(kind: &str) -> &str {
    match kind {
        "string" => "a string",
        "integer" => "an integer",
        "number" => "a number",
        "boolean" => "a boolean",
        "array" => "an array",
        "object" => "an object",
        other => other,
    }
}

/// What was given in place of one of several kinds. That it is an object says nothing: objects
/// fail for what is in them.
pub(super) fn instead(value: &Value) -> String {
    if value.is_object() { String::new() } else { format!(", not {}", shown(value)) }
}

/// A value as it is quoted in a message, cut short.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::String(text) if text.chars().count() > 40 => "a longer string".to_owned(),
        value => value.to_string(),
    }
}

pub(super) fn listed(options: &[Value]) -> String {
    options.iter().map(Value::to_string).collect::<Vec<_>>().join(", ")
}

pub(super) fn names(names: impl Iterator<Item = impl std::fmt::Display>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

pub(super) fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
