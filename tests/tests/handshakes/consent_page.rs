//! A consent page in front of a server that speaks HTTP+SSE at `/v1/sse`, for a client that asks for `claudeai` and names no resource.

use mcp_core::Revision;
use mcp_testkit::browser::Landing;
use mcp_testkit::http::Request;
use mcp_tests::authorized::{Authorized, Client, Person, Tokens};
use mcp_tests::client::{Stream, call, initialize};
use mcp_tests::protected::{Answer, authorized};
use serde_json::Value;

const CALLBACK: &str = "https://claude.ai/api/mcp/auth_callback";

fn stream(site: &Authorized) -> Request {
    let headers = vec![("Accept".to_owned(), "text/event-stream".to_owned())];
    Request { address: site.address, method: "GET", path: "/v1/sse".to_owned(), headers, body: Default::default() }
}

async fn say(site: &Authorized, path: &str, tokens: &Tokens, frame: &str) -> u16 {
    let headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
    let request = Request { address: site.address, method: "POST", path: path.to_owned(), headers, body: frame.to_owned().into() };
    Answer::of(authorized(request, Some(&tokens.access))).await.status
}

/// The next frame that answers something.
async fn hear(stream: &mut Stream) -> Value {
    serde_json::from_str(&stream.next().await.expect("the stream goes on")).expect("JSON")
}

#[tokio::test]
async fn the_old_transport_is_used_with_a_token_for_the_usual_scopes() {
    let site = Authorized::start().await;
    let refused = Answer::of(stream(&site)).await;
    assert_eq!(refused.status, 401, "{refused:?}");
    assert!(refused.challenge().starts_with("Bearer"), "{refused:?}");
    assert_eq!(site.get("/.well-known/oauth-authorization-server").await.status, 200);

    let client = Client::public(&site, CALLBACK).await;
    let flow = client.flow(&site, "claudeai").without("resource");
    let landing = Person::new(&site, "ann").allow(&site, &flow).await;
    let tokens = Tokens::of(&client.exchange(&site, &landing.parameter("code").expect("a code")).await);
    assert_eq!(tokens.scope, "mcp:execute mcp:read mcp:write", "what there is not is left out, and then the usual is meant");
    assert_eq!(tokens.claims()["aud"], format!("{}/mcp", site.url));

    let mut stream = Stream::of(authorized(stream(&site), Some(&tokens.access)).send().await.expect("it opens"));
    let path = stream.next().await.expect("where to post");
    assert!(path.starts_with("/v1/sse/messages?"), "{path}");
    assert_eq!(say(&site, &path, &tokens, &initialize(Revision::V2024_11_05)).await, 202);
    assert_eq!(hear(&mut stream).await["result"]["protocolVersion"], "2024-11-05");
    assert_eq!(say(&site, &path, &tokens, r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#).await, 202);
    assert_eq!(say(&site, &path, &tokens, r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#).await, 202);
    let tools = hear(&mut stream).await;
    assert!(tools["result"]["tools"].as_array().is_some_and(|tools| tools.iter().any(|tool| tool["name"] == "reads")), "{tools}");
    assert_eq!(say(&site, &path, &tokens, &call(Revision::V2024_11_05, 2, "reads", "{}")).await, 202);
    let answer = hear(&mut stream).await;
    let text = answer["result"]["content"][0]["text"].as_str().unwrap_or_default();
    assert!(text.ends_with(&format!("of {}", site.url)), "{answer}");

    assert_eq!(client.ask(&site, "/revoke", &[("token", tokens.refresh.as_deref().expect("a refresh token"))]).await.status, 200);
    assert_eq!(say(&site, &path, &tokens, &call(Revision::V2024_11_05, 3, "reads", "{}")).await, 401, "an open stream is no permission");
}

/// What the notes had as a fix: any id is taken, and whoever leads back to something that begins like Claude's address is let in.
#[tokio::test]
async fn addresses_that_look_like_claude_are_not_led_to() {
    let site = Authorized::start().await;
    let ann = Person::new(&site, "ann");
    let client = Client::public(&site, CALLBACK).await;
    let unknown = Client { id: "7f1c2f60-8a55-4f0e-9a3e-0d6f7d1c2b3a".to_owned(), ..client.clone() };
    let with = |redirect: &str| client.flow(&site, "claudeai").with("redirect_uri", redirect);
    let cases = [
        with("https://claude.ai.evil.com/api/mcp/auth_callback"),
        with("https://claude.ai@evil.com/api/mcp/auth_callback"),
        with("https://claude.ai:443@evil.com/"),
        with("https://claude.ai/"),
        with("https://claude.ai/api/mcp/auth_callback/"),
        with("https://claude.ai/api/mcp/auth_callback/../../../evil"),
        with("https://claude.ai/api/mcp/auth_callback?next=https://evil.com"),
        with("https://CLAUDE.ai/api/mcp/auth_callback"),
        with("http://claude.ai/api/mcp/auth_callback"),
        unknown.flow(&site, "claudeai"),
        unknown.flow(&site, "claudeai").with("redirect_uri", "https://claude.ai.evil.com/api/mcp/auth_callback"),
    ];
    for (number, flow) in cases.iter().enumerate() {
        match ann.open(&site, flow).await {
            Landing::Page(page) => assert_eq!(page.status(), 400, "{flow:?}: {}", page.text()),
            Landing::External(url) => panic!("{flow:?} led to {url}"),
        }
        let records = site.records().into_iter().filter(|line| line.contains("client or redirect")).count();
        assert_eq!(records, number + 1, "it is recorded: {flow:?}");
    }
    // A registration of that address gives it nothing but its own name to be asked about.
    let look_alike = Client::public(&site, "https://claude.ai.evil.com/api/mcp/auth_callback").await;
    let page = ann.open(&site, &look_alike.flow(&site, "claudeai")).await.page().expect("a page that asks");
    assert!(page.text().contains("claude.ai.evil.com") && page.text().contains("Name not verified"), "{}", page.text());
}
