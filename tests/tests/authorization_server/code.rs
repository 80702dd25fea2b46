//! Codes: whose they are, how long they are good, and that they are good once.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use mcp_auth::server::MasterKey;
use mcp_store::Sqlite;
use mcp_testkit::{Canary, VirtualClock};
use mcp_tests::authorized::{Authorized, Client, HOSTED_CALLBACK, Person, Tokens, VERIFIER};

use crate::support::{assert_not_recorded, code, refresh_of, refused, tokens};

#[tokio::test]
async fn as_09_bad_clients_and_redirects_do_not_burn_a_code_and_bad_verifiers_do() {
    let site = Authorized::start().await;
    let (ann, client) = (Person::new(&site, "ann"), Client::public(&site, HOSTED_CALLBACK).await);
    let other = Client::confidential(&site, "https://other.example/callback").await;
    let wrong = VERIFIER.replace('d', "e");
    let first = code(&site, &ann, &client.flow(&site, "mcp:read")).await;
    let exchange = async |code: &str, change: &[(&str, &str)]| {
        let fields = [&[("grant_type", "authorization_code"), ("code", code)], change].concat();
        client.ask(&site, "/token", &fields).await
    };
    refused(&other.exchange(&site, &first).await, 400, "invalid_grant");
    assert!(site.recorded("oauth/token", "code of another client"));
    let redirect = [("redirect_uri", "https://client.example/other"), ("code_verifier", VERIFIER)];
    for _ in 0..5 {
        refused(&exchange(&first, &redirect).await, 400, "invalid_grant");
    }
    assert!(site.recorded("oauth/token", "another redirect"));
    refused(&exchange(&first, &[]).await, 400, "invalid_grant");
    refused(&exchange(&first, &[("code_verifier", &wrong)]).await, 400, "invalid_grant");
    assert!(site.recorded("oauth/token", "wrong verifier"));
    assert_eq!(exchange(&first, &[("code_verifier", VERIFIER)]).await.status, 200, "it is good still");

    let second = code(&site, &ann, &client.flow(&site, "mcp:read")).await;
    for verifier in [wrong.as_str(), "short", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"] {
        refused(&exchange(&second, &[("code_verifier", verifier)]).await, 400, "invalid_grant");
    }
    refused(&exchange(&second, &[("code_verifier", VERIFIER)]).await, 400, "invalid_grant");
    assert_not_recorded(&site, &[&first, &second, VERIFIER, &wrong]);
}

#[tokio::test]
async fn as_10_a_code_is_good_for_a_minute_and_never_longer() {
    let site = Authorized::start().await;
    let (ann, client) = (Person::new(&site, "ann"), Client::public(&site, HOSTED_CALLBACK).await);
    for (seconds, status) in [(59, 200), (61, 400)] {
        let code = code(&site, &ann, &client.flow(&site, "mcp:read")).await;
        site.clock.advance(Duration::from_secs(seconds));
        assert_eq!(client.exchange(&site, &code).await.status, status, "after {seconds} s");
    }
    let tried = code(&site, &ann, &client.flow(&site, "mcp:read")).await;
    site.clock.advance(Duration::from_secs(40));
    let fields = [("grant_type", "authorization_code"), ("code", tried.as_str()), ("code_verifier", "wrong")];
    refused(&client.ask(&site, "/token", &fields).await, 400, "invalid_grant");
    site.clock.advance(Duration::from_secs(21));
    refused(&client.exchange(&site, &tried).await, 400, "invalid_grant");
    assert!(site.recorded("oauth/token", "unknown code"));
}

#[tokio::test]
async fn as_10_a_code_that_comes_again_ends_what_came_of_it() {
    let site = Authorized::start().await;
    let (ann, client) = (Person::new(&site, "ann"), Client::public(&site, HOSTED_CALLBACK).await);
    let other = Client::confidential(&site, "https://other.example/callback").await;
    let bystander = tokens(&site, &ann, &client, "mcp:read").await;
    let code = code(&site, &ann, &client.flow(&site, "mcp:read")).await;
    let given = Tokens::of(&client.exchange(&site, &code).await);
    assert_eq!(given.call(&site, "reads").await.status, 200);
    refused(&other.exchange(&site, &code).await, 400, "invalid_grant");
    let made_up = format!("{}A", &code[..code.len() - 1]);
    refused(&client.exchange(&site, &format!("{made_up}A")).await, 400, "invalid_grant");
    assert_eq!(given.call(&site, "reads").await.status, 200, "neither of these was the code and its client");
    // It is remembered for longer than it is good.
    site.clock.advance(Duration::from_secs(90));
    refused(&client.exchange(&site, &code).await, 400, "invalid_grant");
    assert!(site.recorded("oauth/token", "code used twice"));
    assert_eq!(given.call(&site, "reads").await.status, 401);
    refused(&client.refresh(&site, refresh_of(&given)).await, 400, "invalid_grant");
    assert_eq!(bystander.call(&site, "reads").await.status, 200, "the person's other grant stays");
    assert_not_recorded(&site, &[&code, &given.access, refresh_of(&given)]);
}

#[tokio::test]
async fn as_10_nothing_that_gives_access_is_in_the_store() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Arc::new(Sqlite::open(folder.path().join("auth.db")).expect("a store"));
    let clock = VirtualClock::new();
    clock.set(SystemTime::now());
    let site = Authorized::on(store, MasterKey::generate(), clock, |builder| builder).await;
    let (ann, client) = (Person::new(&site, "ann"), Client::confidential(&site, HOSTED_CALLBACK).await);
    let code = code(&site, &ann, &client.flow(&site, "mcp:read")).await;
    assert!(code.len() >= 22, "128 bits in base64url: {code}");
    let canary = Canary::new();
    let read = || {
        for file in std::fs::read_dir(folder.path()).expect("a folder") {
            let path = file.expect("a file").path();
            canary.wrote(&path.display().to_string(), &String::from_utf8_lossy(&std::fs::read(&path).expect("a file")));
        }
    };
    read();
    let given = Tokens::of(&client.exchange(&site, &code).await);
    let session = ann.browser.cookie("mcp_session").expect("a session").value;
    let secret = client.secret.clone().expect("a secret");
    for (name, value) in [
        ("code", &code),
        ("access token", &given.access),
        ("refresh token", &refresh_of(&given).to_owned()),
        ("secret", &secret),
        ("session", &session),
    ] {
        canary.register(name, value);
    }
    read();
    canary.assert_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn as_11_of_all_who_exchange_a_code_at_once_one_gets_tokens() {
    let site = Arc::new(Authorized::start().await);
    let (ann, client) = (Person::new(&site, "ann"), Client::public(&site, HOSTED_CALLBACK).await);
    for _ in 0..5 {
        let code = code(&site, &ann, &client.flow(&site, "mcp:read")).await;
        let exchanges: Vec<_> = (0..8)
            .map(|_| {
                let (site, client, code) = (Arc::clone(&site), client.clone(), code.clone());
                tokio::spawn(async move { client.exchange(&site, &code).await.status })
            })
            .collect();
        let mut statuses = Vec::new();
        for exchange in exchanges {
            statuses.push(exchange.await.expect("it ends"));
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 400, 400, 400, 400, 400, 400, 400]);
    }
    assert!(site.recorded("oauth/token", "code used twice"));
}

#[tokio::test]
async fn as_12_a_code_is_for_one_client_redirect_resource_and_person() {
    let site = Authorized::with(|builder| builder.resource("https://one.example/mcp").resource("https://two.example/mcp")).await;
    let (ann, client) = (Person::new(&site, "ann"), Client::public(&site, HOSTED_CALLBACK).await);
    let flow = client.flow(&site, "mcp:read").with("resource", "https://one.example/mcp");
    let code = code(&site, &ann, &flow).await;
    let fields = [("grant_type", "authorization_code"), ("code", code.as_str()), ("code_verifier", VERIFIER)];
    let other = [&fields[..], &[("resource", "https://two.example/mcp")]].concat();
    refused(&client.ask(&site, "/token", &other).await, 400, "invalid_target");
    // With PKCE the redirect need not be said again (OAuth 2.1, section 4.1.3).
    let given = Tokens::of(&client.ask(&site, "/token", &fields).await);
    let users = site.auth.users().await.expect("users");
    let own = users.iter().find(|user| user.subject == "ann").expect("Ann");
    let claims = given.claims();
    assert_eq!((claims["sub"].as_str(), claims["aud"].as_str()), (Some(own.id.as_str()), Some("https://one.example/mcp")));
    assert_eq!(claims["client_id"], client.id);
}

#[tokio::test]
async fn as_13_resources_are_ours_and_become_fewer_only() {
    let site = Authorized::with(|builder| builder.resource("https://one.example/mcp").resource("https://two.example/mcp")).await;
    let (ann, client) = (Person::new(&site, "ann"), Client::public(&site, HOSTED_CALLBACK).await);
    let base = client.flow(&site, "mcp:read").without("resource");
    for resource in [
        "mcp",
        "/mcp",
        "https://one.example/mcp#f",
        "ftp://one.example/mcp",
        "https://one.example",
        "https://one.example/mcp/x",
        "https://three.example/mcp",
    ] {
        let to = crate::support::location(&site.get(&base.clone().with("resource", resource).path()).await);
        assert_eq!(crate::support::parameter(&to, "error").as_deref(), Some("invalid_target"), "{resource}");
    }
    assert!(site.recorded("oauth/authorize", "invalid_target"));
    for (named, audience) in [
        (&[][..], serde_json::json!("https://one.example/mcp")),
        (&["https://two.example/mcp"], serde_json::json!("https://two.example/mcp")),
        (&["HTTPS://TWO.example/mcp/"], serde_json::json!("https://two.example/mcp")),
        (
            &["https://one.example/mcp", "https://two.example/mcp"],
            serde_json::json!(["https://one.example/mcp", "https://two.example/mcp"]),
        ),
    ] {
        let flow = named.iter().fold(base.clone(), |flow, resource| flow.and("resource", resource));
        let code = code(&site, &ann, &flow).await;
        assert_eq!(Tokens::of(&client.exchange(&site, &code).await).claims()["aud"], audience, "{named:?}");
    }

    let both = base.clone().and("resource", "https://one.example/mcp").and("resource", "https://two.example/mcp");
    let code = code(&site, &ann, &both).await;
    let exchange = async |resource: &str| {
        let fields = [("grant_type", "authorization_code"), ("code", code.as_str()), ("code_verifier", VERIFIER), ("resource", resource)];
        client.ask(&site, "/token", &fields).await
    };
    refused(&exchange("https://three.example/mcp").await, 400, "invalid_target");
    let given = Tokens::of(&exchange("https://two.example/mcp").await);
    assert_eq!(given.claims()["aud"], "https://two.example/mcp", "the code was not used up by the refusal");

    let refresh = async |token: &str, resource: &str| {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token), ("resource", resource)];
        client.ask(&site, "/token", &fields).await
    };
    refused(&refresh(refresh_of(&given), "https://three.example/mcp").await, 400, "invalid_target");
    // Had the refusal rotated the token, this would be the use of an old one.
    site.clock.advance(Duration::from_secs(120));
    let narrowed = Tokens::of(&refresh(refresh_of(&given), "https://one.example/mcp").await);
    assert_eq!(narrowed.claims()["aud"], "https://one.example/mcp", "it is of the two that were granted");
    let single = self::code(&site, &ann, &base).await;
    let single = Tokens::of(&client.exchange(&site, &single).await);
    refused(&refresh(refresh_of(&single), "https://two.example/mcp").await, 400, "invalid_target");
}
