//! Blanking out comments and literals, so that what is left is code.

/// How a language writes comments and literals.
pub(super) struct Syntax {
    /// What starts a comment that ends with the line.
    pub(super) line_comment: &'static str,
    /// Whether there are `/* … */` comments.
    pub(super) block_comments: BlockComments,
    /// Strings, the longest delimiters first.
    pub(super) strings: &'static [Quote],
    /// Literals that take more than a delimiter to recognise.
    pub(super) special: Special,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum BlockComments {
    None,
    Flat,
    Nested,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Special {
    None,
    /// `'x'` but not `'lifetime`, and `r#"…"#`.
    Rust,
    /// `/regex/` but not `a / b`, and `` `…${code}…` ``.
    JavaScript,
}

/// One way of writing strings.
pub(super) struct Quote {
    pub(super) delimiter: &'static str,
    /// Whether a backslash keeps the next character from ending it.
    pub(super) escapes: bool,
    /// Whether it may go over the end of a line.
    pub(super) multiline: bool,
}

/// Templates inside templates deeper than this are not told apart.
const MAX_TEMPLATES: usize = 32;

/// A slash that opens no regular expression within this distance divides.
const MAX_REGEX_BYTES: usize = 1_000;

/// Replaces comments and literals by as many spaces, keeping the lines.
///
/// What is not closed is blank to its natural end: the line or the file.
pub(super) fn mask(text: &str, syntax: &Syntax) -> String {
    let scanner = Scanner { bytes: text.as_bytes(), syntax };
    let mut masked = String::with_capacity(text.len());
    let mut copied = 0;
    let mut at = 0;
    while at < text.len() {
        match scanner.literal_end(at, 0) {
            Some(end) => {
                // Both are where something in ASCII begins or has just ended.
                masked.push_str(&text[copied..at]);
                masked.extend(text[at..end].bytes().map(blank));
                (copied, at) = (end, end);
            }
            None => at += 1,
        }
    }
    masked.push_str(&text[copied..]);
    masked
}

fn blank(byte: u8) -> char {
    if matches!(byte, b'\n' | b'\r') { char::from(byte) } else { ' ' }
}

struct Scanner<'a> {
    bytes: &'a [u8],
    syntax: &'a Syntax,
}

impl Scanner<'_> {
    /// Where the comment or literal that starts at `at` ends, if one does.
    fn literal_end(&self, at: usize, templates: usize) -> Option<usize> {
        let rest = &self.bytes[at..];
        if rest.starts_with(self.syntax.line_comment.as_bytes()) {
            return Some(self.line_end(at));
        }
        if self.syntax.block_comments != BlockComments::None && rest.starts_with(b"/*") {
            return Some(self.block_comment_end(at));
        }
        let special = match self.syntax.special {
            Special::None => None,
            Special::Rust => self.rust_literal_end(at),
            Special::JavaScript => self.javascript_literal_end(at, templates),
        };
        special.or_else(|| {
            let mut quotes = self.syntax.strings.iter();
            let quote = quotes.find(|quote| rest.starts_with(quote.delimiter.as_bytes()))?;
            Some(self.string_end(at, quote))
        })
    }

    fn line_end(&self, at: usize) -> usize {
        let rest = &self.bytes[at..];
        rest.iter().position(|byte| *byte == b'\n').map_or(self.bytes.len(), |length| at + length)
    }

    fn block_comment_end(&self, start: usize) -> usize {
        let mut depth = 1;
        let mut at = start + 2;
        while at < self.bytes.len() {
            let rest = &self.bytes[at..];
            if rest.starts_with(b"*/") {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            } else if rest.starts_with(b"/*") && self.syntax.block_comments == BlockComments::Nested {
                depth += 1;
                at += 2;
            } else {
                at += 1;
            }
        }
        at
    }

    fn string_end(&self, start: usize, quote: &Quote) -> usize {
        let delimiter = quote.delimiter.as_bytes();
        let mut at = start + delimiter.len();
        while at < self.bytes.len() {
            match self.bytes[at] {
                // The escaped character may be longer, but never ends a string.
                b'\\' if quote.escapes => at += 2,
                b'\n' if !quote.multiline => return at,
                _ if self.bytes[at..].starts_with(delimiter) => return at + delimiter.len(),
                _ => at += 1,
            }
        }
        self.bytes.len()
    }

    fn rust_literal_end(&self, at: usize) -> Option<usize> {
        match self.bytes[at] {
            b'\'' => self.char_end(at),
            b'r' => self.raw_string_end(at),
            _ => None,
        }
    }

    /// `'x'`, `'\n'` or `'é'`; a lifetime is not closed after one character.
    fn char_end(&self, at: usize) -> Option<usize> {
        let rest = &self.bytes[at + 1..];
        let length = match rest.first()? {
            b'\\' => 2 + rest.get(2..)?.iter().take(12).position(|byte| *byte == b'\'')?,
            _ => 1 + rest[1..].iter().take_while(|byte| *byte & 0b1100_0000 == 0b1000_0000).count(),
        };
        (rest.get(length) == Some(&b'\'')).then_some(at + 1 + length + 1)
    }

    /// `r"…"` or `r##"…"##`, whatever prefix comes before the `r`.
    fn raw_string_end(&self, at: usize) -> Option<usize> {
        let before = &self.bytes[..at];
        let prefix = before.strip_suffix(b"b").or_else(|| before.strip_suffix(b"c")).unwrap_or(before);
        if prefix.last().is_some_and(|byte| is_word(*byte)) {
            return None;
        }
        let hashes = self.bytes[at + 1..].iter().take_while(|byte| **byte == b'#').count();
        let open = at + 1 + hashes;
        if self.bytes.get(open) != Some(&b'"') {
            return None;
        }
        let mut at = open + 1;
        while at < self.bytes.len() {
            let closing = self.bytes[at + 1..].iter().take(hashes).take_while(|byte| **byte == b'#');
            if self.bytes[at] == b'"' && closing.count() == hashes {
                return Some(at + 1 + hashes);
            }
            at += 1;
        }
        Some(at)
    }

    fn javascript_literal_end(&self, at: usize, templates: usize) -> Option<usize> {
        match self.bytes[at] {
            b'`' if templates < MAX_TEMPLATES => Some(self.template_end(at, templates + 1)),
            b'/' if self.may_start_regex(at) => self.regex_end(at),
            _ => None,
        }
    }

    fn template_end(&self, start: usize, templates: usize) -> usize {
        let mut at = start + 1;
        while at < self.bytes.len() {
            match self.bytes[at] {
                b'\\' => at += 2,
                b'`' => return at + 1,
                b'$' if self.bytes.get(at + 1) == Some(&b'{') => {
                    at = self.substitution_end(at + 2, templates);
                }
                _ => at += 1,
            }
        }
        self.bytes.len()
    }

    /// The end of the code in `${code}`, braces in it being balanced.
    fn substitution_end(&self, start: usize, templates: usize) -> usize {
        let mut braces = 0;
        let mut at = start;
        while at < self.bytes.len() {
            if let Some(end) = self.literal_end(at, templates) {
                at = end;
                continue;
            }
            match self.bytes[at] {
                b'{' => braces += 1,
                b'}' if braces == 0 => return at + 1,
                b'}' => braces -= 1,
                _ => {}
            }
            at += 1;
        }
        at
    }

    /// Whether a value is expected at `at`, so that a slash does not divide.
    fn may_start_regex(&self, at: usize) -> bool {
        let before = self.bytes[..at].trim_ascii_end();
        let word_length = before.iter().rev().take(12).take_while(|byte| is_word(**byte)).count();
        match before.last() {
            None => true,
            Some(_) if word_length > 0 => {
                let word = &before[before.len() - word_length..];
                [&b"return"[..], b"typeof", b"case", b"in", b"of", b"do", b"else"].contains(&word)
            }
            Some(byte) => !matches!(byte, b')' | b']' | b'}' | b'"' | b'\'' | b'`' | 0x80..),
        }
    }

    fn regex_end(&self, start: usize) -> Option<usize> {
        let mut in_class = false;
        let mut at = start + 1;
        while at < self.bytes.len().min(start + MAX_REGEX_BYTES) {
            match self.bytes[at] {
                b'\n' => return None,
                b'\\' => at += 1,
                b'[' => in_class = true,
                b']' => in_class = false,
                b'/' if !in_class => return Some(at + 1),
                _ => {}
            }
            at += 1;
        }
        None
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$')
}

#[cfg(test)]
mod tests {
    use super::{
        super::{go::GO, javascript::TYPESCRIPT, python::PYTHON, rule::Code, rust::RUST},
        *,
    };

    #[test]
    fn only_code_is_left() {
        let rust: &[(&str, &str)] = &[
            ("a // b", "a     "),
            ("a /* b /* c */ d */ e", "a                   e"),
            ("\"x\\\"{\" y", "       y"),
            ("\"a\nb\" c", "  \n   c"),
            ("r#\"a\"b\"# c", "         c"),
            ("br\"\\\" c", "b     c"),
            ("r#type x", "r#type x"),
            ("for\"x\"", "for   "),
            ("'{' '\\'' '\\u{1F600}' 'é' x", "                          x"),
            ("fn f<'a>(x: &'a str)", "fn f<'a>(x: &'a str)"),
            ("b'\\\\' {", "b     {"),
            ("\"é\" é", "     é"),
            ("\"open", "     "),
            ("'\\", "'\\"),
            ("\"\\", "  "),
        ];
        let python: &[(&str, &str)] =
            &[("a # b", "a    "), ("'#' b", "    b"), ("\"\"\"a\n\"b\"\n\"\"\" c", "    \n   \n    c"), ("'open\nb", "     \nb")];
        let typescript: &[(&str, &str)] = &[
            ("a / b / c", "a / b / c"),
            ("x = /['\"{]/g; y", "x =        g; y"),
            ("return /a\\/b/ c", "return        c"),
            ("f(/[/]/) / 2", "f(     ) / 2"),
            ("`a${b({c: `d`})}e` f", "                   f"),
            ("`a\n${'`'}` f", "  \n        f"),
            ("don't {", "don    "),
            ("/* a\n*/ b", "    \n   b"),
        ];
        let go: &[(&str, &str)] = &[("`a\\` b", "     b"), ("'\\'' \"\\\"\" b", "          b"), ("/* /* */ b", "         b")];
        let languages: [(&Code, _); 4] = [(&RUST, rust), (&PYTHON, python), (&TYPESCRIPT, typescript), (&GO, go)];
        for (code, cases) in languages {
            for (text, masked) in cases {
                assert_eq!(mask(text, &code.syntax), *masked, "{}: {text}", code.name);
            }
        }
    }

    #[test]
    fn hostile_text_takes_no_time() {
        for piece in ["=/[", "`${", "r#", "'\\", "/*", "\"\\", "((((", "r####\""] {
            let text = piece.repeat(50_000);
            for code in [&RUST, &PYTHON, &TYPESCRIPT, &GO] {
                assert_eq!(mask(&text, &code.syntax).len(), text.len());
            }
        }
    }
}
