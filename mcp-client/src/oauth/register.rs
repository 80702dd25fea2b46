//! Becoming a client of an authorization server (2026-07-28, basic/authorization/client-registration).

use std::path::PathBuf;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use http::{Method, Request};
use serde_json::{Map, Value, json};

use super::assertion::ClientKey;
use super::client::{Client, ClientAuth};
use super::discovery::Found;
use super::error::{OAuthError, Result};
use super::fetch::{Fetch, send};

/// As whom a client can act.
#[derive(Clone, Debug, Default)]
pub(crate) struct Identity {
    /// What people are shown.
    pub(crate) name: String,
    pub(crate) client: Option<Known>,
    /// The URL of a client ID metadata document.
    pub(crate) document: Option<String>,
    pub(crate) may_register: bool,
    /// The key of the client that was registered by hand, or that the document describes.
    pub(crate) key: Option<ClientKey>,
}

/// A client that somebody registered by hand.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// Where; at whatever authorization server is found first, if it is not said.
    pub(crate) issuer: Option<String>,
    pub(crate) client: Client,
    /// How the client wants to prove who it is, if not as the metadata says.
    pub(crate) auth: Option<ClientAuth>,
}

impl Identity {
    /// The client that needs no registration, by the order of the specification; `None` when it has to register.
    ///
    /// # Errors
    /// When its id belongs to another authorization server, or there is no way to become a client.
    pub(crate) fn without_registration(&self, found: &Found) -> Result<Option<Client>> {
        if let Some(known) = &self.client {
            if let Some(registered) = known.issuer.clone().filter(|issuer| *issuer != found.issuer) {
                return Err(OAuthError::OtherServer { registered, named: found.issuer.clone() });
            }
            let signs = self.key.is_some() && known.client.secret.is_none();
            let free = || if signs { ClientAuth::PrivateKeyJwt } else { ClientAuth::of(&found.metadata, known.client.secret.is_some()) };
            return Ok(Some(Client { auth: known.auth.unwrap_or_else(free), key_file: self.key_file(), ..known.client.clone() }));
        }
        // A document says that its client signs, and whoever does not take that does not take the client.
        let taken = found.metadata.client_id_metadata_document_supported && (self.key.is_none() || found.metadata.takes_assertions());
        if let Some(document) = self.document.as_ref().filter(|_| taken) {
            let auth = if self.key.is_some() { ClientAuth::PrivateKeyJwt } else { ClientAuth::None };
            return Ok(Some(Client { key_file: self.key_file(), ..Client::known(document, None, auth) }));
        }
        let none = |why: &str| OAuthError::NoClient { issuer: found.issuer.clone(), why: why.to_owned() };
        match found.metadata.registration_endpoint {
            None => Err(none("it does not let clients register themselves")),
            Some(_) if !self.may_register => Err(none("this client was told not to register itself")),
            Some(_) => Ok(None),
        }
    }

    fn key_file(&self) -> Option<PathBuf> {
        self.key.as_ref().and_then(ClientKey::file)
    }

    /// Registers the client (RFC 7591).
    ///
    /// # Errors
    /// When the authorization server refuses.
    pub(crate) async fn register(&self, fetch: &dyn Fetch, found: &Found, redirect_uri: &str) -> Result<Client> {
        let endpoint = found.metadata.registration_endpoint.as_deref().unwrap_or_default();
        let ways = [ClientAuth::None, ClientAuth::ClientSecretBasic, ClientAuth::ClientSecretPost];
        let auth = ways.into_iter().find(|way| found.metadata.takes(way.as_str())).unwrap_or_default();
        let metadata = json!({
            "client_name": self.name,
            "application_type": "native",
            "redirect_uris": [redirect_uri],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": auth.as_str(),
        });
        let mut request = Request::new(Bytes::from(metadata.to_string()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = endpoint.parse().map_err(|_| OAuthError::discovery("the registration endpoint is no URL"))?;
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
        let answer = send(fetch, found.reach, request).await?;
        let document: Map<String, Value> = serde_json::from_slice(answer.body()).unwrap_or_default();
        let text = |name: &str| document.get(name).and_then(Value::as_str);
        if let Some(code) = text("error") {
            return Err(OAuthError::refused(code, text("error_description")));
        }
        let status = answer.status();
        let Some(id) = text("client_id").filter(|_| status.is_success()) else {
            let why = if found.stated { "it refused the registration" } else { "nothing there seems to be an authorization server" };
            return Err(OAuthError::NoClient { issuer: found.issuer.clone(), why: format!("{why} (status {})", status.as_u16()) });
        };
        let secret = text("client_secret").filter(|secret| !secret.is_empty()).map(str::to_owned);
        let given =
            text("token_endpoint_auth_method").and_then(ClientAuth::parse).filter(|way| secret.is_some() || *way == ClientAuth::None);
        let auth = given.unwrap_or_else(|| ClientAuth::of(&found.metadata, secret.is_some()));
        Ok(Client { redirect_uri: Some(redirect_uri.to_owned()), dynamic: true, ..Client::known(id, secret, auth) })
    }
}
