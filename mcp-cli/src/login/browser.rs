//! Browsers of a command line: one that is opened, one that is only told, one that is not wanted.

use async_trait::async_trait;
use mcp_client::oauth::{Browser, OAuthError, SystemBrowser};

use crate::terminal::{note, say};

/// What is said where another program waits for the same person.
const OTHERS: &str = "another program, as a bridge, has asked for this sign-in already; finish either, it is for both";

/// Opens the browser of the system, and says what to open where that does not work.
#[derive(Debug, Default)]
pub(crate) struct Open;

#[async_trait]
impl Browser for Open {
    async fn open(&self, url: &str) -> Result<Option<String>, OAuthError> {
        note(&format!("sign in with the browser that is opened now, or open this page yourself, on this machine:\n{url}"));
        if let Err(error) = SystemBrowser::default().open(url).await {
            note(&format!("{error}; open the page above yourself"));
        }
        Ok(None)
    }

    fn others_ask(&self) {
        note(OTHERS);
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

    fn others_ask(&self) {
        note(OTHERS);
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
