//! Whom a gateway's headers name, and when they count.

use super::*;
use crate::Resource;
use crate::fakes::Sent;

const MALFORMED: AuthError = AuthError::invalid("an identity header is malformed");

async fn ask(gateway: &Gateway, peer: Option<&str>, headers: &Sent) -> Result<Principal, AuthError> {
    let resource = Resource::parse("http://localhost/mcp").expect("a URL");
    let peer = peer.map(|peer| peer.parse().expect("an address"));
    gateway.authenticate(Credentials::new(headers, peer, &resource)).await
}

async fn from_peer(headers: Sent) -> Result<Principal, AuthError> {
    ask(&gateway(), Some("10.0.0.7"), &headers).await
}

fn gateway() -> Gateway {
    Gateway::trusting(["10.0.0.0/24", "2001:db8::/64", "::ffff:192.0.2.0/120"].map(|net| net.parse().expect("a network")))
}

#[tokio::test]
async fn only_listed_peers_are_believed() {
    let headers = Sent::new(&[("x-auth-user", "alice"), ("x-auth-scopes", "a  b"), ("x-auth-email", "alice@example.com")]);
    for (peer, believed) in [
        (Some("10.0.0.7"), true),
        (Some("::ffff:10.0.0.7"), true),
        (Some("2001:db8::1"), true),
        (Some("192.0.2.9"), true),
        (Some("::ffff:192.0.2.9"), true),
        (Some("10.0.1.7"), false),
        (Some("192.0.3.9"), false),
        (Some("2001:db8:0:1::1"), false),
        (Some("127.0.0.1"), false),
        (None, false),
    ] {
        let verdict = ask(&gateway(), peer, &headers).await;
        assert_eq!(verdict.as_ref().err(), (!believed).then_some(&AuthError::Missing), "{peer:?}");
        if let Ok(alice) = verdict {
            assert_eq!((alice.subject(), alice.email()), (Some("alice"), Some("alice@example.com")));
            assert_eq!(alice.scopes(), &ScopeSet::parse("a b"));
        }
    }
}

#[tokio::test]
async fn headers_are_checked() {
    let long = "a".repeat(MAX_VALUE_BYTES + 1);
    for (headers, refusal) in [
        (vec![("x-auth-user", "alice")], None),
        (vec![("x-auth-user", "alice"), ("x-auth-scopes", "")], None),
        (vec![], Some(AuthError::Missing)),
        (vec![("x-auth-scopes", "a")], Some(AuthError::Missing)),
        (vec![("x-auth-user", "")], Some(MALFORMED)),
        (vec![("x-auth-user", "alice, bob")], Some(MALFORMED)),
        (vec![("x-auth-user", "al\tice")], Some(MALFORMED)),
        (vec![("x-auth-user", "alïce")], Some(MALFORMED)),
        (vec![("x-auth-user", long.as_str())], Some(AuthError::invalid("an identity header is too long"))),
        (vec![("x-auth-user", "alice"), ("x-auth-scopes", "a \"b\"")], Some(MALFORMED)),
        (vec![("x-auth-user", "alice"), ("x-auth-scopes", "a\tb")], Some(MALFORMED)),
        (vec![("x-auth-user", "alice"), ("x-auth-email", "a b")], Some(MALFORMED)),
    ] {
        let verdict = ask(&gateway(), Some("10.0.0.7"), &Sent::new(&headers)).await;
        assert_eq!(verdict.err(), refusal, "{headers:?}");
    }
}

#[tokio::test]
async fn a_secret_is_asked_for_too() {
    let gateway = gateway().secret("hush");
    for (peer, secret, refusal) in [
        ("10.0.0.7", Some("hush"), None),
        ("10.0.0.7", Some("hus"), Some(AuthError::invalid("the gateway's secret is wrong"))),
        ("10.0.0.7", Some(""), Some(AuthError::invalid("the gateway's secret is wrong"))),
        ("10.0.0.7", None, Some(AuthError::Missing)),
        ("127.0.0.1", Some("hush"), Some(AuthError::Missing)),
    ] {
        let secret = secret.map(|secret| ("x-auth-secret", secret));
        let headers: Vec<_> = [("x-auth-user", "alice")].into_iter().chain(secret).collect();
        assert_eq!(ask(&gateway, Some(peer), &Sent::new(&headers)).await.err(), refusal, "{peer} {secret:?}");
    }
    assert!(!format!("{gateway:?}").contains("hush"));
}

#[tokio::test]
async fn repeated_headers_are_refused_and_unreadable_ones_name_nobody() {
    let user = ("x-auth-user", "alice");
    for name in ["x-auth-user", "x-auth-scopes", "x-auth-email"] {
        let twice = Sent::new(&[user, (name, "a"), (name, "b")]);
        assert_eq!(from_peer(twice).await, Err(AuthError::invalid("an identity header is repeated")), "{name}");
    }
    assert_eq!(from_peer(Sent(vec![("x-auth-user", vec![0xff])])).await, Err(AuthError::Missing));
    let twice = Sent::new(&[user, ("x-auth-secret", "a"), ("x-auth-secret", "b")]);
    let secret = ask(&gateway().secret("a"), Some("10.0.0.7"), &twice).await;
    assert_eq!(secret, Err(AuthError::invalid("an identity header is repeated")));
}
