//! Answers that must not be believed, and those that are to be understood all the same.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use mcp_client::oauth::{OAuth, ShowUrl, SystemBrowser};
use mcp_testkit::Document;
use serde_json::json;

use super::fake::Fake;
use super::{call, connect, person, refused};

#[tokio::test]
async fn cl_13_codes_come_from_the_authorization_server_that_was_asked() {
    let (other, unsaid) = ("comes from another authorization server", "does not say from which");
    for (advertised, callback, expected) in [
        (true, "code=c&iss=ORIGIN", None),
        (true, "code=c", Some(unsaid)),
        (true, "code=c&iss=https://evil.example", Some(other)),
        (true, "code=c&iss=ORIGIN/", Some(other)),
        (false, "code=c", None),
        (false, "code=c&iss=ORIGIN", None),
        (false, "code=c&iss=https://evil.example", Some(other)),
        (false, "error=access_denied&error_description=call%20us&iss=https://evil.example", Some(other)),
        (true, "error=access_denied&error_description=call%20us", Some(unsaid)),
        (true, "error=access_denied&error_description=not%20you&iss=ORIGIN", Some("`access_denied`: not you")),
    ] {
        let fake = Fake::with(|script| {
            script.metadata = json!({"authorization_response_iss_parameter_supported": advertised});
            script.callback = Some(callback.replace("ORIGIN", script.origin()));
        });
        let fake = fake.await;
        match expected {
            None => drop(connect(&fake, person()).await.expect("it signs in")),
            Some(expected) => {
                let why = refused(&fake, person()).await;
                assert!(why.contains(expected) && !why.contains("call us"), "{callback}: {why}");
                assert!(fake.at("/token").is_empty(), "{callback}");
            }
        }
    }
}

#[tokio::test]
async fn cl_19_every_request_has_a_state_and_a_verifier_of_its_own() {
    let fake = Fake::start().await;
    for _ in 0..3 {
        connect(&fake, person()).await.expect("it signs in");
    }
    for (path, name) in [("/authorize", "state"), ("/authorize", "code_challenge"), ("/token", "code_verifier")] {
        let mut values = fake.parameters(path, name);
        assert!(values.iter().flatten().all(|value| value.len() >= 43), "{values:?}");
        values.sort();
        values.dedup();
        assert_eq!(values.len(), 3, "{name}");
    }
}

#[tokio::test]
async fn cl_20_only_web_pages_are_opened() {
    for endpoint in [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "vbscript:x",
        "http://auth.example/authorize",
        "https://ann:secret@auth.example/authorize",
        "ms-settings:",
        "//auth.example",
        "",
    ] {
        let fake = Fake::with(|script| script.metadata = json!({"authorization_endpoint": endpoint})).await;
        let opened: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = Arc::clone(&opened);
        let browser = ShowUrl(move |url: &str| seen.lock().expect("no test panicked").push(url.to_owned()));
        let why = refused(&fake, OAuth::person(browser)).await;
        assert!(why.contains("must not be used"), "{endpoint}: {why}");
        assert!(opened.lock().expect("no test panicked").is_empty(), "{endpoint}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn cl_20_no_shell_sees_the_url() {
    use std::os::unix::fs::PermissionsExt as _;

    let directory = tempfile::tempdir().expect("a directory");
    let (program, seen, pwned) = (directory.path().join("browser"), directory.path().join("seen"), directory.path().join("pwned"));
    let script = format!("#!/bin/sh\nprintf '%s %s' \"$#\" \"$1\" > '{}'\n", seen.display());
    std::fs::write(&program, script).expect("it is written");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).expect("it can be run");
    let evil = format!("?a=1;touch${{IFS}}{0}&b=$(touch {0})&c=`touch {0}`&d=\"'|x", pwned.display());
    let fake = Fake::with(|script| script.metadata = json!({"authorization_endpoint": format!("{}/authorize{evil}", script.origin())}));
    let fake = fake.await;
    let browser = SystemBrowser::program(program.to_str().expect("a path"));
    let why = refused(&fake, OAuth::person(browser).patience(Duration::from_secs(2))).await;
    assert!(why.contains("nobody finished signing in within 2s"), "{why}");
    let seen = std::fs::read_to_string(seen).expect("the browser was run");
    assert!(seen.starts_with(&format!("1 {}/authorize?a=1;touch$", fake.origin())), "{seen}");
    assert!(!pwned.exists());

    let gone = SystemBrowser::program("/nowhere/browser");
    let why = refused(&fake, OAuth::person(gone)).await;
    assert!(why.contains("`/nowhere/browser` could not open the browser"), "{why}");
}

#[tokio::test]
async fn cl_24_answers_are_read_as_servers_write_them() {
    for (status, answer, expected) in [
        (200, r#"{"access_token":"t"}"#, None),
        (200, r#"{"access_token":"t","token_type":"bearer","expires_in":"3600","scope":"","extra":{"a":[1]}}"#, None),
        (201, r#"{"access_token":"t","token_type":"BEARER","expires_in":3600.5,"refresh_token":null}"#, None),
        (200, r#"{"ok":false,"error":"invalid_code"}"#, Some("`invalid_code`")),
        (200, r#"{"error":"x","error_description":"\u001b[31mred"}"#, Some("`x`: [31mred")),
        (200, r#"{"access_token":"t","token_type":"mac"}"#, Some("of a kind that cannot be used")),
        (200, "<html>", Some("nothing that can be read")),
        (404, "", Some("nothing that can be read")),
    ] {
        let fake = Fake::start().await;
        {
            let mut script = fake.script();
            script.admit("t");
            script.put("/token", Document::new("text/html", answer).status(status));
        }
        match expected {
            None => drop(connect(&fake, person()).await.unwrap_or_else(|error| panic!("{answer}: {error}"))),
            Some(expected) => {
                let why = refused(&fake, person()).await;
                assert!(why.contains(expected), "{answer}: {why}");
            }
        }
    }
}

/// What happens to a client whose token is refused, when the token endpoint answers once like this: whether the call
/// succeeds, and how many registrations and sign-ins there were.
async fn after(status: u16, error: &str) -> (bool, usize, usize) {
    let fake = Fake::start().await;
    let oauth = Arc::new(person().build());
    call(&fake, &oauth).await.expect("it is let in");
    {
        let mut script = fake.script();
        script.forget_access();
        script.put("/token", Document::json(&json!({"error": error})).status(status));
        script.then_as_usual("/token");
    }
    let first = call(&fake, &oauth).await.is_ok();
    assert_eq!(call(&fake, &oauth).await.expect("it is let in later"), "done");
    (first, fake.at("/register").len(), fake.at("/authorize").len())
}

#[tokio::test]
async fn cl_25_what_is_given_up_depends_on_what_was_refused() {
    assert_eq!(after(401, "invalid_client").await, (true, 2, 2), "a registration that is gone is made once more");
    assert_eq!(after(400, "invalid_grant").await, (true, 1, 2), "a login that is gone is made again by the same client");
    assert_eq!(after(503, "temporarily_unavailable").await, (false, 1, 1), "nothing is given up for a server that is down");
    assert_eq!(after(429, "slow_down").await, (false, 1, 1), "nor for one that is busy");
}

#[tokio::test]
async fn cl_25_a_registration_that_does_not_work_is_made_once_more_and_not_again() {
    let fake = Fake::start().await;
    let oauth = Arc::new(person().build());
    call(&fake, &oauth).await.expect("it is let in");
    fake.script().forget_access();
    fake.script().put("/token", Document::json(&json!({"error": "invalid_client"})).status(401));
    call(&fake, &oauth).await.expect_err("nothing works");
    assert_eq!(fake.at("/register").len(), 2);
}

#[tokio::test]
async fn cl_25_a_token_that_was_renewed_and_is_refused_leads_to_a_sign_in() {
    let fake = Fake::start().await;
    let oauth = Arc::new(person().build());
    call(&fake, &oauth).await.expect("it is let in");
    {
        let mut script = fake.script();
        script.forget_access();
        script.put("/token", Document::json(&json!({"access_token": "not good either"})));
        script.then_as_usual("/token");
    }
    assert_eq!(call(&fake, &oauth).await.expect("it is let in"), "done");
    assert_eq!((fake.at("/register").len(), fake.at("/authorize").len()), (1, 2));
}

/// An authorization server that has forgotten a client shows that to the person only, who then does not come back.
#[tokio::test]
async fn cl_25_a_client_with_which_nobody_came_back_registers_again() {
    let fake = Fake::start().await;
    let store = Arc::new(mcp_client::oauth::MemoryStore::default());
    call(&fake, &Arc::new(person().store(store.clone()).build())).await.expect("it is let in");
    fake.script().forget_access();
    fake.script().forget_refresh();
    let gone = OAuth::person(ShowUrl(|_: &str| ())).patience(Duration::from_millis(50)).store(store.clone());
    let why = refused(&fake, gone).await;
    assert!(why.contains("nobody finished signing in"), "{why}");
    assert_eq!(fake.at("/register").len(), 1);
    call(&fake, &Arc::new(person().store(store).build())).await.expect("it is let in");
    assert_eq!(fake.at("/register").len(), 2);
}
