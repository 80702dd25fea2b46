//! Many bridges, one login.

use std::time::Duration;

use mcp_client::{Client, Era};
use serde_json::json;
use tempfile::tempdir;

use crate::bridge::Bridge;
use crate::person::ann;
use crate::site::{count, site};

const MANY: usize = 10;

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
    let page = loop {
        match bridges.iter().flat_map(Bridge::pages).next() {
            Some(page) => break page,
            None => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    };
    ann(&site, &page, true).await;
    let hosts = hosts(&mut bridges).await;
    let pages: usize = bridges.iter().map(|bridge| bridge.pages().len()).sum();
    assert_eq!((pages, count(&site, "oauth/register")), (1, 1));

    site.clock.advance(Duration::from_secs(2 * 3_600));
    let calls: Vec<_> = hosts.iter().cloned().map(|host| tokio::spawn(async move { host.call_tool("reads", &json!({})).await })).collect();
    for call in calls {
        call.await.expect("no panic").expect("the token is renewed");
    }
    assert_eq!(count(&site, "oauth/refresh"), 1);
}
