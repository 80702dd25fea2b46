//! Text from outside, made safe to repeat in a message.

use std::fmt;

/// How much of a quotation is shown; enough to recognise any sensible path.
const MAX_CHARS: usize = 200;

/// A piece of somebody else's text, shown in backquotes on one line.
///
/// Control characters are escaped and long text is cut, so that quoting it can
/// neither break a log line nor flood a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quoted(String);

impl Quoted {
    /// Quotes `text`.
    pub fn new(text: &str) -> Self {
        let mut shown = String::new();
        let mut chars = text.chars();
        for character in chars.by_ref().take(MAX_CHARS) {
            if character.is_control() {
                shown.extend(character.escape_default());
            } else {
                shown.push(character);
            }
        }
        if chars.next().is_some() {
            shown.push('…');
        }
        Self(shown)
    }
}

impl fmt::Display for Quoted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotations_stay_short_and_on_one_line() {
        let cases = [
            ("src/lib.rs", "`src/lib.rs`".to_owned()),
            ("a\0b\nc\u{1b}", "`a\\u{0}b\\nc\\u{1b}`".to_owned()),
            ("é", "`é`".to_owned()),
            (&"x".repeat(201), format!("`{}…`", "x".repeat(200))),
        ];
        for (text, shown) in cases {
            assert_eq!(Quoted::new(text).to_string(), shown);
        }
    }
}
