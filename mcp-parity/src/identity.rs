//! Who the caller over stdio is.

#[cfg(feature = "http")]
use mcp_auth::{AuthError, Authenticator, Credentials, Resource};
#[cfg(feature = "http")]
use mcp_core::Headers;
use mcp_core::Principal;

use crate::error::{Error, Result};
use crate::server::Server;

/// Who the caller over stdio is: whoever `MCP_ACCESS_TOKEN` says, or else whoever launched the process, narrowed by `MCP_SCOPES`.
pub(crate) async fn of_stdio(server: &Server) -> Result<Principal> {
    match std::env::var("MCP_ACCESS_TOKEN") {
        Ok(token) => of_token(server, token).await,
        Err(std::env::VarError::NotPresent) => local(server),
        Err(std::env::VarError::NotUnicode(_)) => Err(Error::Config("MCP_ACCESS_TOKEN is not a token".to_owned())),
    }
}

/// The refusal of a token that does not verify: it is not taken for permission.
fn refused(why: &str) -> Result<Principal> {
    Err(Error::Config(format!("MCP_ACCESS_TOKEN is set, but {why}; unset it to run as the local user")))
}

#[cfg(not(feature = "http"))]
async fn of_token(_server: &Server, _token: String) -> Result<Principal> {
    refused("this server has no provider that could verify it")
}

/// Whose token it is, by the same provider as over HTTP.
#[cfg(feature = "http")]
async fn of_token(server: &Server, token: String) -> Result<Principal> {
    let Authenticator::Provider(provider) = &server.http.authenticator else {
        return refused("this server has no provider that could verify it");
    };
    // A token is meant for a URL; without one of its own, any server of this machine would be meant.
    server.http.check().map_err(|error| Error::Config(error.to_string()))?;
    let url = server.http.endpoint_url();
    let resource = Resource::parse(&url).map_err(|error| Error::Config(format!("`{url}` cannot be the URL of the endpoint: {error}")))?;
    match provider.authenticate(Credentials::new(&Token(format!("Bearer {token}")), None, &resource)).await {
        Ok(principal) => narrowed(server, principal),
        Err(AuthError::Invalid { reason }) => refused(reason),
        Err(AuthError::NotAdmitted) => refused("this server does not admit whom it belongs to"),
        Err(AuthError::Unavailable { .. }) => refused("whoever could verify it cannot be reached"),
        Err(_) => refused("no provider knows it"),
    }
}

/// The headers of a request that would carry the token.
#[cfg(feature = "http")]
struct Token(String);

#[cfg(feature = "http")]
impl Headers for Token {
    fn get(&self, name: &str) -> Option<&[u8]> {
        (name == "authorization").then_some(self.0.as_bytes())
    }

    fn repeats(&self, _name: &str) -> bool {
        false
    }
}

fn local(server: &Server) -> Result<Principal> {
    narrowed(server, Principal::local())
}

/// The caller with no more than the scopes in `MCP_SCOPES`.
fn narrowed(server: &Server, principal: Principal) -> Result<Principal> {
    match std::env::var("MCP_SCOPES") {
        Ok(scopes) => {
            let known = server.registry().scopes();
            for scope in scopes.split_ascii_whitespace().filter(|scope| !known.contains(scope)) {
                crate::command::say(&format!(
                    "note: MCP_SCOPES names `{scope}`, which nothing here asks for; scopes are separated by spaces"
                ));
            }
            let held: mcp_core::ScopeSet = scopes.split_ascii_whitespace().filter(|scope| principal.scopes().contains(scope)).collect();
            Ok(principal.with_scopes(held))
        }
        Err(std::env::VarError::NotPresent) => Ok(principal),
        Err(std::env::VarError::NotUnicode(_)) => Err(Error::Config("MCP_SCOPES is not text; list scopes separated by spaces".to_owned())),
    }
}
