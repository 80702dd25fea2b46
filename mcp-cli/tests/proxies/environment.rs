//! Servers that are reached through a proxy.

use mcp_tests::proxy::Proxy;

use crate::support::{Run, Served, command, run};

/// Runs the program with these variables.
async fn with(words: &[&str], variables: &[(&str, &str)]) -> Run {
    let mut command = command(words);
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"] {
        command.env_remove(name);
    }
    command.envs(variables.iter().copied());
    tokio::task::spawn_blocking(move || run(command)).await.expect("it runs")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environment_names_the_proxy_and_its_password_is_not_shown() {
    let served = Served::start("hello");
    let address = served.url.trim_start_matches("http://").split('/').next().expect("an address").parse().expect("an address");
    let proxy = Proxy::start(address, Some("ann:open sesame")).await;
    let (known, stranger) = (format!("http://ann:open%20sesame@{}", proxy.address), format!("http://ann:guess@{}", proxy.address));
    let (far, call) = ("http://mcp.example.test/mcp", ["--debug", "add", "a=2", "b=3"]);

    let run = with(&[&["call", far][..], &call].concat(), &[("HTTP_PROXY", &known)]).await;
    run.is(0, &["5"], &[]);
    let seen = proxy.seen();
    assert!(!seen.is_empty() && seen.iter().all(|line| line.contains(" http://mcp.example.test/mcp HTTP/1.1")), "{seen:?}");
    for secret in ["sesame", "YW5uOm9wZW4gc2VzYW1l"] {
        assert!(!run.err.contains(secret) && !run.out.contains(secret), "{run:#?}");
    }

    let refused = with(&[&["call", far][..], &call].concat(), &[("HTTP_PROXY", &stranger)]).await;
    refused.is(3, &[], &["it wants to know who is calling (status 407)", &proxy.address.to_string()]);
    assert!(!refused.err.contains("guess"), "{refused:#?}");
    let odd = with(&["list", far], &[("http_proxy", "socks5://ann:guess@127.0.0.1:1")]).await;
    assert!(odd.code == 2 && odd.err.contains("the environment variable `http_proxy`") && !odd.err.contains("guess"), "{odd:#?}");

    // This machine, and what is excepted, is reached without.
    let before = proxy.seen().len();
    with(&["list", &served.url], &[("HTTP_PROXY", &known)]).await.is(0, &["add"], &[]);
    with(&["list", far], &[("HTTP_PROXY", &known), ("NO_PROXY", "example.test")]).await.is(3, &[], &["cannot be connected to"]);
    assert_eq!(proxy.seen().len(), before);

    // What is protected goes through a tunnel, of which the proxy knows the end and no more.
    with(&["list", "https://mcp.example.test/mcp"], &[("HTTPS_PROXY", &known)]).await.is(3, &[], &["does not answer in TLS"]);
    assert_eq!(proxy.seen()[before..].iter().find(|line| !line.contains("CONNECT mcp.example.test:443")), None);
}
