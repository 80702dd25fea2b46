//! What an issuer answers at each path.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mcp_testkit::{Asked, Document};
use serde_json::{Value, json};

use super::state::State;
use super::wire::refusal;
use super::{RESOURCE_SERVER, grants};

pub(super) fn answer(state: &State, asked: &Asked) -> Document {
    match (asked.method.as_str(), asked.path.as_str()) {
        ("GET", "/.well-known/oauth-authorization-server" | "/.well-known/openid-configuration") => Document::json(&metadata(&state.url)),
        ("GET", "/jwks") => jwks(state),
        ("POST", "/oidc/register") => grants::register(state, asked),
        ("GET", "/authorize") => grants::authorize(state, asked),
        ("POST", "/oauth/token") => grants::token(state, asked),
        ("GET", "/userinfo") => userinfo(state, asked),
        ("POST", "/introspect") => introspect(state, asked),
        _ => refusal(404, "not_found"),
    }
}

/// RFC 8414, section 2; OpenID Connect Discovery 1.0, section 3.
fn metadata(url: &str) -> Value {
    json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/oauth/token"),
        "registration_endpoint": format!("{url}/oidc/register"),
        "userinfo_endpoint": format!("{url}/userinfo"),
        "introspection_endpoint": format!("{url}/introspect"),
        "jwks_uri": format!("{url}/jwks"),
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "authorization_response_iss_parameter_supported": true,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
    })
}

fn jwks(state: &State) -> Document {
    let inner = state.lock();
    inner.keys_answer.clone().unwrap_or_else(|| Document::json(&json!({ "keys": [inner.key.jwk()] })))
}

/// OpenID Connect Core 1.0, section 5.3.
fn userinfo(state: &State, asked: &Asked) -> Document {
    let token = asked.header("authorization").and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    match state.lock().tokens.get(token) {
        Some(claims) => Document::json(
            &json!({ "sub": claims["sub"], "email": format!("{}@example.com", claims["sub"].as_str().unwrap_or_default()), "email_verified": true }),
        ),
        None => refusal(401, "invalid_token").header("WWW-Authenticate", "Bearer error=\"invalid_token\""),
    }
}

/// RFC 7662, section 2. What a token's claims say is answered as it is, and may be wrong.
fn introspect(state: &State, asked: &Asked) -> Document {
    let expected = format!("Basic {}", STANDARD.encode(format!("{RESOURCE_SERVER}:{}", state.secret)));
    if asked.header("authorization") != Some(&expected) {
        return refusal(401, "invalid_client");
    }
    let token = asked.parameter("token").unwrap_or_default();
    let mut answer = json!({ "active": false });
    if let Some(Value::Object(claims)) = state.lock().tokens.get(&token) {
        answer = json!({ "active": true, "token_type": "Bearer" });
        for (name, value) in claims {
            answer[name] = value.clone();
        }
    }
    Document::json(&answer)
}
