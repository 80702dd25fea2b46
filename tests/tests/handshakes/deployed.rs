//! A server that people reach by its own domain and sign in to with GitHub, set up as its operator would.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use mcp_auth::server::{AuthServer, MasterKey, Upstream};
use mcp_auth::{AuditLog, Authenticator, FetchPolicy, GuardedFetcher, MemorySink, Settings};
use mcp_core::Revision;
use mcp_parity::http::{Beside, HttpConfig, HttpService};
use mcp_parity::{Registry, Server, Tier, Tool, ToolError};
use mcp_store::Memory;
use mcp_testkit::browser::{Browser, Landing, Page};
use mcp_testkit::http::Head;
use mcp_testkit::{IdentityProvider, VirtualClock};
use mcp_tests::client::call;

use super::{Nothing, ask, name_of, serve};

/// The domain.
pub(crate) const SITE: &str = "https://mcp.example.com";

/// Who may come in, and what they get: by the configuration, whatever their clients ask for.
const CONFIGURATION: &str = r#"
public_url = "https://mcp.example.com"

[auth.policy]
admit = ["@example.com"]
grant = "role"
allowed_scopes = ["admin", "user", "mcp"]

[auth.policy.roles.admin]
members = ["ada@example.com"]
scopes = ["admin"]
tier = "admin"

[auth.policy.roles.everybody]
members = ["*"]
scopes = ["user", "mcp"]
"#;

/// The server, and the GitHub at which its people have accounts.
pub(crate) struct Deployed {
    pub(crate) address: SocketAddr,
    pub(crate) clock: VirtualClock,
    pub(crate) github: IdentityProvider,
    records: MemorySink,
}

impl Deployed {
    pub(crate) async fn start() -> Self {
        let settings = Settings::parse("mcp.toml", CONFIGURATION).expect("the configuration is sound");
        let clock = VirtualClock::new();
        // The endpoint has no clock but the system's.
        clock.set(SystemTime::now());
        let github = IdentityProvider::github().await;
        github.use_clock(clock.clock());
        github.register_redirect(&format!("{SITE}/login/github/callback"));
        let login = Upstream::github(github.client_id(), github.client_secret()).at(&github.url(), &github.url());
        let fetcher = GuardedFetcher::new(FetchPolicy { allow_loopback_http: true, ..FetchPolicy::default() }).expect("a fetcher");
        let server = Server::new(tools()).named("protected host", "1.0.0");
        let records = MemorySink::default();
        let auth = AuthServer::builder(SITE)
            .store(Memory::new())
            .key(MasterKey::generate())
            .clock(clock.clock())
            .catalog(server.registry())
            .fetcher(Arc::new(fetcher))
            .policy(settings.auth.expect("there is such a part").policy)
            .access_tokens_live(Duration::from_secs(30 * 60))
            .audit(Arc::new(AuditLog::new(records.clone())))
            .login(login)
            .build()
            .expect("it can start");
        let config = HttpConfig {
            public_url: settings.public_url,
            authenticator: Authenticator::Provider(Arc::new(auth.clone())),
            site: Beside::site(auth),
            ..HttpConfig::default()
        };
        let dispatcher = server.into_dispatcher().expect("the server is sound");
        let address = serve(HttpService::new(dispatcher, config).expect("the configuration is usable")).await;
        Self { address, clock, github, records }
    }

    /// Whether a refusal for this reason was recorded.
    pub(crate) fn recorded(&self, reason: &str) -> bool {
        self.records.lines().iter().any(|line| super::json(line)["reason"] == reason)
    }

    /// The browser of somebody whose client is on the web.
    pub(crate) fn browser(&self) -> Browser {
        let browser = Browser::with_clock(self.clock.clock());
        browser.route(SITE, self.address).expect("an origin");
        browser
    }

    /// Opens a request for authorization and signs in with GitHub; the page that is shown then.
    pub(crate) async fn sign_in(&self, browser: &Browser, query: &str) -> Page {
        let landing = browser.visit(&format!("{SITE}/authorize?{query}")).await.expect("it opens");
        let page = landing.page().expect("a page");
        assert!(page.title().starts_with("Sign in"), "{}", page.text());
        assert_eq!(self.github.hits("/login/oauth/authorize"), 0, "nobody is led there before they have seen who asks");
        page.form("0").expect("a way to sign in").submit(None).await.expect("it leads there and back").page().expect("a page")
    }

    pub(crate) async fn form(&self, path: &str, fields: &[(&str, &str)]) -> (Head, String) {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let headers = [("Content-Type", "application/x-www-form-urlencoded")];
        let mut request = super::request(self.address, "POST", path, &headers, &form);
        request.headers.retain(|(_, value)| value != "application/json");
        super::whole(request.send().await.expect("the server listens")).await
    }

    /// The status and text of what a tool answers.
    pub(crate) async fn call(&self, token: &str, tool: &str) -> (u16, String) {
        let bearer = format!("Bearer {token}");
        let headers = [
            ("Authorization", bearer.as_str()),
            ("MCP-Protocol-Version", Revision::LATEST.as_str()),
            ("Mcp-Method", "tools/call"),
            ("Mcp-Name", tool),
        ];
        let (head, body) = ask(self.address, "POST", "/mcp", &headers, &call(Revision::LATEST, 1, tool, "{}")).await;
        let answer = super::json(&body);
        (head.status, answer["result"]["content"][0]["text"].as_str().unwrap_or_default().to_owned())
    }
}

/// Presses the button with which a page lets a client in, or keeps it out.
pub(crate) async fn press(page: &Page, begins: &str) -> Landing {
    let button = |form: &mcp_testkit::browser::Form| form.buttons().into_iter().find(|button| button.starts_with(begins));
    let found = page.forms().into_iter().find_map(|form| button(&form).map(|button| (form, button)));
    let (form, button) = found.unwrap_or_else(|| panic!("no such button: {}\n{}", page.title(), page.text()));
    form.submit(Some(&button)).await.expect("it leads on")
}

/// One tool for each scope that the proxy knew.
fn tools() -> Registry {
    let mut registry = Registry::new();
    for (name, scope, tier) in [("use", "mcp", Tier::Public), ("profile", "user", Tier::Public), ("manage", "admin", Tier::Admin)] {
        let tool = Tool::new(name, |cx, Nothing {}: Nothing| async move { Ok::<_, ToolError>(name_of(cx.principal())) });
        registry.add_tool(tool.with_scope(scope).with_tier(tier)).expect("the names differ");
    }
    registry
}
