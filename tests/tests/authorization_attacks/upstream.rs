//! Attacks by and with other people's sign-ins.

use mcp_auth::server::{OidcUpstream, Upstream};
use mcp_testkit::browser::Landing;
use mcp_testkit::{IdentityProvider, Misbehaviour, User};
use mcp_tests::authorized::{Authorized, Client, HOSTED_CALLBACK, Person};

use crate::bench::{assert_recorded, assert_unwritten, page, site_with};

/// A provider as a way to sign in.
pub(crate) fn oidc(provider: &IdentityProvider) -> OidcUpstream {
    let upstream = Upstream::oidc(&provider.url(), provider.client_id(), provider.client_secret()).expect("an issuer");
    upstream.named("elsewhere", "Elsewhere")
}

/// Signs in by the button with this text, in a new browser.
async fn signs_in(site: &Authorized, client: &Client, button: &str) -> Landing {
    let person = Person::new(site, "ann");
    let login = page(person.browser.visit(&client.flow(site, "mcp:read").url(site)).await.expect("a page"));
    login.form(button).expect("a way").submit(None).await.expect("an answer")
}

/// Who is known: address and name at the issuer.
async fn known(site: &Authorized) -> Vec<(String, Option<String>)> {
    let users = site.auth.users().await.expect("the store works");
    let mut known: Vec<_> = users.into_iter().map(|user| (user.subject, user.email)).collect();
    known.sort();
    known
}

#[tokio::test]
async fn attack_login_a_provider_that_says_what_cannot_be_believed_signs_nobody_in() {
    for wrong in [
        Misbehaviour::WrongNonce,
        Misbehaviour::NoNonce,
        Misbehaviour::WrongAudience,
        Misbehaviour::OtherAuthorizedParty,
        Misbehaviour::WrongIssuer,
        Misbehaviour::Expired,
        Misbehaviour::AlgNone,
        Misbehaviour::UnknownKey,
        Misbehaviour::NoIdToken,
        Misbehaviour::WrongIssParameter,
        Misbehaviour::Unavailable,
    ] {
        let provider = IdentityProvider::oidc().await;
        let site = site_with(|builder| builder.login(oidc(&provider))).await;
        let client = Client::public(&site, HOSTED_CALLBACK).await;
        provider.misbehave(wrong);
        let shown = page(signs_in(&site, &client, "Continue with Elsewhere").await);
        assert!(shown.title().starts_with("Sign in"), "{wrong:?}: {}", shown.text());
        assert_eq!(known(&site).await, [], "{wrong:?}");
        assert_recorded(&site, "login", "not identified");
        assert_unwritten(&site, &[provider.client_secret()]);
    }
}

#[tokio::test]
async fn attack_login_a_state_that_was_not_given_is_refused() {
    let provider = IdentityProvider::oidc().await;
    let site = site_with(|builder| builder.login(oidc(&provider))).await;
    let client = Client::public(&site, HOSTED_CALLBACK).await;
    provider.misbehave(Misbehaviour::WrongState);
    let shown = page(signs_in(&site, &client, "Continue with Elsewhere").await);
    assert_eq!(shown.status(), 400, "{}", shown.text());
    assert_eq!(known(&site).await, []);
    assert_recorded(&site, "login", "no such sign-in");
    assert_unwritten(&site, &[provider.client_secret()]);
}

#[tokio::test]
async fn attack_login_an_address_says_who_it_is_only_if_it_was_verified() {
    let provider = IdentityProvider::oidc().await;
    let site = site_with(|builder| builder.login(oidc(&provider))).await;
    let client = Client::public(&site, HOSTED_CALLBACK).await;
    signs_in(&site, &client, "Continue with Elsewhere").await;
    provider.sign_in(User::new("eve").unverified_email("ann@example.com"));
    signs_in(&site, &client, "Continue with Elsewhere").await;
    assert_eq!(known(&site).await, [("ann".to_owned(), Some("ann@example.com".to_owned())), ("eve".to_owned(), None)]);
    // Nor does a verified one make two people one.
    provider.sign_in(User::new("mallory").email("ann@example.com"));
    signs_in(&site, &client, "Continue with Elsewhere").await;
    assert_eq!(known(&site).await.len(), 3);
    assert_recorded(&site, "login", "succeeded");
    assert_unwritten(&site, &[provider.client_secret()]);
}

#[tokio::test]
async fn attack_login_a_name_of_one_issuer_is_nothing_at_another() {
    let (one, other) = (IdentityProvider::oidc().await, IdentityProvider::oidc().await);
    let second = oidc(&other).named("other", "Another");
    let site = site_with(|builder| builder.login(oidc(&one)).login(second)).await;
    let client = Client::public(&site, HOSTED_CALLBACK).await;
    signs_in(&site, &client, "Continue with Elsewhere").await;
    signs_in(&site, &client, "Continue with Another").await;
    let users = site.auth.users().await.expect("the store works");
    assert_eq!(users.len(), 2, "{users:?}");
    assert!(users[0].subject == users[1].subject && users[0].issuer != users[1].issuer && users[0].id != users[1].id, "{users:?}");
    assert_recorded(&site, "login", "succeeded");
    assert_unwritten(&site, &[one.client_secret(), other.client_secret()]);
}

#[tokio::test]
async fn attack_login_userinfo_about_somebody_else_is_not_believed() {
    let provider = IdentityProvider::oidc().await;
    provider.sign_in(User::new("ann").without_email());
    provider.misbehave(Misbehaviour::OtherSubjectAtUserinfo);
    let site = site_with(|builder| builder.login(oidc(&provider))).await;
    let client = Client::public(&site, HOSTED_CALLBACK).await;
    let shown = page(signs_in(&site, &client, "Continue with Elsewhere").await);
    assert!(shown.title().starts_with("Sign in"), "{}", shown.text());
    assert_eq!(known(&site).await, []);
    assert_recorded(&site, "login", "not identified");
    assert_unwritten(&site, &[provider.client_secret()]);
}

#[tokio::test]
async fn attack_login_people_of_other_tenants_are_not_let_in() {
    let provider = IdentityProvider::oidc().await;
    let ours = oidc(&provider).only("hd", ["example.com"]);
    let site = site_with(|builder| builder.login(ours)).await;
    let client = Client::public(&site, HOSTED_CALLBACK).await;
    // The provider says nothing of a tenant, as Google of private accounts.
    let shown = page(signs_in(&site, &client, "Continue with Elsewhere").await);
    assert!(shown.title().starts_with("Sign in") && shown.text().contains("not one of those"), "{}", shown.text());
    assert_eq!(known(&site).await, []);
    assert_recorded(&site, "login", "not identified");
    assert_unwritten(&site, &[provider.client_secret()]);
}

#[tokio::test]
async fn attack_login_a_name_that_was_given_up_on_github_is_somebody_elses() {
    let provider = IdentityProvider::github().await;
    let github = Upstream::github(provider.client_id(), provider.client_secret()).at(&provider.url(), &provider.url());
    let site = site_with(|builder| builder.login(github)).await;
    let client = Client::public(&site, HOSTED_CALLBACK).await;
    provider.sign_in(User::new("ann").subject("1001"));
    signs_in(&site, &client, "Continue with GitHub").await;
    // Ann takes another name, and Eve takes Ann's.
    provider.sign_in(User::new("ann-b").subject("1001").email("ann@example.com"));
    signs_in(&site, &client, "Continue with GitHub").await;
    assert_eq!(known(&site).await.len(), 1, "{:?}", known(&site).await);
    provider.sign_in(User::new("ann").subject("6666").unverified_email("ann@example.com"));
    signs_in(&site, &client, "Continue with GitHub").await;
    let people = known(&site).await;
    assert_eq!(people, [("1001".to_owned(), Some("ann@example.com".to_owned())), ("6666".to_owned(), None)]);
    assert_recorded(&site, "login", "succeeded");
    assert_unwritten(&site, &[provider.client_secret()]);
}

#[tokio::test]
async fn attack_login_who_is_in_no_admitted_organization_is_not_let_in() {
    let provider = IdentityProvider::github().await;
    let github = Upstream::github(provider.client_id(), provider.client_secret()).at(&provider.url(), &provider.url());
    let site = site_with(|builder| builder.login(github.only_members_of(["team"]))).await;
    let client = Client::public(&site, HOSTED_CALLBACK).await;
    for groups in [&[][..], &["team-evil", "xteam"]] {
        provider.sign_in(User::new("eve").groups(groups));
        let shown = page(signs_in(&site, &client, "Continue with GitHub").await);
        assert!(shown.title().starts_with("Sign in"), "{groups:?}: {}", shown.text());
    }
    assert_eq!(known(&site).await, []);
    provider.misbehave(Misbehaviour::Unavailable);
    let shown = page(signs_in(&site, &client, "Continue with GitHub").await);
    assert!(matches!(shown.status(), 200 | 503), "{}", shown.text());
    assert_recorded(&site, "login", "not identified");
    assert_unwritten(&site, &[provider.client_secret()]);
}
