//! Logins that only the keyring of the system opens.
//!
//! The keyring keeps one key, and the logins are sealed with it in the files of the store. A login with its tokens is larger than what some keyrings
//! take (Windows: 2,560 bytes), and files can be locked, replaced as a whole and seen through to the disk, which keyrings cannot.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::rand;
use keyring_core::{CredentialStore, Entry};

use super::disk;
use crate::oauth::error::{OAuthError, Result};

#[cfg(target_os = "macos")]
use apple_native_keyring_store::keychain::Store;
#[cfg(windows)]
use windows_native_keyring_store::Store;
#[cfg(not(any(target_os = "macos", windows)))]
use zbus_secret_service_keyring_store::Store;

/// Under which the key is kept.
const SERVICE: &str = "mcp-parity";
const NAME: &str = "logins";
const KEY_LEN: usize = 32;

/// The key in the keyring of the system, once it was needed. It waits for the keyring, so it is for threads that may wait.
#[derive(Clone, Debug, Default)]
pub(super) struct Keyring(Arc<Mutex<Option<Key>>>);

#[derive(Clone)]
struct Key([u8; KEY_LEN]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

impl Keyring {
    /// Seals what the file at `path` is to hold. Put in another place, it does not open.
    pub(super) fn seal(&self, path: &Path, mut text: Vec<u8>) -> Result<Vec<u8>> {
        let key = self.key(Some(path))?.ok_or(OAuthError::Key("the keyring does not keep the key it was given"))?.cipher()?;
        let nonce = key.seal_in_place_append_tag(place(path), &mut text).map_err(|_| OAuthError::Key("the login cannot be sealed"))?;
        Ok([nonce.as_ref().as_slice(), &text].concat())
    }

    /// Opens what was read from the file at `path`; `None` if the key in the keyring is not the one that it was sealed with. Then nothing opens
    /// it ever again, and whoever it was of has to sign in anew.
    pub(super) fn open(&self, path: &Path, mut sealed: Vec<u8>) -> Result<Option<Vec<u8>>> {
        let opened = match (self.key(None)?, sealed.split_at_mut_checked(NONCE_LEN)) {
            (Some(key), Some((nonce, text))) => {
                let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| OAuthError::Key("a nonce has another length"))?;
                key.cipher()?.open_in_place(nonce, place(path), text).ok().map(|text| text.to_vec())
            }
            _ => None,
        };
        if opened.is_none() {
            tracing::warn!(path = %path.display(), "the keyring does not hold the key with which a login was sealed");
        }
        Ok(opened)
    }

    /// The key; `beside` says that it is to be made if there is none, and which file it is for.
    fn key(&self, beside: Option<&Path>) -> Result<Option<Key>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_none() {
            let entry = entry()?;
            *known = saved(&entry)?;
            if let (None, Some(beside)) = (&*known, beside) {
                *known = Some(made(&entry, beside)?);
            }
        }
        Ok(known.clone())
    }
}

impl Key {
    fn cipher(&self) -> Result<RandomizedNonceKey> {
        RandomizedNonceKey::new(&AES_256_GCM, &self.0).map_err(|_| OAuthError::Key("the key in the keyring cannot be used"))
    }
}

fn entry() -> Result<Entry> {
    let store: Arc<CredentialStore> = Store::new().map_err(|error| failed(&error))?;
    store.build(SERVICE, NAME, None).map_err(|error| failed(&error))
}

fn saved(entry: &Entry) -> Result<Option<Key>> {
    match entry.get_secret() {
        Ok(secret) => match secret.try_into() {
            Ok(key) => Ok(Some(Key(key))),
            Err(_) => Err(OAuthError::Key("what the keyring keeps under `mcp-parity` is no key")),
        },
        Err(keyring_core::Error::NoEntry) => Ok(None),
        Err(error) => Err(failed(&error)),
    }
}

/// Makes the key, of which processes that want one at the same time make one.
fn made(entry: &Entry, beside: &Path) -> Result<Key> {
    let path = beside.with_file_name("keyring.lock");
    let cannot = |cause| OAuthError::Store { what: format!("{} cannot be locked", path.display()), cause };
    let lock = disk::lock_file(&path).map_err(cannot)?;
    lock.lock().map_err(cannot)?;
    if let Some(key) = saved(entry)? {
        return Ok(key);
    }
    let mut key = [0; KEY_LEN];
    rand::fill(&mut key).map_err(|_| OAuthError::Key("the system has no randomness"))?;
    entry.set_secret(&key).map_err(|error| failed(&error))?;
    Ok(Key(key))
}

/// What else a sealed text is bound to.
fn place(path: &Path) -> Aad<Vec<u8>> {
    Aad::from(path.file_stem().unwrap_or_default().as_encoded_bytes().to_vec())
}

fn failed(error: &keyring_core::Error) -> OAuthError {
    OAuthError::Store { what: "the keyring of the system cannot be used".to_owned(), cause: io::Error::other(error.to_string()) }
}
