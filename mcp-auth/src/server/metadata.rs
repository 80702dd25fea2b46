//! What the server says of itself (RFC 8414; OpenID Connect Discovery).

use http::header::{CACHE_CONTROL, HeaderValue};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::Inner;
use super::http::{self as answers, Answer};
use super::keys::PUBLISHED_FOR;

/// Answers with the metadata, in both forms: clients look for one or the other and get all of it.
pub(crate) fn answer(server: &Inner, method: &Method) -> Answer {
    document(method, &metadata(server))
}

/// Answers with the public keys.
pub(crate) async fn keys(server: &Inner, method: &Method) -> Answer {
    match server.keys.published().await {
        Ok(keys) => document(method, &keys),
        Err(error) => super::error::OAuthError::from(error).answer(),
    }
}

fn document(method: &Method, document: &Value) -> Answer {
    if method != Method::GET && method != Method::HEAD {
        return answers::text(StatusCode::METHOD_NOT_ALLOWED, "send a GET");
    }
    let mut answer = answers::json(StatusCode::OK, document);
    let headers = answer.headers_mut();
    headers.remove(http::header::PRAGMA);
    if let Ok(kept) = HeaderValue::from_str(&format!("public, max-age={}", PUBLISHED_FOR.as_secs())) {
        headers.insert(CACHE_CONTROL, kept);
    }
    answer
}

fn metadata(server: &Inner) -> Value {
    let rules = &server.rules;
    // Clients that see it among them ask for a refresh token by it; they get one without, too.
    let scopes: Vec<&str> = rules.scopes.iter().map(String::as_str).chain(["offline_access"]).collect();
    let methods = json!(["none", "client_secret_basic", "client_secret_post", "private_key_jwt"]);
    let confidential = json!(["client_secret_basic", "client_secret_post", "private_key_jwt"]);
    let algorithms = json!(["ES256", "ES384", "EdDSA", "RS256", "PS256"]);
    let resources: Vec<&str> = rules.resources.iter().map(|served| served.canonical.as_str()).collect();
    let mut metadata = json!({
        "issuer": rules.issuer,
        "authorization_endpoint": rules.url("/authorize"),
        "token_endpoint": rules.url("/token"),
        "jwks_uri": rules.url("/jwks"),
        "revocation_endpoint": rules.url("/revoke"),
        "introspection_endpoint": rules.url("/introspect"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
        "introspection_endpoint_auth_methods_supported": confidential,
        "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
        "scopes_supported": scopes,
        "authorization_response_iss_parameter_supported": true,
        "client_id_metadata_document_supported": server.clients.settings.documents,
        "protected_resources": resources,
        // OpenID Connect demands these; no ID token is issued.
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "auth_time", "amr"],
    });
    if server.clients.settings.registration {
        metadata["registration_endpoint"] = json!(rules.url("/register"));
        // A member of our own, by which `mcp doctor` knows that trying it leaves nothing new behind.
        metadata["registration_deduplication_supported"] = json!(true);
    }
    metadata
}
