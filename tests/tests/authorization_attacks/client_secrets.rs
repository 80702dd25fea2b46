//! Attacks on how clients identify themselves by secrets.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mcp_tests::authorized::{Client, HOSTED_CALLBACK, Person};

use crate::bench::{AT_ONCE, assert_error, assert_recorded, assert_unwritten, at_once, site};

const REFRESH: [(&str, &str); 2] = [("grant_type", "refresh_token"), ("refresh_token", "x")];

#[tokio::test]
async fn attack_clients_an_unknown_client_and_a_wrong_secret_are_answered_alike() {
    let site = site().await;
    let client = Client::confidential(&site, HOSTED_CALLBACK).await;
    let secret = client.secret.clone().expect("a secret");
    let near = format!("{}{}", &secret[..secret.len() - 1], if secret.ends_with('A') { 'B' } else { 'A' });
    let mut answers = Vec::new();
    for (id, secret) in [
        (client.id.as_str(), "wrong"),
        (&client.id, &near),
        (&client.id, &secret[..8]),
        ("c_unknown", &secret),
        ("", &secret),
        ("c_unknown", "x"),
    ] {
        let basic = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
        let by_header = site.post_with("/token", &REFRESH, &[("Authorization", &basic)]).await;
        assert!(by_header.header("www-authenticate").is_some_and(|challenge| challenge.starts_with("Basic")), "{by_header:?}");
        let by_form = site.post("/token", &[&REFRESH[..], &[("client_id", id), ("client_secret", secret)]].concat()).await;
        for answer in [by_header, by_form] {
            assert_error(&answer, 401, "invalid_client");
            answers.push(answer.body);
        }
    }
    assert!(answers.iter().all(|body| *body == answers[0]), "{answers:?}");
    assert_recorded(&site, "oauth/token", "invalid_client");
    assert_unwritten(&site, &[&secret, &near]);
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_clients_secrets_are_not_tried_for_long() {
    let site = site().await;
    let client = Client::confidential(&site, HOSTED_CALLBACK).await;
    let other = Client::confidential(&site, "https://other.example/callback").await;
    let (address, id) = (site.address, client.id.clone());
    let statuses = at_once(AT_ONCE, |at| {
        let form = format!("grant_type=refresh_token&refresh_token=x&client_id={id}&client_secret=guess{at}");
        async move {
            let headers = vec![
                ("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
                // Whoever says to come from elsewhere each time is still the same.
                ("X-Forwarded-For".to_owned(), format!("192.0.2.{at}")),
            ];
            let request = mcp_testkit::http::Request { address, method: "POST", path: "/token".to_owned(), headers, body: form.into() };
            mcp_tests::protected::Answer::of(request).await.status
        }
    })
    .await;
    assert!(statuses.iter().all(|status| matches!(status, 401 | 429)), "{statuses:?}");
    let secret = client.secret.clone().expect("a secret");
    let fields = [&REFRESH[..], &[("client_id", client.id.as_str()), ("client_secret", &secret)]].concat();
    let limited = site.post("/token", &fields).await;
    assert_error(&limited, 429, "slow_down");
    assert!(limited.header("retry-after").is_some());
    assert_error(&other.refresh(&site, "x").await, 400, "invalid_grant");
    site.clock.advance(std::time::Duration::from_secs(601));
    assert_error(&site.post("/token", &fields).await, 400, "invalid_grant");
    assert_recorded(&site, "oauth/token", "slow_down");
    assert_unwritten(&site, &[&secret]);
}

#[tokio::test]
async fn attack_clients_nobody_chooses_a_weaker_way_to_identify_a_client() {
    let site = site().await;
    let client = Client::confidential(&site, HOSTED_CALLBACK).await;
    let public = Client::public(&site, "https://public.example/callback").await;
    let code = crate::bench::code(&site, &client, &Person::new(&site, "ann"), "mcp:read").await;
    let exchange = [("grant_type", "authorization_code"), ("code", code.as_str()), ("code_verifier", mcp_tests::authorized::VERIFIER)];
    let secret = client.secret.clone().expect("a secret");
    let own = ("client_id", client.id.as_str());
    for fields in [vec![own], vec![own, ("client_secret", "")], vec![own, ("client_secret", "wrong")]] {
        assert_error(&site.post("/token", &[&exchange[..], &fields].concat()).await, 401, "invalid_client");
    }
    let empty = format!("Basic {}", STANDARD.encode(format!("{}:", client.id)));
    assert_error(&site.post_with("/token", &exchange, &[("Authorization", &empty)]).await, 401, "invalid_client");
    let basic = client.headers().remove(0).1;
    let both = [&exchange[..], &[own, ("client_secret", secret.as_str())]].concat();
    assert_error(&site.post_with("/token", &both, &[("Authorization", &basic)]).await, 400, "invalid_request");
    let other = [&exchange[..], &[("client_id", public.id.as_str())]].concat();
    assert_error(&site.post_with("/token", &other, &[("Authorization", &basic)]).await, 400, "invalid_request");
    let twice = [&exchange[..], &[own, own, ("client_secret", secret.as_str())]].concat();
    assert_error(&site.post("/token", &twice).await, 400, "invalid_request");
    // A secret is none of a client that has none.
    let made_up = [&REFRESH[..], &[("client_id", public.id.as_str()), ("client_secret", "x")]].concat();
    assert_error(&site.post("/token", &made_up).await, 401, "invalid_client");
    assert_eq!(client.exchange(&site, &code).await.status, 200, "nothing of it used the code up");
    assert_recorded(&site, "oauth/token", "invalid_client");
    assert_recorded(&site, "oauth/token", "invalid_request");
    assert_unwritten(&site, &[&secret, &code]);
}
