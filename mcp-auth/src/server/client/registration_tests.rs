//! What clients send when they register, and what attackers send.

use super::super::testing::{Case, ISSUER, NOW, PEER, text};
use super::*;
use crate::jwt::testing::Signer;

const CURSOR: &str = r#"{
    "client_name": "Cursor",
    "redirect_uris": ["cursor://anysphere.cursor-mcp/oauth/callback", "https://www.cursor.com/agents/mcp/oauth/callback", "http://localhost:8787/callback"],
    "grant_types": ["authorization_code", "refresh_token"],
    "response_types": ["code"],
    "token_endpoint_auth_method": "none"
}"#;
const CLAUDE: &str = r#"{
    "client_name": "Claude",
    "redirect_uris": ["https://claude.ai/api/mcp/auth_callback"],
    "grant_types": ["authorization_code", "refresh_token"],
    "response_types": ["code"],
    "token_endpoint_auth_method": "client_secret_post",
    "scope": "claudeai"
}"#;
const CLAUDE_CODE: &str = r#"{
    "client_name": "Claude Code (mcp)",
    "redirect_uris": ["http://localhost:54321/callback"],
    "grant_types": ["authorization_code", "refresh_token"],
    "response_types": ["code"],
    "token_endpoint_auth_method": "none"
}"#;
const VS_CODE: &str = r#"{
    "client_name": "Visual Studio Code",
    "client_uri": "https://code.visualstudio.com",
    "grant_types": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
    "response_types": ["code"],
    "redirect_uris": ["https://insiders.vscode.dev/redirect", "https://vscode.dev/redirect", "http://127.0.0.1/", "http://127.0.0.1:33418/"],
    "token_endpoint_auth_method": "none",
    "application_type": "native"
}"#;
const CHATGPT: &str = r#"{
    "client_name": "ChatGPT",
    "redirect_uris": ["https://chatgpt.com/connector_platform_oauth_redirect"],
    "grant_types": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:jwt-bearer"],
    "response_types": ["code"],
    "token_endpoint_auth_method": "tls_client_auth",
    "token_endpoint_auth_methods_supported": ["tls_client_auth", "none"]
}"#;
const MCP_REMOTE: &str = r#"{
    "client_name": "MCP CLI Proxy",
    "client_uri": "https://github.com/modelcontextprotocol/mcp-cli",
    "redirect_uris": ["http://localhost:3334/oauth/callback"],
    "grant_types": ["authorization_code", "refresh_token"],
    "response_types": ["code"],
    "token_endpoint_auth_method": "none",
    "software_id": "2e6dc280-f3c3-4e01-99a7-8181dbd1d23d",
    "software_version": "0.1.0"
}"#;
const INSPECTOR: &str = r#"{
    "client_name": "MCP Inspector",
    "client_uri": "https://github.com/modelcontextprotocol/inspector",
    "redirect_uris": ["http://localhost:6274/oauth/callback", "http://localhost:6274/oauth/callback/debug"],
    "grant_types": ["authorization_code", "refresh_token"],
    "response_types": ["code"],
    "token_endpoint_auth_method": "none",
    "scope": ""
}"#;

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn minimal() -> Value {
    json!({ "redirect_uris": ["https://app.example/cb"] })
}

fn with(name: &str, value: Value) -> Value {
    let mut body = minimal();
    body[name] = value;
    body
}

#[tokio::test]
async fn what_known_clients_send_registers_them() {
    let case = Case::new();
    for (body, method) in [
        (CURSOR, "none"),
        (CLAUDE, "client_secret_post"),
        (CLAUDE_CODE, "none"),
        (VS_CODE, "none"),
        (CHATGPT, "none"),
        (MCP_REMOTE, "none"),
        (INSPECTOR, "none"),
    ] {
        let body = json_of(body);
        let answer = case.register(&body).await;
        for name in ["client_name", "redirect_uris"] {
            assert_eq!(answer[name], body[name], "{answer}");
        }
        assert_eq!(answer["token_endpoint_auth_method"], method, "{answer}");
        assert_eq!(answer["grant_types"], json!(["authorization_code", "refresh_token"]));
        assert_eq!((&answer["response_types"], &answer["client_id_issued_at"]), (&json!(["code"]), &json!(NOW)));
        let confidential = method != "none";
        for name in ["client_secret", "client_secret_expires_at", "registration_access_token", "registration_client_uri"] {
            assert_eq!(answer.get(name).is_some(), confidential, "{name} {answer}");
        }
        let found = case.clients.find(text(&answer, "client_id")).await.expect("an answer").expect("a client");
        assert_eq!((found.source, found.is_confidential()), (ClientSource::Registration, confidential));
    }
    assert_eq!((case.rows().await, case.web.asked()), (7, 0));
}

#[tokio::test]
async fn a_client_that_states_no_method_gets_a_secret_that_never_expires() {
    let case = Case::new();
    let answer = case.register(&minimal()).await;
    assert_eq!((&answer["token_endpoint_auth_method"], &answer["client_secret_expires_at"]), (&json!("client_secret_basic"), &json!(0)));
    assert_eq!(answer["client_name"], "app.example");
    let id = text(&answer, "client_id");
    assert_eq!(text(&answer, "registration_client_uri"), format!("{ISSUER}/register/{id}"));
    let client = case.clients.find(id).await.expect("an answer").expect("a client");
    assert_eq!(client.auth_methods, [AuthMethod::SecretBasic, AuthMethod::SecretPost]);
    let kept = serde_json::to_string(&client).expect("JSON");
    for secret in ["client_secret", "registration_access_token"] {
        assert!(!kept.contains(text(&answer, secret)));
    }
    assert_ne!(case.register(&minimal()).await["client_id"], answer["client_id"]);
    let program = case.register(&json!({ "redirect_uris": ["myapp://host/cb"] })).await;
    assert_eq!((&program["token_endpoint_auth_method"], program.get("client_secret")), (&json!("none"), None));
}

#[tokio::test]
async fn capabilities_that_are_not_offered_are_left_out() {
    let case = Case::new();
    for (asked, got) in [
        (json!(["authorization_code"]), json!(["authorization_code"])),
        (json!(["authorization_code", "client_credentials", "password"]), json!(["authorization_code"])),
        (json!(["refresh_token", "implicit", "authorization_code"]), json!(["authorization_code", "refresh_token"])),
    ] {
        assert_eq!(case.register(&with("grant_types", asked)).await["grant_types"], got);
    }
    let answer = case
        .register(&json!({
            "redirect_uris": ["https://app.example/cb"], "scope": "admin", "software_statement": "e30.e30.", "client_id": "mine",
            "client_secret": "mine", "logo_uri": "http://169.254.169.254/", "sector_identifier_uri": "http://10.0.0.1/",
            "request_uris": ["file:///etc/passwd"], "client_uri": "javascript:alert(1)", "client_name": "Cl\u{202e}\u{200b}aude\n",
            "jwks_uri": null, "response_types": ["code", "token"],
        }))
        .await;
    for name in ["scope", "software_statement", "logo_uri", "sector_identifier_uri", "request_uris", "client_uri"] {
        assert_eq!(answer.get(name), None, "{name}");
    }
    assert_eq!(answer["client_name"], "Claude");
    assert!(answer["client_id"] != "mine" && answer["client_secret"] != "mine");
    assert_eq!(case.web.asked(), 0);
}

#[tokio::test]
async fn keys_are_public_and_are_not_fetched() {
    let case = Case::new();
    let signer = Signer::es256();
    let by_key = |name: &str, value: Value| {
        let mut body = with("token_endpoint_auth_method", json!("private_key_jwt"));
        body[name] = value;
        body
    };
    let keys = json!({ "keys": [signer.jwk("a")] });
    let answer = case.register(&by_key("jwks", keys.clone())).await;
    assert_eq!((&answer["jwks"], answer.get("client_secret")), (&keys, None));
    assert!(answer.get("registration_access_token").is_some());
    let answer = case.register(&by_key("jwks_uri", json!("https://app.example/jwks"))).await;
    assert_eq!(answer["jwks_uri"], "https://app.example/jwks");

    let mut private = signer.jwk("a");
    private["d"] = json!("AAAA");
    for body in [
        by_key("jwks", json!({ "keys": [private] })),
        by_key("jwks", json!({ "keys": [signer.jwk("a"), { "kty": "oct", "k": "AAAA" }] })),
        by_key("jwks", json!({ "keys": [] })),
        by_key("jwks", json!([])),
        by_key("jwks_uri", json!("http://app.example/jwks")),
        by_key("jwks_uri", json!("https://169.254.169.254/jwks")),
        by_key("jwks_uri", json!("https://[::1]/jwks")),
        by_key("jwks_uri", json!("https://user@app.example/jwks")),
        by_key("jwks_uri", json!(7)),
        by_key("token_endpoint_auth_signing_alg", json!("ES256")),
    ] {
        assert_eq!(case.refused(&body).await, "invalid_client_metadata", "{body}");
    }
    for alg in ["HS256", "none", "es256", ""] {
        let mut body = by_key("jwks", keys.clone());
        body["token_endpoint_auth_signing_alg"] = json!(alg);
        assert_eq!(case.refused(&body).await, "invalid_client_metadata", "{alg}");
    }
    assert_eq!(case.web.asked(), 0);
}

#[tokio::test]
async fn one_bad_redirect_uri_refuses_all() {
    let case = Case::new();
    let uris = |list: &[&str]| with("redirect_uris", json!(list));
    let public = |list: &[&str]| json!({ "redirect_uris": list, "token_endpoint_auth_method": "none" });
    let eleven: Vec<String> = (0..11).map(|number| format!("https://app.example/{number}")).collect();
    for body in [
        public(&["https://app.example/cb", "JavaScript:alert(1)"]),
        public(&["https://app.example/cb", "java\tscript:alert(1)"]),
        public(&["cursor://anysphere.cursor-mcp/oauth/callback", "data:text/html,x"]),
        public(&["http://app.example/cb"]),
        public(&["https://app.example/cb#x"]),
        public(&[]),
        uris(&["https://app.example/cb", "http://localhost.evil.example/cb"]),
        json!({ "redirect_uris": ["myapp://host/cb"], "token_endpoint_auth_method": "client_secret_basic" }),
        json!({ "redirect_uris": eleven }),
        json!({ "redirect_uris": "https://app.example/cb" }),
        json!({ "redirect_uris": [7] }),
        json!({}),
    ] {
        assert_eq!(case.refused(&body).await, "invalid_redirect_uri", "{body}");
    }
    assert_eq!(case.rows().await, 0);
    case.register(&json!({ "redirect_uris": eleven[..10] })).await;
}

#[tokio::test]
async fn what_nothing_is_left_of_is_refused() {
    let case = Case::new();
    for body in [
        with("grant_types", json!(["client_credentials"])),
        with("grant_types", json!([])),
        with("grant_types", json!("authorization_code")),
        with("response_types", json!(["token"])),
        with("token_endpoint_auth_method", json!("client_secret_jwt")),
        with("token_endpoint_auth_method", json!("private_key_jwt")),
        with("token_endpoint_auth_method", json!(1)),
        json!([]),
        json!("x"),
    ] {
        assert_eq!(case.refused(&body).await, "invalid_client_metadata", "{body}");
    }
    for body in [&b""[..], b"{", br#"{"redirect_uris":["https://a.example/"],"redirect_uris":["https://b.example/"]}"#, b"\xff"] {
        assert_eq!(case.clients.register(body, PEER).await.expect_err("it is refused").code, "invalid_client_metadata");
    }
    let large = with("client_name", json!("x".repeat(MAX_BODY)));
    let error = case.clients.register(large.to_string().as_bytes(), PEER).await.expect_err("it is refused");
    assert_eq!((error.code, error.status), ("invalid_client_metadata", StatusCode::PAYLOAD_TOO_LARGE));
    assert_eq!(case.rows().await, 0);
}

#[tokio::test]
async fn clients_that_say_the_same_without_a_secret_are_one() {
    let case = Case::with(|settings| settings.registrations_per_address = 3);
    let mut body = json_of(CURSOR);
    let first = case.register(&body).await;
    for number in 0..10_000 {
        body["redirect_uris"][2] = json!(format!("http://localhost:{}/callback", 1_024 + number));
        let again = case.register(&body).await;
        assert_eq!((&again["client_id"], &again["redirect_uris"]), (&first["client_id"], &body["redirect_uris"]));
    }
    assert_eq!(case.rows().await, 1);
    body["redirect_uris"].as_array_mut().expect("a list").reverse();
    assert_eq!(case.register(&body).await["client_id"], first["client_id"]);
    for (name, value) in [("client_name", json!("Cursors")), ("grant_types", json!(["authorization_code"]))] {
        let mut other = body.clone();
        other[name] = value;
        assert_ne!(case.register(&other).await["client_id"], first["client_id"], "{name}");
    }
    assert_eq!(case.rows().await, 3);
}

#[tokio::test]
async fn many_at_once_register_one_client() {
    let case = Case::new();
    let body = json_of(CURSOR);
    let answers = tokio::join!(case.register(&body), case.register(&body), case.register(&body));
    assert!(answers.0["client_id"] == answers.1["client_id"] && answers.1["client_id"] == answers.2["client_id"]);
    assert_eq!(case.rows().await, 1);
}

#[tokio::test]
async fn an_address_registers_so_many_and_there_is_room_for_so_many() {
    let case = Case::with(|settings| (settings.registrations_per_address, settings.max_rows) = (3, 5));
    let register = async |peer: &str| {
        let peer = Some(peer.parse().expect("an address"));
        case.clients.register(minimal().to_string().as_bytes(), peer).await.map_err(|error| error.status.as_u16()).map(drop)
    };
    for _ in 0..3 {
        assert_eq!(register("2001:db8::1").await, Ok(()));
    }
    assert_eq!(register("2001:db8::2").await, Err(429));
    case.pass(3_600);
    assert_eq!(register("2001:db8::2").await, Ok(()));
    assert_eq!(register("192.0.2.9").await, Ok(()));
    assert_eq!(register("192.0.2.9").await, Err(503));
    case.pass(24 * 3_600);
    assert_eq!(register("192.0.2.9").await, Ok(()));
}

#[tokio::test]
async fn clients_are_forgotten_after_a_day_without_use_and_90_days_after_it() {
    const DAY: u64 = 24 * 3_600;
    let case = Case::new();
    let [unused, used, again] = [CLAUDE_CODE, CURSOR, MCP_REMOTE].map(json_of);
    let id = async |body: &Value| text(&case.register(body).await, "client_id").to_owned();
    let (unused, used, again_id) = (id(&unused).await, id(&used).await, id(&again).await);
    let find = async |id: &str| case.clients.find(id).await.expect("an answer");
    case.pass(DAY / 2);
    case.clients.touch(&find(&used).await.expect("a client")).await.expect("it is noted");
    id(&again).await;
    case.pass(DAY / 2);
    assert_eq!((find(&unused).await, find(&used).await.is_some(), find(&again_id).await.is_some()), (None, true, true));
    case.pass(88 * DAY);
    let client = find(&used).await.expect("a client");
    case.clients.touch(&client).await.expect("it is noted");
    let version = async || case.clients.kept(&used).await.expect("an answer").expect("a client").version;
    let written = version().await;
    for _ in 0..10 {
        case.clients.touch(&client).await.expect("it is noted");
    }
    id(&json_of(CURSOR)).await;
    assert_eq!(version().await, written);
    case.pass(90 * DAY - 1);
    assert!(find(&used).await.is_some());
    case.pass(1);
    assert_eq!(find(&used).await, None);
}

#[tokio::test]
async fn registration_can_be_turned_off() {
    let case = Case::with(|settings| settings.registration = false);
    assert_eq!(case.refused(&minimal()).await, "access_denied");
}
