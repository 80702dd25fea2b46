//! Refresh tokens, and what every answer with tokens says.

use std::time::Duration;

use mcp_tests::authorized::{Authorized, Client, HOSTED_CALLBACK, Person, Tokens};
use serde_json::json;

use crate::support::{assert_not_recorded, code, refresh_of, refused, tokens};

#[tokio::test]
async fn as_19_a_refresh_token_is_good_once_and_for_who_lost_the_answer() {
    let site = Authorized::start().await;
    let (ann, client) = (Person::new(&site, "ann"), Client::public(&site, HOSTED_CALLBACK).await);
    let given = tokens(&site, &ann, &client, "mcp:read").await;
    let bystander = tokens(&site, &ann, &client, "mcp:read").await;
    let renewed = Tokens::of(&client.refresh(&site, refresh_of(&given)).await);
    assert_ne!(renewed.refresh, given.refresh);
    site.clock.advance(Duration::from_secs(50));
    let again = Tokens::of(&client.refresh(&site, refresh_of(&given)).await);
    assert_eq!(again.refresh, renewed.refresh, "who asks again within a minute gets the same successor");
    site.clock.advance(Duration::from_secs(20));
    refused(&client.refresh(&site, refresh_of(&given)).await, 400, "invalid_grant");
    assert!(site.recorded("oauth/refresh", "refresh token used twice"));
    refused(&client.refresh(&site, refresh_of(&renewed)).await, 400, "invalid_grant");
    for ended in [&given, &renewed, &again] {
        assert_eq!(ended.call(&site, "reads").await.status, 401);
    }
    assert_eq!(bystander.call(&site, "reads").await.status, 200);
    assert_eq!(client.refresh(&site, refresh_of(&bystander)).await.status, 200);
    assert_not_recorded(&site, &[refresh_of(&given), refresh_of(&renewed), &renewed.access]);
}

#[tokio::test]
async fn as_19_an_older_one_ends_the_family_at_once() {
    let site = Authorized::start().await;
    let (ann, client) = (Person::new(&site, "ann"), Client::public(&site, HOSTED_CALLBACK).await);
    let first = tokens(&site, &ann, &client, "mcp:read").await;
    let second = Tokens::of(&client.refresh(&site, refresh_of(&first)).await);
    let third = Tokens::of(&client.refresh(&site, refresh_of(&second)).await);
    refused(&client.refresh(&site, refresh_of(&first)).await, 400, "invalid_grant");
    refused(&client.refresh(&site, refresh_of(&third)).await, 400, "invalid_grant");
    assert!(site.recorded("oauth/refresh", "refresh token used twice"));
}

#[tokio::test]
async fn as_19_scopes_become_fewer_and_other_clients_change_nothing() {
    let site = Authorized::start().await;
    let (ann, client) = (Person::new(&site, "ann"), Client::public(&site, HOSTED_CALLBACK).await);
    let other = Client::confidential(&site, "https://other.example/callback").await;
    let given = tokens(&site, &ann, &client, "mcp:read mcp:execute").await;
    refused(&other.refresh(&site, refresh_of(&given)).await, 400, "invalid_grant");
    assert!(site.recorded("oauth/refresh", "refresh token of another client"));
    let refresh = async |token: &str, scope: &str| {
        client.ask(&site, "/token", &[("grant_type", "refresh_token"), ("refresh_token", token), ("scope", scope)]).await
    };
    refused(&refresh(refresh_of(&given), "mcp:read mcp:write").await, 400, "invalid_scope");
    // Had one of the refusals rotated the token, this would be the use of an old one.
    site.clock.advance(Duration::from_secs(120));
    let narrowed = Tokens::of(&refresh(refresh_of(&given), "mcp:read").await);
    assert_eq!(narrowed.scope, "mcp:read");
    assert_eq!((narrowed.call(&site, "reads").await.status, narrowed.call(&site, "executes").await.status), (200, 403));
    let whole = Tokens::of(&client.refresh(&site, refresh_of(&narrowed)).await);
    assert_eq!(whole.scope, "mcp:execute mcp:read", "narrowing is of one token");
    let bogus = refresh_of(&whole).replace("mrt1.", "mrt1.x");
    refused(&client.refresh(&site, &bogus).await, 400, "invalid_grant");
    assert!(site.recorded("oauth/refresh", "unknown refresh token"));
}

#[tokio::test]
async fn as_20_access_tokens_are_short_and_always_say_for_how_long_and_what_for() {
    for (lives, expires_in) in [(None, 3_600), (Some(60), 600), (Some(1_800), 1_800)] {
        let site = Authorized::with(|builder| match lives {
            Some(seconds) => builder.access_tokens_live(Duration::from_secs(seconds)),
            None => builder,
        })
        .await;
        let (ann, client) = (Person::new(&site, "ann"), Client::public(&site, HOSTED_CALLBACK).await);
        for (scope, granted) in [
            ("mcp:read", "mcp:read"),
            ("mcp:read claudeai", "mcp:read"),
            ("claudeai", "mcp:execute mcp:read mcp:write"),
            ("", "mcp:execute mcp:read mcp:write"),
            ("openid mcp:execute offline_access", "mcp:execute"),
        ] {
            let given = tokens(&site, &ann, &client, scope).await;
            assert_eq!((given.expires_in, given.scope.as_str()), (expires_in, granted), "{scope}");
            assert_eq!(given.claims()["scope"], granted);
            let renewed = Tokens::of(&client.refresh(&site, refresh_of(&given)).await);
            assert_eq!((renewed.expires_in, renewed.scope.as_str()), (expires_in, granted), "{scope}");
        }
        let given = tokens(&site, &ann, &client, "mcp:read").await;
        site.clock.advance(Duration::from_secs(expires_in - 1));
        let called = given.call(&site, "reads").await;
        assert_eq!(called.status, 200, "{called:?}");
        site.clock.advance(Duration::from_secs(62));
        assert_eq!(given.call(&site, "reads").await.status, 401, "it has expired");
    }
}

#[tokio::test]
async fn as_21_refresh_tokens_are_given_whether_or_not_offline_access_is_asked_for() {
    let site = Authorized::start().await;
    let ann = Person::new(&site, "ann");
    for (grant_types, refreshes) in [
        (json!(null), true),
        (json!(["authorization_code", "refresh_token"]), true),
        (json!(["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"]), true),
        (json!(["authorization_code"]), false),
    ] {
        let metadata = json!({"redirect_uris": [HOSTED_CALLBACK], "token_endpoint_auth_method": "none", "grant_types": grant_types});
        let id = site.register(&metadata).await.json()["client_id"].as_str().expect("an id").to_owned();
        let client = Client { id, secret: None, redirect_uri: HOSTED_CALLBACK.to_owned() };
        for scope in ["mcp:read", "mcp:read offline_access"] {
            let code = code(&site, &ann, &client.flow(&site, scope)).await;
            let given = Tokens::of(&client.exchange(&site, &code).await);
            assert_eq!(given.refresh.is_some(), refreshes, "{grant_types} {scope}");
        }
    }
}
