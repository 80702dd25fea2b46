//! JSON with comments and trailing commas, as VS Code writes it.

/// The text as JSON: comments and commas before a closing bracket become spaces, so that lines and columns stay the same.
pub(crate) fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // Where the last comma is, if nothing but white space came since.
    let mut comma = None;
    let mut rest = text;
    while let Some(char) = rest.chars().next() {
        if let Some(length) = comment(rest) {
            out.extend(rest[..length].chars().map(|char| if char == '\n' { '\n' } else { ' ' }));
            rest = &rest[length..];
            continue;
        }
        let length = if char == '"' { string(rest) } else { char.len_utf8() };
        match char {
            ',' => comma = Some(out.len()),
            ']' | '}' => {
                if let Some(at) = comma.take() {
                    out.replace_range(at..=at, " ");
                }
            }
            char if char.is_whitespace() => {}
            _ => comma = None,
        }
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    out
}

fn comment(text: &str) -> Option<usize> {
    if text.starts_with("//") {
        Some(text.find('\n').unwrap_or(text.len()))
    } else {
        let inside = text.strip_prefix("/*")?;
        Some(inside.find("*/").map_or(text.len(), |end| end + 4))
    }
}

/// The length of the string that the text starts with.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_comments_and_spare_commas_go() {
        for (text, json) in [
            (r#"{"a": "// \" /* x"}"#, r#"{"a": "// \" /* x"}"#),
            ("{\"a\": 1, // é\n}", "{\"a\": 1      \n}"),
            ("[1, /* 2, */ 3,]", "[1,          3 ]"),
            ("[1,\n 2]", "[1,\n 2]"),
            ("/* open", "       "),
            ("\"open", "\"open"),
        ] {
            assert_eq!(without_comments(text), json, "{text}");
        }
    }
}
