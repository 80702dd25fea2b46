//! The embedded authorization server, from a client's registration to the end of its grant.

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
