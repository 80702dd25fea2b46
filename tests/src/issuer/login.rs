//! The client's side: how somebody signs in at an issuer.

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use form_urlencoded::Serializer;
use mcp_testkit::http::{Request, Response};
use serde_json::{Value, json};

use super::{Issuer, encode, random};

/// Where the issuer sends the user back to.
const CALLBACK: &str = "https://claude.ai/api/mcp/auth_callback";

/// A client that was registered.
#[derive(Clone, Debug)]
pub struct Client {
    /// What the issuer calls it.
    pub id: String,
}

/// What the user came back with.
#[derive(Clone, Debug)]
pub struct Code {
    /// The code.
    pub code: String,
    /// What the client sent along, given back.
    pub state: String,
    /// Who says so.
    pub iss: String,
    /// What the client alone knows.
    pub verifier: String,
}

impl Issuer {
    async fn send(&self, method: &'static str, path: String, kind: &str, body: String) -> Response {
        let headers = vec![("Content-Type".to_owned(), kind.to_owned())];
        let request = Request { address: self.address(), method, path, headers, body: Bytes::from(body) };
        request.send().await.expect("the issuer listens")
    }

    /// Registers a client without a secret.
    ///
    /// # Panics
    /// When the issuer refuses.
    pub async fn register(&self) -> Client {
        let wanted = json!({
            "client_name": "Claude",
            "redirect_uris": [CALLBACK],
            "grant_types": ["authorization_code"],
            "token_endpoint_auth_method": "none",
        });
        let mut response = self.send("POST", "/oidc/register".to_owned(), "application/json", wanted.to_string()).await;
        assert_eq!(response.head.status, 201);
        let registered = document(&mut response).await;
        Client { id: registered["client_id"].as_str().expect("a client id").to_owned() }
    }

    /// Has the user consent; `None` if the issuer refuses.
    ///
    /// # Panics
    /// When the issuer answers what is no answer.
    pub async fn authorize(&self, client: &Client, scope: &str, resource: &str) -> Option<Code> {
        let (verifier, state) = (random(32), random(8));
        let mut query = Serializer::new(String::new());
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &client.id)
            .append_pair("redirect_uri", CALLBACK)
            .append_pair("state", &state)
            .append_pair("scope", scope)
            .append_pair("resource", resource)
            .append_pair("code_challenge", &encode(digest(&SHA256, verifier.as_bytes())))
            .append_pair("code_challenge_method", "S256");
        let response = self.send("GET", format!("/authorize?{}", query.finish()), "", String::new()).await;
        let back = response.head.header("location").filter(|_| response.head.status == 302)?;
        let (address, query) = back.split_once('?').expect("a query");
        assert_eq!(address, CALLBACK);
        let parameter =
            |name: &str| form_urlencoded::parse(query.as_bytes()).find(|(given, _)| given == name).map(|(_, value)| value.into_owned());
        let returned = parameter("state").expect("the state comes back");
        assert_eq!(returned, state);
        Some(Code { code: parameter("code")?, state: returned, iss: parameter("iss").unwrap_or_default(), verifier })
    }

    /// Exchanges a code; `None` if the issuer refuses.
    ///
    /// # Panics
    /// When the issuer answers what is no answer.
    pub async fn exchange(&self, client: &Client, code: &Code) -> Option<Value> {
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("client_id", &client.id)
            .append_pair("redirect_uri", CALLBACK)
            .append_pair("code", &code.code)
            .append_pair("code_verifier", &code.verifier);
        let mut response = self.send("POST", "/oauth/token".to_owned(), "application/x-www-form-urlencoded", form.finish()).await;
        let answer = document(&mut response).await;
        (response.head.status == 200).then_some(answer)
    }

    /// Does all of it and gives the access token.
    ///
    /// # Panics
    /// When the issuer refuses.
    pub async fn sign_in(&self, scope: &str, resource: &str) -> String {
        let client = self.register().await;
        let code = self.authorize(&client, scope, resource).await.expect("the user consents");
        let answer = self.exchange(&client, &code).await.expect("the code is good");
        answer["access_token"].as_str().expect("a token").to_owned()
    }
}

async fn document(response: &mut Response) -> Value {
    serde_json::from_slice(&response.body().await.expect("the connection lives")).expect("a JSON document")
}
