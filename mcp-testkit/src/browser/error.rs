//! What stops a browser.

use std::io;

use url::Url;

/// Why a page was not reached or a form not sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BrowseError {
    /// A text is no absolute URL.
    #[error("`{0}` is not an absolute URL")]
    BadUrl(String),
    /// Nobody answered in HTTP. A client's callback that nobody serves belongs in [`Browser::stop_at`](super::Browser::stop_at).
    #[error("{url} does not answer: {cause}")]
    Unreachable {
        /// Where the request went.
        url: String,
        /// What went wrong.
        cause: io::Error,
    },
    /// More redirects than a browser follows.
    #[error("more than {0} redirects; the last led to {1}")]
    TooManyRedirects(usize, String),
    /// The page's Content Security Policy keeps its form from going somewhere; in a browser, the button does nothing.
    #[error("the form's page has the policy `{directive}`, which keeps the form from {target}")]
    Blocked {
        /// The directive that forbids it.
        directive: String,
        /// Where the form or a redirect after it was going.
        target: Box<Url>,
    },
    /// A page was expected, and the navigation left the server.
    #[error("the browser was sent to {0} instead of a page")]
    NotAPage(Box<Url>),
    /// The navigation was expected to leave the server, and ended on a page.
    #[error("the browser stayed on {url} (status {status}): {text}")]
    NotExternal {
        /// The page.
        url: String,
        /// Its status.
        status: u16,
        /// Its text.
        text: String,
    },
    /// The page does not have what was asked for.
    #[error("there is no {what}; there are {there:?}")]
    Missing {
        /// What was asked for.
        what: String,
        /// What there is of the kind.
        there: Vec<String>,
    },
    /// A browser does not let a person do that.
    #[error("{0}")]
    Refused(String),
}
