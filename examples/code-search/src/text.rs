//! Bytes that may be text: lines, and excerpts of lines.

use std::borrow::Cow;

/// How far into a file a NUL means that it is not text; git looks as far.
const SNIFFED: usize = 8_000;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Shown before the place an excerpt is about.
const LEAD: usize = 100;

/// Whether the contents are something other than text.
pub(crate) fn is_binary(contents: &[u8]) -> bool {
    contents.iter().take(SNIFFED).any(|byte| *byte == 0)
}

/// The contents after the byte order mark some editors leave.
pub(crate) fn without_mark(contents: &[u8]) -> &[u8] {
    contents.strip_prefix(BYTE_ORDER_MARK).unwrap_or(contents)
}

/// The lines without their ends, which may be `\n` or `\r\n`.
pub(crate) fn lines(contents: &[u8]) -> impl Iterator<Item = &[u8]> {
    contents.split_inclusive(|byte| *byte == b'\n').map(without_end)
}

/// The line without its end.
pub(crate) fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Shows at most `most` characters of a line, choosing those around `place`.
///
/// `place` is a byte offset. What is left out is marked with `…`, which counts.
pub(crate) fn excerpt(line: &[u8], place: usize, most: usize) -> String {
    let from = window_start(line, place, most);
    // A character has at most four bytes, so this never shows less than it could.
    let window = &line[from..line.len().min(from + 4 * (most + 1))];
    let text = String::from_utf8_lossy(window);
    let mark = if from > 0 { "…" } else { "" };
    let room = most - mark.chars().count();
    format!("{mark}{}", cut(&text, room))
}

/// The first `most` characters, the last of them `…` if more were there.
pub(crate) fn cut(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => Cow::Borrowed(text),
        Some(_) => {
            let kept = text.char_indices().nth(most.saturating_sub(1));
            let end = kept.map_or(0, |(at, _)| at);
            Cow::Owned(format!("{}…", &text[..end]))
        }
    }
}

/// Where to start so that `place` is seen with something before it; the start of
/// the line if that does.
fn window_start(line: &[u8], place: usize, most: usize) -> usize {
    let beginning = String::from_utf8_lossy(&line[..line.len().min(4 * most + 1)]);
    if place + LEAD <= most || beginning.chars().count() <= most {
        return 0;
    }
    let place = place.min(line.len());
    let mut around = place.saturating_sub(LEAD)..place;
    around.find(|at| !is_continuation(line[*at])).unwrap_or(place)
}

/// Whether the byte is inside a character rather than at its start.
fn is_continuation(byte: u8) -> bool {
    byte & 0b1100_0000 == 0b1000_0000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nul_near_the_start_means_binary() {
        let late = [vec![b'a'; SNIFFED], vec![0]].concat();
        let cases: [(&[u8], bool); 5] = [(b"", false), (b"text", false), (b"\xff\xfe", false), (b"a\0b", true), (&late, false)];
        for (contents, binary) in cases {
            assert_eq!(is_binary(contents), binary);
        }
    }

    #[test]
    fn lines_lose_their_ends() {
        let cases: [(&str, &[&str]); 6] =
            [("", &[]), ("\n", &[""]), ("a", &["a"]), ("a\nb\n", &["a", "b"]), ("a\r\n\r\nb", &["a", "", "b"]), ("a\rb\n", &["a\rb"])];
        for (text, expected) in cases {
            let found: Vec<_> = lines(text.as_bytes()).map(String::from_utf8_lossy).collect();
            assert_eq!(found, expected, "{text:?}");
        }
    }

    #[test]
    fn text_is_cut_between_characters() {
        for (text, most, shown) in [("", 3, ""), ("abc", 3, "abc"), ("abcd", 3, "ab…"), ("éééé", 3, "éé…"), ("ab", 1, "…")] {
            assert_eq!(cut(text, most), shown);
        }
    }

    #[test]
    fn excerpts_show_the_place_they_are_about() {
        let long = "é".repeat(5_000) + "needle" + &"ü".repeat(5_000);
        let place = long.find("needle").expect("it was put there");
        for (line, place, start, end) in [
            (long.as_str(), 0, "éé", "é…"),
            (long.as_str(), place, "…éé", "ü…"),
            (long.as_str(), long.len(), "…üü", "üü"),
            (long.as_str(), long.len() + 9, "…üü", "üü"),
        ] {
            let shown = excerpt(line.as_bytes(), place, 400);
            assert!(shown.chars().count() <= 400, "{}", shown.chars().count());
            assert!(shown.starts_with(start) && shown.ends_with(end), "{shown}");
            assert!(!shown.contains('\u{fffd}'), "{shown}");
        }
        assert!(excerpt(long.as_bytes(), place, 400).contains("needle"));

        for (line, shown) in [(&b"a\xffb"[..], "a\u{fffd}b"), (b"", ""), ("é".repeat(400).as_bytes(), &"é".repeat(400))] {
            assert_eq!(excerpt(line, line.len(), 400), shown);
        }
    }
}
