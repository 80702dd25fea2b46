//! Server-sent events, read from chunks of any size
//! (WHATWG HTML, "Interpreting an event stream").

use std::collections::VecDeque;
use std::time::Duration;

/// Longest id that is kept, in bytes: it has to fit into a header.
const LONGEST_ID: usize = 4 * 1_024;

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Event {
    /// What kind it is; empty for `message`.
    pub(crate) kind: String,
    pub(crate) data: Vec<u8>,
}

/// An event that is larger than the limit.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLarge;

/// Splits a stream into events.
#[derive(Debug)]
pub(crate) struct Parser {
    limit: usize,
    line: Vec<u8>,
    event: Event,
    /// Whether the event that is being read has data, even if that is empty.
    has_data: bool,
    /// Whether the last byte was a carriage return, which a line feed may belong to.
    after_return: bool,
    /// Whether nothing was read yet, so that a byte order mark may come.
    at_start: bool,
    /// The id last sent, for `Last-Event-ID`.
    pub(crate) last_id: Option<String>,
    /// After what time the server wants the client to come back.
    pub(crate) retry: Option<Duration>,
}

impl Parser {
    /// A parser for events of at most `limit` bytes.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            line: Vec::new(),
            event: Event::default(),
            has_data: false,
            after_return: false,
            at_start: true,
            last_id: None,
            retry: None,
        }
    }

    /// Takes a chunk and appends the events that it completes.
    ///
    /// # Errors
    /// When an event is larger than the limit; the stream is of no use then.
    pub(crate) fn feed(&mut self, mut chunk: &[u8], events: &mut VecDeque<Event>) -> Result<(), TooLarge> {
        while !chunk.is_empty() {
            if std::mem::take(&mut self.after_return) && chunk[0] == b'\n' {
                chunk = &chunk[1..];
                continue;
            }
            let Some(end) = chunk.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
                return self.extend(chunk);
            };
            self.extend(&chunk[..end])?;
            self.after_return = chunk[end] == b'\r';
            chunk = &chunk[end + 1..];
            self.end_line(events);
        }
        Ok(())
    }

    fn extend(&mut self, part: &[u8]) -> Result<(), TooLarge> {
        if self.line.len() + self.event.data.len() + part.len() > self.limit {
            return Err(TooLarge);
        }
        self.line.extend_from_slice(part);
        Ok(())
    }

    fn end_line(&mut self, events: &mut VecDeque<Event>) {
        let mut line = std::mem::take(&mut self.line);
        if std::mem::take(&mut self.at_start) && line.starts_with(b"\xef\xbb\xbf") {
            line.drain(..3);
        }
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            if std::mem::take(&mut self.has_data) {
                events.push_back(event);
            }
            return;
        }
        let (field, value) = match line.iter().position(|&byte| byte == b':') {
            Some(colon) => (&line[..colon], line[colon + 1..].strip_prefix(b" ").unwrap_or(&line[colon + 1..])),
            None => (&line[..], &b""[..]),
        };
        self.field(field, value);
        line.clear();
        // Its room serves the next line.
        self.line = line;
    }

    fn field(&mut self, field: &[u8], value: &[u8]) {
        match field {
            b"data" => {
                if std::mem::replace(&mut self.has_data, true) {
                    self.event.data.push(b'\n');
                }
                self.event.data.extend_from_slice(value);
            }
            b"event" => self.event.kind = String::from_utf8_lossy(value).into_owned(),
            b"id" if !value.contains(&0) && value.len() <= LONGEST_ID => {
                self.last_id = std::str::from_utf8(value).ok().filter(|id| !id.is_empty()).map(str::to_owned);
            }
            b"retry" if !value.is_empty() && value.iter().all(u8::is_ascii_digit) => {
                self.retry = std::str::from_utf8(value).ok().and_then(|value| value.parse().ok()).map(Duration::from_millis);
            }
            // A comment has an empty name; other fields are for others.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(chunks: &[&[u8]]) -> (Vec<String>, Option<String>, Option<Duration>) {
        let mut parser = Parser::new(1_000);
        let mut events = VecDeque::new();
        for chunk in chunks {
            parser.feed(chunk, &mut events).expect("the events are small");
        }
        let events = events.into_iter().map(|event| format!("{}|{}", event.kind, String::from_utf8_lossy(&event.data)));
        (events.collect(), parser.last_id, parser.retry)
    }

    /// Checks the whole input, and the input cut in two and in three at every place.
    fn check(input: &str, events: &[&str], last_id: Option<&str>, retry: Option<u64>) {
        let input = input.as_bytes();
        let expected =
            (events.iter().map(|event| (*event).to_owned()).collect(), last_id.map(str::to_owned), retry.map(Duration::from_millis));
        for first in 0..=input.len() {
            for second in first..=input.len() {
                let chunks = [&input[..first], &input[first..second], &input[second..]];
                assert_eq!(parse(&chunks), expected, "{} cut at {first} and {second}", String::from_utf8_lossy(input).escape_debug());
            }
        }
        let bytes: Vec<&[u8]> = input.chunks(1).collect();
        assert_eq!(parse(&bytes), expected, "byte by byte");
    }

    #[test]
    fn events_are_read_however_the_stream_is_cut() {
        check("data: a\n\n", &["|a"], None, None);
        check("event: message\r\ndata:a\r\ndata: b\r\n\r\ndata: c\r\n\r\n", &["message|a\nb", "|c"], None, None);
        check("data: a\r\rdata: b\r\r", &["|a", "|b"], None, None);
        check("\u{feff}data: a\n\n", &["|a"], None, None);
        check(": keep-alive\n\n:\n\ndata: a\n\n", &["|a"], None, None);
        check("id: 1\nretry: 500\ndata:\n\n", &["|"], Some("1"), Some(500));
        check("id: 7\n\n", &[], Some("7"), None);
        check("id: 7\n\nid\n\n", &[], None, None);
        check("data:  two\nother: x\ndatum\n\n", &["| two"], None, None);
        check("data\ndata\n\n", &["|\n"], None, None);
        check("data: {\"ü\":1}\n\ndata: unfinished\n", &["|{\"ü\":1}"], None, None);
        check("retry: 5x\nretry: -1\nid: a\0b\n\n", &[], None, None);
    }

    #[test]
    fn events_are_bounded() {
        let mut events = VecDeque::new();
        let mut feed = |input: &str| Parser::new(10).feed(input.as_bytes(), &mut events);
        assert_eq!(feed("data: 1234\n\n"), Ok(()));
        assert_eq!(feed("data: 12345"), Err(TooLarge));
        assert_eq!(feed("data:1\ndata:2\ndata:3\ndata:4\ndata:5\ndata:6"), Err(TooLarge));
    }
}
