//! Why a client could not be authorized.

use std::io;
use std::time::Duration;

/// Why a client could not be authorized.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OAuthError {
    /// A URL that must not be asked: not `https:`, or a public server that leads into a private network.
    #[error("`{url}` must not be used: {why}")]
    UnfitUrl {
        /// The URL.
        url: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The server or its authorization server does not say what a client has to know.
    #[error("{0}")]
    Discovery(String),
    /// The protected resource metadata speaks for another server (RFC 9728, section 3.3).
    #[error("the metadata of `{server}` is about `{resource}`, another resource; the server may be trying to get a token for it")]
    OtherResource {
        /// The server that was connected to.
        server: String,
        /// The resource that its metadata names.
        resource: String,
    },
    /// The metadata of an authorization server names another issuer (RFC 8414, section 3.3).
    #[error("the metadata of `{expected}` says that its issuer is `{found}`; it is not used")]
    OtherIssuer {
        /// The issuer that was asked.
        expected: String,
        /// The issuer that it names.
        found: String,
    },
    /// The authorization server does not say that it takes PKCE with S256.
    #[error("the authorization server `{0}` does not say that it supports PKCE with S256, without which codes can be stolen")]
    NoPkce(String),
    /// There is no way to become a client of the authorization server.
    #[error("there is no client id for `{issuer}`: {why}. Register a client there and name its id")]
    NoClient {
        /// The authorization server.
        issuer: String,
        /// Why none of the ways is open.
        why: String,
    },
    /// The client id belongs to another authorization server than the one that the server names now.
    #[error("the client id was issued by `{registered}`, but the server now names `{named}`; it is not shown to that one")]
    OtherServer {
        /// The authorization server that the client id belongs to.
        registered: String,
        /// The one that the server names.
        named: String,
    },
    /// The authorization server answered with an OAuth error.
    #[error("the authorization server answered `{code}`{}", detail(.description.as_deref()))]
    Refused {
        /// The code, as `invalid_grant`.
        code: String,
        /// What it says about it.
        description: Option<String>,
    },
    /// The answer to the authorization request must not be used.
    #[error("the answer of the authorization server is not used: {0}")]
    Callback(&'static str),
    /// Something that answered could not be understood.
    #[error("{0}")]
    Malformed(String),
    /// An authorization server cannot be asked at the moment. Nothing that is saved was given up.
    #[error("the authorization server cannot be asked at the moment: {0}")]
    Unavailable(String),
    /// Nobody finished signing in.
    #[error("nobody finished signing in within {0:?}")]
    NobodySignedIn(Duration),
    /// Another program asked for the same login, and did not get it.
    #[error("another program has asked for this sign-in, which came to nothing")]
    AskedElsewhere,
    /// The browser could not be opened.
    #[error("{0}")]
    Browser(String),
    /// The port to which the browser comes back could not be opened.
    #[error("the port to which the browser comes back could not be opened: {0}")]
    Listener(#[source] io::Error),
    /// Logins cannot be read, locked or saved.
    #[error("{what}: {cause}")]
    Store {
        /// What was being done.
        what: String,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// A key or secret cannot be used.
    #[error("{0}")]
    Key(&'static str),
}

fn detail(description: Option<&str>) -> String {
    description.map(|description| format!(": {description}")).unwrap_or_default()
}

/// What something of OAuth results in.
pub(crate) type Result<T, E = OAuthError> = std::result::Result<T, E>;

impl OAuthError {
    pub(crate) fn discovery(what: impl Into<String>) -> Self {
        Self::Discovery(what.into())
    }

    pub(crate) fn refused(code: &str, description: Option<&str>) -> Self {
        Self::Refused { code: shown(code), description: description.map(shown) }
    }

    /// Whether the authorization server answered with this code.
    pub(crate) fn is(&self, code: &str) -> bool {
        matches!(self, Self::Refused { code: found, .. } if found == code)
    }
}

impl From<OAuthError> for crate::Error {
    fn from(error: OAuthError) -> Self {
        Self::authorization(error)
    }
}

/// A text of somebody else, as it can be shown in a terminal.
fn shown(text: &str) -> String {
    const LONGEST: usize = 300;
    text.chars().filter(|char| !char.is_control()).take(LONGEST).collect()
}
