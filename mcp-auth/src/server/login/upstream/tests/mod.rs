//! Other sites in memory, right ones and wrong ones.

mod github;
mod oidc;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;
use url::Url;

use crate::server::Params;
use crate::server::login::testing::Browser;
use crate::server::login::{Identity, LoginMethod, LoginNext, LoginStep};
use crate::{Fetch, FetchError};

/// Answers requests by method and path, and remembers them. What it does not know is 404.
#[derive(Default)]
struct FakeSite {
    answers: Mutex<HashMap<String, (u16, String)>>,
    asked: Mutex<Vec<Request<Bytes>>>,
}

impl FakeSite {
    fn put(&self, what: &str, status: u16, document: &Value) {
        self.answers.lock().expect("no test panics here").insert(what.to_owned(), (status, document.to_string()));
    }

    /// The last request to a path.
    fn asked(&self, path: &str) -> Request<Bytes> {
        let asked = self.asked.lock().expect("no test panics here");
        asked.iter().rev().find(|request| request.uri().path() == path).cloned().expect("it was asked for")
    }
}

#[async_trait]
impl Fetch for FakeSite {
    async fn fetch(&self, request: Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
        let what = format!("{} {}", request.method(), request.uri().path());
        self.asked.lock().expect("no test panics here").push(request);
        let answer = self.answers.lock().expect("no test panics here").get(&what).cloned();
        let (status, body) = answer.unwrap_or((404, String::new()));
        Ok(Response::builder().status(status).body(Bytes::from(body)).expect("a response"))
    }
}

/// A browser that was sent elsewhere, and with what.
struct Sent {
    browser: Browser,
    endpoint: String,
    query: HashMap<String, String>,
}

impl Sent {
    async fn by(method: &dyn LoginMethod, mut browser: Browser) -> Self {
        let to = match browser.step(method, LoginStep::Begin).await {
            Ok(LoginNext::Redirect(to)) => Url::parse(&to).expect("a URL"),
            other => panic!("it was not sent: {other:?}"),
        };
        let query = to.query_pairs().into_owned().collect();
        Self { browser, endpoint: to.as_str().split('?').next().unwrap_or_default().to_owned(), query }
    }

    fn query(&self, name: &str) -> &str {
        self.query.get(name).map(String::as_str).unwrap_or_default()
    }

    /// Comes back with these parameters; those with an empty value are left out. An error is what the person is told.
    async fn back(&mut self, method: &dyn LoginMethod, parameters: &[(&str, &str)]) -> Result<Identity, String> {
        let parameters: Params = parameters.iter().copied().filter(|(_, value)| !value.is_empty()).collect();
        match self.browser.step(method, LoginStep::Callback(&parameters)).await {
            Ok(LoginNext::Done(identity)) => Ok(identity),
            Ok(other) => panic!("neither in nor out: {other:?}"),
            Err(error) => Err(error.message),
        }
    }
}

/// The fields of a form that was sent.
fn form(request: &Request<Bytes>) -> HashMap<String, String> {
    form_urlencoded::parse(request.body()).into_owned().collect()
}

fn fake() -> Arc<FakeSite> {
    Arc::default()
}
