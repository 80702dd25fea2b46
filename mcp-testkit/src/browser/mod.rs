//! A browser without script: cookies, forms, links, redirects and the policies that stop them.
//!
//! It does what Chromium does with pages that people sign in and consent on, and it is honest about the traps: it blocks a form
//! whose page forbids where its redirects lead (`form-action`), keeps cookies back from other sites' forms, ignores cookies whose
//! names promise more than they keep, and posts with `Origin: null` from pages that want no referrer.
//!
//! ```no_run
//! # async fn example() -> Result<(), mcp_testkit::browser::BrowseError> {
//! let browser = mcp_testkit::browser::Browser::new();
//! browser.stop_at("http://localhost:51234/callback");
//! let page = browser.visit("http://127.0.0.1:8080/authorize?client_id=…").await?.page()?;
//! let page = page.form("Sign in")?.set("E-mail", "ann@example.com")?.submit(None).await?.page()?;
//! let landing = page.form("Allow access")?.submit(Some("Approve")).await?;
//! assert!(landing.parameter("code").is_some());
//! # Ok(())
//! # }
//! ```

mod accessibility;
mod cookies;
mod csp;
pub(crate) mod dom;
mod error;
mod forms;
mod labels;
mod navigate;
mod page;
mod referrer;
mod sink;
mod site;
#[cfg(test)]
mod tests;
mod text;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use mcp_parity::auth::Clock;
use url::form_urlencoded::Serializer;

pub use cookies::{Cookie, SameSite};
pub use error::BrowseError;
pub use forms::{Field, Form};
pub use page::{Link, Page};
pub use url::Url;

use crate::loopback::lock;
use cookies::Jar;
use navigate::{Initiator, Navigation};
use referrer::Policy;

/// The site that forged forms come from.
pub const EVIL: &str = "https://evil.example/";

/// A browser. Clones share cookies and history, as windows do.
#[derive(Clone, Debug)]
pub struct Browser(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    clock: Clock,
    jar: Mutex<Jar>,
    stops: Mutex<Vec<String>>,
    routes: Mutex<HashMap<String, SocketAddr>>,
    history: Mutex<Vec<Step>>,
}

/// A request that a browser sent, and how it was answered.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Step {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The URL.
    pub url: Url,
    /// The status of the response.
    pub status: u16,
    /// Its headers.
    pub headers: Vec<(String, String)>,
}

/// Where a navigation ended.
#[derive(Clone, Debug)]
pub enum Landing {
    /// On a page, whatever its status.
    Page(Page),
    /// At a URL that the browser does not fetch: another scheme, another machine, or one it was told to stop at.
    External(Url),
}

impl Browser {
    /// A browser without cookies.
    pub fn new() -> Self {
        Self::with_clock(Clock::default())
    }

    /// A browser whose cookies grow old by a clock, such as [`VirtualClock::clock`](crate::VirtualClock::clock).
    pub fn with_clock(clock: Clock) -> Self {
        let (jar, stops, routes, history) = Default::default();
        Self(Arc::new(Inner { clock, jar, stops, routes, history }))
    }

    /// Ends every navigation that leads to a URL that starts like this, without a request: there is the client's callback.
    pub fn stop_at(&self, prefix: &str) {
        lock(&self.0.stops).push(prefix.to_owned());
    }

    /// Asks a server on loopback for the pages of an origin such as `https://auth.example.com`, as if a proxy that ends TLS were in between.
    ///
    /// # Errors
    /// When the origin is no URL.
    pub fn route(&self, origin: &str, address: SocketAddr) -> Result<(), BrowseError> {
        lock(&self.0.routes).insert(parse(origin)?.origin().ascii_serialization(), address);
        Ok(())
    }

    /// Goes to a URL that the user typed.
    ///
    /// # Errors
    /// When the URL is none, nobody answers, or redirects do not end.
    pub async fn visit(&self, url: &str) -> Result<Landing, BrowseError> {
        self.go(Navigation::typed(parse(url)?)).await
    }

    /// Follows a link on a page that is somewhere else, such as a mail that is read on the web.
    ///
    /// # Errors
    /// As [`Browser::visit`].
    pub async fn visit_from(&self, page: &str, url: &str) -> Result<Landing, BrowseError> {
        let initiator = Some(Initiator { url: parse(page)?, referrer: Policy::DEFAULT });
        self.go(Navigation { initiator, ..Navigation::typed(parse(url)?) }).await
    }

    /// Posts a form that a page of [`EVIL`] has forged.
    ///
    /// # Errors
    /// As [`Browser::visit`].
    pub async fn cross_site(&self, action: &str, fields: &[(&str, &str)]) -> Result<Landing, BrowseError> {
        let initiator = Some(Initiator { url: parse(EVIL)?, referrer: Policy::DEFAULT });
        let body = Some(Serializer::new(String::new()).extend_pairs(fields).finish());
        self.go(Navigation { initiator, body, ..Navigation::typed(parse(action)?) }).await
    }

    /// Every cookie it has.
    pub fn cookies(&self) -> Vec<Cookie> {
        let mut jar = lock(&self.0.jar);
        jar.drop_expired(self.0.clock.now());
        jar.cookies.clone()
    }

    /// The cookie of this name, if there is one.
    pub fn cookie(&self, name: &str) -> Option<Cookie> {
        self.cookies().into_iter().find(|cookie| cookie.name == name)
    }

    /// Every `Set-Cookie` that it ignored, and why.
    pub fn refused_cookies(&self) -> Vec<String> {
        lock(&self.0.jar).refused.clone()
    }

    /// Takes a cookie as if a URL had answered with this `Set-Cookie`.
    ///
    /// # Errors
    /// When the URL is none.
    pub fn set_cookie(&self, url: &str, line: &str) -> Result<(), BrowseError> {
        lock(&self.0.jar).store(line, &parse(url)?, self.0.clock.now());
        Ok(())
    }

    /// Forgets all cookies.
    pub fn forget_cookies(&self) {
        lock(&self.0.jar).cookies.clear();
    }

    /// Every request it sent, oldest first.
    pub fn history(&self) -> Vec<Step> {
        lock(&self.0.history).clone()
    }
}

impl Default for Browser {
    fn default() -> Self {
        Self::new()
    }
}

impl Landing {
    /// The page.
    ///
    /// # Errors
    /// [`BrowseError::NotAPage`] if the navigation left.
    pub fn page(self) -> Result<Page, BrowseError> {
        match self {
            Self::Page(page) => Ok(page),
            Self::External(url) => Err(BrowseError::NotAPage(Box::new(url))),
        }
    }

    /// The URL that the navigation left for.
    ///
    /// # Errors
    /// [`BrowseError::NotExternal`] if it ended on a page.
    pub fn external(self) -> Result<Url, BrowseError> {
        match self {
            Self::External(url) => Ok(url),
            Self::Page(page) => Err(BrowseError::NotExternal { url: page.url().to_string(), status: page.status(), text: page.text() }),
        }
    }

    /// A parameter in the query of the URL that the navigation left for.
    pub fn parameter(&self, name: &str) -> Option<String> {
        match self {
            Self::External(url) => url.query_pairs().find(|(given, _)| given == name).map(|(_, value)| value.into_owned()),
            Self::Page(_) => None,
        }
    }
}

fn parse(url: &str) -> Result<Url, BrowseError> {
    Url::parse(url).map_err(|_| BrowseError::BadUrl(url.to_owned()))
}
