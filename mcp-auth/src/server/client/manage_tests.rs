//! Reading, changing and removing a registration.

use super::super::testing::{Case, request, text};
use super::*;
use crate::server::db::{Owners, Row};

async fn manage(case: &Case, method: Method, id: &str, token: &str, body: &Value) -> (u16, Value) {
    let headers = if token.is_empty() { vec![] } else { vec![("authorization", format!("bearer {token}"))] };
    let answer = case.clients.manage(id, &request(method, &headers, body.to_string())).await;
    let challenged =
        answer.headers().get(WWW_AUTHENTICATE).is_some_and(|value| value.to_str().is_ok_and(|value| value.starts_with("Bearer")));
    assert_eq!(answer.status() == StatusCode::UNAUTHORIZED, challenged);
    (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap_or_default())
}

fn registration() -> Value {
    json!({ "redirect_uris": ["https://app.example/cb"], "client_name": "App" })
}

#[tokio::test]
async fn a_registration_is_read_with_its_token_only() {
    let case = Case::new();
    let (client, other) = (case.register(&registration()).await, case.register(&registration()).await);
    let public = case.register(&json!({ "redirect_uris": ["http://localhost/cb"], "token_endpoint_auth_method": "none" })).await;
    let (id, token) = (text(&client, "client_id"), text(&client, "registration_access_token"));
    let (status, read) = manage(&case, Method::GET, id, token, &Value::Null).await;
    assert_eq!((status, &read["client_name"], read.get("client_secret")), (200, &json!("App"), None));
    assert_eq!(read["registration_access_token"], token);
    for (id, token) in [
        (id, ""),
        (id, "wrong"),
        (id, text(&other, "registration_access_token")),
        (id, text(&client, "client_secret")),
        (text(&other, "client_id"), token),
        (text(&public, "client_id"), token),
        (text(&public, "client_id"), ""),
        ("unknown", token),
        ("", token),
    ] {
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            assert_eq!(manage(&case, method, id, token, &registration()).await.0, 401, "{id} {token}");
        }
    }
    assert_eq!(manage(&case, Method::PATCH, id, token, &Value::Null).await.0, 405);
}

#[tokio::test]
async fn a_change_is_checked_as_a_registration_is_and_gives_another_token() {
    let case = Case::new();
    let client = case.register(&registration()).await;
    let (id, token) = (text(&client, "client_id"), text(&client, "registration_access_token"));
    let change = |name: &str, value: Value| {
        let mut body = registration();
        body["client_id"] = json!(id);
        body[name] = value;
        body
    };
    for (body, code) in [
        (change("redirect_uris", json!(["javascript:alert(1)"])), "invalid_redirect_uri"),
        (change("client_id", json!("other")), "invalid_client_metadata"),
        (change("client_id", Value::Null), "invalid_client_metadata"),
        (change("client_secret", json!("chosen")), "invalid_client_metadata"),
        (change("token_endpoint_auth_method", json!("none")), "invalid_client_metadata"),
        (change("grant_types", json!(["client_credentials"])), "invalid_client_metadata"),
        (json!([]), "invalid_client_metadata"),
    ] {
        let (status, answer) = manage(&case, Method::PUT, id, token, &body).await;
        assert_eq!((status, text(&answer, "error")), (400, code), "{body}");
    }
    let mut body = change("redirect_uris", json!(["https://app.example/other"]));
    body["client_secret"] = client["client_secret"].clone();
    let (status, answer) = manage(&case, Method::PUT, id, token, &body).await;
    assert_eq!((status, &answer["redirect_uris"], answer.get("client_secret")), (200, &json!(["https://app.example/other"]), None));
    let changed = case.clients.find(id).await.expect("an answer").expect("a client");
    assert_eq!((changed.redirect_uris.len(), changed.redirect_uris[0].as_str()), (1, "https://app.example/other"));
    assert_eq!(changed.secret, Some(case.clients.db.secrets().id_of(text(&client, "client_secret"))));
    assert_eq!(manage(&case, Method::GET, id, token, &Value::Null).await.0, 401);
    assert_eq!(manage(&case, Method::GET, id, text(&answer, "registration_access_token"), &Value::Null).await.0, 200);
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Given;

impl Row for Given {
    const KIND: mcp_store::Kind = mcp_store::Kind::from_static("given");
}

#[tokio::test]
async fn removing_a_client_removes_what_was_given_to_it() {
    let case = Case::new();
    let (client, other) = (case.register(&registration()).await, case.register(&registration()).await);
    let db = &case.clients.db;
    for client in [&client, &other] {
        let id = text(client, "client_id");
        let owners = Owners { client: Some(id.to_owned()), ..Owners::default() };
        assert!(db.apply(vec![db.put(&format!("of {id}"), &Given, owners, When::Absent)]).await.expect("the store works"));
    }
    let (id, token) = (text(&client, "client_id"), text(&client, "registration_access_token"));
    assert_eq!(manage(&case, Method::DELETE, id, token, &Value::Null).await, (204, Value::Null));
    assert_eq!(manage(&case, Method::DELETE, id, token, &Value::Null).await.0, 401);
    assert_eq!(case.clients.find(id).await, Ok(None));
    assert!(db.get::<Given>(&format!("of {id}")).await.expect("the store works").is_none());
    assert!(db.get::<Given>(&format!("of {}", text(&other, "client_id"))).await.expect("the store works").is_some());
}

#[tokio::test]
async fn tokens_are_not_tried_for_ever() {
    let case = Case::with(|settings| settings.failures_per_client = 3);
    let client = case.register(&registration()).await;
    let (id, token) = (text(&client, "client_id"), text(&client, "registration_access_token"));
    for _ in 0..3 {
        assert_eq!(manage(&case, Method::GET, id, "wrong", &Value::Null).await.0, 401);
    }
    assert_eq!(manage(&case, Method::GET, id, token, &Value::Null).await.0, 429);
    case.pass(600);
    assert_eq!(manage(&case, Method::GET, id, token, &Value::Null).await.0, 200);
}
