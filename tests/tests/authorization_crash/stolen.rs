//! Stealing the file.

use std::collections::BTreeSet;
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use crate::server::Killable;
use crate::visitor::{Visitor, sent};

/// Every value in a file as text: as it is, in base64 and in hexadecimal, and what the tokens of this server would be with it.
fn values(file: &Path) -> BTreeSet<String> {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("the file opens");
    let mut names = connection.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").expect("it is SQLite");
    let tables: Vec<String> = names.query_map([], |row| row.get(0)).expect("tables").collect::<Result<_, _>>().expect("names");
    let mut found = BTreeSet::new();
    for table in tables {
        let mut all = connection.prepare(&format!("SELECT * FROM {table}")).expect("a table");
        let columns = all.column_count();
        let mut rows = all.query([]).expect("rows");
        while let Some(row) = rows.next().expect("a row") {
            for column in 0..columns {
                match row.get_ref(column).expect("a value") {
                    ValueRef::Text(text) => found.insert(String::from_utf8_lossy(text).into_owned()),
                    ValueRef::Blob(bytes) => {
                        found.insert(bytes.iter().map(|byte| format!("{byte:02x}")).collect());
                        found.insert(String::from_utf8_lossy(bytes).into_owned());
                        found.insert(URL_SAFE_NO_PAD.encode(bytes))
                    }
                    ValueRef::Integer(number) => found.insert(number.to_string()),
                    _ => false,
                };
            }
        }
    }
    let made: Vec<String> = found
        .iter()
        .filter(|value| value.len() < 100)
        .flat_map(|value| {
            let prefixed = ["mac_", "mss_", "mcs_", "mcr_", "mlk_"].map(|prefix| format!("{prefix}{value}"));
            prefixed.into_iter().chain((0..3).map(move |generation| format!("mrt1.{value}.{generation}.{value}")))
        })
        .collect();
    found.extend(made);
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_without_the_key_makes_nothing_that_is_taken() {
    let directory = tempfile::tempdir().expect("a directory can be made");
    let file = directory.path().join("store.db");
    let server = Killable::start(&file).await;
    let visitor = Visitor::new(&server).await;
    let waiting = visitor.code(&server).await;
    let code = visitor.code(&server).await;
    let given = visitor.exchange(&server, &code).await.expect("it lives").expect("tokens");
    let registration = r#"{"client_name":"Service","redirect_uris":["https://service.example/callback"]}"#;
    let (_, service) = sent(&server, "POST", "/register", "application/json", registration.to_owned()).await.expect("it lives");
    let service: serde_json::Value = serde_json::from_str(&service).expect("JSON");
    let text = |name: &str| service[name].as_str().expect("a text").to_owned();
    let session = visitor.browser.cookie("mcp_session").expect("a session").value;
    let values = values(&file);
    assert!(values.len() > 50, "{}", values.len());
    // None of the secrets is there, in any form.
    let canary = mcp_testkit::Canary::new();
    let secrets = [&waiting, &code, &given.access, &given.refresh, &session, &text("client_secret"), &text("registration_access_token")];
    for (at, secret) in secrets.into_iter().enumerate() {
        // What names the grant in a refresh token is no secret; its tag is.
        canary.register(&format!("secret {at}"), secret.rsplit('.').next().expect("a part"));
    }
    values.iter().for_each(|value| canary.wrote("file", value));
    canary.assert_clean();
    // Nor is anything that is there good for anything.
    let form = "application/x-www-form-urlencoded";
    for value in values.iter().filter(|value| value.len() < 4_000) {
        assert!(visitor.exchange(&server, value).await.expect("it lives").is_err(), "a code: {value}");
        assert!(visitor.renew(&server, value).await.expect("it lives").is_err(), "a refresh token: {value}");
        let pairs = [("grant_type", "refresh_token"), ("refresh_token", "x"), ("client_id", &text("client_id")), ("client_secret", value)];
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let (status, _) = sent(&server, "POST", "/token", form, body).await.expect("it lives");
        assert!(matches!(status, 401 | 429), "a client secret: {value}");
        if value.bytes().all(|byte| byte.is_ascii_graphic() && byte != b';') && !value.is_empty() {
            assert!(!visitor.is_let_in(&server, value).await, "an access token: {value}");
            let thief = mcp_testkit::browser::Browser::new();
            thief.set_cookie(&server.url(), &format!("mcp_session={value}; Path=/")).expect("a URL");
            let agents = thief.visit(&format!("{}/agents", server.url())).await.expect("an answer").page().expect("a page");
            assert!(!agents.title().starts_with("Connected apps"), "a session: {value}");
        }
    }
    // And none of it ended anything of Ann's.
    assert!(visitor.is_let_in(&server, &given.access).await);
    visitor.renew(&server, &given.refresh).await.expect("it lives").expect("it is not used up");
}
