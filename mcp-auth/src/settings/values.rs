//! Values of the file that are more than texts.

use std::fmt;
use std::path::PathBuf;

use ipnet::IpNet;
use serde::{Deserialize, Deserializer};

use super::{Net, text};
use crate::digest::from_hex;
use crate::{JwsAlgorithm, Resource};

/// Where a secret is found. The file names the place and never holds the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretSource {
    /// In this environment variable.
    Env(String),
    /// In this file, whose last line end does not count.
    File(PathBuf),
}

/// A file names two places for one secret.
pub(super) struct TwoPlaces;

impl SecretSource {
    /// The place that the keys `…_env` and `…_file` name, if either does.
    pub(super) fn of(env: Option<String>, file: Option<PathBuf>) -> Result<Option<Self>, TwoPlaces> {
        match (env, file) {
            (Some(_), Some(_)) => Err(TwoPlaces),
            (env, file) => Ok(env.map(Self::Env).or(file.map(Self::File))),
        }
    }
}

/// The SHA-256 of an API key. `Debug` does not show it, in case somebody took a key that can be guessed.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyHash([u8; 32]);

impl KeyHash {
    /// The hash.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyHash([redacted])")
    }
}

impl<'de> Deserialize<'de> for KeyHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text(deserializer, "a SHA-256", |text| {
            from_hex(text)
                .map(Self)
                .ok_or("a hash is the SHA-256 of the key in 64 hexadecimal digits; the key itself does not stand in this file")
        })
    }
}

/// The URL under which the server is reached.
pub(super) fn public_url<'de, D: Deserializer<'de>, T: From<String>>(deserializer: D) -> Result<T, D::Error> {
    text(deserializer, "a URL", |text| Resource::parse(text).map(|url| url.as_str().to_owned().into()))
}

/// A URL that tokens are sent to or keys are taken from.
pub(super) fn safe_url<'de, D: Deserializer<'de>, T: From<String>>(deserializer: D) -> Result<T, D::Error> {
    text(deserializer, "an https URL", |text| {
        let url = is_safe_url(text).then(|| text.to_owned().into());
        url.ok_or("this is an https URL without user and fragment; http is for loopback addresses only")
    })
}

/// An issuer: a URL without a query as well (RFC 8414, section 2).
pub(super) fn issuer<'de, D: Deserializer<'de>, T: From<String>>(deserializer: D) -> Result<T, D::Error> {
    text(deserializer, "an issuer", |text| {
        let issuer = (is_safe_url(text) && !text.contains('?')).then(|| text.to_owned().into());
        issuer.ok_or("an issuer is an https URL without user, query and fragment; http is for loopback addresses only")
    })
}

/// The name of an environment variable. What does not look like one may be the secret itself.
pub(super) fn env_name<'de, D: Deserializer<'de>, T: From<String>>(deserializer: D) -> Result<T, D::Error> {
    text(deserializer, "the name of an environment variable", |text| {
        let letters = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
        let valid = letters && (1..=128).contains(&text.len()) && !text.starts_with(|first: char| first.is_ascii_digit());
        valid.then(|| text.to_owned().into()).ok_or(
            "this is the name of an environment variable, in capital letters, digits and underscores; the secret itself does not stand in this file",
        )
    })
}

/// A text on one line that is not empty.
pub(super) fn name<'de, D: Deserializer<'de>, T: From<String>>(deserializer: D) -> Result<T, D::Error> {
    text(deserializer, "a text", |text| {
        let valid = !text.trim().is_empty() && !text.chars().any(char::is_control);
        valid.then(|| text.to_owned().into()).ok_or("this is a text on one line that is not empty")
    })
}

/// A path of a file.
pub(super) fn path<'de, D: Deserializer<'de>, T: From<PathBuf>>(deserializer: D) -> Result<T, D::Error> {
    text(deserializer, "a path", |text| {
        let valid = !text.is_empty() && !text.contains('\0');
        valid.then(|| PathBuf::from(text).into()).ok_or("this is the path of a file")
    })
}

/// Whether what is sent there cannot be read on the way: `https`, or this machine.
fn is_safe_url(text: &str) -> bool {
    let Ok(url) = url::Url::parse(text) else { return false };
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => return false,
    };
    let safe = url.scheme() == "https" || (url.scheme() == "http" && loopback);
    // The parser passes over blanks and line ends, which others would not.
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    safe && plain && url.username().is_empty() && url.password().is_none() && url.fragment().is_none()
}

/// A list of signature algorithms, by the names of RFC 7518, section 3.1.
pub(super) fn algorithms<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<JwsAlgorithm>, D::Error> {
    struct Algorithm(JwsAlgorithm);

    impl<'de> Deserialize<'de> for Algorithm {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            text(deserializer, "an algorithm", |text| {
                let known = JwsAlgorithm::parse(text).map(Self);
                known.ok_or("an algorithm is one of `RS256`, `RS384`, `RS512`, `PS256`, `PS384`, `PS512`, `ES256`, `ES384`, `EdDSA`")
            })
        }
    }

    Ok(Vec::<Algorithm>::deserialize(deserializer)?.into_iter().map(|algorithm| algorithm.0).collect())
}

/// A list of networks.
pub(super) fn nets<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    Ok(Vec::<Net>::deserialize(deserializer)?.into_iter().map(IpNet::from).collect())
}
