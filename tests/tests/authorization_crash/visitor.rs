//! A client and a person of a server that may die at any moment.

use bytes::Bytes;
use mcp_core::Revision;
use mcp_testkit::browser::{BrowseError, Browser, Form, Landing, Page};
use mcp_testkit::http::Request;
use mcp_tests::authorized::{HOSTED_CALLBACK, VERIFIER, challenge_of, decide};
use mcp_tests::client::{call, post};
use mcp_tests::protected::{Answer, authorized};
use serde_json::{Value, json};

use crate::server::Killable;

/// What a client was given.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

/// A client that is registered, and a person with a browser.
pub(crate) struct Visitor {
    pub(crate) client: String,
    pub(crate) browser: Browser,
}

impl Visitor {
    pub(crate) async fn new(server: &Killable) -> Self {
        Self::with(server, "App").await
    }

    /// Somebody with a client of this name.
    pub(crate) async fn with(server: &Killable, name: &str) -> Self {
        let metadata = json!({"client_name": name, "redirect_uris": [HOSTED_CALLBACK], "token_endpoint_auth_method": "none"});
        let registered = answered(server, "POST", "/register", "application/json", metadata.to_string()).await;
        let client = registered.json()["client_id"].as_str().expect("an id").to_owned();
        let browser = Browser::new();
        browser.stop_at("https://client.example/");
        Self { client, browser }
    }

    fn authorize(&self, server: &Killable, prompt: &str) -> String {
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("response_type", "code"),
                ("client_id", &self.client),
                ("redirect_uri", HOSTED_CALLBACK),
                ("code_challenge", &challenge_of(VERIFIER)),
                ("code_challenge_method", "S256"),
                ("scope", "mcp:read"),
                ("prompt", prompt),
            ])
            .finish();
        format!("{}/authorize?{query}", server.url())
    }

    /// Begins to sign in; the page that offers how to, or the one that asks if the person is signed in.
    pub(crate) async fn begins(&self, server: &Killable) -> Landing {
        self.tries_to_begin(server).await.expect("an answer")
    }

    /// The same, if the server lives.
    pub(crate) async fn tries_to_begin(&self, server: &Killable) -> Result<Landing, BrowseError> {
        self.browser.visit(&self.authorize(server, "")).await
    }

    /// The same, and the person is asked whatever it has decided before.
    pub(crate) async fn begins_anew(&self, server: &Killable) -> Landing {
        self.browser.visit(&self.authorize(server, "consent")).await.expect("an answer")
    }

    /// Signs in as a developer; the page that asks, or where the client is led if nobody has to be asked.
    pub(crate) async fn signs_in(&self, server: &Killable) -> Landing {
        self.browser.forget_cookies();
        let login = self.begins(server).await.page().expect("a page");
        let choice = press(&login, "Continue as a developer").await.page().expect("a page");
        let form = choice.form("0").expect("people to choose from");
        let button = form.buttons().into_iter().find(|button| button.contains("ann")).expect("Ann");
        form.submit(Some(&button)).await.expect("an answer")
    }

    /// Signs in as a developer and allows it; the code.
    pub(crate) async fn code(&self, server: &Killable) -> String {
        self.allowed(self.signs_in(server).await).await
    }

    /// Whether somebody is signed in with the browser.
    pub(crate) async fn is_signed_in(&self, server: &Killable) -> bool {
        let agents = self.browser.visit(&format!("{}/agents", server.url())).await.expect("an answer").page().expect("a page");
        agents.title().starts_with("Connected apps")
    }

    /// Chooses to sign in by mail; the form that asks for the address.
    pub(crate) async fn asks_for_mail(&self, server: &Killable, address: &str) -> Form {
        let login = self.begins(server).await.page().expect("a page");
        let ask = press(&login, "Continue with e-mail").await.page().expect("a page");
        let form = ask.forms().into_iter().find(|form| form.value("email").is_some()).expect("a form");
        form.set("email", address).expect("a field")
    }

    /// Reads the mail; the link in it.
    pub(crate) async fn link(&self, server: &Killable, address: &str) -> String {
        let mail = server.mailbox.next_to(address).await.expect("a mail");
        mail.links().into_iter().find(|link| link.contains("/login/email/link")).expect("a link")
    }

    /// Opens a link in the browser that asked for it; the form that signs in.
    pub(crate) async fn opens(&self, link: &str) -> Form {
        let confirm = self.browser.visit(link).await.expect("an answer").page().expect("a page");
        confirm.form("Sign me in").expect("a button")
    }

    /// The code that comes of a sign-in.
    pub(crate) async fn allowed(&self, after: Landing) -> String {
        let landing = match after {
            Landing::Page(page) => decide(&page, true).await,
            external => external,
        };
        landing.parameter("code").unwrap_or_else(|| panic!("no code: {landing:?}"))
    }

    /// Exchanges a code, if the server lives.
    pub(crate) async fn exchange(&self, server: &Killable, code: &str) -> Option<Result<Given, Value>> {
        self.token(server, &[("grant_type", "authorization_code"), ("code", code), ("code_verifier", VERIFIER)]).await
    }

    /// Renews, if the server lives.
    pub(crate) async fn renew(&self, server: &Killable, refresh: &str) -> Option<Result<Given, Value>> {
        self.token(server, &[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await
    }

    async fn token(&self, server: &Killable, fields: &[(&str, &str)]) -> Option<Result<Given, Value>> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).append_pair("client_id", &self.client).finish();
        let (status, answer) = sent(server, "POST", "/token", "application/x-www-form-urlencoded", body).await?;
        let answer: Value = serde_json::from_str(&answer).ok()?;
        let text = |name: &str| answer[name].as_str().unwrap_or_else(|| panic!("no {name}: {answer}")).to_owned();
        Some(if status == 200 { Ok(Given { access: text("access_token"), refresh: text("refresh_token") }) } else { Err(answer) })
    }

    /// Whether a token lets the client in.
    pub(crate) async fn is_let_in(&self, server: &Killable, access: &str) -> bool {
        let frame = call(Revision::LATEST, 1, "reads", "{}");
        Answer::of(authorized(post(server.address, Revision::LATEST, None, &frame), Some(access))).await.status == 200
    }
}

/// Presses the button of a form.
pub(crate) async fn press(page: &Page, button: &str) -> Landing {
    page.form(button).unwrap_or_else(|error| panic!("{error}: {}", page.text())).submit(None).await.expect("an answer")
}

/// Sends a request; nothing if the server died before it had answered all of it.
pub(crate) async fn sent(server: &Killable, method: &'static str, path: &str, kind: &str, body: String) -> Option<(u16, String)> {
    let headers = vec![("Content-Type".to_owned(), kind.to_owned())];
    let request = Request { address: server.address, method, path: path.to_owned(), headers, body: Bytes::from(body) };
    let mut response = request.send().await.ok()?;
    let body = response.body().await.ok()?;
    Some((response.head.status, String::from_utf8(body).ok()?))
}

async fn answered(server: &Killable, method: &'static str, path: &str, kind: &str, body: String) -> Answer {
    let headers = vec![("Content-Type".to_owned(), kind.to_owned())];
    Answer::of(Request { address: server.address, method, path: path.to_owned(), headers, body: Bytes::from(body) }).await
}
