//! From a client nobody knows to a token: registration, consent, and the code that is exchanged once.

use aws_lc_rs::digest::{SHA256, digest};
use form_urlencoded::Serializer;
use mcp_testkit::{Asked, Document};
use serde_json::{Value, json};

use super::state::State;
use super::wire::refusal;
use super::{encode, random};

/// What a code stands for.
#[derive(Clone, Debug)]
pub(super) struct Granted {
    client: String,
    redirect: String,
    challenge: String,
    scope: String,
    resource: String,
}

/// RFC 7591, section 3.
pub(super) fn register(state: &State, asked: &Asked) -> Document {
    let Ok(wanted) = serde_json::from_slice::<Value>(&asked.body) else { return refusal(400, "invalid_client_metadata") };
    let redirects: Vec<String> =
        wanted["redirect_uris"].as_array().into_iter().flatten().filter_map(|uri| uri.as_str().map(str::to_owned)).collect();
    if redirects.is_empty() || wanted["token_endpoint_auth_method"] != "none" {
        return refusal(400, "invalid_client_metadata");
    }
    let id = random(16);
    state.lock().clients.insert(id.clone(), redirects);
    let mut registered = wanted;
    registered["client_id"] = json!(id);
    Document::json(&registered).status(201)
}

/// The user consents at once (RFC 6749, section 4.1.1; RFC 7636, section 4.3; RFC 9207).
pub(super) fn authorize(state: &State, asked: &Asked) -> Document {
    let parameter = |name: &str| asked.parameter(name).unwrap_or_default();
    let granted = Granted {
        client: parameter("client_id"),
        redirect: parameter("redirect_uri"),
        challenge: parameter("code_challenge"),
        scope: parameter("scope"),
        resource: parameter("resource"),
    };
    let mut inner = state.lock();
    // Nobody is sent to an address that the client did not register.
    if !inner.clients.get(&granted.client).is_some_and(|redirects| redirects.contains(&granted.redirect)) {
        return refusal(400, "invalid_request");
    }
    let mut back = Serializer::new(format!("{}?", granted.redirect));
    back.append_pair("state", &parameter("state")).append_pair("iss", &state.url);
    let proved = parameter("code_challenge_method") == "S256" && granted.challenge.len() == 43;
    if parameter("response_type") == "code" && proved {
        let code = random(24);
        back.append_pair("code", &code);
        inner.codes.insert(code, granted);
    } else {
        back.append_pair("error", "invalid_request");
    }
    Document::redirect(302, &back.finish())
}

/// RFC 6749, section 4.1.3; RFC 7636, section 4.6.
pub(super) fn token(state: &State, asked: &Asked) -> Document {
    let parameter = |name: &str| asked.parameter(name).unwrap_or_default();
    if asked.header("content-type") != Some("application/x-www-form-urlencoded") || parameter("grant_type") != "authorization_code" {
        return refusal(400, "invalid_request");
    }
    // It is good for one attempt, whatever comes of that.
    let granted = state.lock().codes.remove(&parameter("code"));
    let challenge = encode(digest(&SHA256, parameter("code_verifier").as_bytes()));
    let proved = |granted: &Granted| {
        granted.challenge == challenge && granted.redirect == parameter("redirect_uri") && granted.client == parameter("client_id")
    };
    let Some(granted) = granted.filter(proved) else { return refusal(400, "invalid_grant") };
    let claims = state.claims("ann", &granted.resource, &granted.client, &granted.scope);
    let token = state.issue(&claims);
    Document::json(&json!({ "access_token": token, "token_type": "Bearer", "expires_in": 86_400, "scope": granted.scope }))
        .header("Cache-Control", "no-store")
}
