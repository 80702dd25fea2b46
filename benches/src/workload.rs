//! What is asked of a server: revisions, calls, and the exact bytes of each request.

use std::fmt;

/// Every id has this many digits, so an id can be rewritten in place and no length ever changes.
pub const ID_DIGITS: usize = 7;
/// The first id of every connection.
pub const FIRST_ID: u32 = 1_000_000;
/// One past the last id; `ADDEND` more still has seven digits.
pub const END_ID: u32 = 8_000_000;
/// What `add` adds to the id of its own request, which makes every sum different.
pub const ADDEND: u32 = 2_000_000;
/// Bytes of UTF-8 that `echo` carries.
pub const ECHO_BYTES: usize = 16 * 1024;

/// The two eras of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revision {
    /// 2025-11-25: `initialize` first, then requests in that session.
    Legacy,
    /// 2026-07-28: every request says all there is to know.
    Modern,
}

impl Revision {
    /// Both, oldest first.
    pub const ALL: [Self; 2] = [Self::Legacy, Self::Modern];

    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Legacy => "2025-11-25",
            Self::Modern => "2026-07-28",
        }
    }

    fn meta(self) -> &'static str {
        match self {
            Self::Legacy => "",
            Self::Modern => {
                r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/clientInfo":{"name":"mcp-bench","version":"1.0.0"}}"#
            }
        }
    }
}

/// One request a client can make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// `tools/call` of `add`, two integers.
    Add,
    /// `tools/call` of `echo`, a text of [`ECHO_BYTES`].
    Echo,
    /// `tools/list`.
    List,
}

impl Call {
    /// The JSON-RPC method.
    #[must_use]
    pub fn method(self) -> &'static str {
        match self {
            Self::Add | Self::Echo => "tools/call",
            Self::List => "tools/list",
        }
    }

    /// The tool that is called, if one is.
    #[must_use]
    pub fn tool(self) -> Option<&'static str> {
        match self {
            Self::Add => Some("add"),
            Self::Echo => Some("echo"),
            Self::List => None,
        }
    }

    /// The request that makes this call.
    #[must_use]
    pub fn request(self, revision: Revision) -> Request {
        let meta = revision.meta();
        let then_meta = if meta.is_empty() { String::new() } else { format!(",{meta}") };
        let params = match self {
            Self::Add => format!(r#"{{"name":"add","arguments":{{"a":{FIRST_ID},"b":{ADDEND}}}{then_meta}}}"#),
            Self::Echo => {
                let text = serde_json::Value::from(echo_text());
                format!(r#"{{"name":"echo","arguments":{{"text":{text}}}{then_meta}}}"#)
            }
            Self::List => format!("{{{meta}}}"),
        };
        let method = self.method();
        Request::new(format!(r#"{{"jsonrpc":"2.0","id":{FIRST_ID},"method":"{method}","params":{params}}}"#).into())
    }
}

/// A call and how many tools the server offers while it is made.
#[derive(Clone, Copy, Debug)]
pub struct Workload {
    /// The name in tables and filters.
    pub name: &'static str,
    /// What is asked.
    pub call: Call,
    /// How many tools the server was started with.
    pub tools: usize,
}

/// Everything that is measured on every connection.
pub const WORKLOADS: [Workload; 5] = [
    Workload { name: "add", call: Call::Add, tools: 3 },
    Workload { name: "add-1000-tools", call: Call::Add, tools: 1000 },
    Workload { name: "echo-16k", call: Call::Echo, tools: 3 },
    Workload { name: "list-3", call: Call::List, tools: 3 },
    Workload { name: "list-1000", call: Call::List, tools: 1000 },
];

/// The bytes of a request, in which the id can be replaced.
#[derive(Clone)]
pub struct Request {
    bytes: Vec<u8>,
    holes: Vec<usize>,
}

impl Request {
    fn new(bytes: Vec<u8>) -> Self {
        let holes = positions(&bytes, FIRST_ID);
        Self { bytes, holes }
    }

    /// The same request after `head`, as in a POST.
    #[must_use]
    pub fn after(self, mut head: Vec<u8>) -> Self {
        let offset = head.len();
        head.extend_from_slice(&self.bytes);
        Self { bytes: head, holes: self.holes.into_iter().map(|hole| hole + offset).collect() }
    }

    /// The same request with a newline, as on stdio.
    #[must_use]
    pub fn line(mut self) -> Self {
        self.bytes.push(b'\n');
        self
    }

    /// The bytes, asking under `id`.
    pub fn with_id(&mut self, id: u32) -> &[u8] {
        let digits = digits(id);
        for &hole in &self.holes {
            self.bytes[hole..hole + ID_DIGITS].copy_from_slice(&digits);
        }
        &self.bytes
    }

    /// The bytes, asking under the id of the last [`with_id`](Self::with_id).
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Request").field(&String::from_utf8_lossy(&self.bytes)).finish()
    }
}

/// The `initialize` request that opens a legacy session, under [`FIRST_ID`].
#[must_use]
pub fn initialize() -> Vec<u8> {
    let version = Revision::Legacy.as_str();
    format!(
        r#"{{"jsonrpc":"2.0","id":{FIRST_ID},"method":"initialize","params":{{"protocolVersion":"{version}","capabilities":{{}},"clientInfo":{{"name":"mcp-bench","version":"1.0.0"}}}}}}"#
    )
    .into()
}

/// The notification that ends the legacy handshake.
pub const INITIALIZED: &[u8] = br#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;

/// The text that `echo` carries: source code, with what JSON must escape and some characters beyond ASCII.
#[must_use]
pub fn echo_text() -> String {
    const LINE: &str = "    let greeting = format!(\"Grüße, {name}: {}\\t{}\", left + right, path.display());\n";
    let mut text = LINE.repeat(ECHO_BYTES / LINE.len());
    text.extend(std::iter::repeat_n('/', ECHO_BYTES - text.len()));
    text
}

/// The name and description of the `n`th tool; the first two are `add` and `echo`.
///
/// Every server under test uses these, so that lists of the same length weigh the same.
#[must_use]
pub fn extra_tool(n: usize) -> (String, String) {
    (format!("extra_{n:04}"), format!("Returns its argument; number {n} of its kind."))
}

/// Where `number` stands in `bytes`, written out.
pub(crate) fn positions(bytes: &[u8], number: u32) -> Vec<usize> {
    memchr::memmem::find_iter(bytes, &digits(number)).collect()
}

/// The seven digits of `number`.
pub(crate) fn digits(mut number: u32) -> [u8; ID_DIGITS] {
    debug_assert!((FIRST_ID..10 * FIRST_ID).contains(&number), "{number} has not {ID_DIGITS} digits");
    let mut digits = [b'0'; ID_DIGITS];
    for digit in digits.iter_mut().rev() {
        *digit += (number % 10) as u8;
        number /= 10;
    }
    digits
}

/// The ids one slot of a window may use: `slot`, `slot + window`, `slot + 2 * window`, ….
///
/// A slot has one request in flight, so an answer's id says which slot it belongs to and whether it was asked for.
#[derive(Debug)]
pub struct Ids {
    first: u32,
    window: u32,
    current: u32,
}

impl Ids {
    /// The ids of `slot` out of `window`.
    ///
    /// # Panics
    /// If there are more slots than ids.
    #[must_use]
    pub fn new(slot: usize, window: usize) -> Self {
        let slot = u32::try_from(slot).expect("a window is small");
        let window = u32::try_from(window).expect("a window is small");
        let first = FIRST_ID + slot;
        Self { first, window, current: first }
    }

    /// The id in flight.
    #[must_use]
    pub fn current(&self) -> u32 {
        self.current
    }

    /// Moves to the next id, starting over when they run out.
    pub fn advance(&mut self) -> u32 {
        self.current += self.window;
        if self.current >= END_ID {
            self.current = self.first;
        }
        self.current
    }

    /// Which slot of `window` an id belongs to.
    #[must_use]
    pub fn slot(id: u32, window: usize) -> usize {
        (id - FIRST_ID) as usize % window
    }
}
