//! Clients that show who they are, and others that try.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::super::NewClient;
use super::super::testing::{Case, ISSUER, NOW, asked, document, text};
use super::*;
use crate::JwsAlgorithm;
use crate::jwt::testing::Signer;

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const KEYS: &str = "https://app.example/jwks";

type Header = (&'static str, String);

/// What is answered: the client, or code, status and whether `Basic` is asked for.
async fn identify(case: &Case, headers: &[Header], form: &[(&str, &str)]) -> Result<String, (&'static str, u16, bool)> {
    let (asked, form) = asked(headers, form);
    let found = case.clients.authenticate(&asked, &form).await;
    found.map(|client| client.id).map_err(|error| (error.code, error.status.as_u16(), error.basic))
}

fn basic(scheme: &str, id: &str, secret: &str) -> Header {
    ("authorization", format!("{scheme} {}", STANDARD.encode(format!("{id}:{secret}"))))
}

const WRONG: Result<String, (&str, u16, bool)> = Err(("invalid_client", 401, false));
const WRONG_BASIC: Result<String, (&str, u16, bool)> = Err(("invalid_client", 401, true));
const TWICE: Result<String, (&str, u16, bool)> = Err(("invalid_request", 400, false));

#[test]
fn the_hash_of_no_secret_is_as_long_as_any_other() {
    let hash = crate::server::secrets::MasterKey::generate().derive().id_of("secret");
    assert_eq!(hash.len(), NO_HASH.len());
    assert!(hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "no hash is that of none");
}

#[tokio::test]
async fn secrets_are_sent_as_it_was_registered() {
    let case = Case::with(|settings| settings.failures_per_client = 1_000);
    let register = async |method: Option<&str>| {
        let answer = case.register(&json!({ "redirect_uris": ["https://app.example/cb"], "token_endpoint_auth_method": method })).await;
        let secret = answer["client_secret"].as_str().unwrap_or_default().to_owned();
        (text(&answer, "client_id").to_owned(), secret)
    };
    let (any, by_basic, by_post, public) = (
        register(None).await,
        register(Some("client_secret_basic")).await,
        register(Some("client_secret_post")).await,
        register(Some("none")).await,
    );
    for ((id, secret), basic_works, post_works) in
        [(&any, true, true), (&by_basic, true, false), (&by_post, false, true), (&public, false, false)]
    {
        let secret = if secret.is_empty() { "guess" } else { secret };
        let expected = |works: bool, otherwise: &Result<String, _>| if works { Ok(id.clone()) } else { otherwise.clone() };
        for scheme in ["Basic", "basic", "BASIC"] {
            assert_eq!(identify(&case, &[basic(scheme, id, secret)], &[]).await, expected(basic_works, &WRONG_BASIC), "{scheme} {id}");
        }
        assert_eq!(identify(&case, &[basic("Basic", id, secret)], &[("client_id", id)]).await, expected(basic_works, &WRONG_BASIC));
        assert_eq!(identify(&case, &[], &[("client_id", id), ("client_secret", secret)]).await, expected(post_works, &WRONG));
        assert_eq!(identify(&case, &[], &[("client_id", id)]).await, expected(*id == public.0, &WRONG));
        assert_eq!(identify(&case, &[basic("Basic", id, "")], &[]).await, expected(*id == public.0, &WRONG_BASIC));
    }
    let (id, secret) = &any;
    for (headers, form, verdict) in [
        (vec![], vec![], &WRONG),
        (vec![], vec![("client_secret", secret.as_str())], &WRONG),
        (vec![], vec![("client_id", id), ("client_secret", "wrong")], &WRONG),
        (vec![], vec![("client_id", "unknown"), ("client_secret", secret)], &WRONG),
        (vec![], vec![("client_id", id), ("client_secret", &secret[..secret.len() - 1])], &WRONG),
        (vec![basic("Basic", id, "wrong")], vec![], &WRONG_BASIC),
        (vec![basic("Basic", "unknown", secret)], vec![], &WRONG_BASIC),
        (vec![basic("Basic", &by_basic.0, secret)], vec![], &WRONG_BASIC),
        (vec![("authorization", "Basic !".to_owned())], vec![("client_id", id)], &WRONG_BASIC),
        (vec![("authorization", "Basic".to_owned())], vec![("client_id", id)], &WRONG_BASIC),
        (vec![("authorization", format!("Basic {}", STANDARD.encode(id)))], vec![], &WRONG_BASIC),
        (vec![("authorization", format!("Bearer {secret}"))], vec![("client_id", id)], &WRONG),
        (vec![basic("Basic", id, secret)], vec![("client_secret", secret)], &TWICE),
        (vec![basic("Basic", id, secret)], vec![("client_id", &public.0)], &TWICE),
        (vec![basic("Basic", id, secret), basic("Basic", id, secret)], vec![], &TWICE),
        (vec![basic("Basic", id, secret)], vec![("client_assertion_type", TYPE), ("client_assertion", "a.b.c")], &TWICE),
        (vec![], vec![("client_id", id), ("client_secret", secret), ("client_assertion", "a.b.c")], &TWICE),
        (vec![], vec![("client_id", id), ("client_id", id), ("client_secret", secret)], &TWICE),
        (vec![], vec![("client_id", id), ("client_secret", secret), ("client_secret", secret)], &TWICE),
    ] {
        assert_eq!(&identify(&case, &headers, &form).await, verdict, "{headers:?} {form:?}");
    }
    let text = |error: OAuthError| error.description;
    let wrong = async |id: &str| {
        let (asked, form) = asked(&[], &[("client_id", id), ("client_secret", "wrong")]);
        text(case.clients.authenticate(&asked, &form).await.expect_err("it is refused"))
    };
    assert_eq!(wrong(id).await, wrong("unknown").await);
}

#[test]
fn basic_credentials_are_form_encoded() {
    for (pair, id, secret) in
        [("a%3Ab:c%25d", "a:b", "c%d"), ("a+b:c%2Bd", "a b", "c+d"), ("a:b=c&d", "a", "b=c&d"), ("a:", "a", ""), (":", "", "")]
    {
        let (asked, form) = asked(&[("authorization", format!("Basic {}", STANDARD.encode(pair).trim_end_matches('=')))], &[]);
        let credentials = Credentials::read(&asked, &form).map_err(|error| error.code).expect("credentials");
        let found = match credentials.proof {
            Proof::Secret(_, secret) => secret,
            _ => String::new(),
        };
        assert_eq!((credentials.id.as_deref(), found.as_str()), (Some(id), secret), "{pair}");
    }
}

/// A client with a key, and what it signs.
struct Keyed {
    id: String,
    signer: Signer,
}

impl Keyed {
    fn claims(&self) -> Value {
        json!({ "iss": self.id, "sub": self.id, "aud": ISSUER, "exp": NOW + 300, "iat": NOW, "jti": crate::server::secrets::new_id() })
    }

    fn sign(&self, claims: &Value) -> String {
        self.signer.sign(&json!({ "alg": self.signer.alg, "kid": "a", "typ": "JWT" }).to_string(), &claims.to_string())
    }

    fn with(&self, name: &str, value: Value) -> String {
        let mut claims = self.claims();
        claims[name] = value;
        self.sign(&claims)
    }
}

async fn keyed(case: &Case, alg: Option<&str>) -> Keyed {
    let signer = Signer::es256();
    let new = NewClient {
        name: "Robot".to_owned(),
        redirect_uris: vec![],
        auth_method: AuthMethod::PrivateKeyJwt,
        jwks: Some(json!({ "keys": [signer.jwk("a")] })),
        jwks_uri: None,
        assertion_alg: alg.map(str::to_owned),
        scopes: Some(BTreeSet::from(["read".to_owned()])),
    };
    Keyed { id: case.clients.add_operator_client(new).await.expect("a client").0, signer }
}

async fn assert_with(case: &Case, id: Option<&str>, assertion: &str) -> Result<String, (&'static str, u16, bool)> {
    let mut form = vec![("client_assertion_type", TYPE), ("client_assertion", assertion)];
    form.extend(id.map(|id| ("client_id", id)));
    identify(case, &[], &form).await
}

#[tokio::test]
async fn assertions_are_for_this_server_alone_and_once() {
    let case = Case::with(|settings| settings.failures_per_client = 1_000);
    let (robot, other) = (keyed(&case, Some("ES256")).await, keyed(&case, None).await);
    let token_endpoint = format!("{ISSUER}/token");
    let ok = Ok(robot.id.clone());
    for good in [
        robot.sign(&robot.claims()),
        robot.with("aud", json!(token_endpoint)),
        robot.with("aud", json!([ISSUER])),
        robot.with("exp", json!(NOW + 330)),
        robot.with("exp", json!(NOW - 20)),
        robot.with("iat", json!(NOW + 20)),
        robot.signer.sign(r#"{"alg":"ES256"}"#, &robot.claims().to_string()),
        robot.signer.sign(r#"{"alg":"ES256","typ":"client-authentication+jwt"}"#, &robot.claims().to_string()),
    ] {
        assert_eq!(assert_with(&case, None, &good).await, ok, "{good}");
        assert_eq!(assert_with(&case, Some(&robot.id), &good).await, WRONG, "it was used: {good}");
    }
    let mut tampered = robot.sign(&robot.claims());
    tampered.pop();
    let foreign = Keyed { id: robot.id.clone(), signer: Signer::es256() };
    let rsa = Keyed { id: robot.id.clone(), signer: Signer::rsa(JwsAlgorithm::Rs256) };
    for bad in [
        robot.with("aud", json!([ISSUER, token_endpoint])),
        robot.with("aud", json!([ISSUER, "https://other.example"])),
        robot.with("aud", json!([])),
        robot.with("aud", json!("https://other.example")),
        robot.with("aud", json!(format!("{ISSUER}/"))),
        robot.with("aud", Value::Null),
        robot.with("iss", json!(other.id)),
        robot.with("sub", json!(other.id)),
        robot.with("iss", Value::Null),
        robot.with("exp", json!(NOW + 331)),
        robot.with("exp", json!(NOW - 30)),
        robot.with("exp", Value::Null),
        robot.with("exp", json!("soon")),
        robot.with("exp", json!(u64::MAX)),
        robot.with("nbf", json!(NOW + 60)),
        robot.with("iat", json!(NOW + 60)),
        robot.with("jti", Value::Null),
        robot.with("jti", json!("")),
        robot.with("jti", json!("x".repeat(513))),
        foreign.sign(&robot.claims()),
        rsa.sign(&robot.claims()),
        other.sign(&robot.claims()),
        robot.signer.sign(r#"{"alg":"ES256","typ":"at+jwt"}"#, &robot.claims().to_string()),
        robot.signer.sign(r#"{"alg":"none"}"#, &robot.claims().to_string()),
        robot.signer.sign(r#"{"alg":"HS256"}"#, &robot.claims().to_string()),
        robot.signer.sign(r#"{"alg":"ES256","crit":["x"]}"#, &robot.claims().to_string()),
        tampered,
        "a.b.c".to_owned(),
        "opaque".to_owned(),
    ] {
        assert_eq!(assert_with(&case, None, &bad).await, WRONG, "{bad}");
        assert_eq!(assert_with(&case, Some(&robot.id), &bad).await, WRONG, "{bad}");
    }
    let good = robot.sign(&robot.claims());
    for (form, verdict) in [
        (vec![("client_id", robot.id.as_str())], &WRONG),
        (vec![("client_id", &robot.id), ("client_secret", "x")], &WRONG),
        (vec![("client_id", &other.id), ("client_assertion_type", TYPE), ("client_assertion", &good)], &WRONG),
        (vec![("client_assertion", &good)], &WRONG),
        (vec![("client_assertion_type", TYPE), ("client_id", &robot.id)], &WRONG),
        (vec![("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"), ("client_assertion", &good)], &WRONG),
        (vec![("client_assertion_type", TYPE), ("client_assertion", &good), ("client_assertion", &good)], &TWICE),
    ] {
        assert_eq!(&identify(&case, &[], &form).await, verdict, "{form:?}");
    }
    assert_eq!(assert_with(&case, Some(&robot.id), &good).await, ok);
}

#[tokio::test]
async fn of_all_who_send_one_assertion_at_once_one_is_let_in() {
    let case = Case::new();
    let robot = keyed(&case, None).await;
    let assertion = robot.sign(&robot.claims());
    let send = || assert_with(&case, None, &assertion);
    let results = tokio::join!(send(), send(), send(), send());
    let let_in = [results.0, results.1, results.2, results.3].into_iter().filter(Result::is_ok).count();
    assert_eq!(let_in, 1);
}

#[tokio::test]
async fn a_registered_algorithm_is_the_only_one() {
    let case = Case::new();
    let robot = keyed(&case, Some("RS256")).await;
    assert_eq!(assert_with(&case, None, &robot.sign(&robot.claims())).await, WRONG);
}

#[tokio::test]
async fn published_keys_are_fetched_when_needed_and_follow_rotation() {
    let case = Case::new();
    let id = "https://app.example/client.json".to_owned();
    let mut keyed_document = document(&id);
    keyed_document["token_endpoint_auth_method"] = json!("private_key_jwt");
    keyed_document["jwks_uri"] = json!(KEYS);
    case.web.serve(&id, &keyed_document);
    let robot = Keyed { id: id.clone(), signer: Signer::es256() };
    let send = async || assert_with(&case, None, &robot.sign(&robot.claims())).await;
    assert_eq!(send().await, Err(("temporarily_unavailable", 503, false)));
    case.pass(31);
    case.web.serve(KEYS, &json!({ "keys": [robot.signer.jwk("a")] }));
    assert_eq!((send().await, send().await), (Ok(id.clone()), Ok(id.clone())));
    assert_eq!(case.web.asked(), 3, "the document, and the keys twice");

    let renewed = Keyed { id: id.clone(), signer: Signer::es256() };
    let header = json!({ "alg": "ES256", "kid": "b" }).to_string();
    case.web.serve(KEYS, &json!({ "keys": [renewed.signer.jwk("b")] }));
    case.pass(31);
    let assertion = renewed.signer.sign(&header, &renewed.claims().to_string());
    assert_eq!(assert_with(&case, None, &assertion).await, Ok(id.clone()));
    for _ in 0..20 {
        assert_eq!(
            assert_with(&case, None, &renewed.signer.sign(&header.replace("\"b\"", "\"c\""), &renewed.claims().to_string())).await,
            WRONG
        );
    }
    assert_eq!(case.web.asked(), 4);
    assert_eq!(identify(&case, &[], &[("client_id", &id)]).await, WRONG, "it has to show who it is");
}

#[tokio::test]
async fn chatgpt_is_let_in_with_an_assertion_or_without() {
    let case = Case::new();
    let robot = Keyed { id: "https://chatgpt.com/oauth/client.json".to_owned(), signer: Signer::rsa(JwsAlgorithm::Rs256) };
    let send = async || assert_with(&case, Some(&robot.id), &robot.sign(&robot.claims())).await;
    assert_eq!(identify(&case, &[], &[("client_id", &robot.id)]).await, Ok(robot.id.clone()));
    assert_eq!(send().await, Ok(robot.id.clone()), "its host holds requests off, and it could have come without");
    case.pass(31);
    case.web.serve("https://chatgpt.com/oauth/jwks.json", &json!({ "keys": [robot.signer.jwk("a")] }));
    assert_eq!(send().await, Ok(robot.id.clone()));
    let foreign = Keyed { id: robot.id.clone(), signer: Signer::rsa(JwsAlgorithm::Rs256) };
    assert_eq!(assert_with(&case, None, &foreign.sign(&foreign.claims())).await, WRONG);
}

#[tokio::test]
async fn who_fails_too_often_waits_and_nobody_else() {
    let case = Case::with(|settings| (settings.failures_per_client, settings.failures_per_address) = (3, 5));
    let register = async || {
        let answer = case.register(&json!({ "redirect_uris": ["https://app.example/cb"] })).await;
        (text(&answer, "client_id").to_owned(), text(&answer, "client_secret").to_owned())
    };
    let (one, two) = (register().await, register().await);
    let post = async |id: &str, secret: &str| identify(&case, &[], &[("client_id", id), ("client_secret", secret)]).await;
    let slow = Err(("slow_down", 429, false));
    for _ in 0..3 {
        assert_eq!(post(&one.0, "wrong").await, WRONG);
    }
    assert_eq!(post(&one.0, &one.1).await, slow);
    assert_eq!(post(&two.0, &two.1).await, Ok(two.0.clone()));
    for _ in 0..2 {
        assert_eq!(post(&two.0, "wrong").await, WRONG);
    }
    assert_eq!(post(&two.0, &two.1).await, slow);
    let (mut asked, form) = asked(&[], &[("client_id", &one.0), ("client_secret", &one.1)]);
    asked.peer = Some("198.51.100.7".parse().expect("an address"));
    assert_eq!(case.clients.authenticate(&asked, &form).await.map(|client| client.id), Ok(one.0.clone()));
    case.pass(600);
    assert_eq!(post(&one.0, &one.1).await, Ok(one.0.clone()));
}

#[tokio::test]
async fn a_client_whose_document_is_none_is_unknown_and_one_that_cannot_be_asked_is_not() {
    let case = Case::new();
    let (gone, down) = ("https://app.example/gone", "https://app.example/down");
    case.web.put(gone, 404, &[], "");
    assert_eq!(identify(&case, &[], &[("client_id", gone)]).await, WRONG);
    assert_eq!(identify(&case, &[], &[("client_id", down)]).await, Err(("temporarily_unavailable", 503, false)));
    assert_eq!(identify(&case, &[], &[("client_id", "x".repeat(10_000).as_str())]).await, WRONG);
}
