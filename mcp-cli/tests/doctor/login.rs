//! Signing in for all later commands, and taking that back.

use std::sync::Arc;
use std::time::Duration;

use mcp_auth::server::ClientToAdd;
use mcp_tests::authorized::Authorized;
use mcp_tests::keyed::Keyed;
use mcp_tests::protected::Web;
use serde_json::{Value, json};

use crate::home::Home;
use crate::ours::Nowhere;
use crate::running::{Run, checks, names};

/// The server, its URL, and somebody who has no login yet.
async fn start() -> (Authorized, String, Home) {
    let site = Authorized::with(|builder| builder.fetcher(Arc::new(Nowhere))).await;
    let url = format!("{}/mcp", site.url);
    (site, url, Home::new())
}

/// Checks that nothing that was printed is a token.
#[track_caller]
fn assert_no_token(run: &Run) {
    for secret in ["eyJ", "mrt1."] {
        assert!(!run.out.contains(secret) && !run.err.contains(secret), "{run:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_is_used_by_every_command_until_it_is_taken_back() {
    let (site, url, home) = start().await;
    home.mcp(&["call", &url, "reads"]).await.is(4, &[], &["run `mcp login", "--bearer-env NAME"]);

    let run = home.sign_in(&site, &["login", &url, "--print-url", "--scope", "mcp:read"], true).await;
    run.is(0, &["issuer", &site.url, "client", "scopes", "mcp:read", "expires", "it is renewed by itself"], &["open this page"]);
    assert_no_token(&run);

    home.mcp(&["call", &url, "reads"]).await.is(0, &[], &[]);
    home.mcp(&["list", &url]).await.is(0, &["reads"], &[]);
    home.mcp(&["read", &url, "secret://notes"]).await.is(0, &["a note"], &[]);
    home.mcp(&["prompt", &url, "brief"]).await.is(0, &["Be brief."], &[]);
    let run = home.mcp(&["whoami", &url]).await;
    run.is(0, &["as the saved login says", "issuer", &site.url, "client", "mcp:read", "expires"], &[]);
    assert_no_token(&run);

    // An access token that has ended is renewed by itself.
    site.clock.advance(Duration::from_secs(2 * 3_600));
    home.mcp(&["call", &url, "reads"]).await.is(0, &[], &[]);

    home.mcp(&["logout", &url]).await.is(0, &[], &["is removed from this machine", "it was taken back at"]);
    assert!(site.recorded("oauth/revoke", "succeeded"), "{:#?}", site.records());
    home.mcp(&["call", &url, "reads"]).await.is(4, &[], &["run `mcp login"]);
    home.mcp(&["logout", &url]).await.is(0, &[], &["there is no login"]);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn logins_are_in_files_that_nobody_else_can_read() {
    use std::os::unix::fs::PermissionsExt as _;

    let (site, url, home) = start().await;
    home.sign_in(&site, &["login", &url, "--print-url"], true).await.is(0, &[], &[]);
    let files = home.files();
    assert_eq!(files.len(), 1, "{files:?}");
    let mode = |path: &std::path::Path| std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!((mode(&files[0]), mode(files[0].parent().expect("a folder"))), (0o600, 0o700));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_denied_keeps_the_login_there_was() {
    let (site, url, home) = start().await;
    let login = ["login", url.as_str(), "--print-url", "--scope", "mcp:read"];
    home.sign_in(&site, &login, false).await.is(4, &[], &["access_denied"]);
    home.mcp(&["call", &url, "reads"]).await.is(4, &[], &["run `mcp login"]);
    home.sign_in(&site, &login, true).await.is(0, &[], &[]);
    let more = ["login", url.as_str(), "--print-url", "--scope", "mcp:execute"];
    home.sign_in(&site, &more, false).await.is(4, &[], &["access_denied"]);
    home.mcp(&["call", &url, "reads"]).await.is(0, &[], &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_signs_in_as_itself() {
    let (site, url, home) = start().await;
    let scopes = Some(["mcp:read".to_owned()].into());
    let added = site.auth.add_client(ClientToAdd { name: "Nightly job".to_owned(), scopes, ..ClientToAdd::default() }).await;
    let client = added.expect("it is sound");
    let secret = client.secret.expect("it keeps one");
    let words = ["login", &url, "--client-id", &client.id, "--client-secret-env", "MCP_TEST_SECRET", "--client-credentials"];
    home.mcp(&words).await.is(2, &[], &["`MCP_TEST_SECRET`, which should hold the secret, is not set"]);
    let run = home.mcp_with(&words, "MCP_TEST_SECRET", &secret).await;
    run.is(0, &[&client.id, "mcp:read"], &[]);
    assert!(!run.out.contains(&secret), "{run:#?}");
    home.mcp(&["call", &url, "reads"]).await.is(0, &[], &[]);
    // What its login does not allow is told with the scopes.
    home.mcp(&["call", &url, "executes_and_writes"]).await.is(5, &[], &["mcp:execute", &format!("mcp login {url} --scope mcp:execute")]);
    // A token that has ended is asked for anew, by nobody.
    site.clock.advance(Duration::from_secs(2 * 3_600));
    home.mcp(&["call", &url, "reads"]).await.is(0, &[], &[]);
    home.mcp(&["logout", &url]).await.is(0, &[], &["is removed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_with_a_key_signs_in_and_stays_signed_in() {
    const DOCUMENT: &str = "https://client.example/oauth/client.json";
    let (key, web) = (Keyed::generate(), Arc::new(Web::default()));
    web.put(DOCUMENT, &key.document(DOCUMENT));
    let site = Authorized::with(|builder| builder.fetcher(web)).await;
    let url = format!("{}/mcp", site.url);
    let (scopes, jwks) = (Some(["mcp:read".to_owned()].into()), Some(json!({"keys": [key.jwk]})));
    let added = site.auth.add_client(ClientToAdd { name: "Nightly job".to_owned(), scopes, jwks, ..ClientToAdd::default() }).await;
    let program = added.expect("it is sound").id;

    for (as_program, id) in [(true, &*program), (false, DOCUMENT)] {
        let home = Home::new();
        let file = home.file("key.pem", &key.pem);
        let run = if as_program {
            home.mcp(&["login", &url, "--client-id", id, "--client-key", &file, "--client-credentials"]).await
        } else {
            home.sign_in(&site, &["login", &url, "--print-url", "--client-metadata-url", id, "--client-key", &file], true).await
        };
        run.is(0, &[id, "mcp:read"], &[]);
        // What is saved says where the key is and not what it is; later commands renew the login with it.
        let saved = std::fs::read_to_string(&home.files()[0]).expect("it is ours");
        assert!(saved.contains("key.pem") && !saved.contains("PRIVATE"), "{saved}");
        let issued = || site.records().iter().filter(|line| line.contains("oauth/token") || line.contains("oauth/refresh")).count();
        let before = issued();
        let ended = expire(&saved);
        std::fs::write(&home.files()[0], &ended).expect("it is ours");
        home.mcp(&["call", &url, "reads"]).await.is(0, &[], &[]);
        assert_eq!(issued(), before + 1, "{id}: {:#?}", site.records());
        std::fs::write(&home.files()[0], &ended).expect("it is ours");
        std::fs::remove_file(&file).expect("it is ours");
        home.mcp(&["call", &url, "reads"]).await.is(1, &[], &["the key in", "cannot be read"]);
    }
    let home = Home::new();
    for (words, missing) in [
        (&["--client-credentials", "--client-id", "x"][..], "--client-key"),
        (&["--client-key", "x"], "--client-id"),
        (&["--client-id", "x", "--client-key", "x", "--client-secret-env", "X"], "cannot be used with"),
        // Noticed before anybody is asked to sign in.
        (&["--client-id", "x", "--client-key", "/nowhere/key.pem"], "the key in /nowhere/key.pem cannot be read"),
    ] {
        home.mcp(&[&["login", url.as_str()], words].concat()).await.is(2, &[], &[missing]);
    }
}

/// A saved login whose token has ended.
fn expire(saved: &str) -> String {
    let mut saved: Value = serde_json::from_str(saved).expect("JSON");
    saved["logins"][0]["tokens"]["expires_at"] = 1.into();
    saved.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_started_has_no_login() {
    let home = Home::new();
    let config = home.config(r#"{"mcpServers": {"x": {"command": "true"}}}"#);
    for command in ["login", "logout"] {
        home.mcp(&[command, "x", "--config", &config]).await.is(2, &[], &["only servers that are reached by a URL"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_goes_all_the_way_with_a_login() {
    let (site, url, home) = start().await;
    home.sign_in(&site, &["login", &url, "--print-url"], true).await.is(0, &[], &[]);
    let run = home.mcp(&["doctor", &url, "--register", "--json"]).await;
    let report = run.report();
    assert_eq!((run.code, names(&report, "FAIL")), (0, Vec::new()), "{:#?}", checks(&report, "FAIL"));
    // No tool of that server says that it only reads.
    assert_eq!(names(&report, "skipped"), ["tools.call"], "{:#?}", checks(&report, "skipped"));
    assert_no_token(&run);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_signs_in_if_it_is_told_to() {
    let (site, url, home) = start().await;
    let run = home.sign_in(&site, &["doctor", &url, "--login", "--print-url"], true).await;
    run.is(0, &["login.done", "token.accepted", "24    tools"], &[]);
    let denied = Home::new().sign_in(&site, &["doctor", &url, "--login", "--print-url"], false).await;
    denied.is(1, &["FAIL login.done", "access_denied"], &[]);
}

#[cfg(not(feature = "keyring"))]
#[tokio::test(flavor = "multi_thread")]
async fn without_the_feature_there_is_no_keyring() {
    let (_site, url, home) = start().await;
    home.mcp(&["login", &url, "--store", "keyring"]).await.is(2, &[], &["built without the feature `keyring`"]);
}
