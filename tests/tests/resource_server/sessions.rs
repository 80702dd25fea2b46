//! Sessions and other handles are no credentials.

use bytes::Bytes;
use mcp_core::Revision;
use mcp_testkit::http::Request;
use mcp_tests::client::{call, initialize, post};
use mcp_tests::protected::{Answer, Issuer, Site, authorized};
use serde_json::{Value, json};

const PING: &str = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;

async fn open(site: &Site, revision: Revision, token: &str) -> String {
    let opened = Answer::of(authorized(post(site.address, revision, None, &initialize(revision)), Some(token))).await;
    opened.header("mcp-session-id").unwrap_or_else(|| panic!("no session: {opened:?}")).to_owned()
}

#[tokio::test]
async fn rs_18_every_request_of_a_session_is_checked() {
    let issuer = Issuer::default();
    let site = Site::start(issuer.verifier()).await;
    let ann = issuer.token(json!({}));
    let narrower = issuer.token(json!({"scope": ""}));
    let bob = issuer.token(json!({"sub": "bob"}));
    let other_client = issuer.token(json!({"client_id": "other"}));
    let expired = issuer.token(json!({"exp": 1_000_000_000}));
    for revision in [Revision::V2025_03_26, Revision::V2025_06_18, Revision::V2025_11_25] {
        let session = open(&site, revision, &ann).await;
        let send = |method: &'static str, token: Option<&str>, frame: &str| {
            let mut request = authorized(post(site.address, revision, Some(&session), frame), token);
            if method != "POST" {
                (request.method, request.body) = (method, Bytes::new());
            }
            Answer::of(request)
        };
        for (who, token, status) in [
            ("nobody", None, 401),
            ("an expired token", Some(&expired), 401),
            ("bob", Some(&bob), 404),
            ("ann by another client", Some(&other_client), 404),
            ("ann", Some(&ann), 200),
        ] {
            let token = token.map(String::as_str);
            assert_eq!(send("POST", token, PING).await.status, status, "{revision} {who}");
            if status != 200 {
                assert_eq!(send("GET", token, "").await.status, status, "{revision} {who} listens");
                assert_eq!(send("DELETE", token, "").await.status, status, "{revision} {who} ends it");
            }
        }
        // What the session's opener may do is decided anew by each token.
        assert_eq!(send("POST", Some(&ann), &call(revision, 2, "reads", "{}")).await.status, 200);
        assert_eq!(send("POST", Some(&narrower), &call(revision, 2, "reads", "{}")).await.status, 403);
    }
}

#[tokio::test]
async fn rs_18_a_stream_of_the_old_transport_is_its_openers() {
    let issuer = Issuer::default();
    let site = Site::start(issuer.verifier()).await;
    let (ann, bob) = (issuer.token(json!({})), issuer.token(json!({"sub": "bob"})));
    let get = Request { method: "GET", path: "/sse".to_owned(), ..site.request(Some(&ann), "{}") };
    let mut stream = get.send().await.expect("the server listens");
    let first = String::from_utf8(stream.piece().await.expect("a connection").expect("an event")).expect("text");
    let path = first.lines().find_map(|line| line.strip_prefix("data: ")).expect("an endpoint");
    for (token, status) in [(None, 401), (Some(&bob), 404), (Some(&ann), 202)] {
        let mut request = authorized(post(site.address, Revision::V2024_11_05, None, PING), token.map(String::as_str));
        request.path = path.to_owned();
        assert_eq!(Answer::of(request).await.status, status, "{token:?}");
    }
    // A refusal is an answer to the POST, not an event on the stream.
    for (frame, status) in [(initialize(Revision::V2024_11_05), 202), (call(Revision::V2024_11_05, 2, "executes", "{}"), 403)] {
        let mut request = authorized(post(site.address, Revision::V2024_11_05, None, &frame), Some(&ann));
        request.path = path.to_owned();
        let answer = Answer::of(request).await;
        assert_eq!((answer.status, answer.header("www-authenticate").is_some()), (status, status == 403), "{answer:?}");
    }
}

/// A request of 2026-07-28 by a client that takes questions and tasks.
fn modern(site: &Site, token: &str, method: &str, name: &str, params: &str) -> Request {
    let meta = concat!(
        r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":"#,
        r#"{"elicitation":{"form":{}},"extensions":{"io.modelcontextprotocol/tasks":{}}}}"#
    );
    let frame = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{{{params},{meta}}}}}"#);
    let mut request = site.request(Some(token), &frame);
    request.headers.retain(|(header, _)| header != "Mcp-Name");
    request.headers.push(("Mcp-Name".to_owned(), name.to_owned()));
    request
}

#[tokio::test]
async fn rs_19_a_state_to_come_back_with_is_its_callers() {
    let issuer = Issuer::default();
    let site = Site::start(issuer.verifier()).await;
    let ann = issuer.token(json!({}));
    let asked = Answer::of(modern(&site, &ann, "tools/call", "asks", r#""name":"asks","arguments":{}"#)).await.json();
    let state = asked["result"]["requestState"].as_str().unwrap_or_else(|| panic!("no question: {asked}"));
    let questions = asked["result"]["inputRequests"].as_object().expect("questions");
    let answers: Value = questions.keys().map(|key| (key.clone(), json!({"action": "accept", "content": {"sure": true}}))).collect();
    let again = format!(r#""name":"asks","arguments":{{}},"requestState":"{state}","inputResponses":{answers}"#);
    for (who, changes, taken) in [
        ("another subject", json!({"sub": "bob"}), false),
        ("another client", json!({"client_id": "other"}), false),
        ("the same with a newer token", json!({"jti": "2", "scope": ""}), true),
    ] {
        let answer = Answer::of(modern(&site, &issuer.token(changes), "tools/call", "asks", &again)).await.json();
        assert_eq!(answer.pointer("/result/content/0/text") == Some(&json!("accept")), taken, "{who}: {answer}");
        assert_eq!(answer.get("error").is_some(), !taken, "{who}: {answer}");
    }
}

#[tokio::test]
async fn rs_19_a_handle_is_its_callers() {
    let issuer = Issuer::default();
    let site = Site::start(issuer.verifier()).await;
    let ann = issuer.token(json!({}));
    let opened = site.call(Some(&ann), "opens").await.json();
    let handle = opened["result"]["content"][0]["text"].as_str().unwrap_or_else(|| panic!("no handle: {opened}")).to_owned();
    assert!(!handle.contains("apples"), "nobody reads it");
    let changed = format!("{}{}", &handle[..handle.len() - 1], if handle.ends_with('A') { 'B' } else { 'A' });
    let mut refusals = Vec::new();
    for (who, token, tool, handle, opens) in [
        ("the same caller", ann.clone(), "looks", &handle, true),
        ("the same by another client and token", issuer.token(json!({"client_id": "other", "jti": "2"})), "looks", &handle, true),
        ("another subject", issuer.token(json!({"sub": "bob"})), "looks", &handle, false),
        ("for something else", ann.clone(), "pays", &handle, false),
        ("changed", ann.clone(), "looks", &changed, false),
    ] {
        let frame = |id| call(Revision::LATEST, id, tool, &json!({"cart": handle}).to_string());
        let answer = Answer::of(site.request(Some(&token), &frame(1))).await;
        assert_eq!(site.over_stdio(&token, &frame(1)).await.expect("a good token"), answer.body, "{who}");
        let answer = answer.json();
        assert_eq!(answer.pointer("/result/content/0/text") == Some(&json!("7 apples")), opens, "{who}: {answer}");
        if !opens {
            assert_eq!(answer["result"]["isError"], true, "{who}: {answer}");
            refusals.push(answer["result"]["content"][0]["text"].to_string().replace("payment", "cart"));
        }
    }
    refusals.dedup();
    assert_eq!(refusals.len(), 1, "they do not tell why: {refusals:?}");
}

/// The records with an operation: why each was refused, or what came of it, and from where it was asked.
fn recorded(site: &Site, operation: &str) -> Vec<(String, String)> {
    let lines = site.records();
    let lines = lines.iter().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let of = lines.filter(|line| line["operation"] == operation);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    of.map(|line| (text(line.get("reason").unwrap_or(&line["verdict"])), text(&line["address"]))).collect()
}

#[tokio::test]
async fn rs_21_and_rs_18_what_is_refused_before_it_is_looked_at_is_recorded_too() {
    let issuer = Issuer::default();
    let site = Site::start(issuer.verifier()).await;
    let (ann, bob) = (issuer.token(json!({})), issuer.token(json!({"sub": "bob"})));
    let old = Revision::V2025_11_25;
    let opened = Answer::of(authorized(post(site.address, old, None, &initialize(old)), Some(&ann))).await;
    let session = opened.header("mcp-session-id").expect("a session").to_owned();
    assert_eq!(Answer::of(authorized(post(site.address, old, Some(&session), PING), Some(&bob))).await.status, 404);
    let local = "127.0.0.1".to_owned();
    assert_eq!(recorded(&site, "session"), [("unknown session".to_owned(), local.clone())]);
    for (header, value) in [("Host", "evil.example"), ("Origin", "https://evil.example")] {
        let mut request = site.request(Some(&ann), PING);
        request.headers.push((header.to_owned(), value.to_owned()));
        assert!([400, 403].contains(&Answer::of(request).await.status), "{header}");
    }
    assert_eq!(recorded(&site, "authenticate"), vec![("host or origin".to_owned(), local.clone()); 2]);
    assert_eq!(site.call(Some(&ann), "whoami").await.status, 200);
    assert_eq!(recorded(&site, "tools/call"), [("succeeded".to_owned(), local)]);
}

#[tokio::test]
async fn rs_19_a_task_is_its_callers() {
    let issuer = Issuer::default();
    let site = Site::start(issuer.verifier()).await;
    let (ann, bob) = (issuer.token(json!({})), issuer.token(json!({"sub": "bob"})));
    let started = Answer::of(modern(&site, &ann, "tools/call", "works", r#""name":"works","arguments":{}"#)).await.json();
    let task = started["result"]["taskId"].as_str().unwrap_or_else(|| panic!("no task: {started}")).to_owned();
    let params = format!(r#""taskId":"{task}""#);
    for method in ["tasks/get", "tasks/cancel"] {
        let refused = Answer::of(modern(&site, &bob, method, &task, &params)).await.json();
        let absent = Answer::of(modern(&site, &bob, method, "none", r#""taskId":"none""#)).await.json();
        assert_eq!(refused.to_string().replace(&task, "none"), absent.to_string(), "to others there is no such task");
        assert!(refused.get("error").is_some(), "{refused}");
    }
    let own = Answer::of(modern(&site, &ann, "tasks/get", &task, &params)).await.json();
    assert_eq!(own["result"]["taskId"], *task, "{own}");
    assert_ne!(own["result"]["status"], "cancelled", "{own}");
    let local = "127.0.0.1".to_owned();
    let of = |what: &str| (what.to_owned(), local.clone());
    assert_eq!(recorded(&site, "tasks/get"), [of("hidden"), of("hidden"), of("succeeded")]);
    assert_eq!(recorded(&site, "tasks/cancel"), [of("hidden"), of("hidden")]);
}
