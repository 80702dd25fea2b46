//! An issuer of access tokens that lives in memory: its keys, its tokens, and how often it was asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{Request, Response};
use mcp_auth::{Fetch, FetchError, JwtIssuer, JwtVerifier};
use serde_json::{Value, json};

/// The issuer's identifier.
pub const ISSUER: &str = "https://issuer.example";
/// The URL by which clients know the server under measurement.
pub const PUBLIC_URL: &str = "https://mcp.example.com";
/// What tokens are for.
pub const AUDIENCE: &str = "https://mcp.example.com/mcp";

const JWKS_URI: &str = "https://issuer.example/jwks";
const KID: &str = "2026-11";
/// Both the benchmark and the server it starts make the same key of it.
const SEED: [u8; 32] = [7; 32];

/// A key that signs tokens.
#[derive(Debug)]
pub struct Signer {
    /// The name of the algorithm.
    pub algorithm: &'static str,
    pair: Pair,
}

#[derive(Debug)]
enum Pair {
    Rsa(Box<RsaKeyPair>),
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Signer {
    /// A fresh key for RS256, of 2048 bits.
    #[must_use]
    pub fn rs256() -> Self {
        Self { algorithm: "RS256", pair: Pair::Rsa(Box::new(RsaKeyPair::generate(KeySize::Rsa2048).expect("a key can be made"))) }
    }

    /// A fresh key for ES256.
    #[must_use]
    pub fn es256() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key can be made");
        Self { algorithm: "ES256", pair: Pair::Ecdsa(pair) }
    }

    /// A key for EdDSA, the same in every process.
    #[must_use]
    pub fn eddsa() -> Self {
        Self { algorithm: "EdDSA", pair: Pair::Ed25519(Ed25519KeyPair::from_seed_unchecked(&SEED).expect("any seed makes a key")) }
    }

    /// The public key, as it is published.
    #[must_use]
    pub fn jwk(&self) -> Value {
        match &self.pair {
            Pair::Rsa(pair) => {
                let (n, e) = (pair.public_key().modulus(), pair.public_key().exponent());
                let (n, e) = (n.big_endian_without_leading_zero(), e.big_endian_without_leading_zero());
                json!({"kty": "RSA", "kid": KID, "alg": "RS256", "n": encode(n), "e": encode(e)})
            }
            Pair::Ecdsa(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({"kty": "EC", "kid": KID, "crv": "P-256", "x": encode(x), "y": encode(y)})
            }
            Pair::Ed25519(pair) => json!({"kty": "OKP", "kid": KID, "crv": "Ed25519", "x": encode(pair.public_key().as_ref())}),
        }
    }

    /// The bytes of the public key, as `aws-lc-rs` takes them; of RSA, the DER.
    #[must_use]
    pub fn public_key(&self) -> &[u8] {
        match &self.pair {
            Pair::Rsa(pair) => pair.public_key().as_ref(),
            Pair::Ecdsa(pair) => pair.public_key().as_ref(),
            Pair::Ed25519(pair) => pair.public_key().as_ref(),
        }
    }

    /// An access token of `subject` as RFC 9068 has it, good for a day.
    #[must_use]
    pub fn token(&self, subject: &str) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
        let header = json!({"alg": self.algorithm, "kid": KID, "typ": "at+jwt"});
        let claims = json!({
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "client_id": "https://client.example/metadata.json",
            "scope": "mcp:read mcp:execute",
            "iat": now,
            "exp": now + 24 * 60 * 60,
            "jti": format!("{subject}-{now}"),
        });
        let signed = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
        let signature = self.sign(signed.as_bytes());
        format!("{signed}.{}", encode(signature))
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).expect("the buffer fits");
                signature
            }
            Pair::Ecdsa(pair) => pair.sign(&random, message).expect("the system has random numbers").as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A document that is there for whoever asks, and how often it was asked for.
#[derive(Debug)]
pub struct Published {
    document: Bytes,
    requests: AtomicUsize,
}

impl Published {
    /// A document, whatever the URL.
    #[must_use]
    pub fn new(document: &Value) -> Arc<Self> {
        Arc::new(Self { document: document.to_string().into(), requests: AtomicUsize::new(0) })
    }

    /// How often it was asked for.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Fetch for Published {
    async fn fetch(&self, _: Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
        self.requests.fetch_add(1, Ordering::SeqCst);
        // Whoever else wants it comes to wait meanwhile, as beside a network.
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
        Ok(Response::new(self.document.clone()))
    }
}

/// A verifier that trusts [`ISSUER`], and where it gets the keys.
#[must_use]
pub fn verifier(signer: &Signer) -> (JwtVerifier, Arc<Published>) {
    let keys = Published::new(&json!({"keys": [signer.jwk()]}));
    let issuer = JwtIssuer::new(ISSUER).expect("it is an issuer").jwks_uri(JWKS_URI);
    (JwtVerifier::new(keys.clone()).issuer(issuer), keys)
}
