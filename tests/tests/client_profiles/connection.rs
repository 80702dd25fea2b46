//! A client that finds the server, becomes known, and has a person allow it.

use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mcp_tests::authorized::{Authorized, Flow, Tokens, VERIFIER, challenge_of};
use mcp_tests::protected::Answer;
use serde_json::Value;

use super::assertion::{KIND, Signer};
use super::discovery::Endpoints;
use super::profile::{Identity, Profile, Proof, Scope};
use super::way::{Factor, Walker};

/// The port of registrations that were made on another day.
const OTHER_PORT: u16 = 3_334;

/// A client that is known to a server.
pub(crate) struct Connection<'a> {
    pub(crate) profile: &'a Profile,
    pub(crate) site: &'a Authorized,
    /// What it found.
    pub(crate) endpoints: Endpoints,
    /// Its id.
    pub(crate) client: String,
    secret: Option<String>,
    signer: &'a Signer,
    redirect: String,
    assertions: AtomicUsize,
}

impl<'a> Connection<'a> {
    /// Finds the authorization server and becomes known.
    pub(crate) async fn open(profile: &'a Profile, site: &'a Authorized, signer: &'a Signer) -> Self {
        let endpoints = Endpoints::find(profile, site).await;
        let port = free_port();
        let redirect = profile.redirect.replace("{port}", &port.to_string());
        let mut connection =
            Self { profile, site, endpoints, client: String::new(), secret: None, signer, redirect, assertions: AtomicUsize::new(0) };
        match profile.identity {
            Identity::Document { id, .. } => {
                connection.endpoints.assert_take_documents(profile);
                id.clone_into(&mut connection.client);
            }
            Identity::Registration(body) => {
                let body = body().to_string().replace("{port}", &OTHER_PORT.to_string());
                connection.register(&body).await;
            }
        }
        connection
    }

    async fn register(&mut self, body: &str) {
        let path = &self.endpoints.register;
        let answer = send(self.profile, self.site, "POST", path, &[("Content-Type", "application/json")], body).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let registered = answer.json();
        let text = |name: &str| registered[name].as_str().map(str::to_owned);
        self.client = text("client_id").expect("an id");
        self.secret = text("client_secret");
        let wanted = matches!(self.profile.proof, Proof::Basic | Proof::Post);
        assert_eq!(self.secret.is_some(), wanted, "{registered}");
    }

    /// The request for authorization.
    pub(crate) fn flow(&self, scope: Option<&str>) -> Flow {
        let parameters = [
            ("response_type", "code"),
            ("client_id", &self.client),
            ("redirect_uri", &self.redirect),
            ("code_challenge", &challenge_of(VERIFIER)),
            ("code_challenge_method", "S256"),
            ("state", self.profile.state),
        ];
        let mut parameters: Vec<(String, String)> = parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        parameters.extend(scope.map(|scope| ("scope".to_owned(), scope.to_owned())));
        parameters.extend((0..self.profile.resources).map(|_| ("resource".to_owned(), self.endpoints.resource.clone())));
        Flow { parameters }
    }

    /// What it asks for at first.
    pub(crate) fn first_scope(&self) -> Option<String> {
        match self.profile.scope {
            Scope::Absent => None,
            Scope::Fixed(scope) => Some(scope.to_owned()),
            Scope::Challenged => Some(self.endpoints.challenged.clone()),
            Scope::ChallengedAndOffline => Some(format!("{} offline_access", self.endpoints.challenged)),
            Scope::Everything => Some(self.endpoints.supported.clone()),
        }
    }

    /// Has a person allow a scope and takes the tokens.
    pub(crate) async fn authorize(&self, walker: &Walker, scope: Option<&str>, factor: Factor) -> Tokens {
        walker.person.browser.stop_at(&self.redirect);
        let landing = walker.allow(self.site, &self.flow(scope), factor).await;
        assert_eq!(landing.parameter("state").as_deref(), Some(self.profile.state), "{landing:?}");
        assert_eq!(landing.parameter("iss").as_deref(), Some(self.site.url.as_str()), "{landing:?}");
        let code = landing.parameter("code").unwrap_or_else(|| panic!("no code: {landing:?}"));
        let led = landing.external().expect("it is led back").to_string();
        assert!(led.starts_with(&format!("{}?", self.redirect)), "{led}");
        let fields = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", &self.redirect), ("code_verifier", VERIFIER)];
        Tokens::of(&self.ask(&fields, self.profile.resource_at_exchange).await)
    }

    /// Renews tokens.
    pub(crate) async fn refresh(&self, token: &str) -> Answer {
        self.ask(&[("grant_type", "refresh_token"), ("refresh_token", token)], self.profile.resource_at_refresh).await
    }

    /// Asks the token endpoint, and shows who it is.
    async fn ask(&self, fields: &[(&str, &str)], names_resource: bool) -> Answer {
        let mut form: Vec<(String, String)> = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut add = |name: &str, value: &str| form.push((name.to_owned(), value.to_owned()));
        if names_resource {
            add("resource", &self.endpoints.resource);
        }
        let secret = self.secret.as_deref().unwrap_or_default();
        let mut headers = vec![("Content-Type", "application/x-www-form-urlencoded")];
        let basic = format!("Basic {}", STANDARD.encode(format!("{}:{}", encoded(&self.client), encoded(secret))));
        match self.profile.proof {
            Proof::Nothing => add("client_id", &self.client),
            Proof::Basic => headers.push(("Authorization", &basic)),
            Proof::Post => {
                add("client_id", &self.client);
                add("client_secret", secret);
            }
            Proof::Assertion => {
                let (now, number) = (self.site.clock.unix_seconds(), self.assertions.fetch_add(1, Ordering::Relaxed));
                add("client_id", &self.client);
                add("client_assertion_type", KIND);
                add("client_assertion", &self.signer.assertion(&self.client, &format!("{}/token", self.site.url), now, number));
            }
        }
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        send(self.profile, self.site, "POST", &self.endpoints.token, &headers, &body).await
    }
}

/// Sends a request as the client does: with its name and, from a page, as browsers do for pages of other sites.
pub(crate) async fn send(
    profile: &Profile,
    site: &Authorized,
    method: &'static str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let mut all = vec![("User-Agent", profile.agent), ("MCP-Protocol-Version", profile.revision.as_str())];
    all.extend(headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("mcp-protocol-version")));
    let Some(origin) = profile.origin else { return site.send(method, path, &all, body).await };
    let names: Vec<String> = all.iter().map(|(name, _)| name.to_ascii_lowercase()).filter(|name| name != "user-agent").collect();
    let wanted = names.join(",");
    let asking = [("Origin", origin), ("Access-Control-Request-Method", method), ("Access-Control-Request-Headers", &wanted)];
    let allowed = site.send("OPTIONS", path, &asking, "").await;
    assert!(matches!(allowed.status, 200 | 204), "{path}: {allowed:?}");
    readable(&allowed, origin, path);
    let granted = allowed.header("access-control-allow-headers").unwrap_or_default().to_ascii_lowercase();
    for name in names {
        assert!(granted.split(',').any(|one| one.trim() == name), "{path} does not allow {name}: {granted}");
    }
    all.push(("Origin", origin));
    let answer = site.send(method, path, &all, body).await;
    readable(&answer, origin, path);
    answer
}

/// A page of this origin may read the answer, and the headers in it that clients need.
fn readable(answer: &Answer, origin: &str, path: &str) {
    let readers = answer.header("access-control-allow-origin");
    assert!(readers.is_some_and(|readers| readers == "*" || readers == origin), "{path}: {answer:?}");
    if answer.status == 401 || answer.status == 403 {
        let exposed = answer.header("access-control-expose-headers").unwrap_or_default().to_ascii_lowercase();
        assert!(exposed.contains("www-authenticate") && exposed.contains("mcp-session-id"), "{path}: {exposed}");
    }
}

/// A port on which nobody listens.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("there is a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// A member of a document that has to be a text.
pub(crate) fn text(document: &Value, name: &str) -> String {
    document[name].as_str().unwrap_or_else(|| panic!("no {name}: {document}")).to_owned()
}
