//! Names that clients give themselves.

/// The most characters of a name.
const MAX_CHARACTERS: usize = 64;

/// A name that is fit to be shown: on one line, without characters that are not seen or that turn others round, and of at
/// most 64 characters. If nothing is left, what stands in for it.
pub(crate) fn clean_name(name: Option<&str>, instead: &str) -> String {
    let mut clean = String::new();
    for word in name.unwrap_or_default().split(|character: char| character.is_whitespace() || character.is_control()) {
        let mut seen = word.chars().filter(|character| !is_unseen(*character)).peekable();
        if seen.peek().is_some() {
            clean.extend((!clean.is_empty()).then_some(' '));
            clean.extend(seen);
        }
    }
    let short: String = clean.chars().take(MAX_CHARACTERS).collect();
    let short = short.trim_end();
    if short.is_empty() { instead.chars().take(MAX_CHARACTERS).collect() } else { short.to_owned() }
}

/// Whether a character is not seen, changes the direction, or looks different to everybody (Unicode's default-ignorable,
/// bidirectional, tag and private-use characters).
fn is_unseen(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffd}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_on_one_line_and_hide_nothing() {
        for (name, clean) in [
            ("Claude", "Claude"),
            ("  Claude \t\r\n Code ", "Claude Code"),
            ("Zoë's 助手", "Zoë's 助手"),
            ("a\u{202e}edualC\u{202c}b", "aedualCb"),
            ("Cl\u{200b}au\u{ad}de\u{feff}", "Claude"),
            ("C\u{e0041}\u{1d173}\u{fe0f}", "C"),
            ("a\u{7}\u{1b}[31mb", "a [31mb"),
            ("<b>Claude</b>", "<b>Claude</b>"),
            ("\u{200b} \u{2066}", "app.example"),
            ("", "app.example"),
        ] {
            assert_eq!(clean_name(Some(name), "app.example"), clean, "{name:?}");
        }
        assert_eq!(clean_name(None, "app.example"), "app.example");
        assert_eq!(clean_name(Some(&"é".repeat(5_000)), "").chars().count(), 64);
        assert_eq!(clean_name(Some(&format!("{} b", "a".repeat(63))), "").chars().count(), 63);
    }
}
