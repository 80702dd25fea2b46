//! The one key, what is made of it, and secrets that are handed out.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Prk, Salt};
use aws_lc_rs::{constant_time, hmac, rand};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::digest::{from_hex, to_hex};

/// The key that the operator keeps, of 256 bits. Who has the store and not the key can make nothing that this server takes.
#[derive(Clone)]
pub struct MasterKey([u8; 32]);

/// Why a text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAMasterKey;

impl fmt::Display for NotAMasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key is 32 random bytes in base64 or hexadecimal, as `openssl rand -base64 32` prints them")
    }
}

impl std::error::Error for NotAMasterKey {}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey([redacted])")
    }
}

impl MasterKey {
    /// Reads a key: 32 bytes in base64, base64url or hexadecimal.
    ///
    /// # Errors
    /// When it is none. The text is not repeated.
    pub fn parse(text: &str) -> Result<Self, NotAMasterKey> {
        let text = text.trim();
        if let Some(bytes) = from_hex(text) {
            return Ok(Self(bytes));
        }
        let bytes = URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).or_else(|_| STANDARD.decode(text)).map_err(|_| NotAMasterKey)?;
        bytes.try_into().map(Self).map_err(|_| NotAMasterKey)
    }

    /// A new key.
    pub fn generate() -> Self {
        Self(random())
    }

    /// The key as [`parse`](Self::parse) reads it, to be kept where only the server reads it.
    pub fn expose(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    pub(crate) fn derive(&self) -> Secrets {
        let root = Salt::new(HKDF_SHA256, b"mcp-parity authorization server 1").extract(&self.0);
        let seal = RandomizedNonceKey::new(&AES_256_GCM, &expand(&root, b"seal")).expect("a key of 256 bits");
        let mac = |label: &[u8]| hmac::Key::new(hmac::HMAC_SHA256, &expand(&root, label));
        Secrets { seal, pepper: mac(b"pepper"), refresh: mac(b"refresh"), subject: mac(b"subject"), csrf: mac(b"csrf") }
    }
}

fn expand(root: &Prk, label: &[u8]) -> [u8; 32] {
    let mut key = [0; 32];
    root.expand(&[label], HKDF_SHA256).and_then(|okm| okm.fill(&mut key)).expect("a digest is 32 bytes long");
    key
}

/// Keys for different purposes, which say nothing of one another.
pub(crate) struct Secrets {
    seal: RandomizedNonceKey,
    pepper: hmac::Key,
    refresh: hmac::Key,
    subject: hmac::Key,
    csrf: hmac::Key,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets([redacted])")
    }
}

impl Secrets {
    /// What a secret is kept under: who reads the store does not learn the secret.
    pub(crate) fn id_of(&self, secret: &str) -> String {
        tag(&self.pepper, secret.as_bytes())
    }

    /// Signs a part of a refresh token.
    pub(crate) fn refresh_tag(&self, message: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.refresh, message))
    }

    /// The subject that stands for an identity: the same each time, and telling nothing of it.
    pub(crate) fn subject_of(&self, issuer: &str, subject: &str) -> String {
        let tag = hmac::sign(&self.subject, format!("{}:{issuer}{subject}", issuer.len()).as_bytes());
        format!("u_{}", URL_SAFE_NO_PAD.encode(&tag.as_ref()[..18]))
    }

    /// What a form has to send along to be this session's, for this purpose.
    pub(crate) fn csrf_token(&self, session: &str, purpose: &str) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.csrf, format!("{}:{session}{purpose}", session.len()).as_bytes()))
    }

    /// Seals the body of a record: it opens under the same name only.
    pub(crate) fn seal(&self, name: &str, plain: &[u8]) -> Vec<u8> {
        let mut sealed = plain.to_vec();
        let nonce =
            self.seal.seal_in_place_append_tag(Aad::from(name.as_bytes()), &mut sealed).expect("a record is far below the cipher's limit");
        [nonce.as_ref().as_slice(), &sealed].concat()
    }

    /// Opens the body of a record.
    pub(crate) fn open(&self, name: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
        let mut opened = sealed.to_vec();
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let length = self.seal.open_in_place(nonce, Aad::from(name.as_bytes()), &mut opened).ok()?.len();
        opened.truncate(length);
        Some(opened)
    }
}

fn tag(key: &hmac::Key, message: &[u8]) -> String {
    let mut digest = [0; 32];
    digest.copy_from_slice(hmac::sign(key, message).as_ref());
    to_hex(&digest)
}

/// A secret of 256 random bits, with a prefix by which scanners find ones that were published by mistake.
pub(crate) fn new_secret(prefix: &str) -> String {
    format!("{prefix}_{}", URL_SAFE_NO_PAD.encode(random::<32>()))
}

/// A name of 144 random bits that nobody can guess.
pub(crate) fn new_id() -> String {
    URL_SAFE_NO_PAD.encode(random::<18>())
}

/// Whether two texts are the same, found out in a time that depends on their lengths only.
pub(crate) fn same(one: &str, other: &str) -> bool {
    constant_time::verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).expect("the operating system has randomness");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_32_bytes_in_any_common_writing() {
        let key = MasterKey::generate();
        let hex = to_hex(&key.0);
        for text in [key.expose(), STANDARD.encode(key.0), format!("{hex}\n"), hex.to_uppercase()] {
            assert_eq!(MasterKey::parse(&text).map(|found| found.0), Ok(key.0));
        }
        for text in ["", "short", &key.expose()[1..], &format!("{hex}00")] {
            assert!(MasterKey::parse(text).is_err(), "{text}");
        }
        assert!(!format!("{key:?}").contains(&key.expose()));
    }

    #[test]
    fn what_is_sealed_opens_under_its_own_name_and_key_only() {
        let secrets = MasterKey::generate().derive();
        let sealed = secrets.seal("code|a", b"body");
        assert_eq!(secrets.open("code|a", &sealed).as_deref(), Some(&b"body"[..]));
        assert_eq!(secrets.open("code|b", &sealed), None);
        assert_eq!(MasterKey::generate().derive().open("code|a", &sealed), None);
        assert_eq!(secrets.open("code|a", &sealed[..10]), None);
        let mut changed = sealed;
        *changed.last_mut().expect("a tag") ^= 1;
        assert_eq!(secrets.open("code|a", &changed), None);
    }

    #[test]
    fn subjects_and_ids_depend_on_the_key_and_on_all_of_what_they_stand_for() {
        let secrets = MasterKey::generate().derive();
        assert_eq!(secrets.subject_of("a", "b"), secrets.subject_of("a", "b"));
        assert_ne!(secrets.subject_of("a", "bc"), secrets.subject_of("ab", "c"));
        assert_ne!(secrets.id_of("secret"), MasterKey::generate().derive().id_of("secret"));
        assert_ne!(secrets.csrf_token("s", "one"), secrets.csrf_token("s", "two"));
    }
}
