//! An OpenID Connect provider, and what it or others may do wrong.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::*;
use crate::digest::sha256;
use crate::jwt::testing::{Signer, encode};
use crate::server::login::testing::{START, host};
use crate::server::login::{OidcUpstream, Upstream};

const A: &str = "https://a.example";
const BACK: &str = "https://mcp.example.com/login/test/callback";
const UNTRUE: &str = "A could not tell who you are; try again";

/// A provider in memory, a server that lets people sign in with it, and its time.
struct Case {
    site: Arc<FakeSite>,
    signer: Signer,
    method: OidcUpstream,
    time: Arc<AtomicU64>,
}

impl Case {
    fn new() -> Self {
        Self::with(|method| method)
    }

    fn with(change: impl FnOnce(OidcUpstream) -> OidcUpstream) -> Self {
        let (site, signer) = (fake(), Signer::es256());
        let (time, host) = host(site.clone());
        let mut method = change(Upstream::oidc(A, "us", "hush").expect("an issuer").named("a", "A"));
        method.attach(&host);
        site.put("GET /jwks", 200, &json!({ "keys": [signer.jwk("k")] }));
        let case = Self { site, signer, method, time };
        case.describe(&json!({}));
        case
    }

    /// Publishes metadata with these changes.
    fn describe(&self, changes: &Value) {
        let metadata = json!({
            "issuer": A,
            "authorization_endpoint": format!("{A}/authorize?tenant=1"),
            "token_endpoint": format!("{A}/token"),
            "jwks_uri": format!("{A}/jwks"),
        });
        self.site.put("GET /.well-known/openid-configuration", 200, &merge(metadata, changes));
    }

    async fn send(&self) -> Sent {
        let mut browser = Browser::new();
        let time = self.time.clone();
        browser.clock = crate::Clock::new(move || std::time::UNIX_EPOCH + std::time::Duration::from_secs(time.load(Ordering::SeqCst)));
        Sent::by(&self.method, browser).await
    }

    /// Answers the code with an ID token.
    fn issue(&self, token: &str) {
        self.site.put("POST /token", 200, &json!({ "access_token": "at", "token_type": "Bearer", "id_token": token }));
    }

    /// Signs in with a token that holds the right claims but for these changes.
    async fn sign_in(&self, changes: &Value) -> Result<Identity, String> {
        let mut sent = self.send().await;
        self.issue(&self.signer.sign(HEADER, &merge(claims(&sent), changes).to_string()));
        self.back(&mut sent).await
    }

    async fn back(&self, sent: &mut Sent) -> Result<Identity, String> {
        let state = sent.query("state").to_owned();
        sent.back(&self.method, &[("code", "c"), ("state", &state)]).await
    }
}

const HEADER: &str = r#"{"alg":"ES256","kid":"k","typ":"JWT"}"#;

fn claims(sent: &Sent) -> Value {
    json!({
        "iss": A, "aud": "us", "sub": "7", "exp": START + 300, "iat": START, "nonce": sent.query("nonce"),
        "email": "Ann@Example.com", "email_verified": true, "name": "Ann",
    })
}

/// With these members; those that are `null` are left out.
fn merge(mut object: Value, changes: &Value) -> Value {
    let members = object.as_object_mut().expect("an object");
    for (name, value) in changes.as_object().expect("an object") {
        members.insert(name.clone(), value.clone());
    }
    members.retain(|_, value| !value.is_null());
    object
}

#[tokio::test]
async fn a_person_is_who_the_provider_says() {
    let case = Case::new();
    let mut sent = case.send().await;
    assert_eq!(sent.endpoint, "https://a.example/authorize");
    for (name, value) in [
        ("tenant", "1"),
        ("client_id", "us"),
        ("redirect_uri", BACK),
        ("response_type", "code"),
        ("scope", "openid profile email"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(sent.query(name), value, "{name}");
    }
    case.issue(&case.signer.sign(HEADER, &claims(&sent).to_string()));
    let identity = case.back(&mut sent).await.expect("it is known");
    let expected = Identity {
        issuer: A.to_owned(),
        subject: "7".to_owned(),
        email: Some("ann@example.com".to_owned()),
        name: Some("Ann".to_owned()),
        groups: Vec::new(),
        amr: vec!["fed"],
    };
    assert_eq!(identity, expected);

    let request = case.site.asked("/token");
    let sent_form = form(&request);
    assert_eq!(
        (sent_form["grant_type"].as_str(), sent_form["code"].as_str(), sent_form["redirect_uri"].as_str()),
        ("authorization_code", "c", BACK)
    );
    assert_eq!(URL_SAFE_NO_PAD.encode(sha256(&[sent_form["code_verifier"].as_bytes()])), sent.query("code_challenge"));
    // "us:hush"
    assert_eq!(request.headers()["authorization"], "Basic dXM6aHVzaA==");
    assert!(!sent_form.contains_key("client_secret"));
    assert!(!format!("{:?}", case.method).contains("hush"));
}

#[tokio::test]
async fn the_secret_goes_where_the_provider_takes_it() {
    for (methods, basic, post) in [
        (json!(["client_secret_post"]), false, true),
        (json!(["private_key_jwt", "client_secret_post", "client_secret_basic"]), true, false),
        (Value::Null, true, false),
        (json!(["private_key_jwt"]), false, false),
    ] {
        let case = Case::new();
        case.describe(&json!({ "token_endpoint_auth_methods_supported": methods }));
        assert_eq!(case.sign_in(&json!({})).await.is_ok(), basic || post, "{methods}");
        if basic || post {
            let request = case.site.asked("/token");
            assert_eq!(request.headers().contains_key("authorization"), basic, "{methods}");
            assert_eq!(form(&request).get("client_secret").map(String::as_str), post.then_some("hush"), "{methods}");
        }
    }
}

#[tokio::test]
async fn id_tokens_that_are_not_for_this_sign_in_let_nobody_in() {
    for (what, changes, let_in) in [
        ("nothing wrong", json!({}), true),
        ("another nonce", json!({ "nonce": "other" }), false),
        ("no nonce", json!({ "nonce": null }), false),
        ("another client", json!({ "aud": "them" }), false),
        ("no client", json!({ "aud": null }), false),
        ("other clients", json!({ "aud": ["them", "those"] }), false),
        ("this client in a list", json!({ "aud": ["us"] }), true),
        ("several clients", json!({ "aud": ["us", "them"] }), false),
        ("several clients, issued to this one", json!({ "aud": ["us", "them"], "azp": "us" }), true),
        ("several clients, issued to another", json!({ "aud": ["us", "them"], "azp": "them" }), false),
        ("issued to another client", json!({ "azp": "them" }), false),
        ("azp that is no text", json!({ "azp": ["us"] }), false),
        ("another issuer", json!({ "iss": "https://b.example" }), false),
        ("nearly the issuer", json!({ "iss": "https://a.example/" }), false),
        ("no issuer", json!({ "iss": null }), false),
        ("expired", json!({ "exp": START - 31 }), false),
        ("just expired, by another clock", json!({ "exp": START - 29 }), true),
        ("never expires", json!({ "exp": null }), false),
        ("from the future", json!({ "iat": START + 61 }), false),
        ("not valid yet", json!({ "nbf": START + 31 }), false),
        ("no subject", json!({ "sub": null }), false),
        ("an empty subject", json!({ "sub": "" }), false),
        ("a number for a subject", json!({ "sub": 7 }), false),
        ("a long subject", json!({ "sub": "7".repeat(256) }), false),
    ] {
        let verdict = Case::new().sign_in(&changes).await;
        assert_eq!(verdict.is_ok(), let_in, "{what}: {verdict:?}");
        assert!(let_in || verdict == Err(UNTRUE.to_owned()), "{what}: {verdict:?}");
    }
}

#[tokio::test]
async fn id_tokens_that_the_provider_did_not_sign_let_nobody_in() {
    let case = Case::new();
    let other = Signer::es256();
    for what in ["alg none", "no signature", "HMAC with the public key", "another key", "an access token", "crit", "no token"] {
        let mut sent = case.send().await;
        let payload = claims(&sent).to_string();
        let unsigned = |header: &str| format!("{}.{}.", encode(header), encode(&payload));
        case.issue(&match what {
            "alg none" => unsigned(r#"{"alg":"none"}"#),
            "no signature" => unsigned(HEADER),
            "HMAC with the public key" => format!("{}{}", unsigned(r#"{"alg":"HS256","kid":"k"}"#), encode([0; 32])),
            "another key" => other.sign(HEADER, &payload),
            "an access token" => case.signer.sign(r#"{"alg":"ES256","kid":"k","typ":"at+jwt"}"#, &payload),
            "crit" => case.signer.sign(r#"{"alg":"ES256","kid":"k","crit":["x"],"x":1}"#, &payload),
            _ => String::new(),
        });
        assert_eq!(case.back(&mut sent).await, Err(UNTRUE.to_owned()), "{what}");
    }
    case.site.put("POST /token", 200, &json!({ "access_token": "at" }));
    assert_eq!(case.back(&mut case.send().await).await, Err(UNTRUE.to_owned()));
    case.site.put("POST /token", 400, &json!({ "error": "invalid_grant" }));
    assert_eq!(case.back(&mut case.send().await).await, Err(UNTRUE.to_owned()));
}

#[tokio::test]
async fn addresses_count_if_the_provider_has_verified_them() {
    for (email, verified, known) in [
        (json!("ann@example.com"), json!(true), Some("ann@example.com")),
        (json!("ann@example.com"), json!(false), None),
        (json!("ann@example.com"), json!("true"), None),
        (json!("ann@example.com"), json!(1), None),
        (json!("ann@example.com"), Value::Null, None),
        (json!("ann@example.com\r\nBcc: eve@example.com"), json!(true), None),
        (json!(["ann@example.com"]), json!(true), None),
        (Value::Null, json!(true), None),
    ] {
        let identity = Case::new().sign_in(&json!({ "email": email, "email_verified": verified })).await.expect("it is known");
        assert_eq!(identity.email.as_deref(), known, "{email} {verified}");
    }
}

#[tokio::test]
async fn the_same_subject_of_two_issuers_is_two_people() {
    let identity = Case::new().sign_in(&json!({})).await.expect("it is known");
    let site = fake();
    let mut other = Upstream::oidc("https://b.example", "us", "hush").expect("an issuer");
    other.attach(&host(site.clone()).1);
    let signer = Signer::es256();
    let metadata = json!({
        "issuer": "https://b.example", "authorization_endpoint": "https://b.example/authorize", "token_endpoint": "https://b.example/token",
        "jwks_uri": "https://b.example/jwks",
    });
    site.put("GET /.well-known/openid-configuration", 200, &metadata);
    site.put("GET /jwks", 200, &json!({ "keys": [signer.jwk("k")] }));
    let mut sent = Sent::by(&other, Browser::new()).await;
    let claims = merge(claims(&sent), &json!({ "iss": "https://b.example" }));
    site.put("POST /token", 200, &json!({ "id_token": signer.sign(HEADER, &claims.to_string()) }));
    let state = sent.query("state").to_owned();
    let same = sent.back(&other, &[("code", "c"), ("state", &state)]).await.expect("it is known");
    assert_eq!(same.subject, identity.subject);
    assert_ne!(same.issuer, identity.issuer);
}

#[tokio::test]
async fn who_was_not_sent_does_not_come_back() {
    let case = Case::new();
    let strange = Err("this sign-in took too long, or was begun in another window; sign in again".to_owned());
    let mut sent = case.send().await;
    case.issue(&case.signer.sign(HEADER, &claims(&sent).to_string()));
    let state = sent.query("state").to_owned();
    assert_eq!(sent.back(&case.method, &[("code", "c"), ("state", "other")]).await, strange);
    assert_eq!(sent.back(&case.method, &[("code", "c"), ("state", &state)]).await, strange, "a wrong answer ends it");

    for parameters in [&[("code", "c")][..], &[("code", "c"), ("state", "")], &[]] {
        assert_eq!(case.send().await.back(&case.method, parameters).await, strange, "{parameters:?}");
    }
    let mut sent = case.send().await;
    let state = sent.query("state").to_owned();
    assert_eq!(sent.back(&case.method, &[("code", "c"), ("code", "d"), ("state", &state)]).await, strange);

    let mut sent = case.send().await;
    case.issue(&case.signer.sign(HEADER, &claims(&sent).to_string()));
    assert!(case.back(&mut sent).await.is_ok());
    assert_eq!(case.back(&mut sent).await, strange, "it is used up");

    let mut sent = case.send().await;
    let mut other = case.send().await;
    let state = sent.query("state").to_owned();
    assert_eq!(other.back(&case.method, &[("code", "c"), ("state", &state)]).await, strange, "of another browser");
    case.time.fetch_add(600, Ordering::SeqCst);
    assert_eq!(case.back(&mut sent).await, strange, "too late");
}

#[tokio::test]
async fn answers_name_their_issuer_if_they_are_to() {
    for (advertised, iss, let_in) in [
        (false, "", true),
        (false, A, true),
        (false, "https://b.example", false),
        (true, "", false),
        (true, A, true),
        (true, "https://a.example/", false),
    ] {
        let case = Case::new();
        case.describe(&json!({ "authorization_response_iss_parameter_supported": advertised }));
        let mut sent = case.send().await;
        case.issue(&case.signer.sign(HEADER, &claims(&sent).to_string()));
        let state = sent.query("state").to_owned();
        let verdict = sent.back(&case.method, &[("code", "c"), ("state", &state), ("iss", iss)]).await;
        assert_eq!(verdict.is_ok(), let_in, "{advertised} {iss}");
    }
}

#[tokio::test]
async fn a_refusal_is_told_in_words_of_this_server() {
    let case = Case::new();
    for (error, message) in [("access_denied", "A was told not to sign you in here"), ("<script>", "A did not sign you in; try again")] {
        let mut sent = case.send().await;
        let state = sent.query("state").to_owned();
        let back = sent.back(&case.method, &[("error", error), ("error_description", "<b>"), ("state", &state)]).await;
        assert_eq!(back, Err(message.to_owned()));
    }
}

#[tokio::test]
async fn only_accounts_of_the_right_tenant_are_let_in() {
    let only = |method: OidcUpstream| method.only("hd", ["example.com", "example.org"]).only("tid", ["1"]);
    for (changes, let_in) in [
        (json!({ "hd": "example.com", "tid": "1" }), true),
        (json!({ "hd": "example.org", "tid": "1" }), true),
        (json!({ "hd": "example.com" }), false),
        (json!({ "hd": "sub.example.com", "tid": "1" }), false),
        (json!({ "hd": ["example.com"], "tid": "1" }), false),
        (json!({ "hd": "example.com", "tid": 1 }), false),
        (json!({}), false),
    ] {
        assert_eq!(Case::with(only).sign_in(&changes).await.is_ok(), let_in, "{changes}");
    }
}

#[tokio::test]
async fn groups_and_methods_are_taken_from_providers_that_are_believed() {
    let said = json!({ "groups": ["ops", 7, "dev"], "amr": ["pwd", "otp", "made-up", "fed"] });
    let plain = Case::new().sign_in(&said).await.expect("it is known");
    assert_eq!((plain.groups, plain.amr), (Vec::new(), vec!["fed"]));
    let believed = Case::with(|method| method.groups_claim("groups").pass_amr()).sign_in(&said).await.expect("it is known");
    assert_eq!((believed.groups, believed.amr), (vec!["ops".to_owned(), "dev".to_owned()], vec!["fed", "pwd", "otp"]));
    let one = Case::with(|method| method.groups_claim("role")).sign_in(&json!({ "role": "ops" })).await.expect("it is known");
    assert_eq!(one.groups, ["ops"]);
}

#[tokio::test]
async fn what_the_id_token_leaves_out_is_asked_for_if_it_is_of_the_same_person() {
    let thin = json!({ "email": null, "email_verified": true, "name": null });
    for (more, verdict) in [
        (json!({ "sub": "7", "email": "ann@example.com", "email_verified": true }), Ok(Some("ann@example.com"))),
        (json!({ "sub": "7", "email": "ann@example.com" }), Ok(None)),
        (json!({ "sub": "8", "email": "eve@example.com", "email_verified": true }), Err(())),
        (json!({ "email": "eve@example.com", "email_verified": true }), Err(())),
        (json!([]), Err(())),
    ] {
        let case = Case::new();
        case.describe(&json!({ "userinfo_endpoint": format!("{A}/userinfo") }));
        case.site.put("GET /userinfo", 200, &more);
        let found = case.sign_in(&thin).await;
        assert_eq!(found.as_ref().map(|identity| identity.email.as_deref()).map_err(drop), verdict, "{more}");
        assert_eq!(case.site.asked("/userinfo").headers()["authorization"], "Bearer at");
    }
}

#[tokio::test]
async fn a_provider_that_is_away_or_of_no_use_is_said_to_be() {
    let case = Case::new();
    for (changes, message) in [
        (json!({ "issuer": "https://b.example" }), "A cannot be reached right now; try again shortly"),
        (json!({ "authorization_endpoint": null }), UNTRUE),
        (json!({ "authorization_endpoint": "javascript:alert(1)" }), UNTRUE),
    ] {
        let case = Case::new();
        case.describe(&changes);
        let error = Browser::new().step(&case.method, LoginStep::Begin).await.expect_err("there is nowhere to go");
        assert_eq!(error.message, message, "{changes}");
    }
    let unattached = Upstream::oidc(A, "us", "hush").expect("an issuer");
    assert!(Browser::new().step(&unattached, LoginStep::Begin).await.is_err());
    assert_eq!((case.method.id(), case.method.label().as_str()), ("a", "Continue with A"));
    assert_eq!(unattached.label(), "Continue with a.example");
}
