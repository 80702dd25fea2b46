//! Values that go into headers (2026-07-28, basic/transports/streamable-http, "Value Encoding").

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::HeaderValue;
use serde_json::Value;

/// A text as a header value: as it is if that is safe, as Base64 otherwise.
pub(crate) fn text(text: &str) -> HeaderValue {
    let visible = text.bytes().all(|byte| (0x20..=0x7e).contains(&byte));
    let padded = text.starts_with(' ') || text.ends_with(' ');
    let looks_encoded = text.starts_with("=?base64?") && text.ends_with("?=");
    let encoded = if !visible || padded || looks_encoded { format!("=?base64?{}?=", BASE64.encode(text)) } else { text.to_owned() };
    HeaderValue::try_from(encoded).expect("visible ASCII is always a valid header value")
}

/// An argument as a header value; `None` when there is nothing to repeat.
pub(crate) fn argument(value: &Value) -> Option<HeaderValue> {
    match value {
        Value::String(value) => Some(text(value)),
        Value::Bool(flag) => Some(HeaderValue::from_static(if *flag { "true" } else { "false" })),
        Value::Number(number) => Some(text(&integer(number))),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// An integer in decimal, also when it was written with a fraction of nothing.
fn integer(number: &serde_json::Number) -> String {
    match number.as_f64() {
        #[allow(clippy::cast_possible_truncation, reason = "only whole numbers within range are cast")]
        Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 9_007_199_254_740_992.0 => (float as i64).to_string(),
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_encoded_as_the_specification_shows() {
        for (value, header) in [
            (json!("us-west1"), Some("us-west1")),
            (json!("Hello, 世界"), Some("=?base64?SGVsbG8sIOS4lueVjA==?=")),
            (json!(" padded "), Some("=?base64?IHBhZGRlZCA=?=")),
            (json!("line1\nline2"), Some("=?base64?bGluZTEKbGluZTI=?=")),
            (json!("a\tb"), Some("=?base64?YQli?=")),
            (json!("=?base64?literal?="), Some("=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=")),
            (json!("=?base64?open"), Some("=?base64?open")),
            (json!("in side"), Some("in side")),
            (json!(""), Some("")),
            (json!(42), Some("42")),
            (json!(42.0), Some("42")),
            (json!(-7), Some("-7")),
            (json!(true), Some("true")),
            (json!(null), None),
            (json!([1]), None),
        ] {
            let encoded = argument(&value);
            assert_eq!(encoded.as_ref().map(|header| header.to_str().expect("ASCII")), header, "{value}");
        }
    }
}
