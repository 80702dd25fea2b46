//! Names that lead elsewhere than their server is.

use std::io;
use std::net::{IpAddr, SocketAddr};

use async_trait::async_trait;
use http::Request;
use mcp_client::oauth::{Fetch as _, LookUp, Web};
use mcp_client::{Client, Era, Proxies};
use mcp_tests::proxy::Proxy;
use serde_json::json;

use super::fake::Fake;
use super::tls::before;
use super::{connect, person};

/// Every name is at one address.
struct At(IpAddr);

#[async_trait]
impl LookUp for At {
    async fn look_up(&self, _: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok(vec![(self.0, port).into()])
    }
}

fn address(fake: &Fake) -> SocketAddr {
    fake.origin().trim_start_matches("http://").parse().expect("an address")
}

#[tokio::test]
async fn cl_23_a_server_elsewhere_leads_to_no_private_address_whatever_the_name() {
    let fake = Fake::start().await;
    // Behind the proxy the server is what its name says: somewhere on the Internet.
    let (front, authority) = before(address(&fake), "mcp.example").await;
    let proxy = Proxy::start(front, None).await;
    let inside = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = inside.local_addr().expect("an address").port();
    fake.script().challenge = Some(format!("Bearer resource_metadata=\"https://inside.example:{port}/metadata\""));
    for inside in [
        "127.0.0.1",
        "10.0.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "::1",
        "fd00::1",
        "fe80::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::1",
    ] {
        let web = Web::default().proxies(Proxies::none()).look_up(At(inside.parse().expect("an address")));
        let builder =
            Client::builder().era(Era::Modern).trust(authority.as_bytes()).credentials(std::sync::Arc::new(person().fetch(web).build()));
        let proxies = Proxies::through(&format!("http://{}", proxy.address)).expect("a proxy");
        let Err(error) = builder.proxies(proxies).connect("https://mcp.example/mcp").await else { panic!("{inside} is not asked") };
        assert!(error.to_string().contains("leads to this machine or a private network"), "{inside}: {error}");
    }
    assert!(proxy.seen().iter().all(|line| line == "CONNECT mcp.example:443 HTTP/1.1"), "{:?}", proxy.seen());
    let nobody = tokio::time::timeout(std::time::Duration::from_millis(50), inside.accept()).await;
    assert!(nobody.is_err(), "nobody came");
}

#[tokio::test]
async fn cl_23_a_server_of_this_machine_leads_to_names_of_this_machine() {
    let fake = Fake::start().await;
    let (front, authority) = before(address(&fake), "auth.example").await;
    let metadata = format!("https://auth.example:{}/.well-known/oauth-protected-resource/mcp", front.port());
    fake.script().challenge = Some(format!("Bearer resource_metadata=\"{metadata}\""));
    let web = Web::default().trusting(authority.as_bytes()).expect("a certificate").look_up(At([127, 0, 0, 1].into()));
    let web = web.proxies(Proxies::none());
    let client = connect(&fake, person().fetch(web)).await.expect("it signs in");
    assert_eq!(client.call_tool("any", &json!({})).await.expect("it is let in").text(), "done");
}

#[tokio::test]
async fn authorization_servers_are_reached_through_the_proxy_too() {
    let fake = Fake::start().await;
    let (front, authority) = before(address(&fake), "auth.example").await;
    let proxy = Proxy::start(front, Some("ann:p@ss")).await;
    let web = Web::default().trusting(authority.as_bytes()).expect("a certificate");
    let ask = async |known: &str| {
        let proxies = Proxies::through(&format!("http://{known}@{}", proxy.address)).expect("a proxy");
        let request =
            Request::get("https://auth.example/.well-known/oauth-authorization-server").body(bytes::Bytes::new()).expect("a request");
        web.clone().proxies(proxies).fetch(request).await.map(|answer| answer.status().as_u16())
    };
    assert_eq!(ask("ann:p%40ss").await.expect("it is passed on"), 200);
    assert_eq!(proxy.seen(), ["CONNECT auth.example:443 HTTP/1.1"]);
    let error = ask("ann:wrong").await.expect_err("the proxy does not know that").to_string();
    assert!(error.contains("it wants to know who is calling (status 407)") && !error.contains("wrong"), "{error}");
}
