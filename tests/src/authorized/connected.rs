//! A client, from its registration to its tokens.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use mcp_core::Revision;
use mcp_testkit::browser::Landing;
use serde_json::{Value, json};
use url::Url;

use super::{Authorized, Person};
use crate::client::{call, post};
use crate::protected::{Answer, authorized};

/// What every flow of these tests proves that it has: the verifier of RFC 7636, appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// The challenge of a verifier.
pub fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()))
}

/// A client that is registered.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its id.
    pub id: String,
    /// Its secret, if it has one; it identifies itself with `Basic` then.
    pub secret: Option<String>,
    /// Where it is led back to.
    pub redirect_uri: String,
}

/// A request to act for a person. Change what is to be different and send it.
#[derive(Clone, Debug)]
pub struct Flow {
    /// The parameters of the authorization request, in order.
    pub parameters: Vec<(String, String)>,
}

/// What the token endpoint gave.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// The access token.
    pub access: String,
    /// The refresh token.
    pub refresh: Option<String>,
    /// The scopes, as they were answered.
    pub scope: String,
    /// How long the access token lives, in seconds.
    pub expires_in: u64,
}

impl Client {
    /// Registers a public client that is led back to `redirect_uri`.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn public(site: &Authorized, redirect_uri: &str) -> Self {
        let metadata = json!({"client_name": "Test client", "redirect_uris": [redirect_uri], "token_endpoint_auth_method": "none"});
        let answer = site.register(&metadata).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        Self { id: text(&answer.json(), "client_id"), secret: None, redirect_uri: redirect_uri.to_owned() }
    }

    /// Registers a client that gets a secret.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn confidential(site: &Authorized, redirect_uri: &str) -> Self {
        let answer = site.register(&json!({"client_name": "Test service", "redirect_uris": [redirect_uri]})).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let registered = answer.json();
        Self { id: text(&registered, "client_id"), secret: Some(text(&registered, "client_secret")), redirect_uri: redirect_uri.to_owned() }
    }

    /// A request with everything that a client of today sends.
    pub fn flow(&self, site: &Authorized, scope: &str) -> Flow {
        let resource = format!("{}/mcp", site.url);
        let parameters = [
            ("response_type", "code"),
            ("client_id", &self.id),
            ("redirect_uri", &self.redirect_uri),
            ("code_challenge", &challenge_of(VERIFIER)),
            ("code_challenge_method", "S256"),
            ("state", "st/ate=1"),
            ("scope", scope),
            ("resource", &resource),
        ];
        Flow { parameters: parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec() }
    }

    /// The headers by which it identifies itself.
    pub fn headers(&self) -> Vec<(String, String)> {
        let basic = |secret: &String| {
            let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            ("Authorization".to_owned(), format!("Basic {}", STANDARD.encode(format!("{}:{}", encode(&self.id), encode(secret)))))
        };
        self.secret.iter().map(basic).collect()
    }

    /// Asks the token endpoint, or one of its kin, and identifies itself.
    pub async fn ask(&self, site: &Authorized, path: &str, fields: &[(&str, &str)]) -> Answer {
        let headers = self.headers();
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let own = [("client_id", self.id.as_str())];
        let fields = if self.secret.is_some() { fields.to_vec() } else { [fields, &own].concat() };
        site.post_with(path, &fields, &headers).await
    }

    /// Exchanges a code.
    pub async fn exchange(&self, site: &Authorized, code: &str) -> Answer {
        let fields =
            [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", &self.redirect_uri), ("code_verifier", VERIFIER)];
        self.ask(site, "/token", &fields).await
    }

    /// Renews tokens.
    pub async fn refresh(&self, site: &Authorized, token: &str) -> Answer {
        self.ask(site, "/token", &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// Has a person allow everything that is asked for, and takes the tokens.
    ///
    /// # Panics
    /// When something is refused.
    pub async fn connect(&self, site: &Authorized, person: &Person, scope: &str) -> Tokens {
        let landing = person.allow(site, &self.flow(site, scope)).await;
        let code = landing.parameter("code").unwrap_or_else(|| panic!("no code: {landing:?}"));
        Tokens::of(&self.exchange(site, &code).await)
    }
}

impl Flow {
    /// The same with another value for a parameter.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.parameters.retain(|(found, _)| found != name);
        self.parameters.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same without a parameter.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.parameters.retain(|(found, _)| found != name);
        self
    }

    /// The same with one more value for a parameter.
    #[must_use]
    pub fn and(mut self, name: &str, value: &str) -> Self {
        self.parameters.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The path and query of the authorization request.
    pub fn path(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.parameters);
        format!("/authorize?{}", query.finish())
    }

    /// The URL of the authorization request.
    pub fn url(&self, site: &Authorized) -> String {
        format!("{}{}", site.url, self.path())
    }
}

impl Tokens {
    /// The tokens in an answer.
    ///
    /// # Panics
    /// When there are none.
    pub fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status, 200, "{answer:?}");
        let tokens = answer.json();
        Self {
            access: text(&tokens, "access_token"),
            refresh: tokens["refresh_token"].as_str().map(str::to_owned),
            scope: text(&tokens, "scope"),
            expires_in: tokens["expires_in"].as_u64().expect("a number"),
        }
    }

    /// What the access token says.
    ///
    /// # Panics
    /// When it is no JWT.
    pub fn claims(&self) -> Value {
        let payload = self.access.split('.').nth(1).expect("three parts");
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).expect("base64url")).expect("JSON")
    }

    /// Calls a tool with the access token.
    pub async fn call(&self, site: &Authorized, tool: &str) -> Answer {
        let frame = call(Revision::LATEST, 1, tool, "{}");
        Answer::of(authorized(post(site.address, Revision::LATEST, None, &frame), Some(&self.access))).await
    }
}

fn text(document: &Value, name: &str) -> String {
    document[name].as_str().unwrap_or_else(|| panic!("no {name}: {document}")).to_owned()
}

/// The query of where a client was led back to.
pub fn parameters(landing: &Landing) -> Vec<(String, String)> {
    let Landing::External(url) = landing else { return Vec::new() };
    Url::parse(url.as_str()).map(|url| url.query_pairs().into_owned().collect()).unwrap_or_default()
}
