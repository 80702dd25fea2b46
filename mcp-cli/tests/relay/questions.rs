//! Questions of the server reach the caller whose call they are about.

use async_trait::async_trait;
use mcp_client::{ClientHandler, Elicitation, Era, Offers, Refusal};
use mcp_core::{Elicited, Root};
use mcp_parity::{NoArguments, Registry, Server, Tool, ToolError};
use serde_json::{Value, json};

use crate::support::{ERAS, Served, bridged, in_process, named, speaking, until};

/// Somebody who says their name.
struct Named(String);

#[async_trait]
impl ClientHandler for Named {
    fn offers(&self) -> Offers {
        Offers::NONE.forms().roots()
    }

    async fn roots(&self) -> Result<Vec<Root>, Refusal> {
        Ok(vec![Root { uri: format!("file:///desks/{}", self.0), name: None }])
    }

    async fn elicit(&self, asked: Elicitation) -> Elicited<Value> {
        assert_eq!(asked.message(), format!("for {}", self.0), "the question is somebody else's");
        // The others get the chance to be asked meanwhile.
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        Elicited::Accepted(json!({"username": self.0, "email": format!("{}@example.com", self.0)}))
    }
}

async fn asks(front: Era, url: &str, name: &str, rounds: usize) {
    let client = speaking(front).handler(Named(name.to_owned())).connect(url).await.expect("the gateway serves");
    for _ in 0..rounds {
        let arguments = json!({"message": format!("for {name}")});
        let answer = client.call_tool("test_elicitation", &arguments).await.expect("the call is answered");
        assert!(answer.text().contains(&format!("{name}@example.com")), "{name}: {}", answer.text());
    }
}

#[tokio::test]
async fn callers_at_once_are_asked_about_their_own_calls() {
    for behind in ERAS {
        let gateway = Served::gateway_of("everything", &["--era", named(behind)]);
        let everybody = [(Era::Modern, "ann"), (Era::Legacy, "bob"), (Era::Modern, "cleo"), (Era::Legacy, "dan")];
        let url = gateway.url.as_str();
        let [a, b, c, d] = everybody.map(|(front, name)| asks(front, url, name, 3));
        tokio::join!(a, b, c, d);
    }
}

#[tokio::test]
async fn a_host_is_asked_through_a_bridge() {
    let server = Served::example("everything");
    for behind in ERAS {
        for front in ERAS {
            let client = bridged(speaking(front).handler(Named("ann".to_owned())), &server.url, &["--era", named(behind)]).await;
            let answer = client.call_tool("test_elicitation", &json!({"message": "for ann"})).await.expect("the call is answered");
            assert!(answer.text().contains("ann@example.com"), "{front:?} {behind:?}: {}", answer.text());
            client.close().await;
        }
    }
}

#[tokio::test]
async fn a_server_that_asks_for_roots_is_told_those_of_the_caller() {
    for behind in ERAS {
        let gateway = Served::gateway_of("everything", &["--era", named(behind)]);
        for front in ERAS {
            for name in ["ann", "bob"] {
                let client = speaking(front).handler(Named(name.to_owned())).connect(&gateway.url).await.expect("the gateway serves");
                let answer = client.call_tool("test_input_required_result_list_roots", &json!({})).await.expect("the call is answered");
                assert!(answer.text().contains(&format!("/desks/{name}")), "{front:?} {behind:?}: {}", answer.text());
            }
        }
    }
}

/// A server of 2025-06-18 that asks for roots as soon as there is a session, and whose only tool says what it was told.
const ASKS_AT_ONCE: &str = r#"
say() { printf '%s\n' "$1"; }
roots=
while read -r line; do
  id=$(printf '%s' "$line" | sed -n 's/.*"id":\([0-9][0-9]*\).*/\1/p')
  case "$line" in
    *'"method":"initialize"'*)
      say '{"jsonrpc":"2.0","id":'"$id"',"result":{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"old","version":"1"}}}' ;;
    *'notifications/initialized'*) say '{"jsonrpc":"2.0","id":"q","method":"roots/list"}' ;;
    *'"method":"tools/list"'*)
      say '{"jsonrpc":"2.0","id":'"$id"',"result":{"tools":[{"name":"roots","inputSchema":{"type":"object"}}]}}' ;;
    *'"method":"tools/call"'*) call=$id ;;
    *'"id":"q"'*) case "$line" in *file:///desks/ann*) roots=known ;; *) roots=refused ;; esac ;;
    *'"id":'*) say '{"jsonrpc":"2.0","id":'"$id"',"error":{"code":-32601,"message":"no"}}' ;;
  esac
  if [ -n "$roots" ] && [ -n "$call" ]; then
    say '{"jsonrpc":"2.0","id":'"$call"',"result":{"content":[{"type":"text","text":"'"$roots"'"}]}}'
    call=
  fi
done
"#;

#[tokio::test]
async fn a_server_that_asks_before_the_first_call_is_answered_in_it() {
    let gateway = Served::gateway(&["--", "sh", "-c", ASKS_AT_ONCE]);
    for front in ERAS {
        let client = speaking(front).handler(Named("ann".to_owned())).connect(&gateway.url).await.expect("the gateway serves");
        let answer = client.call_tool("roots", &json!({})).await.expect("the call is answered");
        assert_eq!(answer.text(), "known", "{front:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_was_told_of_roots_hears_that_they_have_changed() {
    let mut registry = Registry::new();
    let tool = Tool::new("nothing", |_cx, _: NoArguments| async { Ok::<_, ToolError>("") });
    registry.add_tool(tool).expect("there is no other tool");
    let heard = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let hearing = std::sync::Arc::clone(&heard);
    let server = Server::new(registry)
        .configure(move |builder| builder.roots_watcher(move |caller| hearing.lock().expect("nobody panicked").push(caller.to_owned())));
    let (url, _) = in_process(server).await;
    let gateway = Served::gateway(&["--era", "legacy", &url]);
    let as_whom = async |name: &str| {
        let client = speaking(Era::Legacy).handler(Named(name.to_owned())).connect(&gateway.url).await.expect("the gateway serves");
        client.call_tool("nothing", &json!({})).await.expect("the call is answered");
        client
    };
    let (ann, bob) = (as_whom("ann").await, as_whom("bob").await);
    ann.roots_changed().await.expect("the gateway is there");
    until("the server hears it once", || heard.lock().expect("nobody panicked").len() == 1).await;
    bob.roots_changed().await.expect("the gateway is there");
    until("the server hears it of the other, too", || heard.lock().expect("nobody panicked").len() == 2).await;
    let heard = heard.lock().expect("nobody panicked");
    assert_ne!(heard[0], heard[1], "each has a session of its own");
}
