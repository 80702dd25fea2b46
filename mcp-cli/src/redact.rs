//! Leaving secrets out of what is shown.

use http::HeaderValue;
use serde_json::Value;

/// What stands in place of a secret.
const HIDDEN: &str = "[redacted]";

/// Words in the names of headers and members whose values are secrets.
const SECRET: &[&str] = &["authorization", "token", "cookie", "secret", "password", "passwd", "credential", "assertion", "session-id"];

/// Names with such a word that hold no secret.
const HARMLESS: &[&str] = &["progresstoken", "maxtokens", "www-authenticate"];

/// Whether what goes by this name is a secret.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    !HARMLESS.contains(&name.as_str()) && (SECRET.iter().any(|word| name.contains(word)) || name.ends_with("key") || name.ends_with("keys"))
}

/// A header's value, unless it is a secret. Whatever the caller marked as sensitive is one.
pub(crate) fn header(name: &str, value: &HeaderValue) -> String {
    if is_secret(name) || (value.is_sensitive() && !HARMLESS.contains(&name)) {
        return HIDDEN.to_owned();
    }
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

/// A message without the values of members that are secrets. What is no JSON is told by its length only.
pub(crate) fn message(bytes: &[u8]) -> String {
    match serde_json::from_slice::<Value>(bytes) {
        Ok(mut value) => {
            hide(&mut value);
            value.to_string()
        }
        Err(_) => format!("{} bytes that are not JSON", bytes.len()),
    }
}

fn hide(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                // A schema describes a secret without holding it.
                if is_secret(name) && !member.is_object() {
                    *member = HIDDEN.into();
                } else {
                    hide(member);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(hide),
        // Tools answer with JSON in texts.
        Value::String(text) if text.starts_with(['{', '[']) => {
            if let Ok(mut inside) = serde_json::from_str(text) {
                hide(&mut inside);
                *text = inside.to_string();
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_left_out_of_messages() {
        for (text, shown) in [
            (r#"{"a":{"apiKey":"x","b":[{"PASSWORD":1}]}}"#, r#"{"a":{"apiKey":"[redacted]","b":[{"PASSWORD":"[redacted]"}]}}"#),
            (
                r#"{"properties":{"token":{"type":"string"}},"progressToken":7}"#,
                r#"{"properties":{"token":{"type":"string"}},"progressToken":7}"#,
            ),
            (r#"{"secrets":["x"],"text":"kept"}"#, r#"{"secrets":"[redacted]","text":"kept"}"#),
            (r#"{"text":"{\"token\": \"x\"}"}"#, r#"{"text":"{\"token\":\"[redacted]\"}"}"#),
            ("token=x", "7 bytes that are not JSON"),
        ] {
            assert_eq!(message(text.as_bytes()), shown, "{text}");
        }
    }

    #[test]
    fn secrets_are_left_out_of_headers() {
        let mut marked = HeaderValue::from_static("x");
        marked.set_sensitive(true);
        let plain = HeaderValue::from_static("x");
        for (name, value, shown) in [
            ("authorization", &plain, HIDDEN),
            ("set-cookie", &plain, HIDDEN),
            ("x-api-key", &plain, HIDDEN),
            ("x-anything", &marked, HIDDEN),
            ("content-type", &plain, "x"),
            ("www-authenticate", &plain, "x"),
        ] {
            assert_eq!(header(name, value), shown, "{name}");
        }
    }
}
