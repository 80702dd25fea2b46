//! The providers, asked as their clients ask them.

use std::time::Duration;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;
use url::form_urlencoded::{self, Serializer};

use super::{IdentityProvider, Misbehaviour, User};
use crate::VirtualClock;
use crate::browser::{Browser, Landing};
use crate::http::Request;

const BACK: &str = "https://auth.example.com/callback";
/// From RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Sends a browser there, and gives what it comes back with.
async fn authorize(provider: &IdentityProvider, path: &str, parameters: &[(&str, &str)]) -> Landing {
    let common = [("client_id", provider.client_id()), ("redirect_uri", BACK), ("state", "s"), ("response_type", "code")];
    let query = Serializer::new(String::new()).extend_pairs(common).extend_pairs(parameters).finish();
    Browser::new().visit(&format!("{}{path}?{query}", provider.url())).await.expect("it answers")
}

async fn ask(
    provider: &IdentityProvider,
    method: &'static str,
    path: &str,
    headers: &[(&str, &str)],
    form: &[(&str, &str)],
) -> (u16, String) {
    let address = provider.url().trim_start_matches("http://").parse().expect("an address");
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let body = Serializer::new(String::new()).extend_pairs(form).finish().into();
    let mut response = Request { address, method, path: path.to_owned(), headers, body }.send().await.expect("it answers");
    (response.head.status, String::from_utf8(response.body().await.expect("a body")).expect("text"))
}

/// Signs in and exchanges the code.
async fn sign_in(provider: &IdentityProvider) -> Value {
    let scope = ("scope", "openid email profile");
    let proof = [scope, ("nonce", "n"), ("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
    let code = authorize(provider, "/authorize", &proof).await.parameter("code").expect("a code");
    let (status, body) = exchange(provider, &code, VERIFIER, provider.client_secret()).await;
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).expect("JSON")
}

async fn exchange(provider: &IdentityProvider, code: &str, verifier: &str, secret: &str) -> (u16, String) {
    let form = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", BACK), ("code_verifier", verifier)];
    let basic = format!("Basic {}", STANDARD.encode(format!("{}:{secret}", provider.client_id())));
    ask(provider, "POST", "/token", &[("Authorization", &basic)], &form).await
}

fn part(token: &str, at: usize) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(token.split('.').nth(at).expect("three parts")).expect("base64url")
}

/// The claims of a token, and whether it is signed with the published key.
async fn verify(provider: &IdentityProvider, token: &str) -> (Value, bool) {
    let keys: Value = serde_json::from_str(&ask(provider, "GET", "/jwks", &[], &[]).await.1).expect("JSON");
    let point = |name: &str| URL_SAFE_NO_PAD.decode(keys["keys"][0][name].as_str().expect("a text")).expect("base64url");
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, [vec![4], point("x"), point("y")].concat());
    let (signed, _) = token.rsplit_once('.').expect("three parts");
    let valid = key.verify(signed.as_bytes(), &part(token, 2)).is_ok();
    (serde_json::from_slice(&part(token, 1)).expect("JSON"), valid)
}

#[tokio::test]
async fn users_sign_in_with_openid_connect() {
    let (provider, clock) = (IdentityProvider::oidc().await, VirtualClock::new());
    provider.use_clock(clock.clock());
    provider.sign_in(User::new("ann").subject("42").name("Ann").groups(&["staff"]));
    let metadata: Value =
        serde_json::from_str(&ask(&provider, "GET", "/.well-known/openid-configuration", &[], &[]).await.1).expect("JSON");
    assert_eq!(metadata["issuer"], provider.url());
    let answer = sign_in(&provider).await;
    let (claims, valid) = verify(&provider, answer["id_token"].as_str().expect("an ID token")).await;
    assert!(valid);
    assert_eq!((&claims["iss"], &claims["aud"]), (&provider.url().into(), &provider.client_id().into()));
    assert_eq!((&claims["sub"], &claims["nonce"], claims["exp"].as_u64()), (&"42".into(), &"n".into(), Some(clock.unix_seconds() + 3_600)));
    assert_eq!(
        (&claims["email"], &claims["email_verified"], &claims["groups"][0]),
        (&"ann@example.com".into(), &true.into(), &"staff".into())
    );
    let bearer = format!("Bearer {}", answer["access_token"].as_str().expect("a token"));
    let (status, userinfo) = ask(&provider, "GET", "/userinfo", &[("Authorization", &bearer)], &[]).await;
    assert!(status == 200 && userinfo.contains(r#""sub":"42""#) && userinfo.contains(r#""name":"Ann""#), "{userinfo}");
    assert_eq!(ask(&provider, "GET", "/userinfo", &[("Authorization", "Bearer x")], &[]).await.0, 401);
    assert_eq!((provider.hits("/token"), provider.hits("/userinfo")), (1, 2));
    provider.rotate_key();
    assert!(!verify(&provider, answer["id_token"].as_str().expect("an ID token")).await.1);
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_refused() {
    let (provider, clock) = (IdentityProvider::oidc().await, VirtualClock::new());
    provider.use_clock(clock.clock());
    let openid = ("scope", "openid");
    let code = async || {
        let proof = [openid, ("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
        authorize(&provider, "/authorize", &proof).await.parameter("code").expect("a code")
    };
    let secret = provider.client_secret();
    for (verifier, secret, age, status) in [
        (VERIFIER, secret, 59, 200),
        (VERIFIER, secret, 60, 400),
        ("wrong", secret, 0, 400),
        ("", secret, 0, 400),
        (VERIFIER, "wrong", 0, 401),
    ] {
        let code = code().await;
        clock.advance(Duration::from_secs(age));
        assert_eq!(exchange(&provider, &code, verifier, secret).await.0, status, "{verifier} {age}");
        assert_ne!(exchange(&provider, &code, VERIFIER, secret).await.0, 200, "the code was used");
    }
    for (parameters, error) in [
        (vec![("scope", "email")], "invalid_scope"),
        (vec![openid, ("code_challenge", VERIFIER), ("code_challenge_method", "plain")], "invalid_request"),
    ] {
        let landing = authorize(&provider, "/authorize", &parameters).await;
        assert_eq!((landing.parameter("error").as_deref(), landing.parameter("state").as_deref()), (Some(error), Some("s")));
    }
    provider.sign_out();
    assert_eq!(authorize(&provider, "/authorize", &[openid]).await.parameter("error").as_deref(), Some("login_required"));
    provider.deny();
    assert_eq!(authorize(&provider, "/authorize", &[openid]).await.parameter("error").as_deref(), Some("access_denied"));
    provider.register_redirect("https://auth.example.com/other");
    assert_eq!(authorize(&provider, "/authorize", &[openid]).await.page().expect("nobody is sent away").status(), 400);
}

#[tokio::test]
async fn providers_misbehave_in_one_way_at_a_time() {
    use Misbehaviour as M;
    let provider = IdentityProvider::oidc().await;
    let (good, _) = verify(&provider, sign_in(&provider).await["id_token"].as_str().expect("an ID token")).await;
    for (how, claim, valid) in [
        (M::WrongNonce, "nonce", true),
        (M::NoNonce, "nonce", true),
        (M::WrongAudience, "aud", true),
        (M::OtherAuthorizedParty, "azp", true),
        (M::WrongIssuer, "iss", true),
        (M::AlgNone, "", false),
        (M::UnknownKey, "", false),
    ] {
        provider.misbehave(how);
        let (claims, signed) = verify(&provider, sign_in(&provider).await["id_token"].as_str().expect("an ID token")).await;
        assert_eq!(signed, valid, "{how:?}");
        let differ = ["iss", "sub", "nonce", "azp", "email"].into_iter().filter(|name| claims[name] != good[name]);
        let expected: Vec<&str> = if claim == "aud" { Vec::new() } else { vec![claim] };
        assert_eq!(differ.collect::<Vec<_>>(), expected.into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>(), "{how:?}");
        assert_eq!(claims["aud"] != good["aud"], matches!(how, M::WrongAudience | M::OtherAuthorizedParty), "{how:?}");
        provider.behave();
    }
    provider.misbehave(M::Expired);
    let (claims, _) = verify(&provider, sign_in(&provider).await["id_token"].as_str().expect("an ID token")).await;
    assert!(claims["exp"].as_u64() < good["iat"].as_u64());
    provider.misbehave(M::NoIdToken);
    let answer = sign_in(&provider).await;
    assert!(answer["id_token"].is_null());
    provider.misbehave(M::OtherSubjectAtUserinfo);
    let bearer = format!("Bearer {}", answer["access_token"].as_str().expect("a token"));
    assert!(ask(&provider, "GET", "/userinfo", &[("Authorization", &bearer)], &[]).await.1.contains("somebody-else"));
    provider.misbehave(M::WrongIssParameter);
    provider.misbehave(M::WrongState);
    let landing = authorize(&provider, "/authorize", &[("scope", "openid")]).await;
    assert_eq!(landing.parameter("iss").as_deref(), Some("https://other.example"));
    assert_ne!(landing.parameter("state").as_deref(), Some("s"));
    provider.misbehave(M::Unavailable);
    assert_eq!(ask(&provider, "GET", "/jwks", &[], &[]).await.0, 503);
}

#[tokio::test]
async fn users_sign_in_with_what_looks_like_github() {
    let provider = IdentityProvider::github().await;
    provider.sign_in(User::new("octo").subject("583231").unverified_email("octo@example.com").groups(&["acme"]));
    let token = async |scope: &str, accept: &[(&str, &str)]| {
        let landing = authorize(&provider, "/login/oauth/authorize", &[("scope", scope)]).await;
        let code = landing.parameter("code").expect("a code");
        let (id, secret) = (provider.client_id(), provider.client_secret());
        let form = [("client_id", id), ("client_secret", secret), ("code", &code), ("redirect_uri", BACK)];
        ask(&provider, "POST", "/login/oauth/access_token", accept, &form).await
    };
    let (status, body) = token("read:user", &[]).await;
    let answer: Vec<(String, String)> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    assert_eq!((status, answer[0].0.as_str(), &answer[2].1), (200, "access_token", &"read:user".to_owned()));
    let narrow = format!("Bearer {}", answer[0].1);
    let (_, body) = token("user:email read:org", &[("Accept", "application/json")]).await;
    let answer: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(answer["scope"], "user:email,read:org");
    let wide = format!("token {}", answer["access_token"].as_str().expect("a token"));
    for (path, token, agent, status, holds) in [
        ("/user", &narrow, "me", 200, r#""id":583231,"login":"octo","name":"octo","email":null"#),
        ("/user", &narrow, "", 403, "User-Agent"),
        ("/user", &"Bearer x".to_owned(), "me", 401, "Bad credentials"),
        ("/user/emails", &narrow, "me", 404, "Not Found"),
        ("/user/emails", &wide, "me", 200, r#""email":"octo@example.com","primary":true,"verified":false"#),
        ("/user/orgs", &narrow, "me", 403, "read:org"),
        ("/user/orgs", &wide, "me", 200, r#"[{"login":"acme"}]"#),
    ] {
        let (got, body) = ask(&provider, "GET", path, &[("Authorization", token), ("User-Agent", agent)], &[]).await;
        assert!(got == status && body.contains(holds), "{path}: {got} {body}");
    }
    let (status, body) = ask(&provider, "POST", "/login/oauth/access_token", &[], &[("code", "x")]).await;
    assert!(status == 200 && body.starts_with("error=incorrect_client_credentials"), "{body}");
    provider.register_redirect(BACK);
    let bare = format!("{}/login/oauth/authorize?client_id={}", provider.url(), provider.client_id());
    let back = Browser::new().visit(&bare).await.expect("it answers").external().expect("it leads back");
    assert!(back.as_str().starts_with(&format!("{BACK}?code=")), "{back}");
    provider.deny();
    assert_eq!(authorize(&provider, "/login/oauth/authorize", &[]).await.parameter("error").as_deref(), Some("access_denied"));
}
