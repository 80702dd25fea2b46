//! What an authorization server owes to clients, people and resource servers, line by line: `docs/authorization.md` has the
//! table. Requests go over real HTTP, people use a browser, and time is moved by hand.

#[path = "authorization_server/agents.rs"]
mod agents;
#[path = "authorization_server/authorize.rs"]
mod authorize;
#[path = "authorization_server/client_auth.rs"]
mod client_auth;
#[path = "authorization_server/code.rs"]
mod code;
#[path = "authorization_server/consent.rs"]
mod consent;
#[path = "authorization_server/documents.rs"]
mod documents;
#[path = "authorization_server/endpoint.rs"]
mod endpoint;
#[path = "authorization_server/federation.rs"]
mod federation;
#[path = "authorization_server/keys.rs"]
mod keys;
#[path = "authorization_server/metadata.rs"]
mod metadata;
#[path = "authorization_server/profiles.rs"]
mod profiles;
#[path = "authorization_server/refresh.rs"]
mod refresh;
#[path = "authorization_server/registration.rs"]
mod registration;
#[path = "authorization_server/revocation.rs"]
mod revocation;
#[path = "authorization_server/support.rs"]
mod support;

use mcp_tests::authorized::{Authorized, Client, HOSTED_CALLBACK, Person, Tokens};

#[tokio::test]
async fn a_client_is_registered_allowed_called_renewed_and_taken_back() {
    let site = Authorized::start().await;
    let (ann, client) = (Person::new(&site, "ann"), Client::public(&site, HOSTED_CALLBACK).await);
    let tokens = client.connect(&site, &ann, "mcp:read").await;
    assert_eq!((tokens.scope.as_str(), tokens.expires_in), ("mcp:read", 3_600));
    let called = tokens.call(&site, "reads").await;
    assert_eq!(called.status, 200, "{called:?}");
    let renewed = Tokens::of(&client.refresh(&site, tokens.refresh.as_deref().expect("a refresh token")).await);
    assert_eq!(renewed.call(&site, "reads").await.status, 200);
    assert_eq!(client.ask(&site, "/revoke", &[("token", renewed.refresh.as_deref().expect("a refresh token"))]).await.status, 200);
    assert_eq!(renewed.call(&site, "reads").await.status, 401);
}
