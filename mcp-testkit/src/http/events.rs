//! Server-sent events (HTML Standard, section 9.2).

/// A part of an event stream.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventLine {
    /// What an event carries.
    Data(Vec<u8>),
    /// A comment or a field besides `data`, as it was written.
    Framing(String),
}

/// Takes an event stream apart as its pieces arrive.
#[derive(Debug, Default)]
pub struct Events {
    unread: Vec<u8>,
    data: Option<Vec<u8>>,
    /// Whether the last byte ended a line as the first half of CRLF may.
    after_return: bool,
}

impl Events {
    /// Takes the next piece and gives what it completes.
    pub fn push(&mut self, piece: &[u8]) -> Vec<EventLine> {
        let mut found = Vec::new();
        for &byte in piece {
            let second_half = byte == b'\n' && self.after_return;
            self.after_return = byte == b'\r';
            match byte {
                _ if second_half => {}
                b'\r' | b'\n' => {
                    let line = std::mem::take(&mut self.unread);
                    self.line(&line, &mut found);
                }
                _ => self.unread.push(byte),
            }
        }
        found
    }

    fn line(&mut self, line: &[u8], found: &mut Vec<EventLine>) {
        if line.is_empty() {
            // An event with empty data carries nothing.
            found.extend(self.data.take().filter(|data| !data.is_empty()).map(EventLine::Data));
        } else if let Some(data) = line.strip_prefix(b"data:") {
            let data = data.strip_prefix(b" ").unwrap_or(data);
            match &mut self.data {
                Some(whole) => {
                    whole.push(b'\n');
                    whole.extend_from_slice(data);
                }
                None => self.data = Some(data.to_vec()),
            }
        } else {
            found.push(EventLine::Framing(String::from_utf8_lossy(line).into_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_taken_apart_whatever_the_pieces() {
        let stream = b": hello\n\nevent: message\nid: 1-0\ndata: {\"a\":1}\n\nretry: 5\ndata:\n\ndata: x\ndata: y\n\n";
        let whole = Events::default().push(stream);
        let mut events = Events::default();
        let bitten: Vec<_> = stream.iter().flat_map(|byte| events.push(&[*byte])).collect();
        assert_eq!(whole, bitten);
        let framing = |line: &str| EventLine::Framing(line.to_owned());
        let data = |data: &str| EventLine::Data(data.as_bytes().to_vec());
        let expected =
            [framing(": hello"), framing("event: message"), framing("id: 1-0"), data("{\"a\":1}"), framing("retry: 5"), data("x\ny")];
        assert_eq!(whole, expected);
        for ending in ["\r\n", "\r"] {
            let text = String::from_utf8_lossy(stream).replace('\n', ending);
            let mut events = Events::default();
            let bitten: Vec<_> = text.bytes().flat_map(|byte| events.push(&[byte])).collect();
            assert_eq!(bitten, expected, "{ending:?}");
        }
    }
}
