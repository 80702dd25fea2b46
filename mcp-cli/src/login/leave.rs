//! `mcp logout`.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use mcp_client::oauth::TokenStore as _;

use super::browser::Nobody;
use super::saved::again;
use super::store::store;
use crate::failure::Failure;
use crate::target::Target;
use crate::terminal::note;

/// Give up the login for a server
///
/// Takes it back at the authorization server, if that can be done there, and removes it from this machine.
#[derive(Args, Debug)]
pub(crate) struct Logout {
    /// The server: its URL or its name in a configuration file
    target: String,
    /// The file in which servers are looked up by name, in the form of `mcpServers` [default: .mcp.json]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Logout {
    /// Takes the login back and removes it.
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let words = [self.target];
        let (Target::Url { url, .. }, _) = Target::find(&words, &[], self.config.as_deref())? else {
            return Err(Failure::usage("only servers that are reached by a URL know logins"));
        };
        let (store, failed) = (store()?, mcp_client::Error::from);
        let logins = store.load(&url).await.map_err(failed)?;
        if logins.is_empty() {
            note(&format!("there is no login for {url}"));
            return Ok(());
        }
        let mut ends = Vec::new();
        for login in &logins {
            let oauth = again(login, Nobody).store(Arc::new(store.clone())).build();
            ends.push(match (oauth.sign_out(&url).await, &login.tokens, &login.revocation_endpoint) {
                (Err(problem), ..) => format!("it could not be taken back at {}, and ends by itself: {problem}", login.issuer),
                (Ok(()), None, _) => continue,
                (Ok(()), Some(_), Some(_)) => format!("it was taken back at {}", login.issuer),
                (Ok(()), Some(_), None) => format!("{} takes nothing back, so it ends by itself", login.issuer),
            });
        }
        // What could not be taken back is gone from here all the same.
        store.forget(&url).await.map_err(failed)?;
        note(&format!("the login for {url} is removed from this machine"));
        ends.iter().for_each(|end| note(end));
        Ok(())
    }
}
