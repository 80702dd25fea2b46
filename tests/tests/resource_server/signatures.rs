//! Who has to have signed a JWT, and how.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mcp_auth::{JwsAlgorithm, JwtIssuer, JwtVerifier};
use mcp_tests::protected::{ISSUER, Issuer, Signer, Site, claims};
use serde_json::{Value, json};

#[tokio::test]
async fn rs_12_only_the_issuers_algorithms_and_keys_count() {
    let issuer = Issuer::default();
    let site = Site::start(issuer.verifier()).await;
    assert_eq!(site.call_everywhere(&issuer.token(json!({})), "whoami").await.status, 200);
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let header = |alg: &str| json!({"alg": alg, "kid": "one", "typ": "at+jwt"});
    let unsigned = |alg: &str| format!("{}.{}.", encode(header(alg).to_string().as_bytes()), encode(claims().to_string().as_bytes()));
    let with_secret = |secret: &[u8]| {
        let signed = unsigned("HS256").trim_end_matches('.').to_owned();
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), signed.as_bytes());
        format!("{signed}.{}", encode(tag.as_ref()))
    };
    let jwk = issuer.signer.jwk();
    let foreign = Signer::new("one");
    let with_own_key = |member: &str, value: Value| {
        let mut header = header("ES256");
        header[member] = value;
        foreign.sign(&header, &claims())
    };
    let critical = issuer.signer.sign(&json!({"alg": "ES256", "kid": "one", "typ": "at+jwt", "crit": ["exp"]}), &claims());
    let before = issuer.web.asked().len();
    for (what, token) in [
        ("none", unsigned("none")),
        ("None", unsigned("None")),
        ("no signature", unsigned("ES256")),
        ("the public key as a secret", with_secret(jwk.to_string().as_bytes())),
        ("an empty secret", with_secret(b"")),
        ("another kind of key", issuer.signer.sign(&header("RS256"), &claims())),
        ("another curve", issuer.signer.sign(&header("ES384"), &claims())),
        ("an unknown algorithm", issuer.signer.sign(&header("ES512"), &claims())),
        ("a critical extension", critical),
        ("a key of its own", with_own_key("jwk", foreign.jwk())),
        ("a place of its own", with_own_key("jku", json!("https://evil.example/keys"))),
        ("certificates of its own", with_own_key("x5c", json!(["MIIB"]))),
        ("a place of certificates", with_own_key("x5u", json!("https://evil.example/x5u"))),
    ] {
        let answer = site.call_everywhere(&token, "whoami").await;
        assert_eq!((answer.status, answer.challenged("error")), (401, Some("invalid_token")), "{what}: {answer:?}");
    }
    let asked: Vec<_> = issuer.web.asked().into_iter().skip(before).map(|asked| asked.url).collect();
    assert!(asked.iter().all(|url| url.starts_with(ISSUER)), "keys come from the issuer and from nowhere else: {asked:?}");

    // A shared secret among the issuer's keys is not used either.
    issuer.web.put("https://issuer.example/keys", &json!({"keys": [{"kty": "oct", "kid": "one", "alg": "HS256", "k": encode(b"secret")}]}));
    let careless = Site::start(issuer.verifier()).await;
    assert_eq!(careless.call_everywhere(&with_secret(b"secret"), "whoami").await.status, 401);
    // Each issuer has its own list of algorithms.
    issuer.web.put("https://issuer.example/keys", &json!({"keys": [jwk]}));
    let only_rsa = JwtIssuer::new(ISSUER).expect("a URL").algorithms([JwsAlgorithm::Rs256]);
    let picky = Site::start(JwtVerifier::new(issuer.web.clone()).issuer(only_rsa)).await;
    assert_eq!(picky.call_everywhere(&issuer.token(json!({})), "whoami").await.status, 401);
}
