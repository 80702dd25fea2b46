//! What opens the page on which a person signs in.

use std::process::Stdio;

use async_trait::async_trait;
use bytes::Bytes;
use http::Request;
use http::header::LOCATION;
use tokio::process::Command;
use url::Url;

use super::error::OAuthError;
use super::fetch::{Fetch, Web, uri};

/// Opens the page on which a person signs in.
///
/// It is led back to a port on this machine, where the client waits.
#[async_trait]
pub trait Browser: Send + Sync {
    /// Opens a page, which is `https:`, or on this machine.
    ///
    /// Answers the URL that the person was led back to if it is told that, as when a browser on another machine cannot
    /// reach this one and the person copies the URL from there. Usually it is not: `None`.
    ///
    /// # Errors
    /// When it cannot be opened. The login ends with that.
    async fn open(&self, url: &str) -> Result<Option<String>, OAuthError>;

    /// Another program has asked the person to sign in to the same server already. Whichever login comes first is for both.
    fn others_ask(&self) {}
}

/// The browser of the system.
#[derive(Clone, Debug)]
pub struct SystemBrowser {
    program: String,
    arguments: Vec<String>,
}

impl Default for SystemBrowser {
    fn default() -> Self {
        let (program, arguments): (&str, &[&str]) = if cfg!(target_os = "windows") {
            ("rundll32", &["url.dll,FileProtocolHandler"])
        } else if cfg!(target_os = "macos") {
            ("open", &[])
        } else {
            ("xdg-open", &[])
        };
        Self { program: program.to_owned(), arguments: arguments.iter().map(|&argument| argument.to_owned()).collect() }
    }
}

impl SystemBrowser {
    /// A program that is given the URL as its last argument. No shell sees it.
    pub fn program(program: impl Into<String>) -> Self {
        Self { program: program.into(), arguments: Vec::new() }
    }
}

#[async_trait]
impl Browser for SystemBrowser {
    async fn open(&self, url: &str) -> Result<Option<String>, OAuthError> {
        let cannot = |why: String| OAuthError::Browser(format!("`{}` could not open the browser: {why}", self.program));
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let status = command.status().await.map_err(|error| cannot(error.to_string()))?;
        if status.success() { Ok(None) } else { Err(cannot(status.to_string())) }
    }
}

/// Tells the URL to somebody who opens it.
pub struct ShowUrl<F>(pub F);

impl<F> std::fmt::Debug for ShowUrl<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ShowUrl").finish_non_exhaustive()
    }
}

#[async_trait]
impl<F: Fn(&str) + Send + Sync> Browser for ShowUrl<F> {
    async fn open(&self, url: &str) -> Result<Option<String>, OAuthError> {
        (self.0)(url);
        Ok(None)
    }
}

/// Follows redirects by itself, for authorization servers that ask nobody: in tests.
#[derive(Clone, Debug, Default)]
pub struct Headless {
    web: Web,
}

/// Most redirects between the authorization request and its answer.
const MOST_REDIRECTS: usize = 10;

#[async_trait]
impl Browser for Headless {
    async fn open(&self, url: &str) -> Result<Option<String>, OAuthError> {
        let cannot = |why: String| OAuthError::Browser(format!("the page could not be opened: {why}"));
        let mut url = Url::parse(url).map_err(|error| cannot(error.to_string()))?;
        for _ in 0..MOST_REDIRECTS {
            let mut request = Request::new(Bytes::new());
            *request.uri_mut() = uri(&url)?;
            let answer = self.web.fetch(request).await.map_err(|error| cannot(error.to_string()))?;
            let location = answer.headers().get(LOCATION).and_then(|location| location.to_str().ok());
            match location.filter(|_| answer.status().is_redirection()) {
                Some(location) => url = url.join(location).map_err(|error| cannot(error.to_string()))?,
                None if answer.status().is_success() => return Ok(None),
                None => return Err(cannot(format!("it answered with status {}", answer.status().as_u16()))),
            }
        }
        Err(cannot("it was redirected too often".to_owned()))
    }
}
