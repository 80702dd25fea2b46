//! Mutations that leave JSON valid.

use serde_json::{Map, Value, json};

use super::random::Random;

/// Changes one value of a JSON document, or of one of its lines; `false` if it is not JSON.
pub(super) fn mutate(input: &mut Vec<u8>, random: &mut Random) -> bool {
    if mutate_document(input, random) {
        return true;
    }
    let mut lines: Vec<Vec<u8>> = input.split(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
    let line = random.below(lines.len());
    if lines.len() == 1 || !mutate_document(&mut lines[line], random) {
        return false;
    }
    if random.below(8) == 0 {
        let copy = lines[line].clone();
        lines.insert(random.below(lines.len()), copy);
    }
    *input = lines.join(&b'\n');
    true
}

fn mutate_document(text: &mut Vec<u8>, random: &mut Random) -> bool {
    let Ok(mut document) = serde_json::from_slice::<Value>(text) else { return false };
    let count = count(&document);
    change(&mut document, random.below(count), random);
    *text = document.to_string().into_bytes();
    true
}

/// How many values there are in a value, itself included.
fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum(),
        _ => 0,
    }
}

/// Changes the value at a position, counted as [`count`] does.
fn change(value: &mut Value, position: usize, random: &mut Random) {
    let Some(mut position) = position.checked_sub(1) else { return change_here(value, random) };
    let inner: Vec<&mut Value> = match value {
        Value::Array(items) => items.iter_mut().collect(),
        Value::Object(members) => members.values_mut().collect(),
        _ => return,
    };
    for inner in inner {
        let count = count(inner);
        if position < count {
            return change(inner, position, random);
        }
        position -= count;
    }
}

fn change_here(value: &mut Value, random: &mut Random) {
    match value {
        Value::Object(members) if random.below(3) > 0 => change_member(members, random),
        Value::Array(items) if random.below(3) > 0 => {
            let at = random.below(items.len() + 1);
            match items.get(at).cloned() {
                Some(_) if random.below(2) == 0 => drop(items.remove(at)),
                Some(item) => items.insert(at, item),
                None => items.push(something(random)),
            }
        }
        Value::String(text) if random.below(3) > 0 => {
            let at = random.below(text.chars().count() + 1);
            let at = text.char_indices().nth(at).map_or(text.len(), |(at, _)| at);
            match random.below(3) {
                0 => text.truncate(at),
                1 => text.insert(at, *random.one_of(&CHARACTERS)),
                _ => *text = text.repeat(2),
            }
        }
        other => *other = something(random),
    }
}

fn change_member(members: &mut Map<String, Value>, random: &mut Random) {
    let keys: Vec<String> = members.keys().cloned().collect();
    if keys.is_empty() || random.below(4) == 0 {
        members.insert((*random.one_of(KEYS)).to_owned(), something(random));
        return;
    }
    let key = random.one_of(&keys);
    let Some(value) = members.remove(key) else { return };
    if random.below(2) == 0 {
        members.insert((*random.one_of(KEYS)).to_owned(), value);
    }
}

/// Characters that mean something somewhere.
const CHARACTERS: [char; 13] = ['\0', '\u{1f}', '"', '\\', '\u{7f}', 'é', '\u{2028}', '😀', '/', '%', ' ', '0', '-'];

/// Names that mean something somewhere.
const KEYS: &[&str] = &[
    "jsonrpc",
    "id",
    "method",
    "params",
    "result",
    "error",
    "_meta",
    "name",
    "arguments",
    "uri",
    "cursor",
    "inputResponses",
    "requestState",
    "notifications",
    "ref",
    "argument",
    "context",
    "level",
    "taskId",
    "requestId",
    "protocolVersion",
    "capabilities",
    "clientInfo",
    "progressToken",
    "io.modelcontextprotocol/protocolVersion",
    "io.modelcontextprotocol/clientCapabilities",
    "io.modelcontextprotocol/logLevel",
    "elicitation",
    "sampling",
    "roots",
    "extensions",
    "io.modelcontextprotocol/tasks",
    "type",
    "value",
    "text",
    "age",
    "tags",
    "inner",
    "action",
    "content",
    "keys",
    "kty",
    "crv",
    "kid",
    "alg",
    "use",
    "key_ops",
    "x",
    "y",
    "n",
    "e",
    "d",
    "k",
    "typ",
    "crit",
    "",
    "é",
];

fn something(random: &mut Random) -> Value {
    let texts = [
        "",
        "echo",
        "survey",
        "ask",
        "ask_later",
        "greet",
        "test://fixed",
        "test://item/1",
        "ref/prompt",
        "accept",
        "debug",
        "2026-07-28",
        "1",
        "AQAB",
        "RSA",
        "EC",
        "P-256",
        "ES256",
        "none",
        "sig",
    ];
    match random.below(12) {
        0 => Value::Null,
        1 => json!(random.below(2) == 0),
        2 => json!(random.below(300)),
        3 => json!(-1),
        4 => json!(u64::MAX),
        5 => json!(i64::MIN),
        6 => json!(1.5e300),
        7 => json!([]),
        8 => json!({}),
        9 => json!([{"a": [null]}]),
        _ => json!(random.one_of(&texts)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_stays_json() {
        let mut random = Random::new("json");
        for _ in 0..500 {
            let mut text = br#"{"a":[1,"two",{"b":null}],"c":{}}"#.to_vec();
            assert!(mutate(&mut text, &mut random));
            assert!(serde_json::from_slice::<Value>(&text).is_ok());
        }
        assert!(!mutate(&mut b"no".to_vec(), &mut random));
    }
}
