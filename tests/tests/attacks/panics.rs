//! Code of others that panics.

use async_trait::async_trait;
use mcp_auth::{AuthError, Bearer, Principal, Resource, VerifyToken};
use mcp_core::Verdict;
use mcp_tests::issuer::Issuer;

use super::bench::Bench;
use super::clock::Hand;

/// Panics at once or after having waited, if it is told to.
#[derive(Debug)]
struct Fragile;

#[async_trait]
impl VerifyToken for Fragile {
    async fn verify(&self, token: Bearer<'_>, _: &Resource) -> Result<Principal, AuthError> {
        match token.expose() {
            "panic-at-once" => panic!("the provider's own secret reason"),
            "panic-later" => {
                tokio::task::yield_now().await;
                panic!("the provider's own secret reason")
            }
            _ => Ok(Principal::new("ann")),
        }
    }
}

#[tokio::test]
async fn attack_platform_panic_in_a_provider() {
    let bench = Bench::new(Issuer::start().await, |_, _| Fragile, &Hand::new()).await;
    bench.hush("the provider's own secret reason");
    bench.taken("at first", "quiet").await;
    for (count, token) in ["panic-at-once", "panic-later", "panic-at-once"].into_iter().enumerate() {
        let (head, body) = bench.ask(Some(token), &[]).await;
        assert_eq!(head.status, 503, "{token}: {body}");
        assert!(head.header("retry-after").is_some() && head.header("www-authenticate").is_none(), "{head:?}");
        assert_eq!(bench.times_recorded(Verdict::Denied("unavailable")), count + 1);
        assert_eq!(bench.ask(Some("quiet"), &[]).await.0.status, 200, "the process goes on");
    }
    bench.end();
}
