//! This server, with a person who allows everything.

use std::collections::HashMap;

use mcp_testkit::VirtualClock;
use mcp_testkit::browser::Landing;
use mcp_tests::authorized::{Authorized, Client, Flow, Person, decide};
use mcp_tests::protected::Signer;
use serde_json::json;

use super::outcome::Outcome;
use super::play::Server;
use super::theirs::{BACK, OTHER_BACK};

/// The server and its clients, which registered themselves.
pub(crate) struct Ours {
    site: Authorized,
    person: Person,
    values: HashMap<&'static str, String>,
}

impl Ours {
    pub(crate) async fn start(signer: &Signer) -> Self {
        let site = Authorized::start().await;
        let person = Person::new(&site, "ann");
        person.browser.stop_at("http://127.0.0.1:5000/");
        let (app, other) = (Client::public(&site, BACK).await, Client::public(&site, OTHER_BACK).await);
        let conf = Client::confidential(&site, BACK).await;
        let keys = json!({
            "client_name": "Signer",
            "redirect_uris": [BACK],
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": {"keys": [signer.jwk()]},
        });
        let keys = site.register(&keys).await;
        assert_eq!(keys.status, 201, "{keys:?}");
        let keys = keys.json()["client_id"].as_str().expect("an id").to_owned();
        let values = HashMap::from([
            ("app", app.id),
            ("other", other.id),
            ("conf", conf.id),
            ("secret", conf.secret.expect("a secret")),
            ("keys", keys),
            ("back", BACK.to_owned()),
            ("mcp", format!("{}/mcp", site.url)),
            ("issuer", site.url.clone()),
        ]);
        Self { site, person, values }
    }
}

impl Server for Ours {
    fn values(&self) -> HashMap<&'static str, String> {
        self.values.clone()
    }

    fn clock(&self) -> &VirtualClock {
        &self.site.clock
    }

    async fn authorize(&mut self, query: &[(String, String)]) -> Outcome {
        let mut landing = self.person.open(&self.site, &Flow { parameters: query.to_vec() }).await;
        if let Landing::Page(page) = &landing
            && page.title().starts_with("Allow ")
        {
            landing = decide(page, true).await;
        }
        if let Landing::Page(page) = &landing
            && page.refresh().is_some()
        {
            landing = page.follow_refresh().await.expect("it goes on by itself");
        }
        match landing {
            Landing::External(url) => Outcome::back(url.as_str()),
            Landing::Page(page) => {
                assert!(page.status() >= 400, "what is this page for? {}", page.text());
                Outcome::Page
            }
        }
    }

    async fn send(&mut self, method: &'static str, path: &str, headers: &[(&str, &str)], body: &str) -> Outcome {
        // What has no body is not sent with one.
        let mut headers = headers.to_vec();
        let length = body.len().to_string();
        if method == "PUT" {
            headers.push(("Content-Length", &length));
        }
        let answer = self.site.send(method, path, &headers, body).await;
        Outcome::of(answer.status, answer.body.as_bytes())
    }
}
