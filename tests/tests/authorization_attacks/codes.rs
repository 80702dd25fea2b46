//! Attacks with authorization codes.

use mcp_tests::authorized::{Client, HOSTED_CALLBACK, Tokens, VERIFIER};

use crate::bench::{AT_ONCE, assert_error, assert_recorded, assert_unwritten, at_once, cast, code, refresh_token};

#[tokio::test]
async fn attack_grants_a_code_that_comes_again_ends_all_that_came_of_it() {
    let (site, client, ann) = cast().await;
    let code = code(&site, &client, &ann, "mcp:read").await;
    let tokens = Tokens::of(&client.exchange(&site, &code).await);
    assert_eq!(tokens.call(&site, "reads").await.status, 200);
    let renewed = Tokens::of(&client.refresh(&site, &refresh_token(&tokens)).await);
    assert_error(&client.exchange(&site, &code).await, 400, "invalid_grant");
    for tokens in [&tokens, &renewed] {
        assert_eq!(tokens.call(&site, "reads").await.status, 401);
        assert_error(&client.refresh(&site, &refresh_token(tokens)).await, 400, "invalid_grant");
    }
    assert_recorded(&site, "oauth/token", "code used twice");
    assert_unwritten(&site, &[&code, &tokens.access, &refresh_token(&tokens), &renewed.access, &refresh_token(&renewed)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_grants_of_many_who_bring_a_code_at_once_one_is_answered() {
    let (site, client, ann) = cast().await;
    let code = code(&site, &client, &ann, "mcp:read").await;
    let (address, id) = (site.address, client.id.clone());
    let answers = at_once(AT_ONCE, |_| {
        let form = format!("grant_type=authorization_code&code={code}&client_id={id}&code_verifier={VERIFIER}");
        async move {
            let headers = vec![("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned())];
            let request = mcp_testkit::http::Request { address, method: "POST", path: "/token".to_owned(), headers, body: form.into() };
            mcp_tests::protected::Answer::of(request).await
        }
    })
    .await;
    let (good, bad): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!(good.len(), 1, "{good:?}");
    bad.iter().for_each(|answer| assert_error(answer, 400, "invalid_grant"));
    let tokens = Tokens::of(&good[0]);
    assert_eq!(tokens.call(&site, "reads").await.status, 401, "somebody else had the code, too");
    assert_error(&client.refresh(&site, &refresh_token(&tokens)).await, 400, "invalid_grant");
    assert_recorded(&site, "oauth/token", "code used twice");
    assert_unwritten(&site, &[&code, &tokens.access, &refresh_token(&tokens)]);
}

#[tokio::test]
async fn attack_grants_a_part_of_a_code_is_nothing() {
    let (site, client, ann) = cast().await;
    let thief = Client::public(&site, "https://thief.example/callback").await;
    let code = code(&site, &client, &ann, "mcp:read").await;
    let mut other = code.clone();
    other.pop();
    let last = format!("{other}{}", if code.ends_with('A') { 'B' } else { 'A' });
    for guess in [&code[..code.len() / 2], &other, &last, &format!("{code}A"), &code.to_uppercase(), &format!("{code} "), "mac_", "%"] {
        for who in [&client, &thief] {
            assert_error(&who.exchange(&site, guess).await, 400, "invalid_grant");
        }
    }
    assert_eq!(client.exchange(&site, &code).await.status, 200, "the owner's is untouched");
    assert_recorded(&site, "oauth/token", "unknown code");
    assert_unwritten(&site, &[&code]);
}

#[tokio::test]
async fn attack_grants_a_code_is_its_clients_and_goes_where_it_was_asked_for() {
    let (site, client, ann) = cast().await;
    let thief = Client::public(&site, HOSTED_CALLBACK.replace("client", "thief").as_str()).await;
    let service = Client::confidential(&site, "https://service.example/callback").await;
    let code = code(&site, &client, &ann, "mcp:read").await;
    let base = [("grant_type", "authorization_code"), ("code", code.as_str()), ("code_verifier", VERIFIER)];
    for _ in 0..4 {
        for other in [&thief, &service] {
            let fields = [&base[..], &[("redirect_uri", HOSTED_CALLBACK)]].concat();
            assert_error(&other.ask(&site, "/token", &fields).await, 400, "invalid_grant");
        }
        let elsewhere = [&base[..], &[("redirect_uri", "https://thief.example/callback")]].concat();
        assert_error(&client.ask(&site, "/token", &elsewhere).await, 400, "invalid_grant");
        let elsewhere = [&base[..], &[("resource", "https://other.example/mcp")]].concat();
        assert_error(&client.ask(&site, "/token", &elsewhere).await, 400, "invalid_target");
    }
    let tokens = Tokens::of(&client.exchange(&site, &code).await);
    assert_eq!(tokens.call(&site, "reads").await.status, 200, "nothing of it used the code up");
    // A spent code in another client's hands ends nothing.
    assert_error(&thief.exchange(&site, &code).await, 400, "invalid_grant");
    assert_eq!(tokens.call(&site, "reads").await.status, 200);
    assert_recorded(&site, "oauth/token", "code of another client");
    assert_recorded(&site, "oauth/token", "another redirect");
    assert_recorded(&site, "oauth/token", "invalid_target");
    assert_unwritten(&site, &[&code, &tokens.access, &refresh_token(&tokens)]);
}

#[tokio::test]
async fn attack_grants_verifiers_are_not_guessed_and_codes_do_not_wait() {
    let (site, client, ann) = cast().await;
    let tried = code(&site, &client, &ann, "mcp:read").await;
    for _ in 0..3 {
        let wrong = "A".repeat(43);
        let fields = [("grant_type", "authorization_code"), ("code", tried.as_str()), ("code_verifier", wrong.as_str())];
        assert_error(&client.ask(&site, "/token", &fields).await, 400, "invalid_grant");
    }
    assert_error(&client.exchange(&site, &tried).await, 400, "invalid_grant");
    let late = code(&site, &client, &ann, "mcp:read").await;
    site.clock.advance(std::time::Duration::from_secs(61));
    assert_error(&client.exchange(&site, &late).await, 400, "invalid_grant");
    assert_recorded(&site, "oauth/token", "wrong verifier");
    assert_recorded(&site, "oauth/token", "unknown code");
    assert_unwritten(&site, &[&tried, &late]);
}
