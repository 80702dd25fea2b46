//! An authorization server on a SQLite file, with a person who has let a client act for it.

mod way;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, Request};
use mcp_auth::server::{AuthServer, Developer, DeveloperLogin, MasterKey};
use mcp_auth::{Authenticator, Site as _};
use mcp_parity::http::{Beside, HttpConfig, HttpService, Listener};
use mcp_parity::{NoArguments, Registry, Server, Tool, ToolError};
use mcp_store::Sqlite;
use mcp_testkit::browser::{Browser, Landing};
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub use way::Way;

/// Where the client is led back to. Nobody goes there.
const CALLBACK: &str = "https://client.example/callback";
/// Verifier and challenge of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// How many codes are made at the same time.
const MAKERS: usize = 32;

/// A server, on a socket and in this process, and a client that it knows.
#[derive(Clone, Debug)]
pub struct Authorization {
    auth: AuthServer,
    address: std::net::SocketAddr,
    client: String,
    cookie: String,
}

/// What a client asks the token endpoint for, again and again.
#[derive(Clone, Debug)]
pub enum Work {
    /// Tokens for codes, each of which is good once.
    Exchange(Vec<String>),
    /// So many times new tokens for a refresh token and its successors.
    Refresh(String, usize),
}

impl Authorization {
    /// Starts it on a new file in a directory, and has a person sign in and allow the client.
    ///
    /// # Panics
    /// When something is refused.
    pub async fn start(directory: &Path) -> Self {
        let socket = TcpListener::bind(("127.0.0.1", 0)).await.expect("there is a free port");
        let address = socket.local_addr().expect("a bound socket has an address");
        let url = format!("http://{address}");
        let server = server();
        let auth = AuthServer::builder(&url)
            .store(Sqlite::open(directory.join("auth.db")).expect("the file can be made"))
            .key(MasterKey::generate())
            .catalog(server.registry())
            .login(DeveloperLogin::new([Developer::new("ann").email("ann@example.com")]))
            .build()
            .expect("it can start");
        let config = HttpConfig {
            public_url: Some(url),
            authenticator: Authenticator::Provider(Arc::new(auth.clone())),
            site: Beside::site(auth.clone()),
            ..HttpConfig::default()
        };
        let dispatcher = server.into_dispatcher().expect("the server is sound");
        let listener = Listener::on(socket, HttpService::new(dispatcher, config).expect("the configuration is usable"));
        tokio::spawn(listener.serve(std::future::pending()));
        let mut made = Self { auth, address, client: String::new(), cookie: String::new() };
        made.client = made.register().await;
        made.cookie = made.allow().await;
        made
    }

    /// A way to ask it: over a connection of its own, or in this process.
    ///
    /// # Panics
    /// When it cannot be reached.
    pub async fn way(&self, http: bool) -> Way {
        if http { Way::connect(self.address).await } else { Way::InProcess(self.auth.clone()) }
    }

    /// Registers the client, again if it is registered already (RFC 7591); its id.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn register(&self) -> String {
        let metadata = json!({"client_name": "Bench", "redirect_uris": [CALLBACK], "token_endpoint_auth_method": "none"});
        let request = Request::post("/register").body(Bytes::from(metadata.to_string())).expect("a request");
        let answer = self.auth.answer(request, None).await;
        let registered: Value = serde_json::from_slice(answer.body()).expect("JSON");
        registered["client_id"].as_str().unwrap_or_else(|| panic!("not registered: {registered}")).to_owned()
    }

    /// How many clients it keeps.
    ///
    /// # Panics
    /// When the store fails.
    pub async fn clients(&self) -> usize {
        self.auth.clients().await.expect("the store works").len()
    }

    /// Makes codes. They are good for a minute.
    ///
    /// # Panics
    /// When one is refused.
    pub async fn codes(&self, count: usize) -> Vec<String> {
        let maker = |share: usize| {
            let own = self.clone();
            tokio::spawn(async move {
                let mut codes = Vec::with_capacity(share);
                for _ in 0..share {
                    codes.push(own.code().await);
                }
                codes
            })
        };
        let makers: Vec<_> = (0..MAKERS).map(|at| maker(count / MAKERS + usize::from(at < count % MAKERS))).collect();
        let mut codes = Vec::with_capacity(count);
        for maker in makers {
            codes.extend(maker.await.expect("codes are given"));
        }
        codes
    }

    /// Has several ways do their work at the same time; how long that takes, and the last refresh token of each.
    ///
    /// # Panics
    /// When something is refused.
    pub async fn run(&self, work: Vec<(Way, Work)>) -> (Duration, Vec<String>) {
        run(work, &self.client).await
    }

    fn authorize(&self, prompt: &str) -> String {
        format!(
            "/authorize?response_type=code&client_id={}&redirect_uri={CALLBACK}&code_challenge={CHALLENGE}\
             &code_challenge_method=S256&scope=mcp:read&state=1{prompt}",
            self.client
        )
    }

    /// Has the person sign in and allow; the cookie by which it is known from then on.
    async fn allow(&self) -> String {
        let browser = Browser::new();
        browser.stop_at(CALLBACK);
        let mut landing = browser.visit(&format!("http://{}{}", self.address, self.authorize(""))).await.expect("a page");
        // To choose a way to sign in, to be somebody, and to allow.
        for button in ["Continue", "Sign in as", "Allow"] {
            let page = landing.page().expect("a page");
            let named = |label: &String| label.starts_with(button);
            let form = page.forms().into_iter().find(|form| form.buttons().iter().any(named));
            let form = form.unwrap_or_else(|| panic!("no button `{button}`: {}", page.text()));
            let label = form.buttons().into_iter().find(named);
            landing = form.submit(label.as_deref()).await.expect("the next page");
        }
        assert!(matches!(landing, Landing::External(_)), "not led back: {landing:?}");
        let cookies: Vec<String> = browser.cookies().iter().map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        cookies.join("; ")
    }

    /// A code, which the person is not asked for again.
    async fn code(&self) -> String {
        let request = Request::builder().method(Method::GET).uri(self.authorize("&prompt=none")).header("cookie", &self.cookie);
        let answer = self.auth.answer(request.body(Bytes::new()).expect("a request"), None).await;
        let location = answer.headers().get("location").and_then(|location| location.to_str().ok()).unwrap_or_default();
        let code = location.split(['?', '&']).find_map(|parameter| parameter.strip_prefix("code="));
        code.unwrap_or_else(|| panic!("no code: {location}")).to_owned()
    }
}

/// Has several ways do their work at the same time, as one client; how long that takes, and the last refresh token of each.
///
/// # Panics
/// When something is refused.
pub async fn run(work: Vec<(Way, Work)>, client: &str) -> (Duration, Vec<String>) {
    let begun = Instant::now();
    let running: Vec<_> = work.into_iter().map(|(way, work)| tokio::spawn(work.done(way, client.to_owned()))).collect();
    let mut tokens = Vec::with_capacity(running.len());
    for running in running {
        tokens.push(running.await.expect("tokens are given"));
    }
    (begun.elapsed(), tokens)
}

impl Work {
    /// Does it, and answers the last refresh token.
    async fn done(self, mut way: Way, client: String) -> String {
        let mut last = String::new();
        match self {
            Self::Exchange(codes) => {
                for code in codes {
                    let form = format!("grant_type=authorization_code&code={code}&code_verifier={VERIFIER}&client_id={client}");
                    last = way.tokens(&form).await;
                }
            }
            Self::Refresh(token, times) => {
                last = token;
                for _ in 0..times {
                    last = way.tokens(&format!("grant_type=refresh_token&refresh_token={last}&client_id={client}")).await;
                }
            }
        }
        last
    }
}

/// One tool, so that there is a scope.
fn server() -> Server {
    let mut registry = Registry::new();
    let tool = Tool::new("search", |_, _: NoArguments| async { Ok::<_, ToolError>("nothing".to_owned()) });
    registry.add_tool(tool.with_scope("mcp:read")).expect("the name is free");
    Server::new(registry).named("bench", "1.0.0")
}
