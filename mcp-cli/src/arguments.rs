//! Arguments of a call, from the words of a command line.

use std::collections::BTreeSet;
use std::io::Read as _;

use serde_json::{Map, Number, Value};

use crate::failure::Failure;
use crate::schema::Schema;
use crate::terminal;

/// The most that is read of arguments on the standard input, in bytes.
const LARGEST: u64 = 16 * 1_024 * 1_024;

/// Arguments as they were written.
#[derive(Debug, PartialEq)]
pub(crate) enum Written {
    /// One JSON object, in the command line or on the standard input.
    Object(Map<String, Value>),
    /// `key=value` with values in words, and `key:=json`.
    Pairs(Vec<(String, Word)>),
}

/// The value of a pair.
#[derive(Debug, PartialEq)]
pub(crate) enum Word {
    Text(String),
    Json(Value),
}

/// Reads arguments.
///
/// # Errors
/// When they are neither pairs nor one JSON object.
pub(crate) fn read(words: &[String]) -> Result<Written, Failure> {
    match words {
        [only] if only == "-" => {
            let mut text = String::new();
            std::io::stdin().take(LARGEST).read_to_string(&mut text)?;
            object(&text)
        }
        [only] if only.trim_start().starts_with('{') => object(only),
        words => words.iter().map(|word| pair(word)).collect::<Result<_, _>>().map(Written::Pairs),
    }
}

fn object(text: &str) -> Result<Written, Failure> {
    serde_json::from_str(text).map(Written::Object).map_err(|error| Failure::usage(format!("the arguments are not a JSON object: {error}")))
}

fn pair(word: &str) -> Result<(String, Word), Failure> {
    let Some((key, value)) = word.split_once('=') else {
        return Err(Failure::usage(format!(
            "`{word}` is no argument; write key=value, key:=json, one JSON object, or - to read that from the standard input"
        )));
    };
    match key.strip_suffix(':') {
        Some(key) => {
            let value =
                serde_json::from_str(value).map_err(|error| Failure::usage(format!("the value of `{key}` is not JSON: {error}")))?;
            Ok((key.to_owned(), Word::Json(value)))
        }
        None => Ok((key.to_owned(), Word::Text(value.to_owned()))),
    }
}

/// Gives arguments the types that a tool's schema wants, and asks for those that are missing if somebody is there.
///
/// # Errors
/// When a value does not have the type, the tool knows no such argument, or one is missing and nobody can be asked.
pub(crate) async fn typed(written: Written, schema: Schema<'_>) -> Result<Map<String, Value>, Failure> {
    let mut arguments = match written {
        Written::Object(object) => object,
        Written::Pairs(pairs) => collect(pairs, schema)?,
    };
    let missing: Vec<&str> = schema.required().filter(|name| !arguments.contains_key(*name)).collect();
    if missing.is_empty() {
        return Ok(arguments);
    }
    if !terminal::somebody_is_there() {
        let missing: Vec<String> = missing.into_iter().map(|name| describe(name, schema)).collect();
        return Err(Failure::usage(format!("these arguments are missing: {}", missing.join(", "))));
    }
    for name in missing {
        arguments.insert(name.to_owned(), ask(name, schema).await?);
    }
    Ok(arguments)
}

fn collect(pairs: Vec<(String, Word)>, schema: Schema<'_>) -> Result<Map<String, Value>, Failure> {
    let mut arguments = Map::new();
    let mut names = BTreeSet::new();
    let mut texts: Vec<(String, Vec<String>)> = Vec::new();
    for (key, word) in pairs {
        if schema.is_closed() && schema.property(&key).is_none() {
            let known: Vec<String> = schema.properties().map(|(name, _)| describe(name, schema)).collect();
            return Err(Failure::usage(format!("there is no argument `{key}`; there is {}", list(&known))));
        }
        let repeated = !names.insert(key.clone());
        match (word, texts.iter_mut().find(|(known, _)| *known == key)) {
            (Word::Text(text), Some((_, values))) => values.push(text),
            (Word::Text(text), None) if !repeated => texts.push((key, vec![text])),
            (Word::Json(value), None) if !repeated => drop(arguments.insert(key, value)),
            _ => return Err(Failure::usage(format!("the argument `{key}` is given twice"))),
        }
    }
    for (key, values) in texts {
        let value = value_of(&values, schema.property(&key)).map_err(|why| Failure::usage(format!("the argument `{key}` {why}")))?;
        arguments.insert(key, value);
    }
    Ok(arguments)
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn describe(name: &str, schema: Schema<'_>) -> String {
    match schema.property(name) {
        Some(property) => format!("`{name}` ({})", property.name()),
        None => format!("`{name}`"),
    }
}

/// The value of an argument that was given once or more.
fn value_of(texts: &[String], schema: Option<Schema<'_>>) -> Result<Value, String> {
    let types = schema.map(Schema::types).unwrap_or_default();
    let is_array = types.contains("array");
    match texts {
        [only] if !is_array || only.trim_start().starts_with('[') => one(only, schema),
        many if is_array => many.iter().map(|text| one(text, schema.and_then(Schema::items))).collect::<Result<_, _>>().map(Value::Array),
        _ => Err("is given twice, and is no list".to_owned()),
    }
}

/// A value from its text: of the types that it may have, the most particular one that fits.
fn one(text: &str, schema: Option<Schema<'_>>) -> Result<Value, String> {
    let types = schema.map(Schema::types).unwrap_or_default();
    if types.is_empty() {
        return Ok(serde_json::from_str(text).unwrap_or_else(|_| text.into()));
    }
    let trimmed = text.trim();
    let fitting = types.iter().find_map(|name| match *name {
        "null" if trimmed == "null" => Some(Value::Null),
        "boolean" => boolean(trimmed, !types.contains("string")),
        "integer" => integer(trimmed),
        "number" => integer(trimmed).or_else(|| trimmed.parse().ok().and_then(Number::from_f64).map(Value::Number)),
        "array" => serde_json::from_str(trimmed).ok().filter(Value::is_array),
        "object" => serde_json::from_str(trimmed).ok().filter(Value::is_object),
        _ => None,
    });
    match fitting {
        Some(value) => Ok(value),
        None if types.contains("string") => Ok(text.into()),
        None => {
            let hint = if types.contains("array") || types.contains("object") { ", as JSON" } else { "" };
            Err(format!("must be {}{hint}, not `{text}`", schema.map(Schema::name).unwrap_or_default()))
        }
    }
}

/// Yes or no; in words of people, too, where nothing else could be meant.
fn boolean(text: &str, alone: bool) -> Option<Value> {
    let answer = match text.to_ascii_lowercase().as_str() {
        "y" | "yes" if alone => Some(true),
        "n" | "no" if alone => Some(false),
        _ => text.parse().ok(),
    };
    answer.map(Value::Bool)
}

fn integer(text: &str) -> Option<Value> {
    text.parse::<i64>().map(Value::from).or_else(|_| text.parse::<u64>().map(Value::from)).ok()
}

/// Asks for a value until it fits.
async fn ask(name: &str, schema: Schema<'_>) -> Result<Value, Failure> {
    let any = Value::Bool(true);
    match field(name, schema.property(name).unwrap_or(Schema::new(&any)), true).await? {
        Some(value) => Ok(value),
        None => Err(Failure::usage(format!("the argument {} is missing", describe(name, schema)))),
    }
}

/// Asks for one field of a form until what is typed fits. An empty line is the default, or nothing where nothing is needed.
///
/// # Errors
/// When the terminal is closed.
pub(crate) async fn field(name: &str, schema: Schema<'_>, required: bool) -> Result<Option<Value>, Failure> {
    if let Some(about) = schema.description() {
        terminal::note(about);
    }
    let default = schema.default().map(|value| format!(" [{value}]")).unwrap_or_default();
    loop {
        let Some(line) = terminal::ask(&format!("{name} ({}){default}:", schema.name())).await? else {
            return Err(Failure::usage(format!("`{name}` was not answered")));
        };
        if line.is_empty() && (schema.default().is_some() || !required) {
            return Ok(schema.default().cloned());
        }
        let options = schema.options();
        match value_of(&[line], Some(schema)) {
            Ok(Value::String(text)) if !options.is_empty() && !options.contains(&text.as_str()) => {
                terminal::note(&format!("It must be one of {}.", options.join(", ")));
            }
            Ok(value) => return Ok(Some(value)),
            Err(why) => terminal::note(&format!("It {why}.")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    async fn check(words: &[&str], expected: Result<Value, &str>) {
        let schema = json!({
            "type": "object",
            "properties": {
                "n": {"type": "integer"}, "x": {"type": "number"}, "s": {"type": "string"}, "b": {"type": "boolean"},
                "l": {"type": "array", "items": {"type": "integer"}}, "o": {"type": "object"},
                "m": {"type": ["integer", "string", "null"]}, "any": {}
            },
            "additionalProperties": false
        });
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let typed = match read(&words) {
            Ok(written) => typed(written, Schema::new(&schema)).await,
            Err(failure) => Err(failure),
        };
        assert_eq!(typed.map(Value::Object).map_err(|failure| failure.to_string()), expected.map_err(str::to_owned), "{words:?}");
    }

    #[tokio::test]
    async fn values_have_the_types_of_the_schema() {
        check(&[], Ok(json!({}))).await;
        check(&["n=5", "x=0.5", "s=5", "b=true"], Ok(json!({"n": 5, "x": 0.5, "s": "5", "b": true}))).await;
        check(&["x=5", "s= a=b ", "n=18446744073709551615"], Ok(json!({"x": 5, "s": " a=b ", "n": u64::MAX}))).await;
        check(&["l=1", "l=2"], Ok(json!({"l": [1, 2]}))).await;
        check(&["l=1"], Ok(json!({"l": [1]}))).await;
        check(&["l=[1, 2]"], Ok(json!({"l": [1, 2]}))).await;
        check(&[r#"o={"a": 1}"#, "m=null"], Ok(json!({"o": {"a": 1}, "m": null}))).await;
        check(&["m=7"], Ok(json!({"m": 7}))).await;
        check(&["m=seven", "any=seven"], Ok(json!({"m": "seven", "any": "seven"}))).await;
        check(&["any=[7]", "s:=[1]"], Ok(json!({"any": [7], "s": [1]}))).await;
        check(&[r#"{"whatever": 1}"#], Ok(json!({"whatever": 1}))).await;
    }

    #[tokio::test]
    async fn what_does_not_fit_is_told() {
        check(&["n=five"], Err("the argument `n` must be integer, not `five`")).await;
        check(&["n=1", "n=2"], Err("the argument `n` is given twice, and is no list")).await;
        check(&["n=1", "n:=2"], Err("the argument `n` is given twice")).await;
        check(&["o=x"], Err("the argument `o` must be object, as JSON, not `x`")).await;
        check(&["l=x"], Err("the argument `l` must be integer, not `x`")).await;
        check(
            &["five"],
            Err("`five` is no argument; write key=value, key:=json, one JSON object, or - to read that from the standard input"),
        )
        .await;
        check(&["{"], Err("the arguments are not a JSON object: EOF while parsing an object at line 1 column 1")).await;
        check(&["n:=x"], Err("the value of `n` is not JSON: expected value at line 1 column 1")).await;
        let unknown = "there is no argument `z`; there is `n` (integer), `x` (number), `s` (string), `b` (boolean), `l` (integer[]), `o` (object), `m` (integer|string), `any` (any)";
        check(&["z=1"], Err(unknown)).await;
    }
}
