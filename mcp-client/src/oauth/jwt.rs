//! Signing with ES256, the one algorithm that every authorization server with keys takes.

use std::fmt;
use std::path::Path;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;

use super::error::{OAuthError, Result};
use super::random;

/// A private key on P-256. `Debug` does not show it.
pub struct SigningKey {
    pair: EcdsaKeyPair,
    document: Vec<u8>,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").finish_non_exhaustive()
    }
}

impl SigningKey {
    /// A key from PEM (`BEGIN PRIVATE KEY`, PKCS #8).
    ///
    /// # Errors
    /// When it is no such key.
    pub fn from_pem(pem: &str) -> Result<Self> {
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes());
        let der = der.map_err(|_| OAuthError::Key("the private key cannot be read; it has to be PKCS #8 in PEM"))?;
        Self::from_der(der.secret_pkcs8_der())
    }

    /// A key from a file that holds it as PEM.
    ///
    /// # Errors
    /// When the file cannot be read, or it holds no such key.
    pub async fn from_file(path: &Path) -> Result<Self> {
        let text = tokio::fs::read_to_string(path).await;
        Self::from_pem(&text.map_err(|cause| OAuthError::Store { what: format!("the key in {} cannot be read", path.display()), cause })?)
    }

    pub(crate) fn from_der(der: &[u8]) -> Result<Self> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der)
            .map_err(|_| OAuthError::Key("the private key cannot be used; it has to be on the curve P-256"))?;
        Ok(Self { pair, document: der.to_owned() })
    }

    pub(crate) fn generate() -> Result<Self> {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        Self::from_der(document.map_err(|_| OAuthError::Key("the system has no randomness"))?.as_ref())
    }

    /// The key as PKCS #8.
    pub(crate) fn der(&self) -> &[u8] {
        &self.document
    }

    /// The public half as a JWK (RFC 7517).
    pub(crate) fn public(&self) -> Value {
        // An uncompressed point: 4, x, y.
        let point = self.pair.public_key().as_ref();
        json!({"kty": "EC", "crv": "P-256", "x": random::encode(&point[1..33]), "y": random::encode(&point[33..65])})
    }

    /// A JWT with more members in its header.
    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> Result<String> {
        let mut header = header.clone();
        header["alg"] = "ES256".into();
        let signed = format!("{}.{}", random::encode(header.to_string().as_bytes()), random::encode(claims.to_string().as_bytes()));
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes());
        let signature = signature.map_err(|_| OAuthError::Key("the private key cannot sign"))?;
        Ok(format!("{signed}.{}", random::encode(signature.as_ref())))
    }
}
