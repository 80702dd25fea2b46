//! The embedded authorization server as a part of the server.

use std::sync::Arc;
use std::time::Duration;

use mcp_auth::server::{AuthServer, AuthServerBuilder};
use mcp_auth::{Authenticate, Authenticator, FirstOf, Policy, ServerSettings};
use mcp_store::Sqlite;

use crate::error::{Error, Result};
use crate::server::Server;

/// How often the authorization server deletes what has expired and writes down what was used.
const TIDY_EVERY: Duration = Duration::from_secs(60);

/// What else is to be settled of an authorization server once it is known where it is.
type Settle = dyn FnOnce(AuthServerBuilder) -> std::result::Result<AuthServerBuilder, Box<dyn std::error::Error + Send + Sync>> + Send;

/// An authorization server that is not put together yet.
pub(crate) struct Unsettled(Box<Settle>);

impl std::fmt::Debug for Unsettled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Unsettled")
    }
}

impl Server {
    /// Has people sign in, and clients authorized, by this process itself: an OAuth 2.1 authorization server beside the endpoint.
    ///
    /// `settle` is given a builder that knows where it is, what the tools are and where records are kept, and adds a store, a key,
    /// ways to sign in and a policy. It runs when the server starts over HTTP, or with a token over stdio.
    pub fn authorization(
        mut self,
        settle: impl FnOnce(AuthServerBuilder) -> std::result::Result<AuthServerBuilder, Box<dyn std::error::Error + Send + Sync>>
        + Send
        + 'static,
    ) -> Self {
        self.authorization = Some(Unsettled(Box::new(settle)));
        self
    }
}

/// Has the authorization server set up as a configuration file says.
pub(crate) fn configured(server: Server, settings: ServerSettings, policy: Policy) -> Server {
    let store = settings.store.clone();
    let name = server.name().to_owned();
    server.authorization(move |builder| {
        let builder = settings.settle(builder, &name)?;
        Ok(builder.policy(policy).store(Sqlite::open(store)?))
    })
}

/// Puts the authorization server together, if there is to be one, at the public URL that the configuration names.
pub(crate) async fn settle(server: &mut Server) -> Result<Option<AuthServer>> {
    let Some(Unsettled(settle)) = server.authorization.take() else { return Ok(None) };
    let public_url = server.http.public_url.clone().ok_or_else(|| {
        Error::Config("people sign in at a URL, which is not known; set `public_url`, as `https://mcp.example.com`".to_owned())
    })?;
    let builder = AuthServer::builder(public_url).resource(server.http.endpoint_url()).catalog(server.registry());
    let builder = server.http.sse_urls().into_iter().fold(builder, AuthServerBuilder::alias);
    let builder = server.audits.0.iter().fold(builder, |builder, audit| builder.audit(Arc::clone(audit)));
    let cannot = |error: &dyn std::fmt::Display| Error::Config(format!("the authorization server cannot start: {error}"));
    let auth = settle(builder).map_err(|error| cannot(&error))?.build().map_err(|error| cannot(&error))?;
    auth.ready().await.map_err(|error| cannot(&error))?;
    Ok(Some(auth))
}

/// Has callers identified by the authorization server, and by whoever else was to do that, and serves its pages.
pub(crate) fn install(mut server: Server, auth: &AuthServer) -> Server {
    let own: Arc<dyn Authenticate> = Arc::new(auth.clone());
    server.http.authenticator = Authenticator::Provider(match server.http.authenticator {
        // Its own tokens first: others may have the last word on every token that they see.
        Authenticator::Provider(other) => Arc::new(FirstOf::new(vec![own, other])),
        _ => own,
    });
    server.http.site = mcp_transport_http::Beside::site(auth.clone());
    // A client that asked for elevated scopes at once would have everybody present a second factor to begin with.
    server.http.baseline_scopes.get_or_insert_with(|| auth.baseline_scopes());
    server.http.second_factor_scope = Some(auth.second_factor_scope().to_owned());
    server.audit(auth.usage())
}

/// Tidies up now and then, for as long as the runtime lives.
pub(crate) fn keep_tidy(auth: AuthServer) {
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(TIDY_EVERY);
        loop {
            ticks.tick().await;
            auth.tidy_up().await;
        }
    });
}
