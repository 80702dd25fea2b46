//! Speaking to people: tables, questions, a bar that shows how far something is.

mod ask;
mod progress;
mod table;

use std::io::{self, IsTerminal as _, Write as _};

pub(crate) use ask::{ask, confirm};
pub(crate) use progress::Bar;
pub(crate) use table::Table;

/// Whether there is somebody to ask: they see the standard error and type into the standard input.
pub(crate) fn somebody_is_there() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Writes a line to the standard output. On a terminal, nothing in it can move the cursor or change colours.
///
/// # Errors
/// When the output is closed.
pub(crate) fn say(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let line = if out.is_terminal() { plain(line) } else { line.to_owned() };
    writeln!(out, "{line}")
}

/// Writes a line to the standard error, which is for people.
pub(crate) fn note(line: &str) {
    // There is nobody to tell that the standard error is closed.
    let _ = writeln!(io::stderr(), "{}", plain(line));
}

/// A text without the characters by which a server could take over a terminal. Line breaks and tabs stay.
pub(crate) fn plain(text: &str) -> String {
    let is_bidirectional = |char| matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars()
        .map(|char| if (char.is_control() && !matches!(char, '\n' | '\t')) || is_bidirectional(char) { '\u{fffd}' } else { char })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_cannot_take_over_the_terminal() {
        assert_eq!(plain("a\tb\nc\u{1b}[2Jd\r\u{9b}e\u{202e}f"), "a\tb\nc\u{fffd}[2Jd\u{fffd}\u{fffd}e\u{fffd}f");
    }
}
