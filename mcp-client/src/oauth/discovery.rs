//! Finding the authorization server of an MCP server (2026-07-28, basic/authorization/authorization-server-discovery).

use url::Url;

use super::error::{OAuthError, Result};
use super::fetch::{Fetch, document};
use super::metadata::{ProtectedResource, ServerMetadata};
use super::reach::Reach;
use super::resource::Server;

/// What was found out about a server.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// What tokens are asked for: the parameter `resource`.
    pub(crate) resource: String,
    /// Which scopes the server's metadata lists.
    pub(crate) scopes: Option<Vec<String>>,
    pub(crate) issuer: String,
    pub(crate) metadata: ServerMetadata,
    pub(crate) token_endpoint: Url,
    /// From where the server can be reached, and what it leads to at least has to.
    pub(crate) reach: Reach,
    /// Whether the server said all this itself. Without metadata the endpoints are those that the first revision assumed.
    pub(crate) stated: bool,
}

impl Found {
    pub(crate) fn authorization_endpoint(&self) -> Result<Url> {
        let endpoint = self.metadata.authorization_endpoint.as_deref();
        let endpoint = endpoint.and_then(|endpoint| Url::parse(endpoint).ok());
        endpoint.ok_or_else(|| OAuthError::discovery(format!("`{}` names no page where people sign in", self.issuer)))
    }
}

/// Finds the authorization server; `announced` is the URL of metadata that a challenge named.
///
/// # Errors
/// When there is none, or what is said about it does not fit together.
pub(crate) async fn discover(fetch: &dyn Fetch, server: &Server, announced: Option<&str>) -> Result<Found> {
    let Some(resource) = protected_resource(fetch, server, announced).await? else {
        return without_metadata(fetch, server).await;
    };
    server.belongs_to(&resource.resource)?;
    let Some(issuer) = resource.authorization_servers.first() else {
        return Err(OAuthError::discovery(format!("`{}` names no authorization server", server.canonical())));
    };
    let issuer = issuer.clone();
    let metadata = server_metadata(fetch, server, &issuer).await?;
    let metadata = metadata.ok_or_else(|| OAuthError::discovery(format!("`{issuer}` has no metadata of an authorization server")))?;
    if metadata.issuer != issuer {
        return Err(OAuthError::OtherIssuer { expected: issuer, found: metadata.issuer });
    }
    found(server, resource.resource, resource.scopes_supported, metadata, true)
}

async fn protected_resource(fetch: &dyn Fetch, server: &Server, announced: Option<&str>) -> Result<Option<ProtectedResource>> {
    if let Some(url) = announced {
        let found = document(fetch, server.reach, url).await?;
        return found.map(Some).ok_or_else(|| OAuthError::discovery("the server names metadata that is not there".to_owned()));
    }
    for url in server.well_known() {
        if let Some(found) = document(fetch, server.reach, &url).await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Asks the well-known places of an issuer, in order.
async fn server_metadata(fetch: &dyn Fetch, server: &Server, issuer: &str) -> Result<Option<ServerMetadata>> {
    let parsed = server.reach.check(issuer)?;
    for url in well_known(&parsed) {
        if let Some(found) = document(fetch, server.reach, &url).await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn well_known(issuer: &Url) -> Vec<String> {
    let origin = issuer.origin().ascii_serialization();
    match issuer.path().trim_end_matches('/') {
        "" => vec![format!("{origin}/.well-known/oauth-authorization-server"), format!("{origin}/.well-known/openid-configuration")],
        path => vec![
            format!("{origin}/.well-known/oauth-authorization-server{path}"),
            format!("{origin}/.well-known/openid-configuration{path}"),
            format!("{origin}{path}/.well-known/openid-configuration"),
        ],
    }
}

/// As in the first revision with authorization: the MCP server is its own authorization server
/// (2025-03-26, basic/authorization, sections 2.3.1 and 2.3.3).
async fn without_metadata(fetch: &dyn Fetch, server: &Server) -> Result<Found> {
    let origin = server.origin();
    let (metadata, stated) = match server_metadata(fetch, server, &origin).await? {
        Some(metadata) if metadata.issuer.trim_end_matches('/') == origin => (metadata, true),
        Some(metadata) => return Err(OAuthError::OtherIssuer { expected: origin, found: metadata.issuer }),
        None => (assumed(&origin), false),
    };
    found(server, server.canonical(), None, metadata, stated)
}

fn assumed(origin: &str) -> ServerMetadata {
    let at = |path: &str| Some(format!("{origin}{path}"));
    ServerMetadata {
        issuer: origin.to_owned(),
        authorization_endpoint: at("/authorize"),
        token_endpoint: at("/token"),
        registration_endpoint: at("/register"),
        code_challenge_methods_supported: vec!["S256".to_owned()],
        token_endpoint_auth_methods_supported: Some(vec!["none".to_owned(), "client_secret_basic".to_owned()]),
        ..ServerMetadata::default()
    }
}

fn found(server: &Server, resource: String, scopes: Option<Vec<String>>, metadata: ServerMetadata, stated: bool) -> Result<Found> {
    let missing = || OAuthError::discovery(format!("`{}` names no token endpoint", metadata.issuer));
    let token_endpoint = server.reach.check(metadata.token_endpoint.as_deref().ok_or_else(missing)?)?;
    for endpoint in [&metadata.authorization_endpoint, &metadata.registration_endpoint, &metadata.revocation_endpoint].into_iter().flatten()
    {
        server.reach.check(endpoint)?;
    }
    Ok(Found { resource, scopes, issuer: metadata.issuer.clone(), metadata, token_endpoint, reach: server.reach, stated })
}
