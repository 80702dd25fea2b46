//! An MCP server that is its own authorization server, and does what a test tells it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mcp_testkit::{Asked, Document, Loopback};
use serde_json::{Value, json};

/// A server on loopback.
#[derive(Debug)]
pub(crate) struct Fake {
    host: Loopback,
    script: Arc<Mutex<Script>>,
}

/// What it does.
#[derive(Debug, Default)]
pub(crate) struct Script {
    origin: String,
    /// Answers that stand in for what it would answer, one after the other; the last one stays. `None` is as usual.
    answers: HashMap<String, VecDeque<Option<Document>>>,
    /// Members of the protected resource metadata that are different; `null` for those that are not there.
    pub(crate) resource: Value,
    /// The same of the authorization server metadata.
    pub(crate) metadata: Value,
    /// The challenge to requests without a token that is good.
    pub(crate) challenge: Option<String>,
    /// The scope that a call needs.
    pub(crate) needs: Option<String>,
    /// The query with which the browser is sent back, beside `state`.
    pub(crate) callback: Option<String>,
    /// Members of the answer to a registration that are different.
    pub(crate) registration: Value,
    /// How long access tokens are good, in seconds.
    pub(crate) lifetime: u64,
    /// What the last authorization request asked for.
    asked_scope: String,
    /// The access tokens that are good, with their scopes.
    good: Vec<(String, String)>,
    refresh: Option<String>,
    issued: u64,
    registered: u64,
}

impl Fake {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// Starts one that is different in some way; the closure can read the origin.
    pub(crate) async fn with(change: impl FnOnce(&mut Script)) -> Self {
        let script = Arc::new(Mutex::new(Script { lifetime: 3_600, ..Script::default() }));
        let shared = Arc::clone(&script);
        let host = Loopback::start(move |_| move |asked: &Asked| shared.lock().unwrap_or_else(PoisonError::into_inner).answer(asked));
        let host = host.await;
        let fake = Self { host, script };
        fake.script().origin = fake.host.origin();
        change(&mut fake.script());
        fake
    }

    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The URL of the MCP server.
    pub(crate) fn mcp(&self) -> String {
        format!("{}/mcp", self.host.origin())
    }

    pub(crate) fn origin(&self) -> String {
        self.host.origin()
    }

    /// What it was asked at a path.
    pub(crate) fn at(&self, path: &str) -> Vec<Asked> {
        self.host.asked().iter().filter(|asked| asked.path == path).cloned().collect()
    }

    /// The paths that it was asked, but that of MCP.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.host.asked().iter().filter(|asked| asked.path != "/mcp").map(|asked| asked.path.clone()).collect()
    }

    /// The values of a parameter at a path.
    pub(crate) fn parameters(&self, path: &str, name: &str) -> Vec<Option<String>> {
        self.at(path).iter().map(|asked| asked.parameter(name)).collect()
    }
}

impl Script {
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// Answers with this at a path, after what it was told before.
    pub(crate) fn put(&mut self, path: &str, document: Document) {
        self.answers.entry(path.to_owned()).or_default().push_back(Some(document));
    }

    /// Answers as usual at a path from now on.
    pub(crate) fn recover(&mut self, path: &str) {
        self.answers.remove(path);
    }

    /// Answers as usual at a path, after what it was told before.
    pub(crate) fn then_as_usual(&mut self, path: &str) {
        self.answers.entry(path.to_owned()).or_default().push_back(None);
    }

    /// There is nothing at a path.
    pub(crate) fn lacks(&mut self, path: &str) {
        self.put(path, Document::new("text/plain", "no").status(404));
    }

    /// Lets an access token in that it did not issue.
    pub(crate) fn admit(&mut self, token: &str) {
        self.good.push((token.to_owned(), String::new()));
    }

    /// Forgets its access tokens, as servers do that restart.
    pub(crate) fn forget_access(&mut self) {
        self.good.clear();
    }

    /// Forgets its refresh token.
    pub(crate) fn forget_refresh(&mut self) {
        self.refresh = None;
    }

    fn answer(&mut self, asked: &Asked) -> Document {
        if let Some(answers) = self.answers.get_mut(&asked.path)
            && let Some(next) = answers.front().cloned()
        {
            if answers.len() > 1 {
                answers.pop_front();
            }
            if let Some(document) = next {
                return document;
            }
        }
        match asked.path.as_str() {
            "/.well-known/oauth-protected-resource/mcp" => self.protected_resource(),
            "/.well-known/oauth-authorization-server" => self.authorization_server(),
            "/register" => self.register(asked),
            "/authorize" => self.authorize(asked),
            "/token" => self.token(asked),
            "/mcp" => self.mcp(asked),
            _ => Document::new("text/plain", "no").status(404),
        }
    }

    fn protected_resource(&self) -> Document {
        let origin = &self.origin;
        Document::json(&with(json!({"resource": format!("{origin}/mcp"), "authorization_servers": [origin]}), &self.resource))
    }

    fn authorization_server(&self) -> Document {
        let origin = &self.origin;
        let at = |path: &str| format!("{origin}{path}");
        let metadata = json!({
            "issuer": origin,
            "authorization_endpoint": at("/authorize"),
            "token_endpoint": at("/token"),
            "registration_endpoint": at("/register"),
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "authorization_response_iss_parameter_supported": true,
        });
        Document::json(&with(metadata, &self.metadata))
    }

    fn register(&mut self, asked: &Asked) -> Document {
        self.registered += 1;
        let mut answer: Value = serde_json::from_slice(&asked.body).expect("a registration is JSON");
        answer["client_id"] = format!("client-{}", self.registered).into();
        Document::json(&with(answer, &self.registration)).status(201)
    }

    fn authorize(&mut self, asked: &Asked) -> Document {
        self.asked_scope = asked.parameter("scope").unwrap_or_default();
        let to = asked.parameter("redirect_uri").expect("a redirect URI");
        let state = asked.parameter("state").expect("a state");
        let query = self.callback.clone().unwrap_or_else(|| format!("code=the-code&iss={}", self.origin));
        Document::redirect(302, &format!("{to}?{query}&state={state}"))
    }

    fn token(&mut self, asked: &Asked) -> Document {
        let presented = asked.parameter("refresh_token");
        if asked.parameter("grant_type").as_deref() == Some("refresh_token") && presented != self.refresh {
            return Document::json(&json!({"error": "invalid_grant"})).status(400);
        }
        self.issued += 1;
        let (access, refresh) = (format!("access-{}", self.issued), format!("refresh-{}", self.issued));
        self.good = vec![(access.clone(), asked.parameter("scope").unwrap_or_else(|| self.asked_scope.clone()))];
        self.refresh = Some(refresh.clone());
        Document::json(&json!({"access_token": access, "token_type": "Bearer", "expires_in": self.lifetime, "refresh_token": refresh}))
    }

    fn mcp(&self, asked: &Asked) -> Document {
        let metadata = format!("Bearer resource_metadata=\"{}/.well-known/oauth-protected-resource/mcp\"", self.origin);
        let token = asked.header("authorization").and_then(|value| value.split_once(' ')).map(|(_, token)| token);
        let Some((_, scopes)) = self.good.iter().find(|(good, _)| Some(good.as_str()) == token) else {
            let challenge = self.challenge.clone().unwrap_or(metadata);
            let refusal = Document::new("text/plain", "").status(401);
            return if challenge.is_empty() { refusal } else { refusal.header("WWW-Authenticate", challenge) };
        };
        let message: Value = serde_json::from_slice(&asked.body).expect("a message is JSON");
        if message["method"] == "tools/call"
            && let Some(scope) = self.needs.as_ref().filter(|scope| !scopes.split(' ').any(|held| held == scope.as_str()))
        {
            let challenge = format!("{metadata}, error=\"insufficient_scope\", scope=\"{scope}\"");
            return Document::new("text/plain", "").status(403).header("WWW-Authenticate", challenge);
        }
        let result = match message["method"].as_str() {
            Some("server/discover") => {
                json!({"supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}}, "resultType": "complete"})
            }
            _ => json!({"content": [{"type": "text", "text": "done"}], "resultType": "complete"}),
        };
        Document::json(&json!({"jsonrpc": "2.0", "id": message["id"], "result": result}))
    }
}

/// A document with some members replaced, or left out where they are `null`.
fn with(mut document: Value, changes: &Value) -> Value {
    let members = document.as_object_mut().expect("an object");
    for (name, value) in changes.as_object().into_iter().flatten() {
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
    document
}
