//! Checks a JSON value against a JSON Schema (2020-12), with messages that name the place.
//!
//! Covers the keywords that describe data; `format` is an annotation, as the specification
//! has it by default, and a `$ref` may only point into the same schema. Recursion and the
//! number of subschemas visited are bounded.

#[cfg(test)]
mod tests;
mod types;
mod words;

use std::fmt::{self, Write as _};

use serde_json::{Map, Value};

pub(crate) use types::{asserts_beyond_types, holds_structs};
use words::{TELLING, alternatives, expectation, instead, joined, listed, names, shown};

/// Most subschemas one validation visits.
const MAX_STEPS: usize = 100_000;
/// Deepest recursion through schemas.
const MAX_DEPTH: usize = 128;
/// Most problems reported.
const MAX_PROBLEMS: usize = 8;

/// One thing wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    path: String,
    message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() { f.write_str(&self.message) } else { write!(f, "`{}` {}", self.path, self.message) }
    }
}

/// Everything wrong with `value`.
pub(crate) fn validate(schema: &Value, value: &Value) -> Vec<Problem> {
    problems(schema, value, false)
}

/// Everything wrong with `value` for types that read integers only as digits, and only as many as they hold.
pub(crate) fn validate_digits(schema: &Value, value: &Value) -> Vec<Problem> {
    problems(schema, value, true)
}

fn problems(schema: &Value, value: &Value, digits: bool) -> Vec<Problem> {
    let mut run = Run { root: schema, digits, steps: 0, problems: Vec::new() };
    run.check(schema, value, &mut String::new(), 0);
    run.problems
}

struct Run<'s> {
    root: &'s Value,
    /// Whether integers are read as Rust's types do.
    digits: bool,
    steps: usize,
    problems: Vec<Problem>,
}

impl<'s> Run<'s> {
    fn fail(&mut self, path: &str, message: String) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(Problem { path: path.to_owned(), message });
        }
    }

    /// Whether `value` fits, without keeping what is wrong.
    fn fits(&mut self, schema: &'s Value, value: &Value, depth: usize) -> bool {
        let kept = std::mem::take(&mut self.problems);
        self.check(schema, value, &mut String::new(), depth + 1);
        let fits = self.problems.is_empty();
        self.problems = kept;
        fits
    }

    fn check(&mut self, schema: &'s Value, value: &Value, path: &mut String, depth: usize) {
        self.steps += 1;
        if depth > MAX_DEPTH || self.steps > MAX_STEPS {
            return self.fail(path, "is too complex to check".to_owned());
        }
        let members = match schema {
            Value::Bool(true) => return,
            Value::Bool(false) => return self.fail(path, "is not allowed".to_owned()),
            Value::Object(members) => members,
            _ => return,
        };
        if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
            match resolve(self.root, reference) {
                Some(target) => self.check(target, value, path, depth + 1),
                None => return self.fail(path, format!("refers to `{reference}`, which the schema does not hold")),
            }
        }
        if let Some(kind) = members.get("type")
            && !has_type(kind, value)
        {
            return self.fail(path, format!("must be {}, not {}", expectation(self.root, members, 0), shown(value)));
        }
        if let Some(expected) = members.get("const")
            && !same(expected, value)
        {
            self.fail(path, format!("must be {expected}, not {}", shown(value)));
        }
        if let Some(Value::Array(allowed)) = members.get("enum")
            && !allowed.iter().any(|option| same(option, value))
        {
            self.fail(path, format!("must be one of {}, not {}", listed(allowed), shown(value)));
        }
        match value {
            Value::Number(_) => self.check_number(members, value, path),
            Value::String(text) => self.check_string(members, text, path),
            Value::Array(items) => self.check_array(members, items, path, depth),
            Value::Object(object) => self.check_object(members, object, path, depth),
            _ => {}
        }
        self.check_branches(members, value, path, depth);
    }

    fn check_number(&mut self, members: &Map<String, Value>, value: &Value, path: &str) {
        let number = value.as_f64().unwrap_or(f64::NAN);
        let bound = |key: &str| members.get(key).and_then(Value::as_f64);
        let outside = bound("minimum").is_some_and(|least| number < least)
            || bound("maximum").is_some_and(|most| number > most)
            || bound("exclusiveMinimum").is_some_and(|least| number <= least)
            || bound("exclusiveMaximum").is_some_and(|most| number >= most);
        if outside {
            self.fail(path, format!("must be {}, not {}", expectation(self.root, members, 0), shown(value)));
        }
        if self.digits && !outside && members.get("type").is_some_and(|kind| is_or_holds(kind, "integer")) {
            let range = members.get("format").and_then(Value::as_str).and_then(types::range);
            let whole = value.as_i64().map(i128::from).or(value.as_u64().map(i128::from));
            match (whole, range) {
                (Some(whole), Some((least, most))) if whole < least || whole > most => {
                    self.fail(path, format!("must be an integer from {least} to {most}, not {}", shown(value)));
                }
                (None, _) => self.fail(path, format!("must be an integer written in digits only, not {}", shown(value))),
                _ => {}
            }
        }
        if let Some(step) = bound("multipleOf").filter(|step| *step > 0.0) {
            let ratio = number / step;
            if (ratio - ratio.round()).abs() > 1e-9 {
                self.fail(path, format!("must be a multiple of {step}, not {}", shown(value)));
            }
        }
    }

    fn check_string(&mut self, members: &Map<String, Value>, text: &str, path: &str) {
        let count = text.chars().count() as u64;
        if let Some(least) = members.get("minLength").and_then(Value::as_u64).filter(|least| count < *least) {
            self.fail(path, format!("must have at least {least} characters, not {count}"));
        }
        if let Some(most) = members.get("maxLength").and_then(Value::as_u64).filter(|most| count > *most) {
            self.fail(path, format!("must have at most {most} characters, not {count}"));
        }
        if let Some(pattern) = members.get("pattern").and_then(Value::as_str)
            && regex_lite::Regex::new(pattern).is_ok_and(|regex| !regex.is_match(text))
        {
            self.fail(path, format!("must match the pattern `{pattern}`"));
        }
    }

    fn check_array(&mut self, members: &'s Map<String, Value>, items: &[Value], path: &mut String, depth: usize) {
        let count = items.len() as u64;
        if let Some(least) = members.get("minItems").and_then(Value::as_u64).filter(|least| count < *least) {
            self.fail(path, format!("must have at least {least} items, not {count}"));
        }
        if let Some(most) = members.get("maxItems").and_then(Value::as_u64).filter(|most| count > *most) {
            self.fail(path, format!("must have at most {most} items, not {count}"));
        }
        if members.get("uniqueItems") == Some(&Value::Bool(true)) {
            let repeated = items.iter().enumerate().find(|(at, item)| items[..*at].iter().any(|earlier| same(earlier, item)));
            if let Some((at, _)) = repeated {
                self.fail(path, format!("must not repeat items; item {at} appears before"));
            }
        }
        let prefix = members.get("prefixItems").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        for (at, item) in items.iter().enumerate() {
            let Some(schema) = prefix.get(at).or_else(|| members.get("items")) else { continue };
            let length = path.len();
            let _ = write!(path, "[{at}]");
            self.check(schema, item, path, depth + 1);
            path.truncate(length);
        }
        if let Some(schema) = members.get("contains")
            && !items.iter().any(|item| self.fits(schema, item, depth))
        {
            self.fail(path, "lacks an item of the kind it must contain".to_owned());
        }
    }

    fn check_object(&mut self, members: &'s Map<String, Value>, object: &Map<String, Value>, path: &mut String, depth: usize) {
        let properties = members.get("properties").and_then(Value::as_object);
        for name in members.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
            if !object.contains_key(name) {
                let expected = properties.and_then(|all| all.get(name)).and_then(Value::as_object);
                let message = match expected.filter(|members| TELLING.iter().any(|key| members.contains_key(*key))) {
                    Some(members) => format!("is missing; it must be {}", expectation(self.root, members, 0)),
                    None => "is missing".to_owned(),
                };
                self.fail(&joined(path, name), message);
            }
        }
        if let Some(least) = members.get("minProperties").and_then(Value::as_u64).filter(|least| (object.len() as u64) < *least) {
            self.fail(path, format!("must have at least {least} members, not {}", object.len()));
        }
        if let Some(most) = members.get("maxProperties").and_then(Value::as_u64).filter(|most| object.len() as u64 > *most) {
            self.fail(path, format!("must have at most {most} members, not {}", object.len()));
        }
        for (name, value) in object {
            let length = path.len();
            let inner = joined(path, name);
            path.clone_from(&inner);
            let mut known = false;
            if let Some(schema) = properties.and_then(|all| all.get(name)) {
                known = true;
                self.check(schema, value, path, depth + 1);
            }
            for (pattern, schema) in members.get("patternProperties").and_then(Value::as_object).into_iter().flatten() {
                if regex_lite::Regex::new(pattern).is_ok_and(|regex| regex.is_match(name)) {
                    known = true;
                    self.check(schema, value, path, depth + 1);
                }
            }
            match members.get("additionalProperties") {
                Some(Value::Bool(false)) if !known => {
                    let message = match properties.filter(|all| !all.is_empty()) {
                        Some(all) => format!("is unknown; there are {}", names(all.keys())),
                        None => "is unknown; there are none to give".to_owned(),
                    };
                    self.fail(path, message);
                }
                Some(schema) if !known => self.check(schema, value, path, depth + 1),
                _ => {}
            }
            if let Some(schema) = members.get("propertyNames")
                && !self.fits(schema, &Value::String(name.clone()), depth)
            {
                self.fail(path, "is not a name allowed here".to_owned());
            }
            path.truncate(length.min(path.len()));
        }
        for (name, needed) in members.get("dependentRequired").and_then(Value::as_object).into_iter().flatten() {
            for other in needed.as_array().into_iter().flatten().filter_map(Value::as_str) {
                if object.contains_key(name) && !object.contains_key(other) {
                    self.fail(&joined(path, other), format!("is missing; it goes with `{name}`"));
                }
            }
        }
    }

    fn check_branches(&mut self, members: &'s Map<String, Value>, value: &Value, path: &mut String, depth: usize) {
        for schema in members.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.check(schema, value, path, depth + 1);
        }
        if let Some(Value::Array(branches)) = members.get("anyOf")
            && !branches.iter().any(|branch| self.fits(branch, value, depth))
        {
            self.fail(path, format!("must be {}{}", alternatives(self.root, branches, 0), instead(value)));
        }
        if let Some(Value::Array(branches)) = members.get("oneOf") {
            let matching = branches.iter().filter(|branch| self.fits(branch, value, depth)).count();
            if matching != 1 {
                self.fail(path, format!("must be exactly one of {}{}", alternatives(self.root, branches, 0), instead(value)));
            }
        }
        if let Some(schema) = members.get("not")
            && self.fits(schema, value, depth)
        {
            self.fail(path, format!("must not be {}", shown(value)));
        }
        if let Some(condition) = members.get("if") {
            let branch = if self.fits(condition, value, depth) { "then" } else { "else" };
            if let Some(schema) = members.get(branch) {
                self.check(schema, value, path, depth + 1);
            }
        }
    }
}

/// Finds what a reference into the same schema points at.
fn resolve<'s>(root: &'s Value, reference: &str) -> Option<&'s Value> {
    if let Some(pointer) = reference.strip_prefix('#')
        && (pointer.is_empty() || pointer.starts_with('/'))
    {
        return root.pointer(pointer);
    }
    let anchor = reference.strip_prefix('#')?;
    root.get("$defs")?.as_object()?.values().find(|definition| definition.get("$anchor").and_then(Value::as_str) == Some(anchor))
}

fn has_type(kind: &Value, value: &Value) -> bool {
    match kind {
        Value::Array(kinds) => kinds.iter().any(|kind| has_type(kind, value)),
        Value::String(kind) => match kind.as_str() {
            "null" => value.is_null(),
            "boolean" => value.is_boolean(),
            "string" => value.is_string(),
            "array" => value.is_array(),
            "object" => value.is_object(),
            "number" => value.is_number(),
            "integer" => value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0),
            _ => true,
        },
        _ => true,
    }
}

/// Whether a `type` is this one or a list with it.
fn is_or_holds(kind: &Value, wanted: &str) -> bool {
    match kind {
        Value::Array(kinds) => kinds.iter().any(|kind| kind == wanted),
        kind => kind == wanted,
    }
}

/// Equality of JSON, in which 1 and 1.0 are the same number.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left == right || left.as_f64() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len() && left.iter().all(|(key, value)| right.get(key).is_some_and(|other| same(value, other)))
        }
        _ => left == right,
    }
}

/// What makes a schema impossible to validate against.
pub(crate) fn fault(schema: &Value) -> Option<String> {
    fn walk(schema: &Value, root: &Value) -> Option<String> {
        match schema {
            Value::Object(members) => {
                if let Some(pattern) = members.get("pattern").and_then(Value::as_str)
                    && let Err(error) = regex_lite::Regex::new(pattern)
                {
                    return Some(format!("its schema has the pattern `{pattern}`, which cannot be used: {error}"));
                }
                if let Some(reference) = members.get("$ref").and_then(Value::as_str)
                    && resolve(root, reference).is_none()
                {
                    return Some(format!("its schema refers to `{reference}`, which it does not hold"));
                }
                members.values().find_map(|inner| walk(inner, root))
            }
            Value::Array(items) => items.iter().find_map(|inner| walk(inner, root)),
            _ => None,
        }
    }
    walk(schema, schema)
}
