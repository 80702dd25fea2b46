//! Questions of the server reach the caller whose call they are about.

use async_trait::async_trait;
use mcp_client::{ClientHandler, Elicitation, Era, Offers};
use mcp_core::Elicited;
use serde_json::{Value, json};

use crate::support::{ERAS, Served, bridged, named, speaking};

/// Somebody who says their name.
struct Named(String);

#[async_trait]
impl ClientHandler for Named {
    fn offers(&self) -> Offers {
        Offers::NONE.forms()
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
