//! Quoting a line of a file that may hold a secret.

/// The longest line that is quoted whole, in characters.
const LONGEST: usize = 120;

/// A line of the file.
pub(super) struct Quoted {
    /// Its number, from 1.
    pub(super) line: usize,
    /// What may be shown of it.
    pub(super) text: String,
    /// Whether that is not all of it.
    pub(super) hidden: bool,
}

/// The line with the byte at `offset`, as far as it may be shown.
///
/// No secret belongs into the file, but somebody may have put one there, and the message that says so goes to logs and
/// screens. So where a line speaks of one, what comes behind the key is hidden.
pub(super) fn quote(text: &str, offset: usize) -> Quoted {
    let offset = text.floor_char_boundary(offset.min(text.len()));
    let before = &text[..offset];
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let line = text[start..].lines().next().unwrap_or_default();
    let number = before.matches('\n').count() + 1;
    let shown = if in_long_text(&text[..start]) { "" } else { &line[..secret_from(line).unwrap_or(line.len())] };
    let hidden = shown.len() < line.len();
    let mut quoted: String = shown.trim_end().chars().take(LONGEST).map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    if hidden || shown.chars().count() > LONGEST {
        quoted.push('…');
    }
    Quoted { line: number, text: quoted, hidden }
}

/// Where the part of a line begins that may be a secret.
fn secret_from(line: &str) -> Option<usize> {
    let trimmed = line.trim_start();
    if !trimmed.starts_with(['[', '#']) && !line.contains('=') {
        // It is no key and a value: what somebody wrote who knows another format, or a value that began on another line.
        return Some(0);
    }
    let lower = line.to_ascii_lowercase();
    let words = ["secret", "pass", "pwd", "psk", "token", "bearer", "hash", "key", "credential", "sig=", "?"];
    let key = words.iter().filter_map(|word| lower.find(word)).min();
    let key = key.map(|at| at + line[at..].find('=').map_or(0, |equals| equals + 1)).filter(|_| !trimmed.starts_with("[["));
    // A key that somebody took for the name of a table or of a value.
    let long = line.find(|letter: char| letter.is_ascii_alphanumeric()).filter(|_| looks_like_a_key(line));
    let key = key.into_iter().chain(long).min();
    // `https://user:password@host`
    let url = line.find("://").filter(|at| line[*at..].contains('@')).map(|at| at + 3);
    match (key, url) {
        (Some(key), Some(url)) => Some(key.min(url)),
        (found, None) | (None, found) => found,
    }
}

/// Whether a line names something by a word that is long and has digits in it, as no name of this file has.
fn looks_like_a_key(line: &str) -> bool {
    let name = line.split(['=', ']']).next().unwrap_or_default();
    let words = name.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_' && letter != '-');
    words.into_iter().any(|word| word.len() >= 16 && word.bytes().any(|byte| byte.is_ascii_digit()))
}

/// Whether what follows is inside a text of several lines, whose key stands on another line.
fn in_long_text(before: &str) -> bool {
    ["\"\"\"", "'''"].iter().any(|quotes| before.matches(quotes).count() % 2 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_quoted_without_secrets() {
        for (text, offset, line, shown) in [
            ("a = 1\nb = 2\nc = 3", 8, 2, "b = 2"),
            ("a = 1\nb = 2\nc = 3", 6, 2, "b = 2"),
            ("a = 1\r\nb = 2\r\n", 8, 2, "b = 2"),
            ("a = 1", 1_000, 1, "a = 1"),
            ("", 0, 1, ""),
            ("client_secret = \"x\"", 0, 1, "client_secret =…"),
            ("CLIENT_SECRET_ENV=\"x\"", 20, 1, "CLIENT_SECRET_ENV=…"),
            ("k = { hash = \"x\" }", 0, 1, "k = { hash =…"),
            ("[[auth.api_key]]", 0, 1, "[[auth.api_key]]"),
            ("url = \"https://a:b@c/\"", 0, 1, "url = \"https://…"),
            ("url = \"https://c/\"", 0, 1, "url = \"https://c/\""),
            ("client_secret = \"\"\"\nx\n\"\"\"", 20, 2, "…"),
            ("a = \"\u{1b}[31m\"", 0, 1, "a = \" [31m\""),
            ("a = \"é\"", 6, 1, "a = \"é\""),
            ("secret \"x\"", 0, 1, "…"),
            ("client_secret: x", 0, 1, "…"),
            ("secret =\n\"x\"", 10, 2, "…"),
            ("psk = \"x\"", 0, 1, "psk =…"),
            ("pwd=\"x\"", 0, 1, "pwd=…"),
            ("url = \"https://c/?sig=x\"", 0, 1, "url = \"https://c/?sig=…"),
            ("[auth.api_key.mcpk_0123456789abcdef]", 0, 1, "[…"),
            ("mcpk_0123456789abcdef = \"x\"", 0, 1, "…"),
        ] {
            let quoted = quote(text, offset);
            assert_eq!((quoted.line, quoted.text.as_str()), (line, shown), "{text}");
        }
        assert_eq!(quote(&format!("a = {}", "x".repeat(100_000)), 5).text.chars().count(), LONGEST + 1);
    }
}
