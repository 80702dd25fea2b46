//! Tokens that only this server can make: session ids, cursors, request states and handles.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};

/// Length of the random nonce in front of each token, in bytes.
pub(crate) const NONCE: usize = 24;

/// What a token is for; one for another purpose does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Session,
    Cursor,
    RequestState,
    Handle,
}

impl Purpose {
    fn label(self) -> &'static [u8] {
        match self {
            Self::Session => b"mcp-parity session 1",
            Self::Cursor => b"mcp-parity cursor 1",
            Self::RequestState => b"mcp-parity request state 1",
            Self::Handle => b"mcp-parity handle 1",
        }
    }
}

/// Seals and opens tokens with one key (XChaCha20-Poly1305, RFC 8439 with a 192-bit nonce).
#[derive(Clone)]
pub(crate) struct Sealer {
    cipher: XChaCha20Poly1305,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer")
    }
}

impl Sealer {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Self { cipher: XChaCha20Poly1305::new(&Key::from(*key)) }
    }

    /// A sealer whose tokens do not outlive the process.
    pub(crate) fn random() -> Self {
        Self::new(&random())
    }

    /// Seals `text`; the token only opens together with the same `bound` bytes.
    pub(crate) fn seal(&self, purpose: Purpose, bound: &[u8], text: &[u8]) -> String {
        self.seal_as(random(), purpose, bound, text)
    }

    /// Seals under a nonce that the caller has drawn at random and uses once.
    pub(crate) fn seal_as(&self, nonce: [u8; NONCE], purpose: Purpose, bound: &[u8], text: &[u8]) -> String {
        let payload = Payload { msg: text, aad: &[purpose.label(), bound].concat() };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload).expect("a token is far below the cipher's limit");
        let mut token = Vec::with_capacity(NONCE + sealed.len());
        token.extend_from_slice(&nonce);
        token.extend_from_slice(&sealed);
        URL_SAFE_NO_PAD.encode(token)
    }

    /// What was sealed, if this server sealed it for this purpose.
    pub(crate) fn open(&self, purpose: Purpose, bound: &[u8], token: &str) -> Option<Vec<u8>> {
        self.open_named(purpose, bound, token).map(|(_, text)| text)
    }

    /// What was sealed, with the nonce it was sealed under.
    pub(crate) fn open_named(&self, purpose: Purpose, bound: &[u8], token: &str) -> Option<([u8; NONCE], Vec<u8>)> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE>()?;
        let payload = Payload { msg: sealed, aad: &[purpose.label(), bound].concat() };
        self.cipher.decrypt(&XNonce::from(*nonce), payload).ok().map(|text| (*nonce, text))
    }
}

/// Random bytes from the operating system.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system has randomness");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_untouched_token_for_the_same_purpose_opens() {
        let sealer = Sealer::random();
        let token = sealer.seal(Purpose::Cursor, b"", b"there");
        assert_eq!(sealer.open(Purpose::Cursor, b"", &token).as_deref(), Some(&b"there"[..]));
        assert_eq!(sealer.open(Purpose::Session, b"", &token), None);
        assert_eq!(sealer.open(Purpose::Cursor, b"elsewhere", &token), None);
        assert_eq!(Sealer::random().open(Purpose::Cursor, b"", &token), None);
        assert_eq!(sealer.open(Purpose::Cursor, b"", &format!("{token}x")), None);
        for at in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).expect("ASCII");
            assert_eq!(sealer.open(Purpose::Cursor, b"", &changed), None, "byte {at}");
        }
        assert_eq!(sealer.open(Purpose::Cursor, b"", ""), None);
        assert_eq!(sealer.open(Purpose::Cursor, b"", "not base64!"), None);
    }
}
