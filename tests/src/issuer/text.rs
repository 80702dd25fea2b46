//! Texts that go into URLs and tokens.

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// base64url without padding.
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A text that nobody can guess, made of so many bytes.
///
/// # Panics
/// When the operating system has no randomness.
pub fn random(bytes: usize) -> String {
    let mut text = vec![0; bytes];
    rand::fill(&mut text).expect("there is randomness");
    encode(text)
}
