//! The client signs in: each line of what a client has to do, against servers that do as they are told, and the whole way
//! against our own authorization server.

#[path = "oauth_client/discovery.rs"]
mod discovery;
#[path = "oauth_client/fake.rs"]
mod fake;
#[path = "oauth_client/identity.rs"]
mod identity;
#[path = "oauth_client/loopback.rs"]
mod loopback;
#[path = "oauth_client/names.rs"]
mod names;
#[path = "oauth_client/ours.rs"]
mod ours;
#[path = "oauth_client/programs.rs"]
mod programs;
#[path = "oauth_client/proofs.rs"]
mod proofs;
#[path = "oauth_client/refusals.rs"]
mod refusals;
#[path = "oauth_client/scopes.rs"]
mod scopes;
#[path = "oauth_client/store.rs"]
mod store;
#[path = "oauth_client/tls.rs"]
mod tls;

use std::sync::Arc;

use mcp_client::oauth::{Headless, OAuth, OAuthBuilder};
use mcp_client::{Client, Era};
use serde_json::json;

use fake::Fake;

/// Somebody who allows everything at once.
fn person() -> OAuthBuilder {
    OAuth::person(Headless::default())
}

/// Connects to a fake with these credentials.
async fn connect(fake: &Fake, oauth: OAuthBuilder) -> mcp_client::Result<Client> {
    connect_as(fake, &Arc::new(oauth.build())).await
}

/// As [`connect`], with credentials that are used again.
async fn connect_as(fake: &Fake, oauth: &Arc<OAuth>) -> mcp_client::Result<Client> {
    let oauth: Arc<OAuth> = Arc::clone(oauth);
    Client::builder().era(Era::Modern).credentials(oauth).connect(&fake.mcp()).await
}

/// Connects and calls a tool, with credentials that are used again.
async fn call(fake: &Fake, oauth: &Arc<OAuth>) -> mcp_client::Result<String> {
    let client = connect_as(fake, oauth).await?;
    Ok(client.call_tool("any", &json!({})).await?.text())
}

/// Why a client could not connect.
async fn refused(fake: &Fake, oauth: OAuthBuilder) -> String {
    match connect(fake, oauth).await {
        Ok(_) => panic!("it connects; asked were {:?}", fake.paths()),
        Err(error) => error.to_string(),
    }
}
