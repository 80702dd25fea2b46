//! Many bridges, one login.

use std::time::Duration;

use mcp_client::{Client, Era};
use serde_json::json;
use tempfile::tempdir;

use crate::bridge::{Bridge, until};
use crate::person::ann;
use crate::site::{count, site};

const MANY: usize = 10;

/// The page that one of them asks for, once it does.
async fn page(bridges: &[Bridge]) -> String {
    until(bridges, |bridges| pages(bridges) > 0).await;
    bridges.iter().flat_map(Bridge::pages).next().expect("there is one")
}

fn pages(bridges: &[Bridge]) -> usize {
    bridges.iter().map(|bridge| bridge.pages().len()).sum()
}

async fn hosts(bridges: &mut [Bridge]) -> Vec<Client> {
    let mut hosts = Vec::new();
    for bridge in bridges {
        hosts.push(bridge.host(Era::Modern).await);
    }
    hosts
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_bridges_ask_once_and_renew_once() {
    let ((site, url), home) = (site().await, tempdir().expect("a directory"));
    let mut bridges: Vec<Bridge> = (0..MANY).map(|_| Bridge::start(home.path(), &["--patience", "60s", &url])).collect();
    ann(&site, &page(&bridges).await, true).await;
    let hosts = hosts(&mut bridges).await;
    assert_eq!((pages(&bridges), count(&site, "oauth/register")), (1, 1));

    site.clock.advance(Duration::from_secs(2 * 3_600));
    let calls: Vec<_> = hosts.iter().cloned().map(|host| tokio::spawn(async move { host.call_tool("reads", &json!({})).await })).collect();
    for call in calls {
        call.await.expect("no panic").expect("the token is renewed");
    }
    assert_eq!(count(&site, "oauth/refresh"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_denies_one_bridge_is_not_asked_by_the_next() {
    let ((site, url), home) = (site().await, tempdir().expect("a directory"));
    let mut bridges: Vec<Bridge> = (0..3).map(|_| Bridge::start(home.path(), &["--patience", "60s", &url])).collect();
    let page = page(&bridges).await;
    let waits = |bridge: &&Bridge| bridge.said().contains("has asked for this sign-in already");
    until(&bridges, |bridges| bridges.iter().filter(waits).count() == 2).await;
    ann(&site, &page, false).await;
    for bridge in &mut bridges {
        assert_eq!(bridge.ended().await, Some(4), "{}", bridge.said());
    }
    assert_eq!(pages(&bridges), 1);
}
