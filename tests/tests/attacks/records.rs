//! Records that somebody changes afterwards.

use mcp_auth::verify_chain;

use super::bench::{Bench, RESOURCE};

#[tokio::test]
async fn attack_platform_audit_tamper() {
    let (bench, _) = Bench::jwt().await;
    let token = bench.issuer.token(&bench.issuer.claims("ann", RESOURCE));
    for _ in 0..3 {
        bench.taken("good", &token).await;
        bench.refused("bad", "a.b.c", "").await;
    }
    let lines = bench.lines.lines();
    let check = |lines: &[String]| verify_chain(format!("{}\n", lines.join("\n")).as_bytes()).map(|summary| summary.lines);
    assert_eq!(check(&lines).ok(), Some(6));
    let denied = lines.iter().position(|line| line.contains("denied")).expect("one of them");
    let mut changed = lines.clone();
    changed[denied] = changed[denied].replacen("denied", "succeeded", 1);
    let mut removed = lines.clone();
    removed.remove(denied);
    let mut moved = lines.clone();
    moved.swap(denied, denied + 1);
    let mut repeated = lines.clone();
    repeated.insert(denied, lines[denied].clone());
    for (name, lines) in [("changed", changed), ("removed", removed), ("moved", moved), ("repeated", repeated)] {
        assert!(check(&lines).is_err(), "{name}");
    }
    bench.end();
}
