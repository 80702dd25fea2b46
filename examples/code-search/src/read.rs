//! Reading files, by line or whole.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    error::TreeError,
    mime::mime_type,
    open::{self, Limit},
    quoted::Quoted,
    text,
    tree::SourceTree,
    walk,
};

/// Most text in one slice, in bytes.
const MAX_SLICE_BYTES: usize = 256 * 1024;

/// The whole file is read to count its lines.
const READABLE: Limit = Limit { bytes: 32 * 1024 * 1024, instead: "search for the part you need instead" };

/// A resource is sent in one message.
const WHOLE: Limit = Limit { bytes: 2 * 1024 * 1024, instead: "read it by line, or search it, instead" };

/// Some consecutive lines of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FileSlice {
    /// The file, relative to the root of the tree.
    pub path: String,
    /// The number of the first line in `text`.
    pub start_line: u64,
    /// The lines, each ending in `\n` however it ends in the file. Bytes that are
    /// not UTF-8 are shown as `�`, and a line too long to show ends in `…`.
    pub text: String,
    /// How many lines the whole file has.
    pub total_lines: u64,
    /// The line to start at to read on; absent at the end of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_line: Option<u64>,
}

/// Reads lines of a text file, starting at `start_line`.
///
/// The first line is 1, which 0 also means. At least one line is given, if there
/// is one; the slice ends after `max_lines` or 256 KiB, whichever comes first.
///
/// # Errors
/// [`TreeError::Binary`], [`TreeError::PastEnd`], [`TreeError::TooLarge`], or
/// whatever kept the path from leading to a regular file.
pub fn read(tree: &SourceTree, path: &str, start_line: u64, max_lines: u32) -> Result<FileSlice, TreeError> {
    let (shown_path, contents) = load(tree, path, READABLE)?;
    if text::is_binary(&contents) {
        return Err(TreeError::Binary(Quoted::new(path)));
    }
    let contents = text::without_mark(&contents);
    let total_lines = text::lines(contents).count() as u64;
    // An empty file has no lines, and reading it from anywhere is no mistake.
    let start_line = if total_lines == 0 { 1 } else { start_line.max(1) };
    if start_line > total_lines.max(1) {
        return Err(TreeError::PastEnd { path: Quoted::new(path), total_lines });
    }
    let lines = text::lines(contents).skip(usize::try_from(start_line - 1).unwrap_or(usize::MAX)).take(max_lines.max(1) as usize);
    let (text, count) = gather(lines);
    let next_line = start_line + count;
    Ok(FileSlice { path: shown_path, start_line, text, total_lines, next_line: (next_line <= total_lines).then_some(next_line) })
}

/// Reads a whole file, text or not, with its MIME type.
///
/// # Errors
/// [`TreeError::TooLarge`] over 2 MiB, or whatever kept the path from leading to
/// a regular file.
pub fn read_whole(tree: &SourceTree, path: &str) -> Result<(String, Vec<u8>), TreeError> {
    let (shown_path, contents) = load(tree, path, WHOLE)?;
    let mime = mime_type(&shown_path, text::is_binary(&contents));
    Ok((mime.to_owned(), contents))
}

/// Reads the file that a client's path leads to, with the path it is shown under.
pub(crate) fn load(tree: &SourceTree, path: &str, limit: Limit) -> Result<(String, Vec<u8>), TreeError> {
    let resolved = tree.resolve(path)?;
    walk::refuse_ignored(tree, resolved.path())?;
    let mut contents = Vec::new();
    open::load(tree.root(), resolved.path(), limit, &mut contents)?;
    Ok((resolved.as_str().to_owned(), contents))
}

/// Joins lines until the slice is full, and counts them.
fn gather<'a>(lines: impl Iterator<Item = &'a [u8]>) -> (String, u64) {
    let mut text = String::new();
    let mut count = 0;
    for line in lines {
        let line = String::from_utf8_lossy(line);
        if text.len() + line.len() < MAX_SLICE_BYTES {
            text.push_str(&line);
        } else if count == 0 {
            // Shown in part, because reading on has to get past it.
            text.push_str(&line[..line.floor_char_boundary(MAX_SLICE_BYTES - "…\n".len())]);
            text.push('…');
        } else {
            break;
        }
        text.push('\n');
        count += 1;
    }
    (text, count)
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    use super::*;

    #[test]
    fn what_git_ignores_is_not_read() {
        let fixture = Fixture::new(&[
            (".git/HEAD", ""),
            (".gitignore", "secret.env\nbuild/"),
            ("secret.env", "KEY=1"),
            ("build/x", "y"),
            ("shown", "z"),
        ]);
        for (path, readable) in [("shown", true), ("secret.env", false), ("build/x", false), ("./secret.env", false)] {
            assert_eq!(read(&fixture.tree, path, 1, 10).is_ok(), readable, "{path}");
        }
    }

    fn slice(contents: impl AsRef<[u8]>, start_line: u64, max_lines: u32) -> Result<FileSlice, TreeError> {
        read(&Fixture::new(&[("f", contents)]).tree, "f", start_line, max_lines)
    }

    /// Contents, `start_line`, `max_lines`, and what of the slice they give:
    /// `text`, `total_lines` and `next_line`.
    type Case<'a> = (&'a [u8], u64, u32, &'a str, u64, Option<u64>);

    #[test]
    fn slices_hold_the_lines_asked_for() {
        let cases: [Case<'_>; 15] = [
            (b"", 1, 10, "", 0, None),
            (b"", 0, 0, "", 0, None),
            (b"", 7, 10, "", 0, None),
            (b"a", 1, 10, "a\n", 1, None),
            (b"a\nb\nc\n", 1, 10, "a\nb\nc\n", 3, None),
            (b"a\nb\nc\n", 0, 2, "a\nb\n", 3, Some(3)),
            (b"a\nb\nc\n", 2, 0, "b\n", 3, Some(3)),
            (b"a\nb\nc\n", 3, u32::MAX, "c\n", 3, None),
            (b"a\r\nb\r\n", 1, 10, "a\nb\n", 2, None),
            (b"a\rb", 1, 10, "a\rb\n", 1, None),
            (b"\n\n", 1, 10, "\n\n", 2, None),
            (b"\xef\xbb\xbfa", 1, 10, "a\n", 1, None),
            (b"caf\xe9\n", 1, 10, "caf\u{fffd}\n", 1, None),
            ("é\n".as_bytes(), 1, 10, "é\n", 1, None),
            (b"\x1b[31m", 1, 10, "\x1b[31m\n", 1, None),
        ];
        for (contents, start_line, max_lines, text, total_lines, next_line) in cases {
            let slice = slice(contents, start_line, max_lines).expect("it can be read");
            let expected = FileSlice {
                path: "f".to_owned(),
                start_line: if contents.is_empty() { 1 } else { start_line.max(1) },
                text: text.to_owned(),
                total_lines,
                next_line,
            };
            assert_eq!(slice, expected);
        }
    }

    #[test]
    fn large_files_are_read_in_slices() {
        let line = "é".repeat(50_000);
        let contents = format!("{line}\n{line}\n{line}\nend\n");
        let first = slice(&contents, 1, 10).expect("it can be read");
        assert_eq!((first.text.len(), first.next_line), (200_002, Some(3)));
        let second = slice(&contents, 3, 10).expect("it can be read");
        assert_eq!((second.text.len(), second.next_line), (100_005, None));
    }

    #[test]
    fn a_line_too_long_to_show_is_cut_and_passed() {
        for filler in ["x", "é", "日"] {
            let huge = filler.repeat(1_000_000);
            let cut = slice(format!("{huge}\nend\n"), 1, 10).expect("it can be read");
            assert!(cut.text.len() <= MAX_SLICE_BYTES && cut.text.len() > MAX_SLICE_BYTES - 4);
            assert!(cut.text.ends_with("…\n"));
            assert_eq!((cut.next_line, cut.total_lines), (Some(2), 2));
        }
    }

    #[test]
    fn other_files_are_refused_with_advice() {
        let too_large = vec![b'a'; usize::try_from(READABLE.bytes).expect("it fits") + 1];
        for (contents, start_line, message) in [
            (b"a\0b".to_vec(), 1, "`f` is a binary file; only text can be shown by line"),
            (b"a\nb".to_vec(), 3, "`f` has 2 lines; start at line 2 or before"),
            (b"a\nb".to_vec(), u64::MAX, "`f` has 2 lines; start at line 2 or before"),
            (too_large, 1, "`f` has 33554433 bytes, over the limit of 33554432; search for the part you need instead"),
        ] {
            assert_eq!(slice(contents, start_line, 1).expect_err(message).to_string(), message);
        }
    }

    #[test]
    fn whole_files_keep_their_bytes() {
        let fixture = Fixture::new(&[
            ("a.rs", &b"fn a() {}\r\n"[..]),
            ("b.png", b"\x89PNG\0"),
            ("empty", b""),
            ("large", &vec![b'a'; 2 * 1024 * 1024 + 1]),
            ("fits", &vec![b'a'; 2 * 1024 * 1024]),
        ]);
        for (path, mime, length) in
            [("a.rs", "text/rust", 11), ("b.png", "image/png", 5), ("empty", "text/plain", 0), ("fits", "text/plain", 2 * 1024 * 1024)]
        {
            let (found, bytes) = read_whole(&fixture.tree, path).expect(path);
            assert_eq!((found.as_str(), bytes.len()), (mime, length), "{path}");
        }
        let error = read_whole(&fixture.tree, "large").expect_err("it is too large").to_string();
        assert!(error.ends_with("read it by line, or search it, instead"), "{error}");
    }
}
