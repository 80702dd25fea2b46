//! Several endpoints in one process, each with callers of its own.

use mcp_auth::{ApiKeys, AuthMode, Authenticator, Principal};
use mcp_core::Revision;
use mcp_parity::http::{HttpConfig, HttpService};
use mcp_testkit::http::Request;
use mcp_tests::client::{call, post};
use mcp_tests::protected::{Answer, Issuer, authorized, behind, listen, server};
use serde_json::json;
use std::net::SocketAddr;

fn service(path: &str, config: HttpConfig) -> HttpService {
    let config = HttpConfig { path: path.to_owned(), sse_paths: Vec::new(), ..config };
    HttpService::new(server().into_dispatcher().expect("the server is sound"), config).expect("the configuration is usable")
}

struct Process {
    issuer: Issuer,
    address: SocketAddr,
}

impl Process {
    /// `/mcp` takes tokens of an issuer, `/work` does so lazily, `/keys` takes keys or nobody, and `/open` asks nobody.
    async fn start() -> Self {
        let issuer = Issuer::default();
        let keys = ApiKeys::new("mcpk").key("mcpk_one", Principal::new("ci").with_scopes(mcp_auth::ScopeSet::parse("mcp:read")));
        let open = HttpConfig { authenticator: Authenticator::Nobody, ..behind(ApiKeys::new("mcpk")) };
        let others = [
            service("/work", HttpConfig { auth_mode: AuthMode::Lazy, ..behind(issuer.verifier()) }),
            service("/keys", HttpConfig { auth_mode: AuthMode::Optional, ..behind(keys) }),
            service("/open", open),
        ];
        let first = service("/mcp", behind(issuer.verifier()));
        let all = others.into_iter().fold(first, |all, other| all.and(other).expect("the paths differ"));
        Self { issuer, address: listen(all).await }
    }

    async fn call(&self, path: &str, token: Option<&str>, tool: &str) -> Answer {
        let request = authorized(post(self.address, Revision::LATEST, None, &call(Revision::LATEST, 1, tool, "{}")), token);
        Answer::of(Request { path: path.to_owned(), ..request }).await
    }
}

const METADATA: &str = "https://mcp.example.com/.well-known/oauth-protected-resource";

#[tokio::test]
async fn each_endpoint_has_its_own_callers() {
    let process = Process::start().await;
    let token = |path: &str| process.issuer.token(json!({ "aud": format!("https://mcp.example.com{path}") }));
    let (for_mcp, for_work) = (token("/mcp"), token("/work"));
    for (path, token, tool, status) in [
        ("/mcp", Some(&*for_mcp), "reads", 200),
        ("/mcp/", Some(&*for_mcp), "reads", 200),
        ("/mcp", None, "whoami", 401),
        ("/mcp", Some(&*for_work), "whoami", 401),
        ("/mcp", Some("mcpk_one"), "whoami", 401),
        ("/work", Some(&*for_work), "reads", 200),
        ("/work/", Some(&*for_work), "reads", 200),
        ("/work", Some(&*for_mcp), "whoami", 401),
        ("/work", None, "whoami", 401),
        ("/keys", Some("mcpk_one"), "reads", 200),
        ("/keys", Some("mcpk_two"), "whoami", 401),
        ("/keys", Some(&*for_mcp), "whoami", 401),
        ("/keys", None, "whoami", 200),
        ("/keys", None, "reads", 401),
        ("/open", None, "whoami", 200),
        ("/open", None, "reads", 401),
        ("/open", Some(&*for_mcp), "reads", 401),
    ] {
        assert_eq!(process.call(path, token, tool).await.status, status, "{path} {token:?} {tool}");
    }
    for (path, metadata) in [
        ("/mcp", Some(format!("{METADATA}/mcp"))),
        ("/mcp/", Some(format!("{METADATA}/mcp"))),
        ("/work", Some(format!("{METADATA}/work"))),
        ("/keys", None),
        ("/open", None),
    ] {
        let answer = process.call(path, None, "reads").await;
        assert_eq!(answer.challenged("resource_metadata"), metadata.as_deref(), "{path}: {answer:?}");
    }
}

#[test]
fn two_endpoints_at_one_path_are_refused() {
    let at = |path| service(path, behind(ApiKeys::new("mcpk")));
    for (one, other, together) in
        [("/a", "/b", true), ("/a", "/a", false), ("/a", "/a/", false), ("/a", "/a/tools", false), ("/", "/a", true)]
    {
        assert_eq!(at(one).and(at(other)).is_ok(), together, "{one} {other}");
    }
}
