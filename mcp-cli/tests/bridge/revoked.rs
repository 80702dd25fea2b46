//! A login that is taken back at the server while a bridge is open.

use mcp_client::Era;
use serde_json::json;
use tempfile::tempdir;

use crate::bridge::Bridge;
use crate::person::ann;
use crate::site::site;

#[tokio::test(flavor = "multi_thread")]
async fn a_host_is_told_what_to_run_and_goes_on_after_it() {
    let ((site, url), home) = (site().await, tempdir().expect("a directory"));
    let mut bridge = Bridge::start(home.path(), &["--patience", "5s", &url]);
    ann(&site, &bridge.page(1).await, true).await;
    let host = bridge.host(Era::Auto).await;
    host.call_tool("reads", &json!({})).await.expect("it is allowed");
    for user in site.auth.users().await.expect("users") {
        site.auth.end_all_of(&user.id).await.expect("it is taken back");
    }
    let refused = host.call_tool("reads", &json!({})).await.expect_err("it was taken back").to_string();
    assert!(refused.contains(&format!("mcp login {url}")), "{refused}");
    ann(&site, &bridge.page(2).await, true).await;
    host.call_tool("reads", &json!({})).await.expect("somebody has signed in");
}
