//! Lines of bounded length from a blocking reader.

use std::io::{self, ErrorKind, Read};

use bytes::Bytes;
use memchr::memchr;

/// How much is read at once, in bytes.
const CHUNK: usize = 64 * 1_024;

/// What was read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// A line, without its end.
    Message(Bytes),
    /// A line longer than the limit, which was skipped.
    TooLong,
}

/// Splits a byte stream into lines.
#[derive(Debug)]
pub(crate) struct Lines<R> {
    reader: R,
    /// What was read last; `chunk[start..end]` is not looked at yet.
    chunk: Box<[u8]>,
    start: usize,
    end: usize,
    /// The beginning of a line whose end was not read yet.
    partial: Vec<u8>,
    limit: usize,
    /// Whether the rest of a line that is too long is being skipped.
    skipping: bool,
}

impl<R: Read> Lines<R> {
    /// Lines of at most `limit` bytes.
    pub(crate) fn new(reader: R, limit: usize) -> Self {
        Self { reader, chunk: vec![0; CHUNK].into(), start: 0, end: 0, partial: Vec::new(), limit, skipping: false }
    }

    /// Whether another line can be had without reading.
    pub(crate) fn has_buffered_line(&self) -> bool {
        memchr(b'\n', &self.chunk[self.start..self.end]).is_some()
    }

    /// The next line; `None` at the end of input. A last line without an end counts.
    pub(crate) fn next_line(&mut self) -> io::Result<Option<Line>> {
        loop {
            let unread = &self.chunk[self.start..self.end];
            if let Some(length) = memchr(b'\n', unread) {
                let line = self.take(length);
                self.start += length + 1;
                return Ok(Some(line));
            }
            // One more than the limit, which may be the CR of a CR LF.
            if self.partial.len() + unread.len() > self.limit + 1 {
                self.skipping = true;
                self.partial.clear();
            } else if !self.skipping {
                self.partial.extend_from_slice(unread);
            }
            self.start = self.end;
            if self.fill()? == 0 {
                let nothing = self.partial.is_empty() && !self.skipping;
                return Ok(if nothing { None } else { Some(self.take(0)) });
            }
        }
    }

    /// Puts a line together from what was kept and the next `length` bytes.
    fn take(&mut self, length: usize) -> Line {
        let rest = &self.chunk[self.start..self.start + length];
        let returns = rest.last().or(self.partial.last()) == Some(&b'\r');
        if std::mem::take(&mut self.skipping) || self.partial.len() + length > self.limit + usize::from(returns) {
            self.partial.clear();
            return Line::TooLong;
        }
        if self.partial.is_empty() {
            return Line::Message(Bytes::copy_from_slice(without_return(rest)));
        }
        self.partial.extend_from_slice(rest);
        let line = Bytes::copy_from_slice(without_return(&self.partial));
        self.partial.clear();
        Line::Message(line)
    }

    fn fill(&mut self) -> io::Result<usize> {
        self.start = 0;
        self.end = 0;
        loop {
            match self.reader.read(&mut self.chunk) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => {
                    self.end = read?;
                    return Ok(self.end);
                }
            }
        }
    }
}

/// Some writers end lines with CR LF.
fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives its bytes out a few at a time.
    struct Trickle<'a>(&'a [u8], usize);

    impl Read for Trickle<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(self.1).min(buffer.len());
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn check(input: &[u8], expected: &[&str]) {
        for step in [1, 2, 3, 7, 1_000] {
            let mut lines = Lines::new(Trickle(input, step), 5);
            let mut found = Vec::new();
            while let Some(line) = lines.next_line().expect("reading memory cannot fail") {
                found.push(match line {
                    Line::Message(line) => String::from_utf8_lossy(&line).into_owned(),
                    Line::TooLong => "TOO LONG".to_owned(),
                });
            }
            assert_eq!(found, expected, "{step} at a time");
        }
    }

    #[test]
    fn lines_are_split_whatever_the_chunks() {
        check(b"12345\r\n123456\n12345", &["12345", "TOO LONG", "12345"]);
        check(b"a\nbb\r\n\nccccc\n", &["a", "bb", "", "ccccc"]);
        check(b"a\nlast", &["a", "last"]);
        check(b"", &[]);
        check(b"\n", &[""]);
    }

    #[test]
    fn a_line_that_is_too_long_is_skipped_and_the_next_is_read() {
        check(b"123456\nok\n", &["TOO LONG", "ok"]);
        check(b"12345678901234567890\nok\n", &["TOO LONG", "ok"]);
        check(b"12345678901234567890", &["TOO LONG"]);
    }
}
