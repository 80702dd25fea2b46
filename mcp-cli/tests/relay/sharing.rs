//! Callers of one relay do not hear of, nor wait for, one another.

use mcp_client::{Client, Era, LogLevel};
use mcp_parity::auth::ApiKeys;
use mcp_parity::{NoArguments, Registry, Server, Tool, ToolError};
use serde_json::json;

use crate::support::{MCP, Served, in_process, speaking};
use crate::telling::Listening;

/// A gateway with a key for each of two callers.
fn for_two(directory: &std::path::Path, arguments: &[&str]) -> (Served, [String; 2]) {
    let keys = ["ann", "bob"].map(|_| ApiKeys::generate("mcpk"));
    let entry = |(subject, key): (&str, &String)| {
        format!("[[auth.api_key]]\nhash = \"{}\"\nsubject = \"{subject}\"\nscopes = [\"mcp:use\"]\n", ApiKeys::hash(key))
    };
    let file = directory.join("mcp.toml");
    std::fs::write(&file, ["ann", "bob"].into_iter().zip(&keys).map(entry).collect::<String>()).expect("a file can be written");
    let file = file.to_str().expect("a plain name");
    let gateway = Served::start(MCP, &[&["gateway", "--bind", "127.0.0.1:0", "--settings", file], arguments].concat());
    (gateway, keys)
}

async fn as_whom(gateway: &Served, key: &str, era: Era) -> Client {
    speaking(era).bearer(key).connect(&gateway.url).await.expect("the key is taken")
}

fn greeting() -> Server {
    let mut registry = Registry::new();
    let tool = Tool::new("greet", |_cx, _: NoArguments| async { Ok::<_, ToolError>("hello") });
    registry.add_tool(tool).expect("there is no other tool");
    Server::new(registry)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_that_are_over_keep_nobody_out() {
    let (url, _) = in_process(greeting()).await;
    let directory = tempfile::tempdir().expect("a directory");
    let (gateway, [ann, bob]) = for_two(directory.path(), &["--era", "legacy", &url]);
    // More than there are connections for, and than are one caller's share.
    let mut sessions = Vec::new();
    for _ in 0..70 {
        let client = as_whom(&gateway, &ann, Era::Legacy).await;
        client.call_tool("greet", &json!({})).await.expect("there is a connection for each");
        sessions.push(client);
    }
    as_whom(&gateway, &bob, Era::Legacy).await.call_tool("greet", &json!({})).await.expect("an idle connection makes room");
    sessions[0].call_tool("greet", &json!({})).await.expect("and whoever had that gets another");
}

/// A server of 2026-07-28 on its standard streams that logs once more after it has answered. `slow` answers later than that.
const LATE: &str = r#"
while read -r line; do
  id=$(printf '%s' "$line" | sed 's/.*"id":\([0-9]*\).*/\1/')
  answer() { printf '{"jsonrpc":"2.0","id":%s,"result":{"resultType":"complete","ttlMs":0,"cacheScope":"private",%s}}\n' "$id" "$1"; }
  case "$line" in
    *'"server/discover"'*)
      answer '"supportedVersions":["2026-07-28"],"capabilities":{"tools":{},"logging":{}}' ;;
    *'"tools/list"'*)
      answer '"tools":[{"name":"quick","inputSchema":{"type":"object"}},{"name":"slow","inputSchema":{"type":"object"}}]' ;;
    *'"tools/call"'*slow*)
      sleep 1; answer '"content":[]' ;;
    *'"tools/call"'*)
      answer '"content":[]'
      (sleep 0.3; printf '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"error","data":"only for its caller"}}\n') & ;;
  esac
done
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_logged_late_is_not_told_to_another_caller() {
    let directory = tempfile::tempdir().expect("a directory");
    let (gateway, keys) = for_two(directory.path(), &["--era", "modern", "--", "sh", "-c", LATE]);
    let heard = Listening::default();
    for (key, tool) in keys.iter().zip(["quick", "slow"]) {
        let client = speaking(Era::Modern).bearer(key).handler(heard.clone()).log_level(LogLevel::Debug);
        let client = client.connect(&gateway.url).await.expect("the key is taken");
        client.call_tool(tool, &json!({})).await.expect("an answer");
    }
    assert_eq!(*heard.0.lock().expect("nobody panics"), Vec::<String>::new());
}
