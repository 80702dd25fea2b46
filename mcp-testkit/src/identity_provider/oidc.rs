//! The endpoints of an OpenID Connect issuer.

use serde_json::{Value, json};

use super::Misbehaviour;
use super::grants::{self, Refusal};
use super::id_token;
use super::state::State;
use crate::loopback::{Asked, Document, lock};

pub(super) fn answer(state: &State, asked: &Asked) -> Document {
    match (asked.method.as_str(), asked.path.as_str()) {
        ("GET", "/.well-known/openid-configuration") => Document::json(&metadata(&state.url)),
        ("GET", "/jwks") => Document::json(&json!({ "keys": [lock(&state.inner).key.jwk()] })),
        ("GET" | "POST", "/authorize") => authorize(state, asked),
        ("POST", "/token") => token(state, asked),
        ("GET" | "POST", "/userinfo") => userinfo(state, asked),
        _ => refusal(404, "not_found"),
    }
}

/// OpenID Connect Discovery 1.0, section 3.
fn metadata(url: &str) -> Value {
    json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"),
        "userinfo_endpoint": format!("{url}/userinfo"),
        "jwks_uri": format!("{url}/jwks"),
        "scopes_supported": ["openid", "profile", "email"],
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
    })
}

fn authorize(state: &State, asked: &Asked) -> Document {
    let back = match grants::redirect_of(state, asked) {
        Ok(back) => back,
        Err(page) => return page,
    };
    let issuer = if state.does(Misbehaviour::WrongIssParameter) { "https://other.example" } else { &state.url };
    let send = |name, value: &str| grants::send_back(state, asked, back.clone(), &[(name, value), ("iss", issuer)]);
    let scope = asked.parameter("scope").unwrap_or_default();
    let unproved = asked.parameter("code_challenge").is_some() && asked.parameter("code_challenge_method").as_deref() != Some("S256");
    if asked.parameter("response_type").as_deref() != Some("code") || unproved {
        return send("error", "invalid_request");
    }
    if !scope.split(' ').any(|scope| scope == "openid") {
        return send("error", "invalid_scope");
    }
    if lock(&state.inner).denies {
        return send("error", "access_denied");
    }
    match grants::code(state, asked) {
        Some(code) => send("code", &code),
        None => send("error", "login_required"),
    }
}

fn token(state: &State, asked: &Asked) -> Document {
    if asked.parameter("grant_type").as_deref() != Some("authorization_code") {
        return refusal(400, "unsupported_grant_type");
    }
    let grant = match grants::redeem(state, asked) {
        Ok(grant) => grant,
        Err(Refusal::Client) => return refusal(401, "invalid_client").header("WWW-Authenticate", "Basic"),
        Err(_) => return refusal(400, "invalid_grant"),
    };
    let token = grants::access_token(state, "", grant.clone());
    let mut answer = json!({ "access_token": token, "token_type": "Bearer", "expires_in": 3_600, "scope": grant.scope });
    if !state.does(Misbehaviour::NoIdToken) {
        answer["id_token"] = id_token::issue(state, &grant, &token).into();
    }
    Document::json(&answer).header("Cache-Control", "no-store")
}

/// OpenID Connect Core 1.0, section 5.3.
fn userinfo(state: &State, asked: &Asked) -> Document {
    let Some(grant) = grants::bearer(state, asked) else {
        return refusal(401, "invalid_token").header("WWW-Authenticate", "Bearer error=\"invalid_token\"");
    };
    let mut claims = json!({ "sub": grant.user.subject });
    if state.does(Misbehaviour::OtherSubjectAtUserinfo) {
        claims["sub"] = "somebody-else".into();
    }
    id_token::about(&grant, &mut claims);
    Document::json(&claims)
}

/// RFC 6749, section 5.2.
fn refusal(status: u16, error: &str) -> Document {
    Document::json(&json!({ "error": error })).status(status)
}
