//! A person with a browser.

use mcp_testkit::browser::{Browser, Landing, Page};

use super::{Authorized, Flow};

/// A person, who signs in as a developer.
#[derive(Clone, Debug)]
pub struct Person {
    /// Its browser.
    pub browser: Browser,
    name: &'static str,
}

impl Person {
    /// Somebody with a new browser, which goes nowhere but to the server.
    pub fn new(site: &Authorized, name: &'static str) -> Self {
        let browser = Browser::with_clock(site.clock.clock());
        for elsewhere in ["http://127.0.0.1:51234/", "http://localhost:", "https://", "http://[::1]:"] {
            browser.stop_at(elsewhere);
        }
        Self::with(browser, name)
    }

    /// Somebody with this browser.
    pub fn with(browser: Browser, name: &'static str) -> Self {
        Self { browser, name }
    }

    /// Opens what a client sends it to, and signs in if it is asked to; what is shown then.
    ///
    /// # Panics
    /// When a page cannot be opened.
    pub async fn open(&self, site: &Authorized, flow: &Flow) -> Landing {
        let landing = self.browser.visit(&flow.url(site)).await.expect("the page opens");
        self.sign_in(landing).await
    }

    /// Signs in where that is asked for.
    ///
    /// # Panics
    /// When a page cannot be opened.
    pub async fn sign_in(&self, landing: Landing) -> Landing {
        let Landing::Page(page) = landing else { return landing };
        if !page.title().starts_with("Sign in") {
            return Landing::Page(page);
        }
        let page = page.form("0").expect("a way to sign in").submit(None).await.expect("it begins").page().expect("a page");
        let form = page.form("0").expect("people to choose from");
        let button = form.buttons().into_iter().find(|button| button.starts_with(&format!("Sign in as {}", self.name)));
        form.submit(Some(&button.expect("the person is there"))).await.expect("it signs in")
    }

    /// Opens what a client sends it to and allows all of it; where the browser is led then.
    ///
    /// # Panics
    /// When the page that asks is not shown.
    pub async fn allow(&self, site: &Authorized, flow: &Flow) -> Landing {
        let page = self.open(site, flow).await.page().expect("a page that asks");
        decide(&page, true).await
    }

    /// Opens what a client sends it to and denies it.
    ///
    /// # Panics
    /// When the page that asks is not shown.
    pub async fn deny(&self, site: &Authorized, flow: &Flow) -> Landing {
        let page = self.open(site, flow).await.page().expect("a page that asks");
        decide(&page, false).await
    }
}

/// Presses a button of the page that asks.
///
/// # Panics
/// When it is another page.
pub async fn decide(page: &Page, allow: bool) -> Landing {
    let form = page.forms().into_iter().find(|form| form.buttons().iter().any(|button| button == "Deny"));
    let form = form.unwrap_or_else(|| panic!("not a page that asks: {}\n{}", page.title(), page.text()));
    let allows = form.buttons().into_iter().find(|button| button.starts_with("Allow")).expect("a button");
    form.submit(Some(if allow { &allows } else { "Deny" })).await.expect("an answer")
}
