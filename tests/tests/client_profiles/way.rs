//! The way of a person through the pages, from a client's request to where the browser is led back to.

use std::sync::Mutex;

use mcp_testkit::browser::{Landing, Page};
use mcp_tests::authorized::{Authorized, Flow, Person, decide};

use super::totp;

/// A person with a phone, on which there is an authenticator app once it has been needed.
#[derive(Debug)]
pub(crate) struct Walker {
    /// The person.
    pub(crate) person: Person,
    key: Mutex<Option<String>>,
}

/// What a person does when a second factor is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Factor {
    /// Goes on without.
    Skip,
    /// Sets it up, or shows it.
    Present,
}

impl Walker {
    /// Somebody at the beginning.
    pub(crate) fn new(site: &Authorized, name: &'static str) -> Self {
        Self { person: Person::new(site, name), key: Mutex::default() }
    }

    /// Does what each page asks for and allows everything; where the browser is led then.
    ///
    /// # Panics
    /// When a page is none of those that are known, or there is no end to them.
    pub(crate) async fn allow(&self, site: &Authorized, flow: &Flow, factor: Factor) -> Landing {
        let mut landing = self.person.browser.visit(&flow.url(site)).await.expect("the page opens");
        for _ in 0..10 {
            let Landing::Page(page) = &landing else { return landing };
            assert_eq!(page.accessibility_problems(), [""; 0], "{}", page.title());
            landing = self.answer(site, page, factor).await;
        }
        panic!("there is no end to the pages: {landing:?}")
    }

    async fn answer(&self, site: &Authorized, page: &Page, factor: Factor) -> Landing {
        let title = page.title();
        let page_title = title.split(" · ").next().unwrap_or_default();
        match page_title {
            title if title.starts_with("Sign in") => self.person.sign_in(Landing::Page(page.clone())).await,
            title if title.starts_with("Allow ") => decide(page, true).await,
            title if title.starts_with("Back to ") => page.follow_refresh().await.expect("it goes on by itself"),
            "Save your recovery codes" => submit(page, "I have saved them").await,
            "Set up an authenticator app" | "Confirm that it is you" if factor == Factor::Skip => skip(page).await,
            "Set up an authenticator app" => {
                let key = self.scan(page);
                self.type_code(site, page, &key).await
            }
            "Confirm that it is you" => {
                let key = self.key.lock().expect("no test panicked").clone().expect("an app was set up");
                self.type_code(site, page, &key).await
            }
            _ => panic!("what is this page for? {title}\n{}", page.text()),
        }
    }

    /// Reads the key that is behind the picture.
    fn scan(&self, page: &Page) -> String {
        let link = page.links().into_iter().find(|link| link.url.scheme() == "otpauth").expect("a link to the app");
        let key = link.url.query_pairs().find(|(name, _)| name == "secret").expect("a key").1.into_owned();
        *self.key.lock().expect("no test panicked") = Some(key.clone());
        key
    }

    async fn type_code(&self, site: &Authorized, page: &Page, key: &str) -> Landing {
        let form = page.forms().into_iter().find(|form| form.fields().iter().any(|field| field.name == "code")).expect("a form for it");
        form.set("code", &totp::code(key, site.clock.unix_seconds())).expect("a field").submit(None).await.expect("it is taken")
    }
}

async fn submit(page: &Page, button: &str) -> Landing {
    page.form(button).expect("the button is there").submit(Some(button)).await.expect("it leads on")
}

async fn skip(page: &Page) -> Landing {
    let button = |form: &mcp_testkit::browser::Form| form.buttons().into_iter().find(|button| button.starts_with("Continue without"));
    let found = page.forms().into_iter().find_map(|form| button(&form).map(|button| (form, button)));
    let (form, button) = found.unwrap_or_else(|| panic!("there is no way past it: {}", page.text()));
    form.submit(Some(&button)).await.expect("it leads on")
}
