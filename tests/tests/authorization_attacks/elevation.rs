//! Attacks on what is given for a short time, or to some people.

use std::time::Duration;

use mcp_auth::{Grant, Member, Policy, Role, Tier};
use mcp_testkit::{IdentityProvider, User};
use mcp_tests::authorized::{Client, HOSTED_CALLBACK, Person, Tokens, decide};

use crate::bench::{assert_error, assert_recorded, assert_unwritten, cast, page, refresh_token, site_with};
use crate::totp::enrol;
use crate::upstream::oidc;

#[tokio::test]
async fn attack_grants_what_a_second_factor_gave_is_not_kept_by_refreshing() {
    let (site, client, ann) = cast().await;
    let secret = enrol(&site, &client, &ann).await;
    let asked = page(ann.open(&site, &client.flow(&site, "mcp:read mfa")).await);
    let code = decide(&asked, true).await.parameter("code").expect("a code");
    let tokens = Tokens::of(&client.exchange(&site, &code).await);
    assert_eq!(tokens.call(&site, "confirms").await.status, 200);
    assert!(tokens.expires_in <= 900, "the token does not outlive it: {}", tokens.expires_in);
    let mut renewed = Tokens::of(&client.refresh(&site, &refresh_token(&tokens)).await);
    assert!(renewed.expires_in <= 900, "{}", renewed.expires_in);
    site.clock.advance(Duration::from_secs(901));
    for _ in 0..2 {
        renewed = Tokens::of(&client.refresh(&site, &refresh_token(&renewed)).await);
        assert_eq!(renewed.scope, "mcp:read");
        assert!(!renewed.claims()["amr"].to_string().contains("mfa"));
        assert_eq!(renewed.call(&site, "confirms").await.status, 403);
        assert_eq!(renewed.call(&site, "reads").await.status, 200);
    }
    let wish = [("grant_type", "refresh_token"), ("refresh_token", &refresh_token(&renewed)), ("scope", "mcp:read mfa")];
    assert_eq!(Tokens::of(&client.ask(&site, "/token", &wish).await).scope, "mcp:read");
    assert_recorded(&site, "oauth/refresh", "succeeded");
    assert_unwritten(&site, &[&secret, &code, &tokens.access, &renewed.access]);
}

#[tokio::test]
async fn attack_grants_who_is_locked_out_keeps_nothing() {
    let (site, client, ann) = cast().await;
    let tokens = client.connect(&site, &ann, "mcp:read").await;
    assert_eq!(tokens.call(&site, "reads").await.status, 200);
    let user = site.auth.users().await.expect("the store works").remove(0).id;
    assert_eq!(site.auth.lock_user(&user, true).await, Ok(true));
    assert_eq!(tokens.call(&site, "reads").await.status, 401);
    assert_error(&client.refresh(&site, &refresh_token(&tokens)).await, 400, "invalid_grant");
    let shown = page(ann.open(&site, &client.flow(&site, "mcp:read")).await);
    assert_eq!(shown.status(), 403, "{}", shown.text());
    assert_recorded(&site, "oauth/refresh", "unknown refresh token");
    assert_recorded(&site, "login", "locked out");
    assert_unwritten(&site, &[&tokens.access, &refresh_token(&tokens)]);
}

#[tokio::test]
async fn attack_grants_who_is_demoted_keeps_no_more_than_it_may_have() {
    let provider = IdentityProvider::oidc().await;
    let admins = Role::of([Member::Group("admins".to_owned())]).giving_scopes(["mcp:admin", "mcp:read"]).giving_tier(Tier::Admin);
    let all = Role::of([Member::Everybody]).giving_scopes(["mcp:read"]);
    let policy = Policy::new().role("admins", admins).role("all", all).grant(Grant::Intersect);
    let site = site_with(|builder| builder.login(oidc(&provider).groups_claim("groups")).policy(policy)).await;
    let client = Client::public(&site, HOSTED_CALLBACK).await;
    let signed_in = async || {
        let person = Person::new(&site, "ann");
        let login = page(person.browser.visit(&client.flow(&site, "mcp:read mcp:admin").url(&site)).await.expect("a page"));
        login.form("Continue with Elsewhere").expect("a way").submit(None).await.expect("an answer")
    };
    provider.sign_in(User::new("ann").groups(&["admins"]));
    let code = decide(&page(signed_in().await), true).await.parameter("code").expect("a code");
    let tokens = Tokens::of(&client.exchange(&site, &code).await);
    assert_eq!(tokens.scope, "mcp:admin mcp:read");
    assert_eq!(tokens.call(&site, "administers").await.status, 200);
    // Ann is no admin any more, and the server learns of it when she signs in somewhere.
    provider.sign_in(User::new("ann").groups(&["former"]));
    signed_in().await;
    // What was looked up a moment ago is looked up again.
    site.clock.advance(Duration::from_secs(31));
    let answer = tokens.call(&site, "administers").await;
    assert!(answer.body.contains("error") && !answer.body.contains("ann of"), "{answer:?}");
    let renewed = Tokens::of(&client.refresh(&site, &refresh_token(&tokens)).await);
    assert_eq!(renewed.scope, "mcp:read");
    assert_eq!(renewed.call(&site, "reads").await.status, 200);
    assert_recorded(&site, "oauth/refresh", "succeeded");
    assert_unwritten(&site, &[&code, &tokens.access, &renewed.access, provider.client_secret()]);
}
