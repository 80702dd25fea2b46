//! Taking tokens back, and looking into them.

use std::time::Duration;

use mcp_auth::server::ClientToAdd;
use mcp_tests::authorized::{Authorized, Client, HOSTED_CALLBACK, Person, Tokens};
use mcp_tests::protected::Answer;
use serde_json::json;

use crate::support::{assert_not_recorded, refresh_of, refused, tokens};

#[tokio::test]
async fn as_31_a_refresh_token_takes_all_with_it_and_an_access_token_itself() {
    let site = Authorized::start().await;
    let ann = Person::new(&site, "ann");
    for client in [Client::public(&site, HOSTED_CALLBACK).await, Client::confidential(&site, "https://service.example/callback").await] {
        for hint in ["access_token", "refresh_token", "unknown", ""] {
            let given = tokens(&site, &ann, &client, "mcp:read").await;
            let renewed = Tokens::of(&client.refresh(&site, refresh_of(&given)).await);
            let revoke = async |token: &str| client.ask(&site, "/revoke", &[("token", token), ("token_type_hint", hint)]).await.status;
            assert_eq!(given.call(&site, "reads").await.status, 200);
            assert_eq!(revoke(&given.access).await, 200, "{hint}");
            assert_eq!((given.call(&site, "reads").await.status, renewed.call(&site, "reads").await.status), (401, 200), "{hint}");
            assert_eq!(revoke(&given.access).await, 200, "it was taken back before");
            let renewed = Tokens::of(&client.refresh(&site, refresh_of(&renewed)).await);
            assert_eq!(revoke(refresh_of(&renewed)).await, 200, "{hint}");
            assert_eq!(renewed.call(&site, "reads").await.status, 401, "{hint}");
            refused(&client.refresh(&site, refresh_of(&renewed)).await, 400, "invalid_grant");
            assert_not_recorded(&site, &[&given.access, refresh_of(&renewed)]);
        }
    }
    assert!(site.recorded("oauth/revoke", "succeeded"));
}

#[tokio::test]
async fn as_31_what_is_not_the_clients_stays_and_is_answered_alike() {
    let site = Authorized::start().await;
    let ann = Person::new(&site, "ann");
    let (owner, other) =
        (Client::public(&site, HOSTED_CALLBACK).await, Client::confidential(&site, "https://other.example/callback").await);
    let given = tokens(&site, &ann, &owner, "mcp:read").await;
    for token in [given.access.as_str(), refresh_of(&given), "unknown", "mrt1.x.0.y", "e30.e30.e30"] {
        let answer = other.ask(&site, "/revoke", &[("token", token)]).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, ""), "{token}");
    }
    assert_eq!(given.call(&site, "reads").await.status, 200);
    assert_eq!(owner.refresh(&site, refresh_of(&given)).await.status, 200);
    refused(&other.ask(&site, "/revoke", &[]).await, 400, "invalid_request");
    let impostor = Client { secret: Some("wrong".to_owned()), ..other.clone() };
    let unknown = Client { id: "p_unknown".to_owned(), ..owner.clone() };
    for client in [impostor, unknown] {
        refused(&client.ask(&site, "/revoke", &[("token", refresh_of(&given))]).await, 401, "invalid_client");
    }
    refused(&site.post("/revoke", &[("token", refresh_of(&given))]).await, 401, "invalid_client");
    assert!(site.recorded("oauth/revoke", "invalid_client"));
    assert_eq!(site.get("/revoke").await.status, 405);
}

/// A resource server's credential: a client of the operator's that can do nothing else.
async fn resource_server(site: &Authorized) -> Client {
    let added = site.auth.add_client(ClientToAdd { name: "API".to_owned(), ..ClientToAdd::default() }).await.expect("a client");
    Client { id: added.id, secret: added.secret, redirect_uri: String::new() }
}

#[tokio::test]
async fn as_32_whom_it_concerns_is_told_what_a_token_says() {
    let site = Authorized::start().await;
    let (ann, api) = (Person::new(&site, "ann"), resource_server(&site).await);
    let (owner, other) =
        (Client::confidential(&site, HOSTED_CALLBACK).await, Client::confidential(&site, "https://other.example/callback").await);
    let given = tokens(&site, &ann, &owner, "mcp:read").await;
    let look = async |client: &Client, token: &str| client.ask(&site, "/introspect", &[("token", token)]).await;
    let inactive = |answer: &Answer| assert_eq!((answer.status, answer.json()), (200, json!({"active": false})));
    let claims = given.claims();
    for client in [&api, &owner] {
        let answer = look(client, &given.access).await;
        let told = answer.json();
        for (member, value) in [
            ("active", json!(true)),
            ("token_type", json!("Bearer")),
            ("iss", json!(site.url)),
            ("aud", json!(format!("{}/mcp", site.url))),
            ("scope", json!("mcp:read")),
            ("client_id", json!(owner.id)),
            ("sub", claims["sub"].clone()),
            ("exp", claims["exp"].clone()),
            ("iat", claims["iat"].clone()),
        ] {
            assert_eq!(told[member], value, "{member}");
        }
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    inactive(&look(&other, &given.access).await);
    let broken = format!("{}A", given.access);
    for token in ["unknown", refresh_of(&given), "e30.e30.e30", &broken] {
        inactive(&look(&api, token).await);
    }
    let renewed = Tokens::of(&owner.refresh(&site, refresh_of(&given)).await);
    assert_eq!(owner.ask(&site, "/revoke", &[("token", &given.access)]).await.status, 200);
    inactive(&look(&api, &given.access).await);
    assert_eq!(look(&api, &renewed.access).await.json()["active"], true);
    site.clock.advance(Duration::from_secs(3_600));
    inactive(&look(&api, &renewed.access).await);
    let last = Tokens::of(&owner.refresh(&site, refresh_of(&renewed)).await);
    assert_eq!(owner.ask(&site, "/revoke", &[("token", refresh_of(&last))]).await.status, 200);
    inactive(&look(&api, &last.access).await);
}

#[tokio::test]
async fn as_32_nobody_looks_into_tokens_without_saying_who_it_is() {
    let site = Authorized::start().await;
    let (ann, public, api) = (Person::new(&site, "ann"), Client::public(&site, HOSTED_CALLBACK).await, resource_server(&site).await);
    let given = tokens(&site, &ann, &public, "mcp:read").await;
    refused(&public.ask(&site, "/introspect", &[("token", &given.access)]).await, 401, "invalid_client");
    refused(&site.post("/introspect", &[("token", &given.access)]).await, 401, "invalid_client");
    let impostor = Client { secret: Some("wrong".to_owned()), ..api.clone() };
    refused(&impostor.ask(&site, "/introspect", &[("token", &given.access)]).await, 401, "invalid_client");
    let bearer = format!("Bearer {}", given.access);
    refused(&site.post_with("/introspect", &[("token", &given.access)], &[("Authorization", &bearer)]).await, 401, "invalid_client");
    refused(&api.ask(&site, "/introspect", &[]).await, 400, "invalid_request");
    assert!(site.recorded("oauth/introspect", "invalid_client"));
    assert_not_recorded(&site, &[&given.access]);
}
