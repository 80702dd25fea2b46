//! A server of 2025-11-25 that makes tasks, behind a gateway.

use std::future::IntoFuture as _;

use async_trait::async_trait;
use mcp_client::{Builder, ClientHandler, Elicitation, Era, Offers};
use mcp_core::Elicited;
use serde_json::{Value, json};

use crate::support::{Served, speaking, until};

/// Has two tools: `slow` has to be a task, which asks for an address before it is over; `endless` may be one, and never is. What is
/// cancelled is written to the file that is its first argument.
const MAKES_TASKS: &str = r#"
say() { printf '%s\n' "$1"; }
answer() { say '{"jsonrpc":"2.0","id":'"$id"',"result":'"$1"'}'; }
task() { printf '"taskId":"%s","status":"%s","createdAt":"2025-11-25T00:00:00Z","lastUpdatedAt":"2025-11-25T00:00:00Z","ttl":null,"pollInterval":20' "$1" "$2"; }
looked=0
while read -r line; do
  id=$(printf '%s' "$line" | sed -n 's/.*"id":\([0-9][0-9]*\).*/\1/p')
  case "$line" in
    *'"method":"initialize"'*)
      answer '{"protocolVersion":"2025-11-25","serverInfo":{"name":"tasks","version":"1"},"capabilities":{"tools":{},"tasks":{"list":{},"cancel":{},"requests":{"tools":{"call":{}}}}}}' ;;
    *'"method":"tools/list"'*)
      answer '{"tools":[{"name":"slow","inputSchema":{"type":"object"},"execution":{"taskSupport":"required"}},{"name":"endless","inputSchema":{"type":"object"},"execution":{"taskSupport":"optional"}}]}' ;;
    *'"method":"tools/call"'*'"task":{}'*) case "$line" in
        *'"name":"slow"'*) answer '{"task":{'"$(task t-slow working)"'}}' ;;
        *) answer '{"task":{'"$(task t-endless working)"'}}' ;;
      esac ;;
    *'"method":"tools/call"'*) say '{"jsonrpc":"2.0","id":'"$id"',"error":{"code":-32601,"message":"only as a task"}}' ;;
    *'"method":"tasks/get"'*t-slow*)
      looked=$((looked + 1))
      if [ "$looked" -lt 3 ]; then answer '{'"$(task t-slow working)"'}'; else answer '{'"$(task t-slow input_required)"'}'; fi ;;
    *'"method":"tasks/get"'*) answer '{'"$(task t-endless working)"'}' ;;
    *'"method":"tasks/result"'*)
      result=$id
      say '{"jsonrpc":"2.0","id":"q","method":"elicitation/create","params":{"message":"for ann","requestedSchema":{"type":"object","properties":{"email":{"type":"string"}}},"_meta":{"io.modelcontextprotocol/related-task":{"taskId":"t-slow"}}}}' ;;
    *'"id":"q"'*)
      id=$result
      answer '{"content":[{"type":"text","text":"'"$(printf '%s' "$line" | sed -n 's/.*"email":"\([^"]*\)".*/\1/p')"'"}],"_meta":{"io.modelcontextprotocol/related-task":{"taskId":"t-slow"}}}' ;;
    *'"method":"tasks/cancel"'*) echo "$line" >> "$0"; answer '{'"$(task t-endless cancelled)"'}' ;;
    *'"id":'*) say '{"jsonrpc":"2.0","id":'"$id"',"error":{"code":-32601,"message":"no"}}' ;;
  esac
done
"#;

/// Somebody who has an address.
struct Ann;

#[async_trait]
impl ClientHandler for Ann {
    fn offers(&self) -> Offers {
        Offers::NONE.forms()
    }

    async fn elicit(&self, asked: Elicitation) -> Elicited<Value> {
        assert_eq!(asked.message(), "for ann");
        Elicited::Accepted(json!({"email": "ann@example.com"}))
    }
}

#[tokio::test]
async fn a_call_that_has_to_be_a_task_is_answered_to_whoever_makes_it() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let file = file.path().to_str().expect("a plain name");
    let gateway = Served::gateway(&["--", "sh", "-c", MAKES_TASKS, file]);
    let callers: [(&str, Builder); 3] = [
        ("accepts tasks", speaking(Era::Modern)),
        ("accepts none", speaking(Era::Modern).without_tasks()),
        ("is in a session", speaking(Era::Legacy)),
    ];
    for (who, builder) in callers {
        let client = builder.handler(Ann).connect(&gateway.url).await.expect("the gateway serves");
        let result = client.request("tools/call", &json!({"name": "slow"})).await.expect("the call is answered");
        assert_eq!(result["content"][0]["text"], "ann@example.com", "{who}");
        // The upstream's task is nothing that the caller knows.
        assert!(!result.to_string().contains("t-slow"), "{who}: {result}");
    }
}

#[tokio::test]
async fn a_task_that_is_given_up_is_cancelled_at_the_server() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let path = file.path().to_str().expect("a plain name");
    let gateway = Served::gateway(&["--", "sh", "-c", MAKES_TASKS, path]);
    let client = speaking(Era::Modern).connect(&gateway.url).await.expect("the gateway serves");
    let call = client.call_tool("endless", &json!({}));
    let given_up = tokio::time::timeout(std::time::Duration::from_millis(500), call.into_future()).await;
    assert!(given_up.is_err());
    until("the server is told", || std::fs::read_to_string(path).is_ok_and(|told| told.contains("t-endless"))).await;
}
