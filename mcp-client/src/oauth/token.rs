//! The token endpoint.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use http::{Method, Request};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

use super::client::{Client, ClientAuth};
use super::dpop::Proofs;
use super::error::{OAuthError, Result};
use super::fetch::{Fetch, send, uri};
use super::reach::Reach;
use super::scope;

/// How long before its end a token is not used any more, in seconds: requests take time, and clocks differ.
const MARGIN: u64 = 30;

/// What a token endpoint gave. `Debug` does not show the tokens.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// The access token.
    pub access: String,
    /// The refresh token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh: Option<String>,
    /// Until when the access token is used, in seconds since 1970, if it is known when it ends: shortly before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<u64>,
    /// What it lets the client do.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Whether it is bound to the key of the login (RFC 9449).
    #[serde(default)]
    pub bound: bool,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("expires_at", &self.expires_at).field("scopes", &self.scopes).finish_non_exhaustive()
    }
}

impl Tokens {
    /// Whether the access token is about to end, or has.
    pub fn has_expired(&self) -> bool {
        self.expires_at.is_some_and(|end| end <= now())
    }
}

/// Seconds since 1970.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// What is asked of a token endpoint.
pub(crate) struct Grant<'a> {
    pub(crate) endpoint: &'a Url,
    /// From where the endpoint has to be reachable at least.
    pub(crate) reach: Reach,
    pub(crate) client: &'a Client,
    /// The proof of a client that signs.
    pub(crate) assertion: Option<String>,
    pub(crate) proofs: Option<&'a Proofs>,
    /// The parameters, without those by which the client identifies itself.
    pub(crate) form: Vec<(&'a str, String)>,
    /// The scopes that the token has if the answer does not say.
    pub(crate) scopes: Vec<String>,
}

/// By which a client says that its assertion is a JWT (RFC 7523, section 2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Answers that are asked for once more with a nonce.
const USE_NONCE: &str = "use_dpop_nonce";

/// Asks for tokens.
///
/// # Errors
/// When the authorization server refuses, cannot be asked, or answers what is no token.
pub(crate) async fn request(fetch: &dyn Fetch, grant: Grant<'_>) -> Result<Tokens> {
    let document = ask(fetch, &grant).await?;
    read(&document, grant.scopes, grant.proofs.is_some())
}

/// As [`request`], for an answer of another shape.
pub(crate) async fn ask(fetch: &dyn Fetch, grant: &Grant<'_>) -> Result<Map<String, Value>> {
    let mut retried = false;
    loop {
        let answer = send(fetch, grant.reach, encode(grant)?).await?;
        if let (Some(proofs), Some(nonce)) = (grant.proofs, header(answer.headers(), "dpop-nonce")) {
            proofs.server_nonce(nonce);
        }
        let document = parse(answer.body(), answer.status().as_u16());
        match document {
            Err(error) if error.is(USE_NONCE) && grant.proofs.is_some() && !std::mem::replace(&mut retried, true) => {}
            document => return document,
        }
    }
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// The request of a client that proves who it is.
pub(crate) fn encode(grant: &Grant<'_>) -> Result<Request<Bytes>> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(grant.form.iter());
    let mut request = Request::new(Bytes::new());
    let headers = request.headers_mut();
    match grant.client.auth {
        ClientAuth::ClientSecretBasic => {
            let mut value = HeaderValue::try_from(grant.client.basic()).expect("Base64 is visible ASCII");
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        ClientAuth::ClientSecretPost => {
            form.append_pair("client_id", &grant.client.id);
            form.append_pair("client_secret", grant.client.secret.as_deref().unwrap_or_default());
        }
        ClientAuth::PrivateKeyJwt => {
            form.append_pair("client_id", &grant.client.id);
            form.append_pair("client_assertion_type", JWT_BEARER);
            form.append_pair("client_assertion", grant.assertion.as_deref().unwrap_or_default());
        }
        ClientAuth::None => {
            form.append_pair("client_id", &grant.client.id);
        }
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    if let Some(proofs) = grant.proofs {
        let proof = proofs.for_server(grant.endpoint)?;
        headers.insert("dpop", HeaderValue::try_from(proof).expect("a JWT is visible ASCII"));
    }
    *request.method_mut() = Method::POST;
    *request.uri_mut() = uri(grant.endpoint)?;
    *request.body_mut() = form.finish().into();
    Ok(request)
}

/// Reads an answer. Some servers send errors with the status 200.
fn parse(body: &[u8], status: u16) -> Result<Map<String, Value>> {
    let document: Option<Map<String, Value>> = serde_json::from_slice(body).ok();
    let refused = document.as_ref().and_then(|document| Some((document.get("error")?.as_str()?, document.get("error_description"))));
    if let Some((code, description)) = refused {
        return Err(OAuthError::refused(code, description.and_then(Value::as_str)));
    }
    match document {
        Some(document) if (200..300).contains(&status) => Ok(document),
        _ => Err(OAuthError::Malformed(format!("the token endpoint answered with status {status} and nothing that can be read"))),
    }
}

fn read(document: &Map<String, Value>, asked: Vec<String>, proven: bool) -> Result<Tokens> {
    let text = |name: &str| document.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let malformed = |what: &str| OAuthError::Malformed(format!("the token endpoint answered {what}"));
    let access = text("access_token").ok_or_else(|| malformed("without an access token"))?;
    let bound = match text("token_type").unwrap_or("Bearer") {
        kind if kind.eq_ignore_ascii_case("bearer") => false,
        kind if kind.eq_ignore_ascii_case("dpop") && proven => true,
        _ => return Err(malformed("with a token of a kind that cannot be used")),
    };
    Ok(Tokens {
        access: access.to_owned(),
        refresh: text("refresh_token").map(str::to_owned),
        expires_at: document.get("expires_in").and_then(seconds).map(|seconds| now() + seconds - MARGIN.min(seconds / 10)),
        scopes: text("scope").map_or(asked, scope::split),
        bound,
    })
}

/// A number of seconds, also if it was written as a text or with a fraction.
fn seconds(value: &Value) -> Option<u64> {
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "what does not fit is bounded")]
    (number.is_finite() && number >= 0.0).then_some(number.min(f64::from(u32::MAX)) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(body: &str, status: u16) -> String {
        match parse(body.as_bytes(), status).and_then(|document| read(&document, scope::split("asked"), false)) {
            Ok(tokens) => {
                let left = tokens.expires_at.map(|end| end - now());
                format!("{} {:?} {:?} {:?}", tokens.access, tokens.refresh, left.map(|left| left.div_ceil(10)), tokens.scopes)
            }
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn answers_are_read_as_servers_write_them() {
        for (body, status, expected) in [
            (r#"{"access_token":"a","token_type":"bearer","expires_in":3600,"x":[1]}"#, 200, r#"a None Some(357) ["asked"]"#),
            (r#"{"access_token":"a","expires_in":"3600","scope":"b c","refresh_token":"r"}"#, 200, r#"a Some("r") Some(357) ["b", "c"]"#),
            (r#"{"access_token":"a","token_type":"BEARER","expires_in":60.5,"refresh_token":""}"#, 201, r#"a None Some(6) ["asked"]"#),
            (r#"{"access_token":"a","expires_in":-1}"#, 200, r#"a None None ["asked"]"#),
            (r#"{"ok":false,"error":"invalid_grant"}"#, 200, "the authorization server answered `invalid_grant`"),
            (r#"{"error":"x\u001b[1m","error_description":"no\nway"}"#, 400, "the authorization server answered `x[1m`: noway"),
            (r#"{"access_token":"a","token_type":"N_A"}"#, 200, "the token endpoint answered with a token of a kind that cannot be used"),
            (r#"{"access_token":"a","token_type":"DPoP"}"#, 200, "the token endpoint answered with a token of a kind that cannot be used"),
            ("{}", 200, "the token endpoint answered without an access token"),
            ("<html>", 404, "the token endpoint answered with status 404 and nothing that can be read"),
            (r#"{"access_token":"a"}"#, 302, "the token endpoint answered with status 302 and nothing that can be read"),
        ] {
            assert_eq!(show(body, status), expected, "{body}");
        }
    }
}
