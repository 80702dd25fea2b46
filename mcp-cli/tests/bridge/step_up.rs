//! Tools that need more than the login allows.

use mcp_client::{Client, Era, Error};
use mcp_tests::authorized::Authorized;
use serde_json::json;
use tempfile::{TempDir, tempdir};

use crate::bridge::Bridge;
use crate::person::{ann, scopes};
use crate::site::site;

/// A bridge whose calls wait for a person so long, with a login for `mcp:read`.
async fn signed_in(patience: &str) -> (Authorized, String, TempDir, Bridge, Client) {
    let ((site, url), home) = (site().await, tempdir().expect("a directory"));
    let mut first = Bridge::start(home.path(), &[&url]);
    ann(&site, &first.page(1).await, true).await;
    first.host(Era::Auto).await.close().await;
    let mut bridge = Bridge::start(home.path(), &["--patience", patience, &url]);
    let host = bridge.host(Era::Auto).await;
    (site, url, home, bridge, host)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_goes_on_when_somebody_allows_more() {
    let (site, _, _home, bridge, host) = signed_in("60s").await;
    let nothing = json!({});
    let call = || host.call_tool("executes", &nothing).into_future();
    let (called, at_once, ()) = tokio::join!(call(), call(), async {
        let page = bridge.page(1).await;
        assert_eq!(scopes(&page), ["mcp:execute", "mcp:read", "offline_access"], "what was there is asked for again");
        ann(&site, &page, true).await;
    });
    called.and(at_once).expect("it is allowed now");
    host.call_tool("reads", &json!({})).await.expect("and so is what was before");
    assert_eq!(bridge.pages().len(), 1, "{}", bridge.said());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_waited_long_enough_is_refused_with_what_to_do_and_the_next_one_goes_on() {
    let (site, url, _home, bridge, host) = signed_in("3s").await;
    let Err(Error::Protocol(refused)) = host.call_tool("executes", &json!({})).await else { panic!("nobody has allowed it") };
    assert_eq!(refused.code, -31403, "{refused}");
    for part in ["`mcp:execute`", &format!("`mcp login {url} --scope mcp:execute`")] {
        assert!(refused.message.contains(part), "{refused}");
    }
    assert_eq!(refused.data.expect("details").parse::<serde_json::Value>().expect("JSON")["required_scopes"], json!(["mcp:execute"]));
    // Nothing else is held up, not even while the token has to be renewed.
    site.clock.advance(std::time::Duration::from_secs(2 * 3_600));
    host.call_tool("reads", &json!({})).await.expect("it is allowed");
    ann(&site, &bridge.page(1).await, true).await;
    host.call_tool("executes", &json!({})).await.expect("it is allowed now");
    assert_eq!(bridge.pages().len(), 1, "{}", bridge.said());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_denies_is_not_asked_again_at_once() {
    let (site, _, _home, bridge, host) = signed_in("60s").await;
    let nothing = json!({});
    let (called, ()) = tokio::join!(host.call_tool("executes", &nothing).into_future(), async {
        ann(&site, &bridge.page(1).await, false).await;
    });
    let denied = called.expect_err("it was denied").to_string();
    assert!(denied.contains("access_denied"), "{denied}");
    let again = host.call_tool("executes", &json!({})).await.expect_err("it is denied").to_string();
    assert!(again.contains("--scope mcp:execute"), "{again}");
    assert_eq!(bridge.pages().len(), 1, "{}", bridge.said());
    host.call_tool("reads", &json!({})).await.expect("it is still allowed");
}
