//! Rust source without what is not code: comments, literals and tests are blanked out.

/// Replaces comments and the contents of literals by spaces; lines stay where they are.
pub(super) fn without_comments_and_literals(source: &str) -> String {
    let mut reader = Reader { rest: source, out: String::with_capacity(source.len()) };
    while let Some(next) = reader.rest.chars().next() {
        let rest = reader.rest;
        if rest.starts_with("//") {
            reader.blank(rest.find('\n').unwrap_or(rest.len()));
        } else if rest.starts_with("/*") {
            reader.blank(block_comment(rest));
        } else if let Some(length) = literal(rest) {
            reader.blank(length);
        } else {
            // A word is taken whole, so that the `r` that ends `for` does not start a raw string.
            let word = rest.find(|char: char| !char.is_alphanumeric() && char != '_').unwrap_or(rest.len());
            reader.keep(word.max(next.len_utf8()));
        }
    }
    reader.out
}

struct Reader<'a> {
    rest: &'a str,
    out: String,
}

impl Reader<'_> {
    fn keep(&mut self, length: usize) {
        self.out.push_str(&self.rest[..length]);
        self.rest = &self.rest[length..];
    }

    fn blank(&mut self, length: usize) {
        self.out.extend(self.rest[..length].chars().map(|char| if char == '\n' { '\n' } else { ' ' }));
        self.rest = &self.rest[length..];
    }
}

/// The length of a comment, which may hold others.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// The length of the string or character literal that the text starts with.
fn literal(text: &str) -> Option<usize> {
    let prefix = ["br", "cr", "r", "b", "c"].into_iter().find(|prefix| {
        let after = text.strip_prefix(prefix).map(|rest| rest.trim_start_matches('#'));
        after.is_some_and(|after| after.starts_with('"') || (*prefix == "b" && after.starts_with('\'')))
    });
    let prefix = prefix.unwrap_or_default();
    let body = &text[prefix.len()..];
    if prefix.ends_with('r') {
        let hashes = body.len() - body.trim_start_matches('#').len();
        let end = format!("\"{}", "#".repeat(hashes));
        let inside = &body[hashes + 1..];
        return Some(prefix.len() + hashes + 1 + inside.find(&end).map_or(inside.len(), |at| at + end.len()));
    }
    match body.as_bytes().first()? {
        b'"' => Some(prefix.len() + quoted(body, b'"')),
        // `'a'` and `'\n'` are characters, `'a` is a lifetime.
        b'\'' if body[1..].starts_with('\\') => Some(prefix.len() + quoted(body, b'\'')),
        b'\'' => {
            let inside = body[1..].chars().next()?;
            body[1 + inside.len_utf8()..].starts_with('\'').then_some(prefix.len() + 2 + inside.len_utf8())
        }
        _ => None,
    }
}

fn quoted(text: &str, quote: u8) -> usize {
    let mut escaped = true;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            _ if byte == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Code with what is under `#[cfg(test)]` blanked out, and the names of test modules in files of their own.
pub(super) fn without_tests(code: &str) -> (String, Vec<String>) {
    const MARK: &str = "#[cfg(test)]";
    let (mut out, mut rest, mut modules) = (String::with_capacity(code.len()), code, Vec::new());
    while let Some(at) = rest.find(MARK) {
        out.push_str(&rest[..at]);
        let item = &rest[at + MARK.len()..];
        let head = item.find(['{', ';']).unwrap_or(item.len());
        let end = if item[head..].starts_with('{') { head + braces(&item[head..]) } else { (head + 1).min(item.len()) };
        if item[head..].starts_with(';')
            && let Some((_, name)) = item[..head].rsplit_once("mod ")
        {
            modules.push(name.trim().to_owned());
        }
        out.extend(rest[at..at + MARK.len() + end].chars().map(|char| if char == '\n' { '\n' } else { ' ' }));
        rest = &item[end..];
    }
    out.push_str(rest);
    (out, modules)
}

/// The length of a block, from its opening to its closing brace.
fn braces(text: &str) -> usize {
    let mut depth = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_is_left() {
        for (source, code) in [
            ("let a = \"x // \\\" y\"; // z", "let a =            ;     "),
            ("r#\"a \" b\"# + b'\\'' + 'q' + 'é'", "           +       +     +    "),
            ("fn f<'a>(x: &'a str) {}", "fn f<'a>(x: &'a str) {}"),
            ("a /* b /* c */ d */ e", "a                   e"),
            ("for\"x\"", "for   "),
            ("x\n/* y\n z */\nw", "x\n    \n     \nw"),
        ] {
            assert_eq!(without_comments_and_literals(source), code, "{source}");
        }
    }

    #[test]
    fn tests_are_left_out() {
        let code = "fn a() {}\n#[cfg(test)]\nmod golden;\n#[cfg(test)]\nmod tests {\n  fn b() { {} }\n}\nfn c() {}";
        let (code, modules) = without_tests(code);
        assert_eq!(code.split_whitespace().collect::<Vec<_>>(), ["fn", "a()", "{}", "fn", "c()", "{}"]);
        assert_eq!(code.lines().count(), 8);
        assert_eq!(modules, ["golden"]);
    }
}
