//! The logins that commands share: whoever has signed in for one is signed in for all.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use mcp_client::Credentials;
use mcp_client::oauth::{Browser, FileStore, OAuth, OAuthError, SystemBrowser};

use crate::terminal;

/// Where logins are kept: `MCP_LOGINS`, or a directory of the user's state.
fn directory() -> Option<PathBuf> {
    let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let of_user = || {
        let state = named("XDG_STATE_HOME").or_else(|| named("LOCALAPPDATA")).or_else(|| Some(named("HOME")?.join(".local/state")));
        Some(state?.join("mcp/logins"))
    };
    named("MCP_LOGINS").or_else(of_user)
}

/// Lets clients in where somebody has signed in, and has a person sign in where nobody has.
pub(crate) fn shared() -> Option<Arc<dyn Credentials>> {
    let store = Arc::new(FileStore::new(directory()?));
    Some(Arc::new(OAuth::person(Told).name("mcp").store(store).build()))
}

/// Opens the browser, and says where to go in case there is none.
struct Told;

#[async_trait]
impl Browser for Told {
    async fn open(&self, url: &str) -> Result<(), OAuthError> {
        terminal::note(&format!("sign in at {url}"));
        if let Err(error) = SystemBrowser::default().open(url).await {
            terminal::note(&format!("{error}; open the address above"));
        }
        Ok(())
    }
}
