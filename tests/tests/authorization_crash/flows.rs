//! Killing the server in the middle of flows.

use std::time::Duration;

use crate::server::Killable;
use crate::visitor::Visitor;

/// How long after a request is sent the server is killed, in microseconds: from before it has read it to after it has answered.
const AFTER: [u64; 12] = [0, 100, 300, 600, 1_000, 1_500, 2_000, 3_000, 5_000, 8_000, 15_000, 40_000];

/// Does something while the server is killed.
async fn while_killed<T>(server: &mut Killable, after: u64, doing: impl AsyncFnOnce(&Killable) -> T) -> T {
    let kill = server.killer();
    let server = &*server;
    let (done, ()) = tokio::join!(doing(server), async {
        tokio::time::sleep(Duration::from_micros(after)).await;
        kill();
    });
    done
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_whose_server_is_killed_while_it_renews_is_not_logged_out() {
    let directory = tempfile::tempdir().expect("a directory can be made");
    let file = directory.path().join("store.db");
    let mut server = Killable::start(&file).await;
    let visitor = Visitor::new(&server).await;
    let code = visitor.code(&server).await;
    let mut held = visitor.exchange(&server, &code).await.expect("it lives").expect("tokens");
    for after in AFTER {
        let answer = while_killed(&mut server, after, async |server| visitor.renew(server, &held.refresh).await).await;
        server.restart(&file);
        if let Some(answer) = answer {
            held = answer.unwrap_or_else(|error| panic!("a good token is refused: {error}"));
        }
        // Whatever it holds now, the newest or the one before, gets it on.
        let next = visitor.renew(&server, &held.refresh).await.expect("it lives");
        let next = next.unwrap_or_else(|error| panic!("killed after {after} µs, logged out: {error}"));
        assert!(visitor.is_let_in(&server, &next.access).await, "killed after {after} µs");
        // Who asks again gets the same: there is one successor.
        let again = visitor.renew(&server, &held.refresh).await.expect("it lives").expect("it is asked again in time");
        assert_eq!(again.refresh, next.refresh, "killed after {after} µs");
        held = next;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_once_though_the_server_is_killed() {
    let directory = tempfile::tempdir().expect("a directory can be made");
    let file = directory.path().join("store.db");
    let mut server = Killable::start(&file).await;
    let visitor = Visitor::new(&server).await;
    for after in AFTER {
        let code = visitor.code(&server).await;
        let first = while_killed(&mut server, after, async |server| visitor.exchange(server, &code).await).await;
        server.restart(&file);
        let second = visitor.exchange(&server, &code).await.expect("it lives");
        match (first, second) {
            (Some(Ok(first)), second) => {
                assert!(second.is_err(), "killed after {after} µs, a code was honoured twice");
                assert!(!visitor.is_let_in(&server, &first.access).await, "killed after {after} µs");
                assert!(visitor.renew(&server, &first.refresh).await.expect("it lives").is_err(), "killed after {after} µs");
            }
            (Some(Err(error)), _) => panic!("killed after {after} µs, a good code is refused: {error}"),
            // It was killed before it took the code up, and the answer of the second is the only one; or after that.
            (None, Ok(second)) => {
                assert!(visitor.is_let_in(&server, &second.access).await, "killed after {after} µs");
                let third = visitor.exchange(&server, &code).await.expect("it lives");
                assert!(third.is_err(), "killed after {after} µs, a code was honoured twice");
            }
            (None, Err(error)) => assert_eq!(error["error"], "invalid_grant", "killed after {after} µs"),
        }
        // Nobody has to do more than connect once more.
        let code = visitor.code(&server).await;
        let given = visitor.exchange(&server, &code).await.expect("it lives").expect("tokens");
        assert!(visitor.is_let_in(&server, &given.access).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_good_once_though_the_server_is_killed() {
    let directory = tempfile::tempdir().expect("a directory can be made");
    let file = directory.path().join("store.db");
    let mut server = Killable::start(&file).await;
    let visitor = Visitor::new(&server).await;
    for (round, after) in AFTER.into_iter().enumerate() {
        visitor.browser.forget_cookies();
        let address = format!("person{round}@example.com");
        visitor.asks_for_mail(&server, &address).await.submit(None).await.expect("an answer");
        let link = visitor.link(&server, &address).await;
        let button = visitor.opens(&link).await;
        let (first, second) = (button.clone(), button);
        let first = while_killed(&mut server, after, async |_| first.submit(None).await).await;
        server.restart(&file);
        let pressed_again = second.submit(None).await.expect("it lives").page().expect("a page");
        let signed_in = pressed_again.title().starts_with("Allow ");
        if first
            .as_ref()
            .is_ok_and(|landing| matches!(landing, mcp_testkit::browser::Landing::Page(page) if page.title().starts_with("Allow ")))
        {
            assert!(!signed_in, "killed after {after} µs, a link was honoured twice: {}", pressed_again.text());
        }
        // A third time it is nothing in any case.
        let again = visitor.browser.visit(&link).await.expect("an answer").page().expect("a page");
        let is_void = again.status() == 400 && again.forms().is_empty();
        assert!(is_void, "killed after {after} µs: {}", again.text());
        // And the session that came of it, or of another way to sign in, goes on.
        let code = visitor.code(&server).await;
        visitor.exchange(&server, &code).await.expect("it lives").expect("tokens");
    }
}
