//! A server, the issuer whose tokens it takes, and everything that the server writes.

use std::fmt::{Debug, Write as _};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use mcp_auth::{AuditLog, AuthError, Authenticate, Authenticator, Credentials, JwtIssuer, JwtVerifier, MemorySink, Resource};
use mcp_core::{Builder, Revision, Verdict};
use mcp_parity::http::{HttpConfig, HttpService, Listener};
use mcp_parity::{Registry, Server, Tool};
use mcp_testkit::http::{Head, Request};
use mcp_tests::client::{call, post};
use mcp_tests::issuer::Issuer;

use super::clock::Hand;
use super::events::Events;
use super::launched;
use super::tools::{relay, whoami};
use super::traces;

/// What tokens must be meant for.
pub(crate) const RESOURCE: &str = "https://mcp.example.com/mcp";

/// A provider that can be shown.
pub(crate) trait Provider: Authenticate + Debug {}

impl<P: Authenticate + Debug> Provider for P {}

pub(crate) struct Bench {
    pub(crate) issuer: Issuer,
    pub(crate) server: SocketAddr,
    pub(crate) lines: MemorySink,
    provider: Arc<dyn Provider>,
    service: HttpService,
    events: Arc<Events>,
    heard: Mutex<String>,
    secrets: Mutex<Vec<String>>,
    /// What each token was, and whether it was taken.
    verdicts: Mutex<Vec<(String, String, bool)>>,
}

/// One `Authorization` header, as a host hands a token to a process that it starts.
struct Token<'a>(&'a str);

impl mcp_core::Headers for Token<'_> {
    fn get(&self, name: &str) -> Option<&[u8]> {
        (name == "authorization").then_some(self.0.as_bytes())
    }

    fn repeats(&self, _: &str) -> bool {
        false
    }
}

/// Takes the signed tokens of an issuer, which it discovers.
pub(crate) fn verifier(issuer: &Issuer, hand: &Hand) -> JwtVerifier {
    JwtVerifier::new(Issuer::fetcher()).issuer(JwtIssuer::new(issuer.url()).expect("an issuer")).clock(hand.clock())
}

impl Bench {
    pub(crate) async fn new<P: Provider>(issuer: Issuer, provider: impl FnOnce(&Issuer, &Hand) -> P, hand: &Hand) -> Self {
        Self::with(issuer, provider, hand, |_| (), |builder| builder).await
    }

    /// A server that takes signed tokens, on a clock that stands.
    pub(crate) async fn jwt() -> (Self, Hand) {
        let hand = Hand::new();
        (Self::new(Issuer::start().await, verifier, &hand).await, hand)
    }

    pub(crate) async fn with<P: Provider>(
        issuer: Issuer,
        provider: impl FnOnce(&Issuer, &Hand) -> P,
        hand: &Hand,
        configure: impl FnOnce(&mut HttpConfig),
        build: impl FnOnce(Builder) -> Builder + Send + 'static,
    ) -> Self {
        Self::offer([], issuer, provider, hand, configure, build).await
    }

    /// A server with tools of its own.
    pub(crate) async fn offering<P: Provider, const N: usize>(
        tools: [Tool; N],
        issuer: Issuer,
        provider: impl FnOnce(&Issuer, &Hand) -> P,
        hand: &Hand,
    ) -> Self {
        Self::offer(tools, issuer, provider, hand, |_| (), |builder| builder).await
    }

    async fn offer<P: Provider, const N: usize>(
        tools: [Tool; N],
        issuer: Issuer,
        provider: impl FnOnce(&Issuer, &Hand) -> P,
        hand: &Hand,
        configure: impl FnOnce(&mut HttpConfig),
        build: impl FnOnce(Builder) -> Builder + Send + 'static,
    ) -> Self {
        traces::collect();
        let provider: Arc<dyn Provider> = Arc::new(provider(&issuer, hand));
        let (events, lines) = (Arc::new(Events::default()), MemorySink::default());
        let (kept, log) = (Arc::clone(&events), Arc::new(AuditLog::new(lines.clone())));
        let mut registry = Registry::new();
        for tool in [whoami(), relay(&issuer)].into_iter().chain(tools) {
            registry.add_tool(tool).expect("the names differ");
        }
        let server = Server::new(registry).named("bench", "1.0.0").configure(move |builder| build(builder.audit(kept).audit(log)));
        let mut config = HttpConfig {
            public_url: Some("https://mcp.example.com".to_owned()),
            authenticator: Authenticator::Provider(Arc::clone(&provider) as Arc<dyn Authenticate>),
            ..HttpConfig::default()
        };
        configure(&mut config);
        let service = HttpService::new(server.into_dispatcher().expect("the server is sound"), config).expect("it is usable");
        let listener = Listener::bind(([127, 0, 0, 1], 0).into(), service.clone()).await.expect("there is a free port");
        let server = listener.local_addr().expect("a bound socket has an address");
        tokio::spawn(listener.serve(std::future::pending()));
        let secrets = Mutex::new(vec![issuer.secret().to_owned()]);
        Self { issuer, server, lines, provider, service, events, heard: Mutex::default(), secrets, verdicts: Mutex::default() }
    }

    /// From now on a text must not be in anything that is written.
    pub(crate) fn hush(&self, secret: &str) {
        let mut secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        // A part of a token is as secret if nobody could guess it.
        let parts = secret.rsplit('.').next().filter(|part| part.len() >= 16);
        secrets.extend([Some(secret), parts].into_iter().flatten().filter(|text| text.len() >= 8).map(str::to_owned));
    }

    /// A call of `whoami`, with what is to be sent besides.
    pub(crate) fn request(&self, authorization: Option<&str>, headers: &[(&str, &str)]) -> Request {
        self.request_of("whoami", authorization, headers)
    }

    pub(crate) fn request_of(&self, tool: &str, authorization: Option<&str>, headers: &[(&str, &str)]) -> Request {
        let mut request = post(self.server, Revision::LATEST, None, &call(Revision::LATEST, 1, tool, "{}"));
        let authorization = authorization.map(|value| ("Authorization", value));
        let all = authorization.iter().chain(headers).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        request.headers.extend(all);
        request
    }

    /// Sends a request and remembers what comes back.
    pub(crate) async fn send(&self, request: Request) -> (Head, String) {
        let mut response = request.send().await.expect("the server answers");
        let body = String::from_utf8(response.body().await.expect("the connection lives")).expect("text");
        self.hear(&format!("{:?} {body}", response.head));
        (response.head, body)
    }

    /// Remembers what was answered.
    pub(crate) fn hear(&self, answer: &str) {
        let _ = writeln!(self.heard.lock().unwrap_or_else(PoisonError::into_inner), "{answer}");
    }

    /// Calls `whoami` with a token.
    pub(crate) async fn ask(&self, token: Option<&str>, headers: &[(&str, &str)]) -> (Head, String) {
        token.into_iter().for_each(|token| self.hush(token));
        let authorization = token.map(|token| format!("Bearer {token}"));
        self.send(self.request(authorization.as_deref(), headers)).await
    }

    /// Calls `relay` with a token.
    pub(crate) async fn relay(&self, token: &str) -> (Head, String) {
        self.hush(token);
        self.send(self.request_of("relay", Some(&format!("Bearer {token}")), &[])).await
    }

    /// Whose a token is, without HTTP.
    pub(crate) async fn verdict(&self, token: &str) -> Result<Option<String>, AuthError> {
        let (value, resource) = (format!("Bearer {token}"), Resource::parse(RESOURCE).expect("a URL"));
        let principal = self.provider.authenticate(Credentials::new(&Token(&value), None, &resource)).await?;
        Ok(principal.subject().map(str::to_owned))
    }

    /// Checks that a token is taken, and that the call is recorded.
    pub(crate) async fn taken(&self, name: &str, token: &str) {
        self.events.all().clear();
        self.said(name, token, true);
        let (head, body) = self.ask(Some(token), &[]).await;
        assert_eq!(head.status, 200, "{name}: {body}");
        let subject = self.verdict(token).await.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        let recorded = self.events.all().clone();
        assert_eq!(recorded, [("tools/call".to_owned(), Verdict::Succeeded, subject)], "{name}");
    }

    /// Checks that a token is refused, for a reason, and that this is recorded. A token of nobody who is known has no reason.
    pub(crate) async fn refused(&self, name: &str, token: &str, reason: &'static str) {
        self.events.all().clear();
        self.said(name, token, false);
        let (head, body) = self.ask(Some(token), &[]).await;
        assert_eq!(head.status, 401, "{name}: {body}");
        let challenge = head.header("www-authenticate").unwrap_or_else(|| panic!("{name}: no challenge"));
        let said = if reason.is_empty() { String::new() } else { format!(", error_description=\"{reason}\"") };
        let metadata = ", resource_metadata=\"https://mcp.example.com/.well-known/oauth-protected-resource/mcp\"";
        assert_eq!(challenge, format!("Bearer error=\"invalid_token\"{said}{metadata}"), "{name}");
        let expected = if reason.is_empty() { AuthError::NotMine } else { AuthError::invalid(reason) };
        assert_eq!(self.verdict(token).await, Err(expected), "{name}");
        let recorded = if reason.is_empty() { "unknown token" } else { reason };
        assert_eq!(*self.events.all(), [("authenticate".to_owned(), Verdict::Denied(recorded), None)], "{name}");
    }

    /// Checks that a token cannot be looked at now, and that this is recorded.
    pub(crate) async fn unavailable(&self, name: &str, token: &str, seconds: u64) {
        self.events.all().clear();
        let (head, body) = self.ask(Some(token), &[]).await;
        assert_eq!((head.status, head.header("retry-after")), (503, Some(&*seconds.to_string())), "{name}: {body}");
        assert_eq!(head.header("www-authenticate"), None, "{name}: a challenge would make clients throw the token away");
        let address = self.issuer.address().to_string();
        assert!(!body.contains(&address), "{name}: who cannot be asked is nobody's business: {body}");
        let retry_after = std::time::Duration::from_secs(seconds);
        assert_eq!(self.verdict(token).await, Err(AuthError::Unavailable { retry_after }), "{name}");
        assert_eq!(*self.events.all(), [("authenticate".to_owned(), Verdict::Denied("unavailable"), None)], "{name}");
    }

    /// Checks that something was recorded.
    pub(crate) fn recorded(&self, operation: &str, verdict: Verdict) {
        let events = self.events.all();
        assert!(events.iter().any(|event| (&*event.0, event.1) == (operation, verdict)), "{events:?}");
    }

    /// How many credentials were recorded as refused for what was wrong with them.
    pub(crate) fn refusals(&self) -> usize {
        let other = |verdict: &Verdict| matches!(verdict, Verdict::Denied("missing" | "unavailable" | "rate limit"));
        let events = self.events.all();
        events.iter().filter(|event| event.0 == "authenticate" && matches!(event.1, Verdict::Denied(_)) && !other(&event.1)).count()
    }

    /// How often something was recorded.
    pub(crate) fn times_recorded(&self, verdict: Verdict) -> usize {
        self.events.all().iter().filter(|event| event.1 == verdict).count()
    }

    /// How the provider shows itself.
    pub(crate) fn shown(&self) -> String {
        format!("{:?}", self.provider)
    }

    /// Where secrets are that should be nowhere.
    pub(crate) fn leaks(&self) -> Vec<&'static str> {
        let secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let config = format!("{:?} {:#?} {:?}", self.service, self.service, self.provider);
        let places = [("log", traces::written()), ("audit", self.lines.lines().concat()), ("answers", heard.clone()), ("debug", config)];
        let leaks = |text: &str| secrets.iter().any(|secret| text.contains(secret));
        places.iter().filter(|(_, text)| leaks(text)).map(|(place, _)| *place).collect()
    }

    fn said(&self, name: &str, token: &str, taken: bool) {
        self.verdicts.lock().unwrap_or_else(PoisonError::into_inner).push((name.to_owned(), token.to_owned(), taken));
    }

    /// Checks that a process that is launched with one of the tokens, and trusts these issuers, decides alike, and then [`end`](Self::end)s.
    pub(crate) async fn end_launched(&self, others: &[&str]) {
        let verdicts = std::mem::take(&mut *self.verdicts.lock().unwrap_or_else(PoisonError::into_inner));
        assert!(!verdicts.is_empty(), "no token was presented");
        let issuers: Vec<&str> = std::iter::once(self.issuer.url()).chain(others.iter().copied()).collect();
        launched::check(&issuers, verdicts).await;
        self.end();
    }

    /// Checks that something was recorded and no secret was written.
    pub(crate) fn end(&self) {
        assert!(!self.lines.lines().is_empty(), "nothing was recorded");
        assert_eq!(self.leaks(), [""; 0]);
    }
}
