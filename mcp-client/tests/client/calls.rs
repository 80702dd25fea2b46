//! Every call, in every revision, over every transport.

use mcp_client::{Client, Content, Era, Error, Reference, Revision};
use serde_json::json;

use crate::server::{Way, connect, connect_to_small_pages, everywhere, ways};

fn names<T>(items: &[T], name: impl Fn(&T) -> &str) -> Vec<&str> {
    items.iter().map(name).collect()
}

#[tokio::test]
async fn the_server_presents_itself() {
    everywhere(Client::builder, async |client, _| {
        let server = client.server();
        let info = server.info.as_ref().expect("this server says what it is");
        assert_eq!((&*info.name, &*info.version), ("everything", "1.2.3"));
        assert_eq!(server.instructions.as_deref(), Some("Be gentle."));
        assert!(server.can("tools.listChanged") && server.can("resources.subscribe") && !server.can("nothing"));
        assert_eq!(server.has_extension("io.modelcontextprotocol/tasks"), client.revision().is_modern());
    })
    .await;
}

#[tokio::test]
async fn tools_are_listed_and_called() {
    everywhere(Client::builder, async |client, _| {
        let tools = client.list_tools().await.expect("a list");
        let add = tools.iter().find(|tool| tool.name == "add").expect("it is there");
        assert_eq!(add.description.as_deref(), Some("Add two whole numbers."));
        assert_eq!(add.input_schema["required"], json!(["a", "b"]));
        assert_eq!(add.hints.read_only.is_some(), client.revision().has_tool_annotations());

        let sum = client.call_tool("add", &json!({"a": 2, "b": 3})).await.expect("an answer");
        assert_eq!((sum.is_error, sum.text(), sum.structured::<i64>().expect("a number")), (false, "5".to_owned(), 5));
        let failed = client.call_tool("fail", &()).await.expect("an answer");
        assert_eq!((failed.is_error, failed.text()), (true, "this never works".to_owned()));
    })
    .await;
}

#[tokio::test]
async fn errors_are_the_same_everywhere() {
    everywhere(Client::builder, async |client, _| {
        let error = client.call_tool("nothing", &()).await.expect_err("there is no such tool");
        let Error::Protocol(error) = error else { panic!("{error:?}") };
        assert_eq!(error.code, -32602);
        let error = client.request("no/such/method", &()).await.expect_err("there is no such method");
        let Error::Protocol(error) = error else { panic!("{error:?}") };
        assert_eq!(error.code, -32601);
        let error = client.call_tool("add", &[1, 2]).await.expect_err("an array is no object");
        assert!(matches!(error, Error::Arguments(_)), "{error:?}");
        // The connection is still of use.
        client.list_tools().await.expect("a list");
    })
    .await;
}

async fn place(client: &Client) {
    // Not listed before: where headers are needed, the client finds out.
    let answer = client.call_tool("place", &json!({"region": " Zürich "})).await.expect("an answer");
    assert_eq!(answer.text(), " Zürich  0");
    let answer = client.call_tool("place", &json!({"region": "=?base64?eA==?=", "count": 3})).await.expect("an answer");
    assert_eq!(answer.text(), "=?base64?eA==?= 3");
}

#[tokio::test]
async fn arguments_are_repeated_in_headers_where_the_transport_wants_them() {
    everywhere(Client::builder, async |client, way| {
        if client.revision().is_modern() || way != Way::Streamable {
            place(client).await;
        }
    })
    .await;
}

#[tokio::test]
async fn arguments_are_not_repeated_in_headers_in_a_session() {
    let client = connect(Way::Streamable, Client::builder().era(Era::Legacy)).await.expect("a connection");
    place(&client).await;
}

#[tokio::test]
async fn resources_are_listed_and_read() {
    everywhere(Client::builder, async |client, _| {
        let resources = client.list_resources().await.expect("a list");
        assert_eq!(names(&resources, |resource| &resource.uri), ["about://terms"]);
        let templates = client.list_resource_templates().await.expect("a list");
        assert_eq!(names(&templates, |template| &template.uri_template), ["book://pages/{page}"]);
        let terms = client.read_resource("about://terms").await.expect("contents");
        assert_eq!((terms[0].text.as_deref(), terms[0].mime_type.as_deref()), (Some("Be kind."), Some("text/plain")));
        let page = client.read_resource("book://pages/258").await.expect("contents");
        assert_eq!(page[0].bytes().expect("valid Base64"), [0, 0, 1, 2]);
        let error = client.read_resource("about://nothing").await.expect_err("there is no such resource");
        assert_eq!(error.server_error().map(|error| error.code), Some(client.revision().resource_not_found_code().into()));
    })
    .await;
}

#[tokio::test]
async fn prompts_are_listed_got_and_completed() {
    everywhere(Client::builder, async |client, _| {
        let prompts = client.list_prompts().await.expect("a list");
        assert_eq!(names(&prompts, |prompt| &prompt.name), ["review"]);
        assert_eq!(prompts[0].arguments.iter().map(|argument| argument.required).collect::<Vec<_>>(), [true, false]);
        let prompt = client.get_prompt("review", &json!({"code": "x"})).await.expect("a prompt");
        assert!(matches!(&prompt.messages[0].content, Content::Text { text, .. } if text == "x "));
        let found = client.complete(&Reference::prompt("review"), "focus", "s").await.expect("suggestions");
        assert_eq!(found.values, ["speed", "style"]);
        let found = client.complete(&Reference::prompt("review"), "focus", "z").given("code", "c").await.expect("suggestions");
        assert_eq!(found.values, ["c"]);
    })
    .await;
}

#[tokio::test]
async fn sessions_can_be_pinged() {
    everywhere(Client::builder, async |client, _| match client.ping().await {
        Ok(()) => assert!(!client.revision().is_modern()),
        Err(error) => assert!(client.revision().is_modern() && matches!(error, Error::Unsupported(_)), "{error:?}"),
    })
    .await;
}

#[tokio::test]
async fn lists_are_read_to_their_last_page() {
    for (way, revision) in ways() {
        let client = connect_to_small_pages(way, Client::builder().era(Era::Exactly(revision))).await.expect("a connection");
        assert!(client.list_tools().await.expect("a list").len() > 10, "{way:?} in {revision}");
        let client = connect_to_small_pages(way, Client::builder().era(Era::Exactly(revision)).limits(|limits| limits.pages = 3)).await;
        let error = client.expect("a connection").list_tools().await.expect_err("there are more than 3 pages");
        assert!(matches!(error, Error::Unsupported(_)), "{error:?}");
        let client = connect_to_small_pages(way, Client::builder().era(Era::Exactly(revision)).limits(|limits| limits.list_bytes = 2_000));
        let error = client.await.expect("a connection").list_tools().await.expect_err("there are more than 2,000 bytes");
        assert!(error.to_string().contains("more than 2000 bytes"), "{error:?}");
    }
}

#[tokio::test]
async fn the_newest_common_revision_is_found() {
    for (way, era, revision) in [
        (Way::Pipe, Era::Auto, Revision::V2026_07_28),
        (Way::Pipe, Era::Modern, Revision::V2026_07_28),
        (Way::Pipe, Era::Legacy, Revision::V2025_11_25),
        (Way::Streamable, Era::Auto, Revision::V2026_07_28),
        (Way::Streamable, Era::Legacy, Revision::V2025_11_25),
        // Found by falling back twice: neither a stateless request nor `initialize` can be posted there.
        (Way::HttpSse, Era::Auto, Revision::V2025_11_25),
        (Way::HttpSse, Era::Legacy, Revision::V2025_11_25),
    ] {
        let client = connect(way, Client::builder().era(era)).await.expect("a connection");
        assert_eq!(client.revision(), revision, "{way:?} {era:?}");
        client.call_tool("add", &json!({"a": 1, "b": 1})).await.expect("an answer");
    }
    let error = connect(Way::HttpSse, Client::builder().era(Era::Modern)).await.expect_err("HTTP+SSE has sessions");
    assert!(matches!(error, Error::Unsupported(_)), "{error:?}");
}

#[tokio::test]
async fn calls_run_at_once() {
    everywhere(Client::builder, async |client, _| {
        let calls: Vec<_> = (0..20)
            .map(|number| {
                let client = client.clone();
                tokio::spawn(async move { client.call_tool("add", &json!({"a": number, "b": number})).await })
            })
            .collect();
        for (number, call) in calls.into_iter().enumerate() {
            let sum = call.await.expect("no panic").expect("an answer");
            assert_eq!(sum.text(), (2 * number).to_string());
        }
    })
    .await;
}
