//! What a JSON text says, however it is written.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// How deep values are looked into; what lies deeper stays as it is written.
const DEEPEST: usize = 64;

/// A frame in one way of writing: members sorted by name, no space, strings with the same escapes. RFC 8259 leaves all of that to
/// whoever writes, so that no client may depend on it. Numbers keep their digits, which clients read differently. What is not JSON
/// stays as it is, and so does an object that has a name twice.
pub(super) fn meaning(frame: &str) -> String {
    let mut written = String::with_capacity(frame.len());
    write(frame.trim(), DEEPEST, &mut written);
    written
}

fn write(json: &str, depth: usize, written: &mut String) {
    let rewritten = depth.checked_sub(1).is_some_and(|depth| match json.as_bytes().first() {
        Some(b'{') => object(json, depth, written),
        Some(b'[') => array(json, depth, written),
        Some(b'"') => string(json, written),
        _ => false,
    });
    if !rewritten {
        written.push_str(json);
    }
}

fn object(json: &str, depth: usize, written: &mut String) -> bool {
    let Ok(Members(members)) = serde_json::from_str(json) else { return false };
    written.push('{');
    for (number, (name, value)) in members.iter().enumerate() {
        if number > 0 {
            written.push(',');
        }
        written.push_str(&serde_json::Value::from(name.as_str()).to_string());
        written.push(':');
        write(value.get(), depth, written);
    }
    written.push('}');
    true
}

fn array(json: &str, depth: usize, written: &mut String) -> bool {
    let Ok(entries) = serde_json::from_str::<Vec<&RawValue>>(json) else { return false };
    written.push('[');
    for (number, entry) in entries.iter().enumerate() {
        if number > 0 {
            written.push(',');
        }
        write(entry.get(), depth, written);
    }
    written.push(']');
    true
}

fn string(json: &str, written: &mut String) -> bool {
    let Ok(text) = serde_json::from_str::<String>(json) else { return false };
    written.push_str(&serde_json::Value::from(text).to_string());
    true
}

/// The members of an object whose names differ.
struct Members<'a>(BTreeMap<String, &'a RawValue>);

impl<'de> serde::Deserialize<'de> for Members<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object whose names differ")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
                    if members.insert(name, value).is_some() {
                        return Err(serde::de::Error::custom("a name is there twice"));
                    }
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_client_can_tell_apart_is_different() {
        for (one, other, same) in [
            (r#"{"jsonrpc":"2.0","id":1,"result":{}}"#, r#"{"result":{},"jsonrpc":"2.0","id":1}"#, true),
            (r#"{"a":[{"b":1,"c":2}]}"#, r#" { "a": [ {"c": 2, "b": 1} ] } "#, true),
            (r#""\u00e9\/""#, r#""é/""#, true),
            ("[1,2]", "[2,1]", false),
            ("1", "1.0", false),
            ("1234567890123456789012345678901234567890", "1234567890123456789012345678901234567891", false),
            (r#"{"a":1,"a":2}"#, r#"{"a":2}"#, false),
            (r#"{"a":null}"#, "{}", false),
            (r#""a b""#, r#""ab""#, false),
            ("<p>not JSON</p>", "<p>not  JSON</p>", false),
            (r#"{"a":"#, r#"{"a":"#, true),
        ] {
            assert_eq!(meaning(one) == meaning(other), same, "{one} and {other}");
        }
    }

    #[test]
    fn depth_has_an_end() {
        let deep = "[".repeat(100_000);
        assert_eq!(meaning(&deep), deep);
        let closed = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        assert_eq!(meaning(&closed), closed);
    }
}
