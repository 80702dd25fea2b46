//! Tokens that somebody made up, against the whole verifier.

use serde_json::json;

use super::case::{A, A_KEYS, B, Case, SIGNATURE, claims, invalid};
use super::testing::{Signer, encode};
use super::{JwsAlgorithm, JwtIssuer};
use crate::{AuthError, Bearer, MAX_TOKEN_BYTES, VerifyToken};

const ALGORITHM: &str = "the algorithm of the token is not allowed";
const HEADER: &str = "the header of the token is malformed";
const KIND: &str = "the token is not an access token";

#[tokio::test]
async fn good_tokens_of_every_algorithm_are_taken() {
    for signer in [Signer::rsa(JwsAlgorithm::Rs256), Signer::rsa(JwsAlgorithm::Ps256), Signer::es256(), Signer::es384(), Signer::ed25519()]
    {
        let case = Case::new(&[signer.jwk("a")]);
        let token = signer.token("a", &claims());
        case.check(signer.alg, &token, Ok(())).await;
        case.check(signer.alg, &token, Ok(())).await;
        assert_eq!(case.fetches(), 1);
        let (signed, signature) = token.rsplit_once('.').expect("three parts");
        let flipped = if signature.starts_with('A') { signature.replacen('A', "B", 1) } else { format!("A{}", &signature[1..]) };
        case.check("another signature", &format!("{signed}.{flipped}"), invalid(SIGNATURE)).await;
        case.check("half a signature", &format!("{signed}.{}", &signature[..signature.len() / 2]), invalid(SIGNATURE)).await;
        case.check("no signature", &format!("{signed}."), invalid(SIGNATURE)).await;
        assert_eq!(case.fetches(), 1, "a wrong signature of a known key fetches nothing");
        // The same token by an independent implementation.
        let key = jsonwebtoken::DecodingKey::from_jwk(&serde_json::from_value(signer.jwk("a")).expect("a key")).expect("a key");
        let (signed, signature) = token.rsplit_once('.').expect("three parts");
        let algorithm = signer.alg.parse().expect("an algorithm");
        assert_eq!(jsonwebtoken::crypto::verify(signature, signed.as_bytes(), &key, algorithm), Ok(true), "{}", signer.alg);
    }
}

#[tokio::test]
async fn what_is_not_a_token_of_these_issuers_is_not_mine() {
    let signer = Signer::es256();
    let case = Case::new(&[signer.jwk("a")]);
    let mut other = claims();
    other["iss"] = json!("https://c.example");
    let slash = json!({ "iss": "https://a.example/" });
    for (name, token) in [
        ("opaque", "mak_0123456789".to_owned()),
        ("two parts", "a.b".to_owned()),
        ("five parts", "a.b.c.d.e".to_owned()),
        ("no JSON", "a.b.c".to_owned()),
        ("another issuer", signer.token("a", &other)),
        ("almost the issuer", signer.token("a", &slash)),
        ("no issuer", signer.token("a", &json!({ "sub": "dee" }))),
        ("a list of issuers", signer.token("a", &json!({ "iss": [A] }))),
    ] {
        case.check(name, &token, Err(AuthError::NotMine)).await;
    }
    assert_eq!(case.fetches(), 0);
    assert_eq!(case.verifier.issuers(), [A, B]);
}

#[tokio::test]
async fn unsigned_and_symmetrically_signed_tokens_are_refused() {
    let signer = Signer::rsa(JwsAlgorithm::Rs256);
    let secret = json!({ "kty": "oct", "kid": "s", "k": encode("secret"), "alg": "HS256" });
    let case = Case::new(&[signer.jwk("a"), secret]);
    let payload = encode(claims().to_string());
    for alg in ["none", "None", "NONE", "nOnE", "", "rs256", "RS256 ", "HS256", "HS384", "HS512", "ES256K", "RSA-OAEP", "dir"] {
        let header = json!({ "alg": alg, "typ": "at+jwt", "kid": "a" }).to_string();
        case.check(alg, &format!("{}.{payload}.", encode(&header)), invalid(ALGORITHM)).await;
        case.check(alg, &signer.sign(&header, &claims().to_string()), invalid(ALGORITHM)).await;
    }
    let modulus = signer.jwk("a")["n"].as_str().expect("a text").to_owned();
    for (kid, key) in [("a", modulus.as_bytes()), ("a", signer.jwk("a").to_string().as_bytes()), ("s", b"secret")] {
        let signed = format!("{}.{payload}", encode(json!({ "alg": "HS256", "typ": "at+jwt", "kid": kid }).to_string()));
        let tag = aws_lc_rs::hmac::sign(&aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key), signed.as_bytes());
        case.check("the public key as secret", &format!("{signed}.{}", encode(tag)), invalid(ALGORITHM)).await;
    }
    assert_eq!(case.fetches(), 0);
    for alg in ["ES256", "EdDSA"] {
        let header = json!({ "alg": alg, "typ": "at+jwt", "kid": "a" }).to_string();
        case.check("a key of another type", &signer.sign(&header, &claims().to_string()), invalid(SIGNATURE)).await;
    }
    let header = json!({ "alg": "RS384", "typ": "at+jwt", "kid": "a" }).to_string();
    case.check("not on the list", &signer.sign(&header, &claims().to_string()), invalid(ALGORITHM)).await;
}

#[tokio::test]
async fn headers_lead_to_no_other_key() {
    let (signer, attacker) = (Signer::es256(), Signer::es256());
    let case = Case::new(&[signer.jwk("a")]);
    let evil = "https://evil.example/jwks";
    case.publish(evil, &[attacker.jwk("a"), attacker.jwk("evil")]);
    for (member, value) in [
        ("jwk", attacker.jwk("a")),
        ("jku", json!(evil)),
        ("x5u", json!(evil)),
        ("x5c", json!(["MIIB"])),
        ("kid", json!(evil)),
        ("kid", json!("evil")),
        ("iss", json!(B)),
    ] {
        let mut header = json!({ "alg": "ES256", "typ": "at+jwt", "kid": "a" });
        header[member] = value;
        case.check(member, &attacker.sign(&header.to_string(), &claims().to_string()), invalid(SIGNATURE)).await;
    }
    assert_eq!(case.fake.asked(), [A_KEYS]);
    let header = json!({ "alg": "ES256", "typ": "at+jwt", "kid": "a", "jku": evil, "jwk": attacker.jwk("a") });
    case.check("ignored, not refused", &signer.sign(&header.to_string(), &claims().to_string()), Ok(())).await;
}

#[tokio::test]
async fn malformed_and_foreign_headers_are_refused() {
    let signer = Signer::es256();
    let case = Case::new(&[signer.jwk("a")]);
    for (header, reason) in [
        (r#"{"alg":"ES256","kid":"a","typ":"at+jwt","crit":["b64"],"b64":false}"#, "the token needs an extension that is not known"),
        (r#"{"alg":"none","alg":"ES256","kid":"a","typ":"at+jwt"}"#, HEADER),
        (r#"{"alg":"ES256","kid":{"a":1},"typ":"at+jwt"}"#, HEADER),
        ("[]", HEADER),
        (r#"{"alg":"ES256","kid":"a","typ":"JWT"}"#, KIND),
        (r#"{"alg":"ES256","kid":"a"}"#, KIND),
        (r#"{"alg":"ES256","kid":"a","typ":"secevent+jwt"}"#, KIND),
    ] {
        case.check(header, &signer.sign(header, &claims().to_string()), invalid(reason)).await;
    }
    let twice = claims().to_string().replacen('{', r#"{"sub":"admin","#, 1);
    case.check("a claim twice", &signer.sign(r#"{"alg":"ES256"}"#, &twice), invalid("the token has a claim twice")).await;
    assert_eq!(case.fetches(), 0);
}

#[tokio::test]
async fn plain_typ_is_taken_where_it_is_allowed() {
    let signer = Signer::es256();
    let mut case = Case::new(&[signer.jwk("a")]);
    case.verifier = case.verifier.issuer(JwtIssuer::new(A).expect("an issuer").jwks_uri(A_KEYS).accept_plain_typ());
    for (header, verdict) in [
        (r#"{"alg":"ES256","kid":"a","typ":"JWT"}"#, Ok(())),
        (r#"{"alg":"ES256","kid":"a"}"#, Ok(())),
        (r#"{"alg":"ES256","kid":"a","typ":"at+jwt"}"#, Ok(())),
        (r#"{"alg":"ES256","kid":"a","typ":"logout+jwt"}"#, invalid(KIND)),
    ] {
        case.check(header, &signer.sign(header, &claims().to_string()), verdict).await;
    }
    let mut id = claims();
    id["aud"] = json!("cli");
    let token = signer.sign(r#"{"alg":"ES256","kid":"a","typ":"JWT"}"#, &id.to_string());
    case.check("an ID token", &token, invalid("the token is for another audience")).await;
}

#[tokio::test]
async fn large_tokens_are_refused_before_they_are_read() {
    let signer = Signer::es256();
    let case = Case::new(&[signer.jwk("a")]);
    let mut many = claims();
    many["aud"] = json!(vec!["https://mcp.example.com/mcp"; 100_000]);
    let header = json!({ "alg": "ES256", "typ": "at+jwt", "pad": "x".repeat(1_000_000) }).to_string();
    for (name, token) in [("audiences", signer.token("a", &many)), ("header", signer.sign(&header, &claims().to_string()))] {
        assert!(token.len() > MAX_TOKEN_BYTES);
        case.check(name, &token, invalid("the token is too long")).await;
        assert_eq!(super::decode_header(&token), Err(AuthError::NotMine));
    }
    let deep = format!(r#"{{"iss":"{A}","x":{}{}}}"#, "[".repeat(2_000), "]".repeat(2_000));
    case.check("deep", &signer.sign(r#"{"alg":"ES256"}"#, &deep), Err(AuthError::NotMine)).await;
    let mut full = claims();
    full["pad"] = json!("x".repeat(5_500));
    case.check("just fits", &signer.token("a", &full), Ok(())).await;
}

#[tokio::test]
async fn debug_and_errors_hold_nothing_of_token_and_keys() {
    let signer = Signer::es256();
    let case = Case::new(&[signer.jwk("a")]);
    let token = signer.token("a", &claims());
    case.check("good", &token, Ok(())).await;
    let shown = format!("{:?} {:?}", case.verifier, Bearer::parse(&token).expect("a token"));
    for secret in [signer.jwk("a")["x"].as_str().expect("a text"), token.as_str()] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
