//! Clients that the operator makes, lists and removes.

use serde_json::json;

use super::super::testing::Case;
use super::*;
use crate::jwt::testing::Signer;

fn new(auth_method: AuthMethod) -> NewClient {
    NewClient {
        name: "Reports\u{200b}".to_owned(),
        redirect_uris: vec!["https://reports.example/cb".to_owned()],
        auth_method,
        jwks: None,
        jwks_uri: None,
        assertion_alg: None,
        scopes: None,
    }
}

#[tokio::test]
async fn a_client_is_made_listed_and_removed() {
    let case = Case::new();
    let scopes = Some(BTreeSet::from(["read".to_owned()]));
    let (id, secret) =
        case.clients.add_operator_client(NewClient { scopes: scopes.clone(), ..new(AuthMethod::SecretPost) }).await.expect("a client");
    let secret = secret.expect("a secret");
    assert!(secret.starts_with("mcs_"));
    let client = case.clients.find(&id).await.expect("an answer").expect("a client");
    assert_eq!((client.name.as_str(), client.source, &client.scopes), ("Reports", ClientSource::Operator, &scopes));
    assert!(client.may(GrantType::ClientCredentials) && client.may(GrantType::RefreshToken) && client.is_confidential());
    assert_eq!(client.secret, Some(case.clients.db.secrets().id_of(&secret)));
    case.pass(10 * 365 * 24 * 3_600);
    assert_eq!(case.clients.list(None, 10).await.expect("a list"), [client]);
    assert_eq!(
        (case.clients.remove(&id).await, case.clients.remove(&id).await, case.clients.remove("").await),
        (Ok(true), Ok(false), Ok(false))
    );
    assert_eq!(case.rows().await, 0);
}

#[tokio::test]
async fn a_client_is_as_its_method_needs_it() {
    let case = Case::new();
    let keys = Some(json!({ "keys": [Signer::es256().jwk("a")] }));
    let by_key = || new(AuthMethod::PrivateKeyJwt);
    let uri = Some("https://reports.example/jwks".to_owned());
    let scopes = Some(BTreeSet::from(["read".to_owned()]));
    let alg = |name: &str| Some(name.to_owned());
    for (client, made) in [
        (new(AuthMethod::None), Ok(false)),
        (new(AuthMethod::SecretBasic), Ok(true)),
        (NewClient { redirect_uris: vec![], ..new(AuthMethod::SecretBasic) }, Ok(true)),
        (NewClient { jwks: keys.clone(), assertion_alg: alg("ES256"), ..by_key() }, Ok(false)),
        (NewClient { jwks_uri: uri.clone(), scopes: scopes.clone(), ..by_key() }, Ok(false)),
        (by_key(), Err("invalid_client_metadata")),
        (NewClient { jwks: keys.clone(), jwks_uri: uri.clone(), ..by_key() }, Err("invalid_client_metadata")),
        (NewClient { jwks: Some(json!({ "keys": [{ "kty": "oct", "k": "AA" }] })), ..by_key() }, Err("invalid_client_metadata")),
        (NewClient { jwks_uri: Some("http://reports.example/jwks".to_owned()), ..by_key() }, Err("invalid_client_metadata")),
        (NewClient { jwks: keys.clone(), assertion_alg: alg("HS256"), ..by_key() }, Err("invalid_client_metadata")),
        (NewClient { jwks: keys, ..new(AuthMethod::SecretBasic) }, Err("invalid_client_metadata")),
        (NewClient { jwks_uri: uri, ..new(AuthMethod::None) }, Err("invalid_client_metadata")),
        (NewClient { scopes, ..new(AuthMethod::None) }, Err("invalid_client_metadata")),
        (NewClient { scopes: Some(BTreeSet::from(["a b".to_owned()])), ..new(AuthMethod::SecretBasic) }, Err("invalid_client_metadata")),
        (NewClient { redirect_uris: vec!["http://reports.example/cb".to_owned()], ..new(AuthMethod::None) }, Err("invalid_redirect_uri")),
        (NewClient { redirect_uris: vec!["app://reports/cb".to_owned()], ..new(AuthMethod::SecretBasic) }, Err("invalid_redirect_uri")),
    ] {
        let name = format!("{client:?}");
        let found = case.clients.add_operator_client(client).await.map(|(_, secret)| secret.is_some()).map_err(|error| error.code);
        assert_eq!(found, made, "{name}");
    }
}
