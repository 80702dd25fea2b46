//! Lines of bounded length from an asynchronous reader.

use std::io;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::scan::Scan;

/// How much room there is at least for one read, in bytes.
const CHUNK: usize = 16 * 1_024;

/// What was read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// A line, without its end.
    Message(Bytes),
    /// A line longer than the limit, which was skipped, and the requests that it answers.
    TooLong(Vec<u64>),
}

/// Splits a byte stream into lines.
#[derive(Debug)]
pub(crate) struct Lines<R> {
    reader: R,
    buffer: BytesMut,
    /// How much of the buffer is known to hold no line end.
    searched: usize,
    limit: usize,
    /// What is known of a line that is too long, while the rest of it is skipped.
    skipping: Option<Scan>,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    /// Lines of at most `limit` bytes.
    pub(crate) fn new(reader: R, limit: usize) -> Self {
        Self { reader, buffer: BytesMut::new(), searched: 0, limit, skipping: None }
    }

    /// The next line; `None` at the end of input. A last line without an end counts.
    ///
    /// Cancel safe: what was read stays in the buffer.
    pub(crate) async fn next(&mut self) -> io::Result<Option<Line>> {
        loop {
            if let Some(found) = self.buffer[self.searched..].iter().position(|&byte| byte == b'\n') {
                let mut line = self.buffer.split_to(self.searched + found + 1);
                line.truncate(line.len() - 1);
                self.searched = 0;
                return Ok(Some(self.finish(line)));
            }
            if self.buffer.len() > self.limit {
                self.skipping.get_or_insert_default().feed(&self.buffer);
                self.buffer.clear();
            }
            self.searched = self.buffer.len();
            self.buffer.reserve(CHUNK);
            if self.reader.read_buf(&mut self.buffer).await? == 0 {
                if self.buffer.is_empty() && self.skipping.is_none() {
                    return Ok(None);
                }
                let line = self.buffer.split();
                self.searched = 0;
                return Ok(Some(self.finish(line)));
            }
        }
    }

    fn finish(&mut self, mut line: BytesMut) -> Line {
        if line.last() == Some(&b'\r') {
            line.truncate(line.len() - 1);
        }
        if self.skipping.is_none() && line.len() <= self.limit {
            return Line::Message(line.freeze());
        }
        let mut scan = self.skipping.take().unwrap_or_default();
        scan.feed(&line);
        Line::TooLong(scan.ids())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn check(input: &[u8], expected: &[&str]) {
        for step in [1, 2, 3, 7, 1_000] {
            let (mut writer, reader) = tokio::io::duplex(step);
            let input = input.to_vec();
            tokio::spawn(async move { tokio::io::AsyncWriteExt::write_all(&mut writer, &input).await });
            let mut lines = Lines::new(reader, 5);
            let mut found = Vec::new();
            while let Some(line) = lines.next().await.expect("reading memory cannot fail") {
                found.push(match line {
                    Line::Message(line) => String::from_utf8_lossy(&line).into_owned(),
                    Line::TooLong(ids) => format!("TOO LONG {ids:?}"),
                });
            }
            assert_eq!(found, expected, "{step} at a time");
        }
    }

    #[tokio::test]
    async fn lines_are_split_whatever_the_chunks() {
        check(b"a\nbb\r\n\nccccc\n", &["a", "bb", "", "ccccc"]).await;
        check(b"a\nlast", &["a", "last"]).await;
        check(b"", &[]).await;
    }

    #[tokio::test]
    async fn a_line_that_is_too_long_is_skipped_and_the_next_is_read() {
        check(b"123456\nok\n", &["TOO LONG []", "ok"]).await;
        check(b"12345678901234567890\nok\n", &["TOO LONG []", "ok"]).await;
        check(b"12345678901234567890", &["TOO LONG []"]).await;
        check(b"{\"id\":12,\"result\":{}}\nok\n{\"result\":{},\"id\":3}", &["TOO LONG [12]", "ok", "TOO LONG [3]"]).await;
    }
}
