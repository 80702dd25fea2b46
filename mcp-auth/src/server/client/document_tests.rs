//! Which URLs are clients, and which documents are those of clients.

use serde_json::{Value, json};

use super::super::AuthMethod;
use super::super::testing::{NOW, document};
use super::*;
use crate::jwt::testing::Signer;

const ID: &str = "https://app.example/client.json";

#[test]
fn a_client_id_is_a_url_that_says_what_it_means() {
    let long = format!("https://app.example/{}", "x".repeat(500));
    for (id, valid) in [
        (ID, true),
        ("https://app.example/oauth/client?v=1", true),
        ("https://app.example:8443/client", true),
        ("https://app.example/client/", true),
        ("https://xn--80ak6aa92e.com/client", true),
        ("https://app.example", false),
        ("https://app.example/", false),
        ("https://app.example:443/client", false),
        ("https://app.example:22/client", false),
        ("https://App.example/client", false),
        ("HTTPS://app.example/client", false),
        ("https://app.example/a/../client", false),
        ("https://app.example/a/%2e%2e/client", false),
        ("https://app.example/./client", false),
        ("https://app.example/client#x", false),
        ("https://app.example/client#", false),
        ("https://app.example/cl ient", false),
        ("https://app.example/cl\tient", false),
        (" https://app.example/client", false),
        ("https://app.example\\client", false),
        ("https:app.example/client", false),
        ("https://user@app.example/client", false),
        ("https://:x@app.example/client", false),
        ("https://аpp.example/client", false),
        ("http://app.example/client", false),
        ("ftp://app.example/client", false),
        ("file:///etc/passwd", false),
        ("http://127.0.0.1:33418 https://vscode.dev/redirect", false),
        ("https://localhost/x", false),
        ("https://localhost./x", false),
        ("https://metadata/x", false),
        ("https://127.0.0.1/x", false),
        ("https://169.254.169.254/x", false),
        ("https://[::1]/x", false),
        ("https://[::ffff:10.0.0.1]/x", false),
        ("https://[2002:7f00:1::1]/x", false),
        ("https://[64:ff9b::7f00:1]/x", false),
        ("https://2130706433/x", false),
        ("https://0x7f.1/x", false),
        ("https://1.1.1.1/x", false),
        (&long, false),
    ] {
        assert_eq!(check_id(id, false).is_ok(), valid, "{id}");
    }
    for (id, valid) in
        [("http://127.0.0.1:8080/x", true), ("http://localhost/x", true), ("http://app.example/x", false), ("https://10.0.0.1/x", false)]
    {
        assert_eq!(check_id(id, true).is_ok(), valid, "{id}");
    }
}

#[test]
fn a_document_is_of_its_own_url_and_holds_no_secret() {
    let with = |name: &str, value: Value| {
        let mut document = document(ID);
        document[name] = value;
        document.to_string()
    };
    let many = json!({ "keys": vec![Signer::es256().jwk(&"k".repeat(400)); 40] });
    let mut private = Signer::es256().jwk("a");
    private["d"] = json!("AAAA");
    for (document, methods) in [
        (document(ID).to_string(), Some(vec![AuthMethod::None])),
        (with("grant_types", json!(["authorization_code", "urn:ietf:params:oauth:grant-type:jwt-bearer"])), Some(vec![AuthMethod::None])),
        (with("token_endpoint_auth_methods_supported", json!(["tls_client_auth", "none"])), Some(vec![AuthMethod::None])),
        (with("redirect_uris", json!(["app://host/cb"])), Some(vec![AuthMethod::None])),
        (with("padding", json!("x".repeat(6_000))), Some(vec![AuthMethod::None])),
        (with("padding", json!("x".repeat(65_536))), None),
        (with("client_id", json!("https://app.example/client.json/")), None),
        (with("client_id", json!("https://app.example/Client.json")), None),
        (with("client_id", Value::Null), None),
        (with("client_name", Value::Null), None),
        (with("redirect_uris", json!([])), None),
        (with("redirect_uris", json!(["https://app.example/cb", "javascript:alert(1)"])), None),
        (with("client_secret", json!("x")), None),
        (with("client_secret_expires_at", json!(0)), None),
        (with("token_endpoint_auth_method", json!("client_secret_basic")), None),
        (with("token_endpoint_auth_method", json!("client_secret_jwt")), None),
        (with("token_endpoint_auth_method", json!("private_key_jwt")), None),
        (with("token_endpoint_auth_methods_supported", json!(["client_secret_post"])), None),
        (with("grant_types", json!(["client_credentials"])), None),
        (with("jwks", json!({ "keys": [private] })), None),
        (with("jwks", many), None),
        (with("jwks", json!({ "keys": [{ "kty": "oct", "k": "AAAA" }] })), None),
        (format!("{{\"client_id\":\"{ID}\",{}", &document(ID).to_string()[1..]), None),
        ("[]".to_owned(), None),
        (String::new(), None),
    ] {
        let client = parse(ID, document.as_bytes(), NOW).ok();
        assert_eq!(client.map(|client| client.auth_methods), methods, "{document:.200}");
    }
    let keyed = json!({
        "client_id": ID, "client_name": "App", "redirect_uris": ["https://app.example/cb"], "jwks_uri": "https://app.example/jwks",
        "token_endpoint_auth_method": "private_key_jwt", "token_endpoint_auth_methods_supported": ["private_key_jwt", "none", "client_secret_post"],
    });
    let client = parse(ID, keyed.to_string().as_bytes(), NOW).expect("a client");
    assert_eq!(client.auth_methods, [AuthMethod::PrivateKeyJwt, AuthMethod::None]);
}

#[test]
fn a_document_is_used_for_as_long_as_it_says_within_bounds() {
    for (headers, seconds) in [
        (vec![], 3_600),
        (vec!["max-age=300"], 300),
        (vec!["public, Max-Age=\"300\""], 300),
        (vec!["public", "max-age=300, must-revalidate"], 300),
        (vec!["max-age=0"], 60),
        (vec!["max-age=99999999"], 86_400),
        (vec!["max-age=99999999999999999999999"], 86_400),
        (vec!["no-store, max-age=300"], 60),
        (vec!["max-age=300, no-cache"], 60),
        (vec!["private"], 3_600),
    ] {
        let mut map = HeaderMap::new();
        for header in &headers {
            map.append(CACHE_CONTROL, header.parse().expect("a header"));
        }
        assert_eq!(age(&map), Duration::from_secs(seconds), "{headers:?}");
    }
}

#[test]
fn only_what_the_host_says_itself_is_its_word() {
    let body = document(ID).to_string();
    let verdict = |status: u16, kind: &str, body: &str| {
        let response =
            Response::builder().status(status).header(CONTENT_TYPE, kind).body(Bytes::from(body.to_owned())).expect("a response");
        match read(ID, &response, NOW) {
            Ok(_) => "a client",
            Err(NoDocument::Refused(_)) => "refused",
            Err(NoDocument::Unavailable(_)) => "unavailable",
        }
    };
    for (status, kind, body, expected) in [
        (200, "application/json", body.as_str(), "a client"),
        (200, "Application/JSON; charset=utf-8", &body, "a client"),
        (200, "application/oauth-client+json", &body, "a client"),
        (200, "text/html", &body, "unavailable"),
        (200, "", &body, "unavailable"),
        (200, "application/json", "{}", "refused"),
        (404, "application/json", &body, "refused"),
        (410, "application/json", &body, "refused"),
        (201, "application/json", &body, "unavailable"),
        (302, "application/json", &body, "unavailable"),
        (403, "text/html", "", "unavailable"),
        (429, "application/json", &body, "unavailable"),
        (500, "application/json", &body, "unavailable"),
    ] {
        assert_eq!(verdict(status, kind, body), expected, "{status} {kind} {body:.20}");
    }
}
