//! Signing in when the bridge is first used, and being signed in from then on.

use std::time::Duration;

use mcp_client::{Change, Era, Filter};
use serde_json::json;
use tempfile::tempdir;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};

use crate::bridge::{Bridge, mcp};
use crate::person::ann;
use crate::site::{Stoppable, count, site};

#[tokio::test(flavor = "multi_thread")]
async fn a_host_is_served_once_somebody_has_signed_in_and_hears_nothing_of_renewals() {
    for era in [Era::Modern, Era::Legacy] {
        let ((site, url), home) = (site().await, tempdir().expect("a directory"));
        let mut bridge = Bridge::start(home.path(), &[&url]);
        ann(&site, &bridge.page(1).await, true).await;
        let host = bridge.host(era).await;
        assert!(host.list_tools().await.expect("a list").iter().any(|tool| tool.name == "reads"));
        host.call_tool("reads", &json!({})).await.expect("it is allowed");
        // Access tokens of an hour end in the middle of what the host does.
        for hours in 1..=3 {
            site.clock.advance(Duration::from_secs(2 * 3_600));
            host.call_tool("reads", &json!({})).await.expect("the token is renewed");
            assert_eq!(count(&site, "oauth/refresh"), hours, "{era:?}");
        }
        assert_eq!(bridge.pages().len(), 1, "{}", bridge.said());
        assert!(!bridge.said().contains("every scope"), "{}", bridge.said());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_is_told_of_the_tools_when_somebody_has_taken_long_to_sign_in() {
    for era in [Era::Modern, Era::Legacy] {
        let ((site, url), home) = (site().await, tempdir().expect("a directory"));
        let mut bridge = Bridge::start(home.path(), &["--patience", "500ms", &url]);
        let host = bridge.host(era).await;
        assert!(host.list_tools().await.expect("a list").is_empty(), "{era:?}");
        let mut changes = host.listen(Filter::lists()).await.expect("it tells of changes");
        ann(&site, &bridge.page(1).await, true).await;
        assert_eq!(changes.next().await.and_then(Result::ok), Some(Change::Tools), "{era:?}");
        host.call_tool("reads", &json!({})).await.expect("it is allowed");
        assert_eq!(bridge.pages().len(), 1, "{}", bridge.said());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_leaves_is_not_waited_for_while_nobody_signs_in() {
    let ((_site, url), home) = (site().await, tempdir().expect("a directory"));
    let bridge = Bridge::start(home.path(), &[&url]);
    bridge.page(1).await;
    assert_eq!(bridge.left().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_denies_at_the_start_ends_the_bridge_and_is_told_what_to_run() {
    let ((site, url), home) = (site().await, tempdir().expect("a directory"));
    let mut bridge = Bridge::start(home.path(), &[&url]);
    ann(&site, &bridge.page(1).await, false).await;
    assert_eq!(bridge.ended().await, Some(4));
    bridge.says("access_denied").await;
    bridge.says(&format!("mcp login {url}")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_is_had_at_once_while_a_bridge_waits_for_one_and_the_bridge_goes_on_with_it() {
    let ((site, url), home) = (site().await, tempdir().expect("a directory"));
    let mut bridge = Bridge::start(home.path(), &[&url]);
    bridge.page(1).await;
    let mut command = mcp(home.path(), &["login", &url, "--print-url"]);
    let mut login = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().expect("the program exists");
    let mut page = String::new();
    BufReader::new(login.stdout.take().expect("asked for")).read_line(&mut page).await.expect("it prints text");
    ann(&site, page.trim(), true).await;
    let mut said = String::new();
    login.stderr.take().expect("asked for").read_to_string(&mut said).await.expect("it prints text");
    assert!(login.wait().await.expect("it ends").success(), "{said}");
    assert!(said.contains("another program, as a bridge, has asked for this sign-in already"), "{said}");
    // Nobody has opened the bridge's own page.
    bridge.host(Era::Auto).await.call_tool("reads", &json!({})).await.expect("it is allowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_started_again_is_as_if_it_had_always_been_there() {
    for era in [Era::Modern, Era::Legacy] {
        let (server, home) = (Stoppable::start().await, tempdir().expect("a directory"));
        let url = format!("{}/mcp", server.site.url);
        let mut bridge = Bridge::start(home.path(), &["--era", if era == Era::Modern { "modern" } else { "legacy" }, &url]);
        ann(&server.site, &bridge.page(1).await, true).await;
        let host = bridge.host(Era::Auto).await;
        host.call_tool("reads", &json!({})).await.expect("it is allowed");
        let (address, kept) = server.stop();
        let nothing = json!({});
        let calling = async {
            match host.call_tool("reads", &nothing).await {
                // It was sent before the bridge could know that the server had ended, and whether it was done cannot be known.
                Err(error) if error.to_string().contains("broke during the call") => host.call_tool("reads", &nothing).await,
                called => called,
            }
        };
        let (called, server) = tokio::join!(calling, async {
            bridge.says("the upstream server").await;
            Stoppable::at(address, kept).await
        });
        called.expect("it waits for the server");
        // Nor does it matter that the token has ended meanwhile.
        server.site.clock.advance(Duration::from_secs(2 * 3_600));
        host.call_tool("reads", &json!({})).await.expect("the token is renewed");
        assert_eq!(bridge.pages().len(), 1, "{}", bridge.said());
    }
}
