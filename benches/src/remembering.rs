//! What remembering tokens costs in memory, and what it saves in questions to the issuer.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mcp_auth::{Bearer, Cached, ClientAuth, Introspection, Resource, VerifyToken};
use serde_json::json;

use crate::issuer::{AUDIENCE, Published, Signer, verifier};
use crate::{Doing, Error, Result};

/// How many tokens are presented.
pub const TOKENS: usize = 100_000;
/// How many callers ask at the same time.
pub const CALLERS: usize = 16;
/// What `Cached` may hold, in bytes: its default.
pub const BOUND: u64 = 32 * 1_024 * 1_024;

/// The bytes by which this process grows when [`TOKENS`] different tokens are presented to a `Cached`.
///
/// That is more than the entries take: memory that was freed and not returned counts too.
///
/// # Errors
/// When the kernel does not say how much memory is in use.
///
/// # Panics
/// When a token is refused.
pub fn bytes_held() -> Result<f64> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().doing("starting a runtime")?;
    let signer = Signer::eddsa();
    let resource = Resource::parse(AUDIENCE).expect("it is a URL");
    runtime.block_on(async {
        let cached = Cached::new(verifier(&signer).0).max_bytes(BOUND);
        let present = async |number: usize| {
            let token = signer.token(&format!("user-{number:06}"));
            cached.verify(Bearer::parse(&token).expect("it is a token"), &resource).await.expect("the token is good");
        };
        // What is set up once is no part of what tokens take.
        for number in 0..100 {
            present(TOKENS + number).await;
        }
        let before = memory()?;
        for number in 0..TOKENS {
            present(number).await;
        }
        Ok(memory()?.saturating_sub(before) as f64)
    })
}

/// The memory of this process, in bytes.
fn memory() -> Result<u64> {
    let path = "/proc/self/smaps_rollup";
    let text = fs::read_to_string(path).doing(format!("reading {path}"))?;
    let kib = text.lines().find_map(|line| line.strip_prefix("Rss:")?.split_whitespace().next()?.parse::<u64>().ok());
    kib.map(|kib| kib * 1_024).ok_or_else(|| Error::Silent(format!("{path} has no Rss")))
}

/// How often the issuer is asked when [`CALLERS`] present one token that nobody remembers: of an introspection
/// endpoint, and of where the keys of JWTs are.
///
/// # Panics
/// When a caller is refused.
#[must_use]
pub fn requests() -> (usize, usize) {
    let answer = json!({"active": true, "sub": "dee", "aud": AUDIENCE, "token_type": "Bearer"});
    let endpoint = Published::new(&answer);
    let uri = http::Uri::from_static("https://issuer.example/introspect");
    let introspection = Introspection::new(endpoint.clone(), uri, ClientAuth::basic("server", "secret"));
    at_once(Cached::new(introspection), |_| "opaque".to_owned());

    let signer = Signer::es256();
    let (jwt, keys) = verifier(&signer);
    // Different tokens, of the same key.
    at_once(Cached::new(jwt), |caller| signer.token(&format!("user-{caller}")));
    (endpoint.requests(), keys.requests())
}

/// Has callers present their tokens at the same time.
fn at_once<V: VerifyToken>(verifier: V, token: impl Fn(usize) -> String) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime needs nothing");
    runtime.block_on(async {
        let (verifier, ready) = (Arc::new(verifier), Arc::new(AtomicUsize::new(0)));
        let callers = (0..CALLERS).map(|caller| {
            let (verifier, ready, token) = (Arc::clone(&verifier), Arc::clone(&ready), token(caller));
            tokio::spawn(async move {
                ready.fetch_add(1, Ordering::SeqCst);
                while ready.load(Ordering::SeqCst) < CALLERS {
                    tokio::task::yield_now().await;
                }
                let resource = Resource::parse(AUDIENCE).expect("it is a URL");
                let token = Bearer::parse(&token).expect("it is a token");
                verifier.verify(token, &resource).await.expect("the token is good");
            })
        });
        for caller in callers.collect::<Vec<_>>() {
            caller.await.expect("nobody panics");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_at_the_same_time_ask_once() {
        assert_eq!(requests(), (1, 1));
    }
}
