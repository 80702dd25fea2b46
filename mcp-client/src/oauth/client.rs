//! The client as an authorization server knows it.

use std::fmt;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use form_urlencoded::byte_serialize;
use serde::{Deserialize, Serialize};

use super::metadata::ServerMetadata;

/// How a client proves at the token endpoint who it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ClientAuth {
    /// It does not: a public client.
    #[default]
    None,
    /// With its secret in the `Authorization` header.
    ClientSecretBasic,
    /// With its secret in the body.
    ClientSecretPost,
    /// With a signed assertion.
    PrivateKeyJwt,
}

impl ClientAuth {
    pub(crate) fn parse(method: &str) -> Option<Self> {
        Some(match method {
            "none" => Self::None,
            "client_secret_basic" => Self::ClientSecretBasic,
            "client_secret_post" => Self::ClientSecretPost,
            "private_key_jwt" => Self::PrivateKeyJwt,
            _ => return None,
        })
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
        }
    }

    /// The way that a client with or without a secret takes where it is free to choose.
    pub(crate) fn of(metadata: &ServerMetadata, has_secret: bool) -> Self {
        let ways = [Self::ClientSecretBasic, Self::ClientSecretPost, Self::None];
        let way = ways.into_iter().find(|way| metadata.takes(way.as_str()));
        if has_secret { way.unwrap_or(Self::ClientSecretBasic) } else { Self::None }
    }
}

/// A client that is registered at an authorization server. `Debug` does not show its secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// Its id.
    pub id: String,
    /// Its secret, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// How it proves who it is.
    #[serde(default)]
    pub auth: ClientAuth,
    /// The redirect URI that it was registered with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect_uri: Option<String>,
    /// Whether it registered itself, and can do so again.
    #[serde(default)]
    pub dynamic: bool,
    /// The file that holds the key with which it signs, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_file: Option<PathBuf>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("id", &self.id).field("auth", &self.auth).finish_non_exhaustive()
    }
}

impl Client {
    /// A client that did not register itself.
    pub(crate) fn known(id: impl Into<String>, secret: Option<String>, auth: ClientAuth) -> Self {
        Self { id: id.into(), secret, auth, redirect_uri: None, dynamic: false, key_file: None }
    }

    /// `Authorization: Basic`, of values that are encoded as forms are (RFC 6749, section 2.3.1).
    pub(crate) fn basic(&self) -> String {
        let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        let secret = self.secret.as_deref().unwrap_or_default();
        format!("Basic {}", STANDARD.encode(format!("{}:{}", encode(&self.id), encode(secret))))
    }
}
