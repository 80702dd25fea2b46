//! Clients that are known by the document at their id.

use std::time::Duration;

use mcp_testkit::browser::Landing;
use mcp_testkit::{Document, DocumentHost};
use mcp_tests::authorized::{Authorized, Client, HOSTED_CALLBACK, LOOPBACK_CALLBACK, Person, Tokens};
use mcp_tests::protected::Signer;
use serde_json::{Value, json};

use crate::support::{DOCUMENTS, code, refresh_of, refused, tokens, with_documents};

const ID: &str = "https://client.example/client.json";

/// A good document, with changes; `null` takes a member away.
fn document(changes: &Value) -> Value {
    let mut document = json!({
        "client_id": ID,
        "client_name": "Documented",
        "client_uri": "https://client.example",
        "redirect_uris": [HOSTED_CALLBACK, LOOPBACK_CALLBACK],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
    });
    let members = document.as_object_mut().expect("an object");
    members.extend(changes.as_object().expect("an object").clone());
    members.retain(|_, value| !value.is_null());
    document
}

fn client(redirect_uri: &str) -> Client {
    Client { id: ID.to_owned(), secret: None, redirect_uri: redirect_uri.to_owned() }
}

/// The status of a request of the client: 303 if it is known.
async fn status(site: &Authorized, host: &DocumentHost, document: Document) -> u16 {
    // What was kept, and that something failed, is over.
    site.clock.advance(Duration::from_secs(24 * 3_600 + 1));
    host.serve("/client.json", document);
    site.get(&client(HOSTED_CALLBACK).flow(site, "mcp:read").path()).await.status
}

#[tokio::test]
async fn as_22_a_client_is_what_its_document_says() {
    let (site, host) = with_documents().await;
    host.serve("/client.json", Document::json(&document(&json!({}))));
    let ann = Person::new(&site, "ann");
    let page = ann.open(&site, &client(HOSTED_CALLBACK).flow(&site, "mcp:read")).await.page().expect("a page that asks");
    assert!(page.text().contains("Documented") && page.text().contains("client.example"), "{}", page.text());
    assert!(!page.text().contains("not verified"), "the host vouches for the name: {}", page.text());
    let given = tokens(&site, &ann, &client(HOSTED_CALLBACK), "mcp:read").await;
    assert_eq!(given.claims()["client_id"], ID);
    assert_eq!(given.call(&site, "reads").await.status, 200);
    assert_eq!(client(HOSTED_CALLBACK).refresh(&site, refresh_of(&given)).await.status, 200);
    assert_eq!(host.hits("/client.json"), 1, "it was kept");
    let elsewhere = client("https://client.example/unlisted").flow(&site, "mcp:read");
    assert_eq!(site.get(&elsewhere.path()).await.status, 400);
}

#[tokio::test]
async fn as_22_a_document_that_is_none_is_an_error_page() {
    let (site, host) = with_documents().await;
    let (good, mut private) = (Signer::new("one").jwk(), Signer::new("one").jwk());
    private["d"] = json!("AA");
    let symmetric = json!({"kty": "oct", "k": "c2VjcmV0"});
    for changes in [
        json!({"client_id": "https://client.example/other.json"}),
        json!({"client_id": "https://client.example/client.json/"}),
        json!({"client_id": null}),
        json!({"client_name": null}),
        json!({"redirect_uris": null}),
        json!({"redirect_uris": []}),
        json!({"redirect_uris": [HOSTED_CALLBACK, "javascript:alert(1)"]}),
        json!({"client_secret": "secret"}),
        json!({"client_secret_expires_at": 0}),
        json!({"token_endpoint_auth_method": "client_secret_basic"}),
        json!({"token_endpoint_auth_method": "client_secret_post"}),
        json!({"token_endpoint_auth_method": "client_secret_jwt"}),
        json!({"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [private]}}),
        json!({"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [symmetric]}}),
        json!({"padding": "x".repeat(64 * 1_024)}),
    ] {
        assert_eq!(status(&site, &host, Document::json(&document(&changes))).await, 400, "{:.100}", changes.to_string());
    }
    for (what, served) in [
        ("a list", Document::json(&json!([document(&json!({}))]))),
        ("no JSON", Document::new("application/json", "{")),
        ("nothing", Document::json(&document(&json!({}))).status(404)),
    ] {
        assert_eq!(status(&site, &host, served).await, 400, "{what}");
    }
    assert!(site.recorded("oauth/authorize", "client or redirect"));
    for (what, served) in [
        ("an error", Document::json(&document(&json!({}))).status(500)),
        ("a redirect", Document::redirect(302, "https://client.example/moved.json")),
        ("a page", Document::html("<p>Are you a robot?</p>")),
    ] {
        host.serve("/moved.json", Document::json(&document(&json!({}))));
        // Nobody can tell now, so no client is told that it is unknown.
        assert_eq!(status(&site, &host, served).await, 503, "{what}");
    }
    assert_eq!(host.hits("/moved.json"), 0, "redirects are not followed");
    for changes in [
        json!({"padding": "x".repeat(10 * 1_024)}),
        json!({"token_endpoint_auth_method": null}),
        json!({"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [good]}}),
    ] {
        assert_eq!(status(&site, &host, Document::json(&document(&changes))).await, 303, "{:.100}", changes.to_string());
    }
}

#[tokio::test]
async fn as_22_an_id_is_an_https_url_with_a_path_as_it_is_asked() {
    let (site, host) = with_documents().await;
    for path in ["/", "/client.json", "/a/client.json", "/a/../client.json", "/./client.json", "//client.json"] {
        host.serve(path, Document::json(&document(&json!({"client_id": format!("{DOCUMENTS}{path}")}))));
    }
    for (id, known) in [
        ("https://client.example/client.json", true),
        ("https://client.example/a/client.json", true),
        ("http://client.example/client.json", false),
        ("https://client.example", false),
        ("https://client.example/", false),
        ("https://client.example/client.json#f", false),
        ("https://user@client.example/client.json", false),
        ("https://user:secret@client.example/client.json", false),
        ("https://client.example/a/../client.json", false),
        ("https://client.example/./client.json", false),
        ("https://client.example/a/%2e%2e/client.json", false),
        ("https://CLIENT.example/client.json", false),
        ("https://client.example:443/client.json", false),
        ("https://127.0.0.1/client.json", false),
        ("https://localhost/client.json", false),
    ] {
        let flow = client(HOSTED_CALLBACK).flow(&site, "mcp:read").with("client_id", id);
        let answer = site.get(&flow.path()).await;
        assert_eq!(answer.status, if known { 303 } else { 400 }, "{id} {answer:?}");
    }
    let asked: Vec<String> = host.asked().into_iter().map(|asked| asked.path).collect();
    assert_eq!(asked, ["/client.json", "/a/client.json"], "nobody is asked for an id that cannot be one");
}

#[tokio::test]
async fn as_22_documents_are_kept_as_long_as_they_say_within_bounds() {
    for (control, seconds) in
        [("max-age=120", 120), ("max-age=0", 60), ("no-store", 60), ("max-age=31536000", 24 * 3_600), ("public", 3_600)]
    {
        let (site, host) = with_documents().await;
        host.serve("/client.json", Document::json(&document(&json!({}))).header("Cache-Control", control));
        let path = client(HOSTED_CALLBACK).flow(&site, "mcp:read").path();
        for (advance, hits) in [(0, 1), (seconds - 1, 1), (2, 2)] {
            site.clock.advance(Duration::from_secs(advance));
            assert_eq!(site.get(&path).await.status, 303, "{control}");
            assert_eq!(host.hits("/client.json"), hits, "{control} after {advance} s more");
        }
    }
    let (site, host) = with_documents().await;
    let path = client(HOSTED_CALLBACK).flow(&site, "mcp:read").path();
    assert_eq!((site.get(&path).await.status, site.get(&path).await.status), (400, 400));
    assert_eq!(host.hits("/client.json"), 1, "for a minute it is not asked again");
    host.serve("/client.json", Document::json(&document(&json!({}))));
    site.clock.advance(Duration::from_secs(61));
    assert_eq!(site.get(&path).await.status, 303, "a failure is not a document");
}

#[tokio::test]
async fn as_22_what_was_decided_holds_for_the_redirects_of_then() {
    let (site, host) = with_documents().await;
    host.serve("/client.json", Document::json(&document(&json!({}))));
    let (ann, client) = (Person::new(&site, "ann"), client(HOSTED_CALLBACK));
    let flow = client.flow(&site, "mcp:read");
    tokens(&site, &ann, &client, "mcp:read").await;
    assert!(matches!(ann.open(&site, &flow).await, Landing::External(_)), "it was decided");
    site.clock.advance(Duration::from_secs(3_601));
    let order = json!({"redirect_uris": [LOOPBACK_CALLBACK, HOSTED_CALLBACK], "client_name": "Renamed"});
    host.serve("/client.json", Document::json(&document(&order)));
    code(&site, &ann, &flow).await;
    site.clock.advance(Duration::from_secs(3_601));
    let more = json!({"redirect_uris": [HOSTED_CALLBACK, LOOPBACK_CALLBACK, "https://client.example/new"]});
    host.serve("/client.json", Document::json(&document(&more)));
    let page = ann.open(&site, &flow).await.page().expect("a page that asks again");
    assert!(page.title().starts_with("Allow"), "{}", page.title());
}

#[tokio::test]
async fn as_23_what_a_document_says_besides_is_left_out() {
    let (site, host) = with_documents().await;
    let jwks = json!({"keys": [Signer::new("one").jwk()]});
    for (changes, expected) in [
        (json!({"grant_types": ["authorization_code", "urn:ietf:params:oauth:grant-type:jwt-bearer", "refresh_token"]}), 303),
        (json!({"token_endpoint_auth_method": "none", "token_endpoint_auth_methods_supported": ["tls_client_auth", "none"]}), 303),
        (json!({"token_endpoint_auth_method": "private_key_jwt", "jwks": jwks, "token_endpoint_auth_methods_supported": ["none"]}), 303),
        (json!({"scope": "openid everything", "unknown": {"deep": []}}), 303),
        (json!({"grant_types": ["urn:ietf:params:oauth:grant-type:jwt-bearer"]}), 400),
        (json!({"response_types": ["token"]}), 400),
        (json!({"token_endpoint_auth_method": "tls_client_auth"}), 400),
    ] {
        assert_eq!(status(&site, &host, Document::json(&document(&changes))).await, expected, "{changes}");
    }
}

#[tokio::test]
async fn as_23_without_a_key_comes_only_who_says_so_and_looks_into_nothing() {
    let (site, host) = with_documents().await;
    let ann = Person::new(&site, "ann");
    let keyed = json!({"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [Signer::new("one").jwk()]}});
    host.serve("/client.json", Document::json(&document(&keyed)));
    let code_of_keyed = code(&site, &ann, &client(HOSTED_CALLBACK).flow(&site, "mcp:read")).await;
    refused(&client(HOSTED_CALLBACK).exchange(&site, &code_of_keyed).await, 401, "invalid_client");
    // ChatGPT's says that it comes with a key where that is taken, and without elsewhere.
    let mut either = keyed;
    either["token_endpoint_auth_methods_supported"] = json!(["private_key_jwt", "none"]);
    assert_eq!(status(&site, &host, Document::json(&document(&either))).await, 303);
    let given = tokens(&site, &ann, &client(HOSTED_CALLBACK), "mcp:read").await;
    refused(&client(HOSTED_CALLBACK).ask(&site, "/introspect", &[("token", &given.access)]).await, 401, "invalid_client");
}

#[tokio::test]
async fn as_37_installs_of_one_client_do_not_end_each_other() {
    let (site, host) = with_documents().await;
    host.serve("/client.json", Document::json(&document(&json!({"redirect_uris": ["http://localhost/callback"]}))));
    let (laptop, desktop) = (Person::new(&site, "ann"), Person::new(&site, "ann"));
    let (one, other) = (client("http://localhost:1001/callback"), client("http://localhost:1002/callback"));
    let first = tokens(&site, &laptop, &one, "mcp:read").await;
    let second = tokens(&site, &desktop, &other, "mcp:read").await;
    assert_eq!(first.claims()["client_id"], second.claims()["client_id"]);
    let anew = tokens(&site, &desktop, &other, "mcp:read").await;
    for tokens in [&first, &second, &anew] {
        assert_eq!(tokens.call(&site, "reads").await.status, 200);
    }
    assert_eq!(other.ask(&site, "/revoke", &[("token", refresh_of(&second))]).await.status, 200);
    assert_eq!(second.call(&site, "reads").await.status, 401);
    for (install, tokens) in [(&one, &first), (&other, &anew)] {
        assert_eq!(tokens.call(&site, "reads").await.status, 200);
        let renewed = Tokens::of(&install.refresh(&site, refresh_of(tokens)).await);
        assert_eq!(renewed.call(&site, "reads").await.status, 200);
    }
    refused(&other.refresh(&site, refresh_of(&second)).await, 400, "invalid_grant");
}
