//! The endpoints of GitHub that a login needs, with what is peculiar about them.

use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use super::grants::{self, Grant, Refusal};
use super::state::State;
use crate::loopback::{Asked, Document, lock};

pub(super) fn answer(state: &State, asked: &Asked) -> Document {
    match (asked.method.as_str(), asked.path.as_str()) {
        ("GET", "/login/oauth/authorize") => authorize(state, asked),
        ("POST", "/login/oauth/access_token") => access_token(state, asked),
        ("GET", "/user") => api(state, asked, |grant| Document::json(&user(grant))),
        ("GET", "/user/emails") => api(state, asked, |grant| match grant.has_scope("user:email") || grant.has_scope("user") {
            true => Document::json(&emails(grant)),
            false => message(404, "Not Found"),
        }),
        ("GET", "/user/orgs") => api(state, asked, |grant| match grant.has_scope("read:org") || grant.has_scope("user") {
            true => Document::json(&grant.user.groups.iter().map(|login| json!({ "login": login })).collect()),
            false => message(403, "You need at least read:org scope or user scope to list your organizations."),
        }),
        _ => message(404, "Not Found"),
    }
}

fn authorize(state: &State, asked: &Asked) -> Document {
    let back = match grants::redirect_of(state, asked) {
        Ok(back) => back,
        Err(page) => return page,
    };
    let denies = lock(&state.inner).denies;
    match grants::code(state, asked) {
        Some(code) if !denies => grants::send_back(state, asked, back, &[("code", &code)]),
        Some(_) => {
            let why = "The user has denied your application access.";
            grants::send_back(state, asked, back, &[("error", "access_denied"), ("error_description", why)])
        }
        None => Document::html("<!doctype html><title>Sign in to GitHub</title>").status(200),
    }
}

/// Errors have the status 200 as well, and JSON is sent only to those who ask for it.
fn access_token(state: &State, asked: &Asked) -> Document {
    let refusal = |error: &str, why: &str| vec![("error", error.to_owned()), ("error_description", why.to_owned())];
    let answer = match grants::redeem(state, asked) {
        Ok(grant) => {
            let scope = grant.scope.replace(' ', ",");
            vec![("access_token", grants::access_token(state, "gho_", grant)), ("token_type", "bearer".to_owned()), ("scope", scope)]
        }
        Err(Refusal::Client) => refusal("incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect."),
        Err(Refusal::Redirect) => refusal("redirect_uri_mismatch", "The redirect_uri is not the one that the code was issued for."),
        Err(Refusal::Code) => refusal("bad_verification_code", "The code passed is incorrect or expired."),
    };
    if asked.header("accept").is_some_and(|accept| accept.contains("application/json")) {
        let members: serde_json::Map<String, Value> = answer.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        return Document::json(&members.into());
    }
    let body = Serializer::new(String::new()).extend_pairs(answer).finish();
    Document::new("application/x-www-form-urlencoded; charset=utf-8", body)
}

/// Who sends no `User-Agent` is turned away, token or not.
fn api(state: &State, asked: &Asked, answer: impl FnOnce(&Grant) -> Document) -> Document {
    if asked.header("user-agent").is_none_or(str::is_empty) {
        return message(403, "Request forbidden by administrative rules: a User-Agent header is missing.");
    }
    match grants::bearer(state, asked) {
        Some(grant) => answer(&grant).header("X-OAuth-Scopes", grant.scope.replace(' ', ", ")),
        None => message(401, "Bad credentials"),
    }
}

/// The address in a profile is the public one, which most people do not have.
fn user(grant: &Grant) -> Value {
    let user = &grant.user;
    json!({ "id": user.number(), "login": user.login, "name": user.name, "email": null, "type": "User" })
}

fn emails(grant: &Grant) -> Value {
    let user = &grant.user;
    let hidden = format!("{}+{}@users.noreply.github.com", user.number(), user.login);
    let own = user
        .email
        .as_ref()
        .map(|email| json!({ "email": email, "primary": true, "verified": user.email_verified, "visibility": "private" }));
    let hidden = json!({ "email": hidden, "primary": own.is_none(), "verified": true, "visibility": null });
    std::iter::once(hidden).chain(own).collect()
}

fn message(status: u16, text: &str) -> Document {
    Document::json(&json!({ "message": text })).status(status)
}
