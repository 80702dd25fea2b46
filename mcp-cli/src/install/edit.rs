//! Changing one entry of a JSON file and leaving every other byte as it is.

use serde_json::{Map, Value, json};

use super::spans::{Member, members, skip_space};
use crate::target::without_comments;

/// The text with an entry put into a section, in place of one of the same name.
///
/// # Errors
/// When the text is not an object of JSON, or has comments.
pub(super) fn put(text: &str, section: &str, name: &str, entry: &Value) -> Result<String, String> {
    let mut expected = parse(text)?;
    let style = Style::of(text);
    let (root, root_end) = members(text, 0).unwrap_or_default();
    let changed = if text.trim().is_empty() {
        style.render(&json!({section: {name: entry}}), 0) + style.line_end
    } else if let Some(found) = last(&root, section) {
        let Some((entries, end)) = members(text, found.value.start) else {
            return Err(format!("`{section}` is not an object"));
        };
        match last(&entries, name) {
            Some(old) => splice(text, old.value.start, old.value.end, &style.render(entry, 2)),
            None => insert(text, &entries, end, &style, 2, name, entry),
        }
    } else {
        insert(text, &root, root_end, &style, 1, section, &json!({name: entry}))
    };
    let servers = expected.entry(section).or_insert_with(|| json!({}));
    servers.as_object_mut().ok_or("it is not an object")?.insert(name.to_owned(), entry.clone());
    checked(changed, &expected)
}

/// The text without an entry of a section.
///
/// # Errors
/// As [`put`], and when there is no such entry.
pub(super) fn remove(text: &str, section: &str, name: &str) -> Result<String, String> {
    let mut expected = parse(text)?;
    let missing = || format!("there is no `{name}` under `{section}`");
    let (root, _) = members(text, 0).ok_or_else(missing)?;
    let (entries, end) = last(&root, section).and_then(|found| members(text, found.value.start)).ok_or_else(missing)?;
    let at = entries.iter().rposition(|member| member.key == name).ok_or_else(missing)?;
    let changed = match (entries.get(at + 1), at.checked_sub(1).and_then(|before| entries.get(before))) {
        (Some(next), _) => splice(text, entries[at].whole.start, next.whole.start, ""),
        (None, Some(previous)) => splice(text, previous.whole.end, entries[at].whole.end, ""),
        (None, None) => {
            let start = text[..entries[at].whole.start].rfind('{').map_or(0, |brace| brace + 1);
            splice(text, start, end, "")
        }
    };
    if let Some(servers) = expected.get_mut(section).and_then(Value::as_object_mut) {
        servers.shift_remove(name);
    }
    checked(changed, &expected)
}

fn parse(text: &str) -> Result<Map<String, Value>, String> {
    if text.trim().is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_str(text) {
        Ok(object) => Ok(object),
        Err(_) if serde_json::from_str::<Map<String, Value>>(&without_comments(text)).is_ok() => Err(
            "it has comments or trailing commas, which are not changed by machine; remove them, or add the entry that `--dry-run --config NEW_FILE` shows by hand".to_owned(),
        ),
        Err(error) => Err(format!("it is not an object of JSON: {error}")),
    }
}

/// A change that did something else than it should is not made.
fn checked(changed: String, expected: &Map<String, Value>) -> Result<String, String> {
    match serde_json::from_str::<Map<String, Value>>(&changed) {
        Ok(found) if found == *expected => Ok(changed),
        _ => Err("it cannot be changed without changing something else, as when a name is in it twice".to_owned()),
    }
}

fn last<'m>(members: &'m [Member], key: &str) -> Option<&'m Member> {
    members.iter().rfind(|member| member.key == key)
}

fn splice(text: &str, start: usize, end: usize, with: &str) -> String {
    [&text[..start], with, &text[end..]].concat()
}

/// Adds a member after the others of an object that closes at `end`.
fn insert(text: &str, others: &[Member], end: usize, style: &Style<'_>, depth: usize, key: &str, value: &Value) -> String {
    let member = format!("{}: {}", Value::from(key), style.render(value, depth));
    match others.last() {
        Some(last) => {
            let on_lines = text[last.whole.end..end].contains('\n');
            let between = if on_lines { style.line(depth) } else { " ".to_owned() };
            splice(text, last.whole.end, last.whole.end, &format!(",{between}{member}"))
        }
        None => {
            let start = text[..end].rfind('{').map_or(end, |brace| brace + 1);
            splice(text, start, end, &format!("{}{member}{}", style.line(depth), style.line(depth - 1)))
        }
    }
}

/// How a file is laid out.
struct Style<'t> {
    indent: &'t str,
    line_end: &'static str,
}

impl<'t> Style<'t> {
    /// The layout of the first member, or the usual one.
    fn of(text: &'t str) -> Self {
        let first = skip_space(text.as_bytes(), 0) + 1;
        let member = skip_space(text.as_bytes(), first);
        let indent = text.get(first..member).and_then(|space| Some(space.rsplit_once('\n')?.1)).filter(|indent| !indent.is_empty());
        Self { indent: indent.unwrap_or("  "), line_end: if text.contains("\r\n") { "\r\n" } else { "\n" } }
    }

    /// The start of a line at this depth.
    fn line(&self, depth: usize) -> String {
        format!("{}{}", self.line_end, self.indent.repeat(depth))
    }

    /// A value that starts at this depth. Lists are kept on one line, as hosts write them.
    fn render(&self, value: &Value, depth: usize) -> String {
        match value {
            Value::Object(members) if !members.is_empty() => {
                let line = self.line(depth + 1);
                let members: Vec<String> = members
                    .iter()
                    .map(|(key, value)| format!("{line}{}: {}", Value::from(key.as_str()), self.render(value, depth + 1)))
                    .collect();
                format!("{{{}{}}}", members.join(","), self.line(depth))
            }
            Value::Array(items) => {
                let items: Vec<String> = items.iter().map(Value::to_string).collect();
                format!("[{}]", items.join(", "))
            }
            other => other.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, &str>) {
        let changed = put(text, "mcpServers", "new", &json!({"command": "x", "args": ["a", "b"]}));
        assert_eq!(changed.as_deref().map_err(String::as_str), expected, "{text}");
    }

    #[test]
    fn an_entry_is_added_and_nothing_else_changes() {
        let new = "{\n  \"mcpServers\": {\n    \"new\": {\n      \"command\": \"x\",\n      \"args\": [\"a\", \"b\"]\n    }\n  }\n}";
        check("", Ok(&format!("{new}\n")));
        check("{}", Ok(new));
        check("{\n}\n", Ok(&format!("{new}\n")));
        check(
            "{\n\t\"big\": 123456789012345678901,\n\t\"mcpServers\": {\n\t\t\"old\": {\"args\": [1,2] }\n\t}\n}",
            Ok(
                "{\n\t\"big\": 123456789012345678901,\n\t\"mcpServers\": {\n\t\t\"old\": {\"args\": [1,2] },\n\t\t\"new\": {\n\t\t\t\"command\": \"x\",\n\t\t\t\"args\": [\"a\", \"b\"]\n\t\t}\n\t}\n}",
            ),
        );
        check(
            "{\r\n    \"a\": 1\r\n}\r\n",
            Ok(
                "{\r\n    \"a\": 1,\r\n    \"mcpServers\": {\r\n        \"new\": {\r\n            \"command\": \"x\",\r\n            \"args\": [\"a\", \"b\"]\r\n        }\r\n    }\r\n}\r\n",
            ),
        );
        check(
            "{\"mcpServers\":{\"new\":{\"old\":1},\"z\":2},\"b\":3}",
            Ok("{\"mcpServers\":{\"new\":{\n      \"command\": \"x\",\n      \"args\": [\"a\", \"b\"]\n    },\"z\":2},\"b\":3}"),
        );
    }

    #[test]
    fn what_cannot_be_changed_safely_is_left() {
        check("[]", Err("it is not an object of JSON: invalid type: sequence, expected a map at line 1 column 0"));
        check("{\"mcpServers\": []}", Err("`mcpServers` is not an object"));
        check(
            "{\"a\": 1, \"a\": {}, \"mcpServers\": {}, \"mcpServers\": {\"x\": 1}}",
            Ok(
                "{\"a\": 1, \"a\": {}, \"mcpServers\": {}, \"mcpServers\": {\"x\": 1, \"new\": {\n      \"command\": \"x\",\n      \"args\": [\"a\", \"b\"]\n    }}}",
            ),
        );
        let commented = put("{ // mine\n}", "servers", "x", &json!({})).expect_err("it has comments");
        assert!(commented.starts_with("it has comments or trailing commas"), "{commented}");
    }

    #[test]
    fn an_entry_is_taken_out_and_nothing_else_changes() {
        for (text, expected) in [
            ("{\"s\": {\n  \"x\": 1,\n  \"y\": 2\n}}", Ok("{\"s\": {\n  \"y\": 2\n}}")),
            ("{\"s\": {\n  \"y\": 2,\n  \"x\": 1\n}}", Ok("{\"s\": {\n  \"y\": 2\n}}")),
            ("{\"s\": {\n  \"x\": {}\n}, \"t\": 1}", Ok("{\"s\": {}, \"t\": 1}")),
            ("{\"s\": {}}", Err("there is no `x` under `s`")),
            ("{}", Err("there is no `x` under `s`")),
            ("", Err("there is no `x` under `s`")),
        ] {
            assert_eq!(remove(text, "s", "x").as_deref().map_err(String::as_str), expected, "{text}");
        }
    }
}
