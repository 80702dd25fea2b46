//! One pass over a message: is it JSON, and where are its parts?
//!
//! Deserialising the envelope, then its parameters, then their `_meta` reads the same bytes three
//! times. This scanner checks the grammar of RFC 8259 once and remembers where values stand.

use std::borrow::Cow;

/// A JSON value as it stands in the message: valid, and not read yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Raw<'a>(&'a str);

impl<'a> Raw<'a> {
    /// The value's text.
    pub(crate) fn get(self) -> &'a str {
        self.0
    }

    /// An empty object.
    pub(crate) const NO_MEMBERS: Self = Raw("{}");

    pub(crate) fn is_null(self) -> bool {
        self.0 == "null"
    }

    pub(crate) fn is_object(self) -> bool {
        self.0.starts_with('{')
    }

    /// The string, if it is one and its escapes are sound.
    pub(crate) fn as_text(self) -> Option<Cow<'a, str>> {
        let inner = self.0.strip_prefix('"')?.strip_suffix('"')?;
        if inner.contains('\\') { serde_json::from_str(self.0).ok().map(Cow::Owned) } else { Some(Cow::Borrowed(inner)) }
    }
}

/// Why a text is not scanned to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Syntax,
    TooDeep,
}

/// Reads JSON from left to right.
pub(crate) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    max_depth: usize,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(text: &'a str, max_depth: usize) -> Self {
        Self { text, at: 0, max_depth }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    /// The first byte of the next value.
    pub(crate) fn kind(&mut self) -> Option<u8> {
        self.skip_space();
        self.peek()
    }

    fn expect(&mut self, byte: u8) -> Result<(), Fault> {
        if self.peek() == Some(byte) {
            self.at += 1;
            Ok(())
        } else {
            Err(Fault::Syntax)
        }
    }

    /// Takes the next value, which stands `depth` levels deep.
    pub(crate) fn value(&mut self, depth: usize) -> Result<Raw<'a>, Fault> {
        self.skip_space();
        let start = self.at;
        self.skip(depth)?;
        Ok(Raw(&self.text[start..self.at]))
    }

    /// Checks that nothing but white space is left.
    pub(crate) fn end(&mut self) -> Result<(), Fault> {
        self.skip_space();
        if self.at == self.text.len() { Ok(()) } else { Err(Fault::Syntax) }
    }

    /// Visits the members of an object; `visit` takes each value. Returns the whole object.
    pub(crate) fn object(&mut self, depth: usize, mut visit: impl FnMut(&mut Self, &str) -> Result<(), Fault>) -> Result<Raw<'a>, Fault> {
        self.skip_space();
        let start = self.at;
        if depth >= self.max_depth {
            return Err(Fault::TooDeep);
        }
        self.expect(b'{')?;
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Raw(&self.text[start..self.at]));
        }
        loop {
            self.skip_space();
            let key_start = self.at;
            let key = if self.skip_string()? {
                Raw(&self.text[key_start..self.at]).as_text().ok_or(Fault::Syntax)?
            } else {
                Cow::Borrowed(&self.text[key_start + 1..self.at - 1])
            };
            self.skip_space();
            self.expect(b':')?;
            visit(self, &key)?;
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Raw(&self.text[start..self.at]));
                }
                _ => return Err(Fault::Syntax),
            }
        }
    }

    /// Visits the items of an array.
    pub(crate) fn array(&mut self, depth: usize, mut visit: impl FnMut(&mut Self) -> Result<(), Fault>) -> Result<(), Fault> {
        if depth >= self.max_depth {
            return Err(Fault::TooDeep);
        }
        self.skip_space();
        self.expect(b'[')?;
        self.skip_space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(());
        }
        loop {
            visit(self)?;
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(Fault::Syntax),
            }
        }
    }

    fn skip(&mut self, depth: usize) -> Result<(), Fault> {
        match self.peek().ok_or(Fault::Syntax)? {
            b'"' => self.skip_string().map(drop),
            b'{' => self.skip_object(depth),
            b'[' => self.array(depth, |scanner| {
                scanner.skip_space();
                scanner.skip(depth + 1)
            }),
            b't' => self.skip_word("true"),
            b'f' => self.skip_word("false"),
            b'n' => self.skip_word("null"),
            _ => self.skip_number(),
        }
    }

    fn skip_object(&mut self, depth: usize) -> Result<(), Fault> {
        if depth >= self.max_depth {
            return Err(Fault::TooDeep);
        }
        self.at += 1;
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.skip_space();
            self.skip_string()?;
            self.skip_space();
            self.expect(b':')?;
            self.skip_space();
            self.skip(depth + 1)?;
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(Fault::Syntax),
            }
        }
    }

    fn skip_word(&mut self, word: &str) -> Result<(), Fault> {
        if self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(())
        } else {
            Err(Fault::Syntax)
        }
    }

    /// Passes over a string; returns whether it holds escapes.
    fn skip_string(&mut self) -> Result<bool, Fault> {
        self.expect(b'"')?;
        let bytes = self.text.as_bytes();
        let mut escaped = false;
        loop {
            self.at = plain_until(bytes, self.at);
            match bytes.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(escaped);
                }
                Some(b'\\') => {
                    escaped = true;
                    let escape = bytes.get(self.at + 1).ok_or(Fault::Syntax)?;
                    self.at += 2;
                    match escape {
                        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                        b'u' => {
                            let digits = bytes.get(self.at..self.at + 4).ok_or(Fault::Syntax)?;
                            if !digits.iter().all(u8::is_ascii_hexdigit) {
                                return Err(Fault::Syntax);
                            }
                            self.at += 4;
                        }
                        _ => return Err(Fault::Syntax),
                    }
                }
                _ => return Err(Fault::Syntax),
            }
        }
    }

    fn skip_digits(&mut self) -> Result<(), Fault> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { Err(Fault::Syntax) }
    }

    fn skip_number(&mut self) -> Result<(), Fault> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.skip_digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.skip_digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.skip_digits()?;
        }
        Ok(())
    }
}

/// Where the next quote, backslash or control character is; the end if there is none.
pub(crate) fn plain_until(bytes: &[u8], mut at: usize) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    // Eight bytes at a time: a byte is special if it is below 0x20 or equal to `"` or `\`. The
    // subtraction marks such bytes in their highest bit, and may mark a later one too many.
    while let Some(chunk) = bytes.get(at..at + 8) {
        let word = u64::from_le_bytes(chunk.try_into().expect("the slice has eight bytes"));
        let quotes = word ^ (ONES * b'"' as u64);
        let slashes = word ^ (ONES * b'\\' as u64);
        let marks =
            (word.wrapping_sub(ONES * 0x20) | quotes.wrapping_sub(ONES) & !quotes | slashes.wrapping_sub(ONES) & !slashes) & !word & HIGHS;
        if marks != 0 {
            return at + (marks.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while let Some(byte) = bytes.get(at) {
        if matches!(byte, b'"' | b'\\' | 0..=0x1f) {
            return at;
        }
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(text: &str) -> bool {
        let mut scanner = Scanner::new(text, 128);
        scanner.value(0).and_then(|_| scanner.end()).is_ok()
    }

    #[test]
    fn accepts_what_is_json_and_nothing_else() {
        let texts = [
            "{}",
            "[]",
            "null",
            "true",
            "false",
            "0",
            "-0",
            "1.5e+3",
            "\"\"",
            " [ 1 , 2 ] ",
            r#"{"a":{"b":[{}]}}"#,
            r#""\u00e9\n\"""#,
            "1E5",
            "",
            "{",
            "[1,]",
            "{\"a\"}",
            "{\"a\":1,}",
            "01",
            "1.",
            ".5",
            "+1",
            "1e",
            "-",
            "nul",
            "truee",
            "\"\n\"",
            "\"\\x\"",
            "\"\\u12g4\"",
            "\"",
            "[1 2]",
            "{a:1}",
            "1 2",
            "[",
            "]",
            "{\"a\":1]",
            "\"abcdefghijklmnop\\\"",
            "\"abcdefghijklmnop\tq\"",
            "\u{feff}1",
            "[1,,2]",
            "{,}",
            "\"abcdefghij\\u00e9klmnopqrst\u{e9}\u{1f600}\"",
            "\"1234567\"",
            "\"12345678\"",
            "\"123456789\"",
            "\"1234567\u{7f}\"",
            "NaN",
        ];
        for text in texts {
            let expected = serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
            assert_eq!(accepts(text), expected, "{text:?}");
        }
    }

    #[test]
    fn special_characters_are_found_wherever_they_stand() {
        for special in ['"', '\\', '\u{1f}', '\0'] {
            for before in 0..20 {
                for filler in ['a', ' ', '!', '#', '[', ']', '\u{7f}', '\u{e9}'] {
                    let text = format!("{}{special}{}", filler.to_string().repeat(before), "z".repeat(20));
                    let expected = text.find(special).expect("it was put there");
                    assert_eq!(plain_until(text.as_bytes(), 0), expected, "{text:?}");
                }
            }
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(accepts(&deep(128)));
        assert_eq!(Scanner::new(&deep(129), 128).value(0), Err(Fault::TooDeep));
        assert_eq!(Scanner::new(&"{\"a\":".repeat(10_000), 128).value(0), Err(Fault::TooDeep));
    }
}
