//! Names that clients give themselves, made fit to be shown.

/// Most characters of a name that are shown.
const LONGEST: usize = 64;
/// Most marks on one letter: more of them cover the lines above and below.
const MOST_MARKS: usize = 2;

/// A name as it can be shown: on one line, without characters that cannot be seen or that turn the text around, of at most
/// 64 characters. `fallback` if there is no letter or digit in it.
pub(crate) fn display_name(raw: &str, fallback: &str) -> String {
    let mut shown = String::new();
    let (mut length, mut marks) = (0, 0);
    for character in raw.chars() {
        let character = if character.is_whitespace() || is_blank(character) { ' ' } else { character };
        if is_hidden(character) || (character == ' ' && (shown.is_empty() || shown.ends_with(' '))) {
            continue;
        }
        marks = if is_mark(character) { marks + 1 } else { 0 };
        if marks > MOST_MARKS || (marks > 0 && shown.is_empty()) {
            continue;
        }
        if length == LONGEST {
            // The last character makes room for the sign that there was more.
            shown.pop();
            shown.truncate(shown.trim_end().len());
            shown.push('…');
            break;
        }
        shown.push(character);
        length += 1;
    }
    shown.truncate(shown.trim_end().len());
    if shown.chars().any(char::is_alphanumeric) { shown } else { fallback.to_owned() }
}

/// Whether a character has no look of its own: controls, marks of direction, joiners, tags and selectors of variants.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{fffd}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Letters that look like a space.
fn is_blank(character: char) -> bool {
    matches!(character, '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}')
}

/// Whether a character stands on the one before it.
fn is_mark(character: char) -> bool {
    matches!(character,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_fit_to_be_shown() {
        let flood = "A".repeat(5 * 1024);
        let shortened = format!("{}…", "A".repeat(63));
        let words = "ab ".repeat(40);
        for (raw, shown) in [
            ("Claude", "Claude"),
            ("  Visual \t Studio\r\n\u{a0}Code \u{2028} ", "Visual Studio Code"),
            ("日本語 Ελληνικά 🦀 x", "日本語 Ελληνικά 🦀 x"),
            // Markup is left as it is: pages escape what they show.
            ("<script>alert(1)</script>", "<script>alert(1)</script>"),
            ("Claude\u{202e}edualC\u{202c}", "ClaudeedualC"),
            ("\u{2066}Claude\u{2069}\u{200e}\u{200f}\u{61c}", "Claude"),
            ("C\u{200b}l\u{200d}a\u{2060}u\u{feff}d\u{ad}e\u{fe0f}\u{e0041}", "Claude"),
            ("Clau\u{0}de\u{7f}\u{85}\u{1b}[31m", "Claude [31m"),
            ("e\u{301}te\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}", "e\u{301}te\u{301}\u{302}"),
            ("\u{301}Claude", "Claude"),
            ("Claude\u{3164}\u{3164}verified", "Claude verified"),
            (&flood, &shortened),
            (&words, "ab ab ab ab ab ab ab ab ab ab ab ab ab ab ab ab ab ab ab ab ab…"),
            ("", "claude.ai"),
            ("\u{200b}\u{202e} \u{3164}", "claude.ai"),
            ("...!", "claude.ai"),
        ] {
            let name = display_name(raw, "claude.ai");
            assert_eq!(name, shown, "{raw:?}");
            assert!(name.chars().count() <= LONGEST, "{raw:?}");
            assert_eq!(display_name(&name, "claude.ai"), name, "shown twice: {raw:?}");
        }
    }
}
