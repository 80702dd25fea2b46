//! Rules for names and tokens that reach the wire.

/// What is wrong with the name of a tool (2025-11-25, server/tools, "Tool Names").
pub(crate) fn tool_name_fault(name: &str) -> Option<String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if name.is_empty() {
        return Some("a tool's name cannot be empty".to_owned());
    }
    if let Some(bad) = name.chars().find(|c| !allowed(*c)) {
        return Some(format!(
            "{} is not allowed in a tool's name; it may hold ASCII letters, digits, `_`, `-` and `.`, as `search_code` does",
            quoted(bad)
        ));
    }
    (name.len() > 128).then(|| format!("a tool's name has at most 128 characters; this one has {}", name.len()))
}

/// What is wrong with the name of anything else.
pub(crate) fn name_fault(name: &str) -> Option<String> {
    if name.trim().is_empty() {
        return Some("a name cannot be empty".to_owned());
    }
    name.chars().find(|c| c.is_control()).map(|bad| format!("{} is not allowed in a name", quoted(bad)))
}

/// What is wrong with a scope (RFC 6749, section 3.3, `scope-token`).
pub(crate) fn scope_fault(scope: &str) -> Option<String> {
    if scope.is_empty() {
        return Some("a scope cannot be empty".to_owned());
    }
    if scope.trim().split(' ').count() > 1 {
        let list: Vec<String> = scope.split_whitespace().map(|scope| format!("{scope:?}")).collect();
        return Some(format!("this is more than one scope; write `scope = [{}]`", list.join(", ")));
    }
    let bad = scope.chars().find(|c| !matches!(c, '\x21' | '\x23'..='\x5b' | '\x5d'..='\x7e'))?;
    Some(format!(
        "{} is not allowed in a scope; it may hold printable ASCII except space, `\"` and `\\` (RFC 6749, section 3.3)",
        quoted(bad)
    ))
}

/// What is wrong with the name of a header (RFC 9110, section 5.6.2, `token`).
pub(crate) fn header_fault(header: &str) -> Option<String> {
    if header.is_empty() {
        return Some("a header's name cannot be empty".to_owned());
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let bad = header.chars().find(|c| !allowed(*c))?;
    Some(format!("{} is not allowed in a header's name (RFC 9110, section 5.6.2)", quoted(bad)))
}

/// What is wrong with a MIME type.
pub(crate) fn mime_type_fault(mime_type: &str) -> Option<&'static str> {
    let essence = mime_type.split(';').next().unwrap_or_default().trim();
    let valid = essence.split_once('/').is_some_and(|(kind, subtype)| header_fault(kind).is_none() && header_fault(subtype).is_none());
    (!valid).then_some("a MIME type is a type and a subtype, as in `text/plain`")
}

/// What is wrong with the address of an icon (2025-11-25, basic, "icons").
pub(crate) fn icon_fault(icon: &str) -> Option<&'static str> {
    let valid = ["https://", "data:"].iter().any(|scheme| icon.len() > scheme.len() && icon.starts_with(scheme));
    (!valid).then_some("an icon is an `https:` or a `data:` URI")
}

/// What is wrong with a JSON object, as far as its brackets show.
pub(crate) fn json_object_fault(json: &str) -> Option<&'static str> {
    const FAULT: &str = "`meta` is a JSON object, as in r#\"{\"key\": \"value\"}\"#";
    let text = json.trim();
    let mut open = Vec::new();
    let mut in_string = false;
    let mut escaped = false;
    for (position, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            _ if in_string => {}
            '{' | '[' => open.push(c),
            '}' if open.pop() != Some('{') => return Some(FAULT),
            ']' if open.pop() != Some('[') => return Some(FAULT),
            _ => {}
        }
        if open.is_empty() && position + c.len_utf8() < text.len() {
            return Some(FAULT);
        }
    }
    (!text.starts_with('{') || !open.is_empty() || in_string).then_some(FAULT)
}

/// A character as a message shows it.
fn quoted(c: char) -> String {
    match c {
        ' ' => "a space".to_owned(),
        '`' => "a backtick".to_owned(),
        c if c.is_control() => format!("`{}`", c.escape_default()),
        c => format!("`{c}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tool_names() {
        for good in ["a", "search_code", "admin.users-list", &"x".repeat(128)] {
            assert_eq!(tool_name_fault(good), None, "{good}");
        }
        for (bad, part) in [("", "empty"), ("a b", "a space"), ("größe", "`ö`"), ("a/b", "`/`"), (&"x".repeat(129), "129")] {
            assert!(tool_name_fault(bad).is_some_and(|fault| fault.contains(part)), "{bad}");
        }
    }

    #[test]
    fn scopes() {
        for good in ["mcp:execute", "a", "https://x/y?z", "!#[]^~"] {
            assert_eq!(scope_fault(good), None, "{good}");
        }
        for (bad, part) in [("", "empty"), ("a b", "[\"a\", \"b\"]"), ("a\"", "`\"`"), ("a\\b", "`\\`"), ("ä", "`ä`"), ("a\tb", "`\\t`")]
        {
            assert!(scope_fault(bad).is_some_and(|fault| fault.contains(part)), "{bad}: {:?}", scope_fault(bad));
        }
    }

    #[test]
    fn objects_look_like_objects() {
        for good in ["{}", " {\"a\": [1, {\"b\": \"}\\\"\"}]} "] {
            assert_eq!(json_object_fault(good), None, "{good}");
        }
        for bad in ["", "[]", "1", "{", "}", "{]}", "{}{}", "{} x", "{\"a\": \"}", "\"{}\""] {
            assert!(json_object_fault(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn types_and_addresses() {
        assert_eq!(mime_type_fault("text/plain; charset=utf-8"), None);
        assert!(mime_type_fault("text").is_some());
        assert!(mime_type_fault("text/").is_some());
        assert_eq!(icon_fault("https://x/y.png"), None);
        assert!(icon_fault("http://x/y.png").is_some());
        assert_eq!(header_fault("Region"), None);
        assert!(header_fault("My Region").is_some());
    }
}
