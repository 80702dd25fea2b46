//! Messages as large as they may be.

use mcp_client::{Error, ServerError};
use mcp_core::{Limits, code};
use serde_json::json;

use crate::support::{ERAS, Served, example, named, speaking};

/// A call of this many bytes through a gateway, and what became of it.
async fn greet(client: &mcp_client::Client, bytes: usize) -> Result<usize, ServerError> {
    match client.call_tool("greet", &json!({"name": "x".repeat(bytes)})).await {
        Ok(greeting) => Ok(greeting.text().len()),
        Err(Error::Protocol(error)) => Err(error),
        Err(Error::Refused { reason: Some(reason), .. }) => Err(*reason),
        Err(other) => panic!("the caller hears of more than its call: {other}"),
    }
}

#[tokio::test]
async fn what_grows_too_large_on_its_way_is_refused_at_once() {
    let limit = Limits::default().max_message_bytes;
    for behind in ERAS {
        let gateway = Served::gateway_of("hello", &["--era", named(behind)]);
        let client = speaking(mcp_client::Era::Legacy).connect(&gateway.url).await.expect("the gateway serves");
        // What stands around the name: here about 100 bytes, and more where each request says what the client can do.
        let (fits, grows) = (limit - 1_000, limit - 130);
        assert_eq!(greet(&client, fits).await, Ok(fits + "Hello, !".len()), "{behind:?}");
        let grown = greet(&client, grows).await;
        match behind {
            mcp_client::Era::Legacy => assert_eq!(grown, Ok(grows + "Hello, !".len())),
            _ => {
                let error = grown.expect_err("it is larger than the server reads");
                assert_eq!(error.code, i64::from(code::TOO_LARGE), "{error}");
            }
        }
        assert_eq!(greet(&client, 1).await, Ok("Hello, x!".len()), "{behind:?}: others are answered as before");
    }
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_lost_alone() {
    // What the server says grows on its way: 20 MB for the name below, and the client reads 16 MiB.
    let script = format!("'{}' | sed -u 's/#/{}/g'", example("hello"), "#".repeat(32));
    for behind in ERAS {
        let gateway = Served::gateway(&["--era", named(behind), "--", "sh", "-c", &script]);
        let client = speaking(mcp_client::Era::Modern).connect(&gateway.url).await.expect("the gateway serves");
        let long = json!({"name": "#".repeat(600_000)});
        let (lost, other) = tokio::join!(biased; client.call_tool("greet", &long).into_future(), greet(&client, 3));
        assert_eq!(other, Ok("Hello, xxx!".len()), "{behind:?}: it waited on the same connection");
        let Err(Error::Protocol(error)) = lost else { panic!("{behind:?}: {lost:?}") };
        assert!(error.message.contains("larger than this client reads"), "{behind:?}: {error}");
        assert_eq!(greet(&client, 1).await, Ok("Hello, x!".len()), "{behind:?}");
    }
}
