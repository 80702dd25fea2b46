//! Where the members of an object are in a text that is known to be JSON.

use std::ops::Range;

/// A member of an object.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) key: String,
    /// From its key to the end of its value.
    pub(super) whole: Range<usize>,
    pub(super) value: Range<usize>,
}

/// The members of the object that starts at `start`, and where its closing brace is. `None` if there is no object.
pub(super) fn members(text: &str, start: usize) -> Option<(Vec<Member>, usize)> {
    let bytes = text.as_bytes();
    let mut at = skip_space(bytes, start);
    if bytes.get(at) != Some(&b'{') {
        return None;
    }
    let mut members = Vec::new();
    at = skip_space(bytes, at + 1);
    while *bytes.get(at)? != b'}' {
        let key = at..skip_value(bytes, at)?;
        let colon = skip_space(bytes, key.end);
        let value = skip_space(bytes, colon + 1);
        let value = value..skip_value(bytes, value)?;
        members.push(Member { key: serde_json::from_str(&text[key.clone()]).ok()?, whole: key.start..value.end, value: value.clone() });
        at = skip_space(bytes, value.end);
        if bytes.get(at) == Some(&b',') {
            at = skip_space(bytes, at + 1);
        }
    }
    Some((members, at))
}

pub(super) fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
        at += 1;
    }
    at
}

/// Where the value that starts here ends.
fn skip_value(bytes: &[u8], start: usize) -> Option<usize> {
    let (mut at, mut depth) = (start, 0_usize);
    loop {
        match *bytes.get(at)? {
            b'"' => at = skip_string(bytes, at)?,
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                at += 1;
            }
            _ if depth > 0 => at += 1,
            // A number or a word, which ends where something else begins.
            _ => {
                let length = bytes[at..].iter().position(|byte| byte.is_ascii_whitespace() || b",}]".contains(byte));
                at = length.map_or(bytes.len(), |length| at + length);
            }
        }
        if depth == 0 {
            return Some(at);
        }
    }
}

fn skip_string(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        match *bytes.get(at)? {
            b'\\' => at += 2,
            b'"' => return Some(at + 1),
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_where_they_are() {
        let text = r#" {"a" : [1, "]}"], "é\"": {"x": {}}, "n": -1.5e3 ,"t":true}"#;
        let (members, end) = members(text, 0).expect("an object");
        let found: Vec<_> = members.iter().map(|member| (member.key.as_str(), &text[member.value.clone()])).collect();
        assert_eq!(found, [("a", r#"[1, "]}"]"#), ("é\"", r#"{"x": {}}"#), ("n", "-1.5e3"), ("t", "true")]);
        assert_eq!(end, text.len() - 1);
        assert!(super::members("[]", 0).is_none() && super::members("", 0).is_none());
    }
}
