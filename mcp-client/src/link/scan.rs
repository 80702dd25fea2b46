//! Whom a message answers that is too long to be kept.

/// Most answers that are told apart in one batch.
const MOST_IDS: usize = 1_024;
/// As long as an id of ours or a name that matters can be, in bytes.
const LONGEST: usize = 20;

/// Reads a message as it goes by and keeps nothing of it but the ids of the requests that it answers.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    depth: usize,
    /// The depth at which the members of messages are: 1, or 2 in a batch.
    members: usize,
    string: bool,
    escaped: bool,
    /// Whether a name comes next, and no value.
    naming: bool,
    name: Vec<u8>,
    /// The start of a value that is no string.
    value: Vec<u8>,
    /// What is known of the message that goes by.
    id: Option<u64>,
    asks: bool,
    found: Vec<u64>,
}

impl Scan {
    /// Takes the next bytes.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            if self.string { self.inside(byte) } else { self.outside(byte) }
        }
    }

    /// The requests that were answered, of a message that went by to its end or was broken off.
    pub(crate) fn ids(mut self) -> Vec<u64> {
        if self.depth > 0 {
            self.message_ends();
        }
        self.found
    }

    fn at_member(&self) -> bool {
        self.depth > 0 && self.depth == self.members
    }

    fn inside(&mut self, byte: u8) {
        if std::mem::take(&mut self.escaped) {
            self.note(byte);
            return;
        }
        match byte {
            b'"' => self.string = false,
            _ => {
                self.escaped = byte == b'\\';
                self.note(byte);
            }
        }
    }

    /// Notes a byte of a member's name.
    fn note(&mut self, byte: u8) {
        if self.naming && self.at_member() && self.name.len() < LONGEST {
            self.name.push(byte);
        }
    }

    fn outside(&mut self, byte: u8) {
        match byte {
            b'"' => {
                self.string = true;
                if self.naming && self.at_member() {
                    self.name.clear();
                }
            }
            b'{' | b'[' => {
                self.depth += 1;
                if self.depth == 1 {
                    self.members = if byte == b'{' { 1 } else { 2 };
                }
                if byte == b'{' && self.at_member() {
                    self.naming = true;
                    (self.id, self.asks) = (None, false);
                }
            }
            b'}' | b']' => {
                if self.at_member() {
                    self.member_ends();
                    self.message_ends();
                }
                self.depth = self.depth.saturating_sub(1);
            }
            b':' if self.at_member() => {
                self.naming = false;
                self.asks |= self.name == b"method";
                self.value.clear();
            }
            b',' if self.at_member() => {
                self.member_ends();
                self.naming = true;
            }
            _ if self.at_member() && !self.naming && !byte.is_ascii_whitespace() && self.value.len() <= LONGEST => self.value.push(byte),
            _ => {}
        }
    }

    fn member_ends(&mut self) {
        if self.name == b"id" {
            self.id = std::str::from_utf8(&self.value).ok().and_then(|id| id.parse().ok());
        }
    }

    fn message_ends(&mut self) {
        if let Some(id) = self.id.take().filter(|_| !self.asks && self.found.len() < MOST_IDS) {
            self.found.push(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answered_requests_are_found_wherever_their_ids_stand() {
        for (text, ids) in [
            (r#"{"jsonrpc":"2.0","id":7,"result":{"id":8,"x":[{"id":9}]}}"#, &[7][..]),
            (r#"{"jsonrpc":"2.0","result":{"id":8},"id": 7 }"#, &[7]),
            (r#"{"result":{"a":"\"id\":1,}{[\\"},"id":7}"#, &[7]),
            (r#"{"error":{"code":-1,"message":"id"},"id":18446744073709551615}"#, &[u64::MAX]),
            (r#"{"id":7,"result":{"a":["cut off"#, &[7]),
            (r#"{"id":7,"method":"ping","params":{}}"#, &[]),
            (r#"{"method":"x","id":7}"#, &[]),
            (r#"{"id":"7","result":{}}"#, &[]),
            (r#"{"id":null,"error":{}}"#, &[]),
            (r#"{"id":184467440737095516150,"result":{}}"#, &[]),
            (r#"{"a":"id","b":7,"result":{"id":7}}"#, &[]),
            (r#"[{"id":1,"result":{}},{"method":"n"},{"id":2,"error":{}},{"id":3,"method":"m"}]"#, &[1, 2]),
            (r#"[[{"id":1}]]"#, &[]),
            ("listening on \"id\":7, or so", &[]),
            ("}}}{\"id\":7}", &[7]),
            ("", &[]),
        ] {
            for step in [1, 2, 5, 1_000] {
                let mut scan = Scan::default();
                text.as_bytes().chunks(step).for_each(|chunk| scan.feed(chunk));
                assert_eq!(scan.ids(), ids, "{text} by {step}");
            }
        }
    }
}
