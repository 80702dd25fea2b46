//! Reading a response: status line, headers, and a body piece by piece.

use std::io;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

/// Status and headers of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The status code.
    pub status: u16,
    /// Names, as they were sent, and values.
    pub headers: Vec<(String, String)>,
}

impl Head {
    /// The value of a header, if there is one.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// Largest piece of a body that is read, in bytes: more than any server under test has to say.
const LARGEST: usize = 64 * 1_024 * 1_024;

/// How the end of a body is found.
#[derive(Clone, Copy, Debug)]
enum Left {
    Bytes(usize),
    Chunks,
    UntilClosed,
    Nothing,
}

/// A response whose body is being read.
#[derive(Debug)]
pub struct Response {
    /// Status and headers.
    pub head: Head,
    reader: BufReader<OwnedReadHalf>,
    _writer: OwnedWriteHalf,
    left: Left,
}

impl Response {
    /// Reads the head of a response. The writing half is kept so that the connection stays open.
    pub(crate) async fn read_on(reader: OwnedReadHalf, writer: OwnedWriteHalf) -> io::Result<Self> {
        let mut reader = BufReader::new(reader);
        let head = read_head(&mut reader).await?;
        Self::with_head(head, reader, writer)
    }

    /// A response whose head was read.
    pub(crate) fn with_head(head: Head, reader: BufReader<OwnedReadHalf>, writer: OwnedWriteHalf) -> io::Result<Self> {
        let length = head.header("content-length").map(|length| length.parse().map_err(|_| malformed("Content-Length"))).transpose()?;
        let left = match length {
            _ if matches!(head.status, 204 | 304) => Left::Nothing,
            Some(length) if length > LARGEST => return Err(malformed("Content-Length")),
            Some(length) => Left::Bytes(length),
            None if head.header("transfer-encoding") == Some("chunked") => Left::Chunks,
            None => Left::UntilClosed,
        };
        Ok(Self { head, reader, _writer: writer, left })
    }

    /// The next piece of the body; `None` at its end.
    ///
    /// # Errors
    /// When the connection breaks or the framing is not HTTP's.
    pub async fn piece(&mut self) -> io::Result<Option<Vec<u8>>> {
        match self.left {
            Left::Nothing | Left::Bytes(0) => Ok(None),
            Left::Bytes(left) => {
                let mut piece = vec![0; left];
                self.reader.read_exact(&mut piece).await?;
                self.left = Left::Nothing;
                Ok(Some(piece))
            }
            Left::UntilClosed => {
                let mut piece = vec![0; 4_096];
                let read = self.reader.read(&mut piece).await?;
                piece.truncate(read);
                Ok((read > 0).then_some(piece))
            }
            Left::Chunks => {
                let size = read_line(&mut self.reader).await?;
                let size = usize::from_str_radix(size.split(';').next().unwrap_or_default(), 16).map_err(|_| malformed("chunk size"))?;
                if size > LARGEST {
                    return Err(malformed("chunk size"));
                }
                let mut piece = vec![0; size];
                self.reader.read_exact(&mut piece).await?;
                if !read_line(&mut self.reader).await?.is_empty() {
                    return Err(malformed("chunk end"));
                }
                if size == 0 {
                    self.left = Left::Nothing;
                    return Ok(None);
                }
                Ok(Some(piece))
            }
        }
    }
}

impl Response {
    /// The rest of the body.
    ///
    /// # Errors
    /// As [`Response::piece`].
    pub async fn body(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        while let Some(piece) = self.piece().await? {
            body.extend_from_slice(&piece);
        }
        Ok(body)
    }
}

/// Reads a status line and headers.
pub(crate) async fn read_head(reader: &mut BufReader<OwnedReadHalf>) -> io::Result<Head> {
    let line = read_line(reader).await?;
    let status = line.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok()).ok_or_else(|| malformed("status line"))?;
    let mut headers = Vec::new();
    loop {
        let line = read_line(reader).await?;
        if line.is_empty() {
            return Ok(Head { status, headers });
        }
        let (name, value) = line.split_once(':').ok_or_else(|| malformed("header"))?;
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
}

async fn read_line(reader: &mut BufReader<OwnedReadHalf>) -> io::Result<String> {
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line).await?;
    if line.pop() != Some(b'\n') {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    String::from_utf8(line).map_err(|_| malformed("text"))
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("malformed {what} in a response"))
}
