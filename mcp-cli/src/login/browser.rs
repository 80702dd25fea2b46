//! Browsers of a command line: one that is opened, one that is only told, one that is not wanted.

use async_trait::async_trait;
use mcp_client::oauth::{Browser, OAuthError, SystemBrowser};

use crate::terminal::{note, say};

/// Opens the browser of the system; if that does not work, says what to open.
#[derive(Debug, Default)]
pub(crate) struct Open;

#[async_trait]
impl Browser for Open {
    async fn open(&self, url: &str) -> Result<Option<String>, OAuthError> {
        note("sign in with the browser that is opened now");
        if let Err(error) = SystemBrowser::default().open(url).await {
            note(&format!("{error}. Open this page yourself, on this machine:\n{url}"));
        }
        Ok(None)
    }
}

/// Prints the page for somebody who opens it.
#[derive(Debug, Default)]
pub(crate) struct Print;

#[async_trait]
impl Browser for Print {
    async fn open(&self, url: &str) -> Result<Option<String>, OAuthError> {
        note("open this page, in a browser on this machine:");
        say(url).map_err(|error| OAuthError::Browser(format!("the page could not be shown: {error}")))?;
        Ok(None)
    }
}

/// Opens nothing: nobody is there.
#[derive(Debug, Default)]
pub(crate) struct Nobody;

#[async_trait]
impl Browser for Nobody {
    async fn open(&self, _: &str) -> Result<Option<String>, OAuthError> {
        Err(OAuthError::Browser("there is nobody who could sign in".to_owned()))
    }
}
