//! What clients say of themselves (RFC 7591, section 2), cut down to what this server offers.
//!
//! Real clients list grant types and methods that no server here has, and nothing is gained by refusing them: each list is
//! cut down to what can be used, and only a list of which nothing is left is an error.

use serde_json::{Map, Value, json};
use url::Url;

use super::{AuthMethod, Client, ClientSource, GrantType, redirect};
use crate::JwsAlgorithm;
use crate::jwt::is_public;
use crate::server::error::{OAuthError, printable};
use crate::server::pages::display_name;

/// The most redirect URIs of a client that registers itself.
const MAX_REGISTERED_URIS: usize = 10;
/// The most redirect URIs in a client's document, which is bounded in bytes.
const MAX_DOCUMENT_URIS: usize = 100;
/// The largest key set that a client may bring along, in bytes.
const MAX_KEYS: usize = 16 * 1_024;

/// What a client is by its own words.
pub(super) struct Metadata {
    pub(super) name: String,
    pub(super) uri: Option<String>,
    pub(super) redirect_uris: Vec<String>,
    pub(super) auth_methods: Vec<AuthMethod>,
    pub(super) grant_types: Vec<GrantType>,
    pub(super) jwks: Option<Value>,
    pub(super) jwks_uri: Option<String>,
    pub(super) assertion_alg: Option<String>,
}

impl Metadata {
    /// Reads what a client says when it registers itself or in its document.
    ///
    /// # Errors
    /// `invalid_redirect_uri` and `invalid_client_metadata` (RFC 7591, section 3.2.2).
    pub(super) fn read(members: &Map<String, Value>, source: ClientSource) -> Result<Self, OAuthError> {
        let (jwks, jwks_uri) = keys(members)?;
        let uris = uris(members, source)?;
        let auth_methods = auth_methods(members, source, &uris, jwks.is_some() || jwks_uri.is_some())?;
        let public = auth_methods.contains(&AuthMethod::None);
        for uri in &uris {
            redirect::check(uri, public).map_err(|why| bad_uri(format!("{why}: {}", printable(uri))))?;
        }
        if !texts(members, "response_types")?.is_none_or(|types| types.contains(&"code")) {
            return Err(bad("of the `response_types` only `code` is offered here"));
        }
        let assertions = auth_methods.contains(&AuthMethod::PrivateKeyJwt);
        let instead = uris.first().map(|uri| redirect::host_for_display(uri).0).unwrap_or_default();
        Ok(Self {
            name: display_name(members.get("client_name").and_then(Value::as_str).unwrap_or_default(), &instead),
            uri: text(members, "client_uri").ok().flatten().filter(|uri| is_web_page(uri)).map(str::to_owned),
            grant_types: grant_types(members)?,
            jwks: jwks.filter(|_| assertions),
            jwks_uri: jwks_uri.filter(|_| assertions),
            assertion_alg: if assertions { assertion_alg(members)? } else { None },
            redirect_uris: uris,
            auth_methods,
        })
    }

    /// The client, which has neither secret nor management token yet.
    pub(super) fn into_client(self, id: String, source: ClientSource, created: u64) -> Client {
        Client {
            id,
            source,
            name: self.name,
            uri: self.uri,
            redirect_uris: self.redirect_uris,
            auth_methods: self.auth_methods,
            secret: None,
            jwks: self.jwks,
            jwks_uri: self.jwks_uri,
            assertion_alg: self.assertion_alg,
            grant_types: self.grant_types,
            scopes: None,
            created,
            management: None,
        }
    }
}

/// A client in the words of RFC 7591, section 3.2.1, without secrets.
pub(super) fn describe(client: &Client) -> Map<String, Value> {
    let mut members = Map::new();
    let mut tell = |name: &str, value: Value| members.insert(name.to_owned(), value);
    tell("client_id", json!(client.id));
    tell("client_id_issued_at", json!(client.created));
    tell("client_name", json!(client.name));
    tell("redirect_uris", json!(client.redirect_uris));
    tell("grant_types", json!(client.grant_types));
    tell("response_types", json!(["code"]));
    tell("token_endpoint_auth_method", json!(client.auth_methods.first()));
    let optional = [
        ("client_uri", client.uri.clone().map(Value::String)),
        ("jwks", client.jwks.clone()),
        ("jwks_uri", client.jwks_uri.clone().map(Value::String)),
        ("token_endpoint_auth_signing_alg", client.assertion_alg.clone().map(Value::String)),
    ];
    members.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    members
}

/// What a client says of itself cannot be used.
pub(super) fn bad(description: impl Into<String>) -> OAuthError {
    OAuthError::new("invalid_client_metadata", description.into())
}

fn bad_uri(description: impl Into<String>) -> OAuthError {
    OAuthError::new("invalid_redirect_uri", description.into())
}

fn uris(members: &Map<String, Value>, source: ClientSource) -> Result<Vec<String>, OAuthError> {
    let most = if source == ClientSource::Document { MAX_DOCUMENT_URIS } else { MAX_REGISTERED_URIS };
    let listed = texts(members, "redirect_uris").map_err(|error| bad_uri(error.description))?.unwrap_or_default();
    match listed.len() {
        0 => Err(bad_uri("there is no redirect URI in `redirect_uris`")),
        count if count > most => Err(bad_uri(format!("there are more than {most} redirect URIs"))),
        _ => Ok(listed.into_iter().map(str::to_owned).collect()),
    }
}

/// How the client may identify itself. A client that says nothing gets a secret when it registers (RFC 7591, section 2), and
/// may send it either way; with a document there is nobody to give a secret to.
fn auth_methods(
    members: &Map<String, Value>,
    source: ClientSource,
    uris: &[String],
    has_keys: bool,
) -> Result<Vec<AuthMethod>, OAuthError> {
    let stated = text(members, "token_endpoint_auth_method")?;
    let listed = texts(members, "token_endpoint_auth_methods_supported")?;
    let document = source == ClientSource::Document;
    if document && stated.is_some_and(|method| method.starts_with("client_secret_")) {
        return Err(bad("a client with a document has no secret to identify itself with"));
    }
    if stated.is_none() && listed.is_none() {
        // A program that registers a scheme of its own keeps no secret, whatever the default is.
        let program = |uri: &String| redirect::check(uri, true).is_ok() && redirect::check(uri, false).is_err();
        let public = document || uris.iter().any(program);
        return Ok(if public { vec![AuthMethod::None] } else { vec![AuthMethod::SecretBasic, AuthMethod::SecretPost] });
    }
    let mut usable = Vec::new();
    for name in stated.into_iter().chain(listed.into_iter().flatten()) {
        let method = match name {
            "none" => AuthMethod::None,
            "private_key_jwt" if has_keys => AuthMethod::PrivateKeyJwt,
            "client_secret_basic" if !document => AuthMethod::SecretBasic,
            "client_secret_post" if !document => AuthMethod::SecretPost,
            _ => continue,
        };
        if !usable.contains(&method) {
            usable.push(method);
        }
    }
    if !document {
        // What registers has one method (RFC 7591, section 2); what else it could do is no matter.
        usable.truncate(1);
    }
    if usable.is_empty() {
        let keys = "; `private_key_jwt` needs `jwks` or `jwks_uri`";
        return Err(bad(format!("none of the client's ways to identify itself is offered here{}", if has_keys { "" } else { keys })));
    }
    Ok(usable)
}

/// What the client may ask tokens for: a code's, and unless it says otherwise refreshed ones. `client_credentials` is given
/// to no client that makes itself known.
fn grant_types(members: &Map<String, Value>) -> Result<Vec<GrantType>, OAuthError> {
    let Some(listed) = texts(members, "grant_types")? else { return Ok(vec![GrantType::AuthorizationCode, GrantType::RefreshToken]) };
    if !listed.contains(&"authorization_code") {
        return Err(bad("of the `grant_types` only `authorization_code` and `refresh_token` are offered here"));
    }
    let refresh = listed.contains(&"refresh_token").then_some(GrantType::RefreshToken);
    Ok([Some(GrantType::AuthorizationCode), refresh].into_iter().flatten().collect())
}

/// The client's public keys, or where they are. They are not fetched before they are needed.
fn keys(members: &Map<String, Value>) -> Result<(Option<Value>, Option<String>), OAuthError> {
    let jwks = members.get("jwks").filter(|value| !value.is_null());
    let jwks_uri = text(members, "jwks_uri")?;
    if jwks.is_some() && jwks_uri.is_some() {
        return Err(bad("there are both `jwks` and `jwks_uri`"));
    }
    jwks.map_or(Ok(()), check_keys)?;
    jwks_uri.map_or(Ok(()), check_keys_uri)?;
    Ok((jwks.cloned(), jwks_uri.map(str::to_owned)))
}

/// Whether a key set holds public keys and nothing else.
///
/// # Errors
/// `invalid_client_metadata`.
pub(super) fn check_keys(jwks: &Value) -> Result<(), OAuthError> {
    let keys = jwks.get("keys").and_then(Value::as_array).filter(|keys| !keys.is_empty()).ok_or_else(|| bad("`jwks` is no key set"))?;
    if !keys.iter().all(is_public) {
        return Err(bad("`jwks` holds something else than public keys"));
    }
    if jwks.to_string().len() > MAX_KEYS { Err(bad("`jwks` is larger than 16 KiB")) } else { Ok(()) }
}

/// Whether a URL of a key set may be asked at all; whom it leads to, the fetcher checks.
///
/// # Errors
/// `invalid_client_metadata`.
pub(super) fn check_keys_uri(uri: &str) -> Result<(), OAuthError> {
    if is_web_page(uri) { Ok(()) } else { Err(bad("`jwks_uri` is no https URL of a host with a name")) }
}

fn assertion_alg(members: &Map<String, Value>) -> Result<Option<String>, OAuthError> {
    let Some(name) = text(members, "token_endpoint_auth_signing_alg")? else { return Ok(None) };
    match JwsAlgorithm::parse(name) {
        Some(_) => Ok(Some(name.to_owned())),
        None => Err(bad("`token_endpoint_auth_signing_alg` is no algorithm with a private key that is known here")),
    }
}

fn is_web_page(uri: &str) -> bool {
    let printable = uri.len() <= 2_048 && uri.bytes().all(|byte| byte.is_ascii_graphic());
    let named = |url: &Url| url.username().is_empty() && url.password().is_none() && url.domain().is_some();
    printable && Url::parse(uri).is_ok_and(|url| url.scheme() == "https" && named(&url) && url.fragment().is_none())
}

/// A member that must be a text if it is there.
fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, OAuthError> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(bad(format!("`{name}` is no text"))),
    }
}

/// A member that must be a list of texts if it is there.
fn texts<'a>(members: &'a Map<String, Value>, name: &str) -> Result<Option<Vec<&'a str>>, OAuthError> {
    let Some(value) = members.get(name).filter(|value| !value.is_null()) else { return Ok(None) };
    let texts = value.as_array().and_then(|values| values.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
    texts.map(Some).ok_or_else(|| bad(format!("`{name}` is no list of texts")))
}
