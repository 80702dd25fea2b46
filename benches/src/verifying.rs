//! What it costs to verify a token that nobody remembers, beside the bare library call, and one that is remembered.

use std::time::{Duration, Instant};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{DecodingKey, Validation};
use mcp_auth::{Bearer, Cached, Resource, VerifyToken as _};
use serde_json::{Map, Value};

use crate::issuer::{AUDIENCE, ISSUER, Signer, verifier};
use crate::stats::median;

/// How long each of the three runs before it is the next one's turn.
const TURN: Duration = Duration::from_millis(15);

/// What one verification costs, in microseconds, medians over all rounds.
#[derive(Debug)]
pub struct Verifying {
    /// The algorithm.
    pub algorithm: &'static str,
    /// `JwtVerifier::verify`.
    pub ours: f64,
    /// `jsonwebtoken::decode` with a prepared key, which checks signature, dates, issuer and audience.
    pub library: f64,
    /// `aws-lc-rs` with a parsed key, which checks the signature and nothing else.
    pub signature: f64,
    /// Ours as a multiple of the library, the median of the rounds' ratios.
    pub ratio: f64,
}

/// Verifies one token again and again in three ways, which take turns.
///
/// # Panics
/// When one of the three refuses it.
#[must_use]
pub fn measure(signer: &Signer, rounds: usize) -> Verifying {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime needs nothing");
    let token = signer.token("dee");
    let (ours, _) = verifier(signer);
    let resource = Resource::parse(AUDIENCE).expect("it is a URL");
    let verify = || {
        let token = Bearer::parse(&token).expect("it is a token");
        runtime.block_on(ours.verify(token, &resource)).expect("the token is good");
    };

    let key = DecodingKey::from_jwk(&serde_json::from_value(signer.jwk()).expect("it is a key")).expect("the key is supported");
    let mut validation = Validation::new(signer.algorithm.parse().expect("the algorithm is supported"));
    validation.set_audience(&[AUDIENCE]);
    validation.set_issuer(&[ISSUER]);
    validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
    validation.validate_nbf = true;
    let decode = || {
        jsonwebtoken::decode::<Map<String, Value>>(&token, &key, &validation).expect("the token is good");
    };

    let (signed, signature) = token.rsplit_once('.').expect("it has three parts");
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("it is base64url");
    let parsed = parsed(signer);
    let check = || parsed.verify_sig(signed.as_bytes(), &signature).expect("the token is good");

    let (mut ours, mut library, mut bare, mut ratios) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let turns = [per_call(&verify), per_call(&decode), per_call(&check)];
        ours.push(turns[0]);
        library.push(turns[1]);
        bare.push(turns[2]);
        ratios.push(turns[0] / turns[1]);
    }
    Verifying { algorithm: signer.algorithm, ours: median(ours), library: median(library), signature: median(bare), ratio: median(ratios) }
}

/// What it costs to recognise a token that is remembered, and how much of that is its SHA-256 digest, in microseconds.
///
/// # Panics
/// When the token is refused.
#[must_use]
pub fn remembered(rounds: usize) -> (f64, f64) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime needs nothing");
    let signer = Signer::eddsa();
    let token = signer.token("dee");
    let cached = Cached::new(verifier(&signer).0);
    let resource = Resource::parse(AUDIENCE).expect("it is a URL");
    let (mut whole, mut digest) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        // One runtime for all calls of a turn, as in a server: entering it costs as much as a call.
        whole.push(runtime.block_on(async {
            let (begun, mut calls) = (Instant::now(), 0_u32);
            while begun.elapsed() < TURN {
                for _ in 0..256 {
                    let token = Bearer::parse(&token).expect("it is a token");
                    cached.verify(token, &resource).await.expect("the token is good");
                }
                calls += 256;
            }
            begun.elapsed().as_secs_f64() * 1e6 / f64::from(calls)
        }));
        digest.push(per_call(&|| {
            std::hint::black_box(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, token.as_bytes()));
        }));
    }
    (median(whole), median(digest))
}

fn parsed(signer: &Signer) -> ParsedPublicKey {
    let key = signer.public_key();
    let parsed = match signer.algorithm {
        "RS256" => ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key),
        "ES256" => ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key),
        _ => ParsedPublicKey::new(&ED25519, key),
    };
    parsed.expect("the key is sound")
}

/// The time of one call, in microseconds.
fn per_call(call: &impl Fn()) -> f64 {
    let (begun, mut calls) = (Instant::now(), 0_u32);
    while begun.elapsed() < TURN {
        for _ in 0..16 {
            call();
        }
        calls += 16;
    }
    begun.elapsed().as_secs_f64() * 1e6 / f64::from(calls)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_three_take_the_token_of_every_algorithm() {
        for signer in [Signer::es256(), Signer::eddsa(), Signer::rs256()] {
            let found = measure(&signer, 1);
            assert!(found.ours > 0.0 && found.library > 0.0 && found.signature > 0.0, "{found:?}");
        }
    }
}
