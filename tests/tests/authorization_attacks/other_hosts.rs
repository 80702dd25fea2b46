//! Attacks with the names of other hosts.

use mcp_tests::authorized::HOSTED_CALLBACK;

use crate::bench::{assert_error, assert_recorded, assert_unwritten, cast, code};

#[tokio::test]
async fn attack_authorize_no_header_says_where_the_server_is() {
    let (site, client, ann) = cast().await;
    let port = site.address.port();
    let localhost = format!("localhost:{port}");
    let spoofed = [
        ("Host", localhost.as_str()),
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Port", "444"),
        ("X-Forwarded-Prefix", "/evil"),
        ("X-Original-URL", "/evil"),
        ("Forwarded", "host=evil.example;proto=https"),
    ];
    let honest = site.get("/.well-known/oauth-authorization-server").await.body;
    for path in ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"] {
        assert_eq!(site.send("GET", path, &spoofed, "").await.body, honest, "{path}");
    }
    let answer = site.send("GET", &client.flow(&site, "mcp:read").path(), &spoofed, "").await;
    let location = answer.header("location").expect("a redirect");
    assert!(location.starts_with(&format!("{}/continue?", site.url)), "{answer:?}");
    let code = code(&site, &client, &ann, "mcp:read").await;
    assert_recorded(&site, "oauth/authorize", "succeeded");
    assert_unwritten(&site, &[&code]);
}

#[tokio::test]
async fn attack_authorize_a_name_that_was_bound_to_this_machine_is_not_answered() {
    let (site, client, ann) = cast().await;
    let code = code(&site, &client, &ann, "mcp:read").await;
    let host = format!("attacker.example:{}", site.address.port());
    let form = "application/x-www-form-urlencoded";
    let authorize = client.flow(&site, "mcp:read").path();
    for (method, path, kind, body) in [
        ("GET", authorize.as_str(), form, ""),
        ("POST", "/token", form, "grant_type=refresh_token"),
        ("POST", "/register", "application/json", r#"{"redirect_uris":["https://attacker.example/"]}"#),
        ("POST", "/revoke", form, "token=x"),
        ("POST", "/consent", form, "decision=allow"),
        ("GET", "/agents", form, ""),
        ("GET", "/login/email/link?t=x", form, ""),
        ("POST", "/mcp", "application/json", "{}"),
    ] {
        let answer = site.send(method, path, &[("Host", &host), ("Content-Type", kind)], body).await;
        assert!(matches!(answer.status, 403 | 421), "{method} {path}: {answer:?}");
        assert_eq!((answer.header("location"), answer.header("set-cookie")), (None, None), "{method} {path}: {answer:?}");
    }
    // A page of another site may not use what is for the pages of this one.
    let answer = site.send("POST", "/consent", &[("Origin", "https://attacker.example"), ("Content-Type", form)], "decision=allow").await;
    assert!(matches!(answer.status, 400 | 403), "{answer:?}");
    // Nothing of it used the code up.
    assert_eq!(client.exchange(&site, &code).await.status, 200);
    assert_error(
        &site.post("/token", &[("grant_type", "authorization_code"), ("client_id", &client.id), ("code", HOSTED_CALLBACK)]).await,
        400,
        "invalid_grant",
    );
    assert_recorded(&site, "oauth/token", "unknown code");
    assert_unwritten(&site, &[&code]);
}
