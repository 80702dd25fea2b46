//! Attacks on how clients identify themselves by assertions.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mcp_auth::server::ClientToAdd;
use mcp_tests::authorized::Authorized;
use mcp_tests::protected::{Answer, Signer};
use serde_json::{Value, json};

use crate::bench::{AT_ONCE, assert_error, assert_recorded, assert_unwritten, at_once, site};

const BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A client of the operator's that signs.
async fn service(site: &Authorized, signer: &Signer) -> String {
    let client = ClientToAdd {
        name: "Service".to_owned(),
        scopes: Some(["mcp:read".to_owned()].into()),
        jwks: Some(json!({"keys": [signer.jwk()]})),
        ..ClientToAdd::default()
    };
    site.auth.add_client(client).await.expect("it can be made").id
}

/// The claims of a good assertion, with changes; `null` removes one.
fn claims(site: &Authorized, id: &str, changes: &Value) -> Value {
    let now = site.clock.unix_seconds();
    let mut claims = json!({"iss": id, "sub": id, "aud": site.url, "iat": now, "exp": now + 60, "jti": format!("j{}", changes)});
    for (name, value) in changes.as_object().expect("changes are an object") {
        claims[name] = value.clone();
    }
    claims.as_object_mut().expect("claims are an object").retain(|_, value| !value.is_null());
    claims
}

async fn asked(site: &Authorized, assertion: &str) -> Answer {
    let fields = [("grant_type", "client_credentials"), ("client_assertion_type", BEARER), ("client_assertion", assertion)];
    site.post("/token", &fields).await
}

fn header() -> Value {
    json!({"alg": "ES256", "kid": "one", "typ": "JWT"})
}

#[tokio::test]
async fn attack_clients_an_assertion_is_for_this_server_this_client_and_now() {
    let site = site().await;
    let signer = Signer::new("one");
    let id = service(&site, &signer).await;
    let other = service(&site, &Signer::new("one")).await;
    let now = site.clock.unix_seconds();
    assert_eq!(asked(&site, &signer.sign(&header(), &claims(&site, &id, &json!({"jti": "good"})))).await.status, 200);
    for changes in [
        json!({"aud": "https://other.example"}),
        json!({"aud": "https://other.example/token"}),
        json!({"aud": format!("{}/mcp", site.url)}),
        json!({"aud": format!("{}.evil.example", site.url)}),
        json!({"aud": [site.url, "https://other.example"]}),
        json!({"aud": [site.url, format!("{}/token", site.url)]}),
        json!({"aud": []}),
        json!({"aud": null}),
        json!({"exp": now + 86_400}),
        json!({"exp": now - 3_600}),
        json!({"exp": null}),
        json!({"exp": "tomorrow"}),
        json!({"nbf": now + 3_600}),
        json!({"iat": now + 3_600}),
        json!({"jti": null}),
        json!({"jti": ""}),
        json!({"iss": "somebody"}),
        json!({"sub": "somebody"}),
        json!({"iss": other}),
        json!({"iss": other, "sub": other}),
        json!({"iss": null}),
        json!({"sub": null}),
    ] {
        let answer = asked(&site, &signer.sign(&header(), &claims(&site, &id, &changes))).await;
        assert!(answer.status == 401 && answer.json()["error"] == "invalid_client", "{changes}: {answer:?}");
    }
    assert_recorded(&site, "oauth/token", "invalid_client");
    let shown = signer.sign(&header(), &claims(&site, &id, &json!({"aud": "https://other.example", "jti": "last"})));
    asked(&site, &shown).await;
    assert_unwritten(&site, &[&shown]);
}

#[tokio::test]
async fn attack_clients_an_assertion_is_signed_by_the_clients_own_key() {
    let site = site().await;
    let (signer, evil) = (Signer::new("one"), Signer::new("one"));
    let id = service(&site, &signer).await;
    let good = claims(&site, &id, &json!({}));
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let with_secret = |secret: &[u8]| {
        let signed = format!("{}.{}", encode(&json!({"alg": "HS256", "kid": "one"})), encode(&good));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag))
    };
    let public = signer.jwk().to_string();
    let mut attacks = vec![
        evil.sign(&header(), &good),
        evil.sign(&json!({"alg": "ES256", "kid": "one", "jwk": evil.jwk()}), &good),
        evil.sign(&json!({"alg": "ES256", "kid": "one", "jku": "https://evil.example/keys"}), &good),
        evil.sign(&json!({"alg": "none"}), &good),
        signer.sign(&json!({"alg": "ES256", "kid": "one", "typ": "at+jwt"}), &good),
        signer.sign(&json!({"alg": "ES256", "kid": "one", "crit": ["evil"], "evil": 1}), &good),
        with_secret(public.as_bytes()),
        with_secret(id.as_bytes()),
        format!("{}.{}.", encode(&json!({"alg": "none"})), encode(&good)),
        "a.b.c".to_owned(),
        String::new(),
    ];
    // A token that this server gave is none either.
    let token = asked(&site, &signer.sign(&header(), &claims(&site, &id, &json!({"jti": "fine"})))).await.json();
    attacks.push(token["access_token"].as_str().expect("a token").to_owned());
    for assertion in &attacks {
        assert_error(&asked(&site, assertion).await, 401, "invalid_client");
    }
    let another_kind =
        [("grant_type", "client_credentials"), ("client_assertion_type", "urn:x"), ("client_assertion", attacks[0].as_str())];
    assert_error(&site.post("/token", &another_kind).await, 401, "invalid_client");
    assert_recorded(&site, "oauth/token", "invalid_client");
    assert_unwritten(&site, &[&attacks[0], &attacks[6]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_clients_an_assertion_is_good_once() {
    let site = site().await;
    let signer = Signer::new("one");
    let id = service(&site, &signer).await;
    let assertion = signer.sign(&header(), &claims(&site, &id, &json!({"jti": "once"})));
    let address = site.address;
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("grant_type", "client_credentials"), ("client_assertion_type", BEARER), ("client_assertion", &assertion)])
        .finish();
    let answers = at_once(AT_ONCE, |_| {
        let form = form.clone();
        async move {
            let headers = vec![("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned())];
            let request = mcp_testkit::http::Request { address, method: "POST", path: "/token".to_owned(), headers, body: form.into() };
            Answer::of(request).await.status
        }
    })
    .await;
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|status| matches!(status, 200 | 401 | 429)), "{answers:?}");
    site.clock.advance(std::time::Duration::from_secs(80));
    let later = asked(&site, &assertion).await;
    assert!(matches!(later.status, 401 | 429), "as long as clocks may differ it is remembered: {later:?}");
    assert_recorded(&site, "oauth/token", "invalid_client");
    assert_unwritten(&site, &[&assertion]);
}
