//! Servers that are reached over TLS.

use std::net::SocketAddr;
use std::sync::Arc;

use mcp_client::{Client, Era, StaticToken};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use serde_json::json;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

use super::fake::Fake;

/// Ends TLS for a name before a server; where it is, and the certificate.
pub(crate) async fn before(server: SocketAddr, name: &str) -> (SocketAddr, String) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed([name.to_owned()]).expect("a certificate");
    let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
    let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("versions");
    let config = config.with_no_client_auth().with_single_cert(vec![cert.der().clone()], key.into()).expect("a certificate");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let socket = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = socket.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = socket.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut stream = acceptor.accept(stream).await?;
                copy_bidirectional(&mut stream, &mut TcpStream::connect(server).await?).await
            });
        }
    });
    (address, cert.pem())
}

#[tokio::test]
async fn a_server_is_believed_when_somebody_who_is_trusted_vouches_for_its_name() {
    let fake = Fake::start().await;
    fake.script().admit("t");
    let (address, authority) = before(fake.origin().trim_start_matches("http://").parse().expect("an address"), "localhost").await;
    let connect = async |host: &str, trust: Option<&str>| {
        let builder = Client::builder().era(Era::Modern).credentials(StaticToken::shared("t").expect("a token"));
        let builder = trust.into_iter().fold(builder, |builder, trust| builder.trust(trust.as_bytes()));
        builder.connect(&format!("https://{host}:{}/mcp", address.port())).await
    };
    let client = connect("localhost", Some(&authority)).await.expect("it is trusted");
    assert_eq!(client.call_tool("any", &json!({})).await.expect("it is let in").text(), "done");
    for (host, trust) in [("localhost", None), ("127.0.0.1", Some(authority.as_str()))] {
        let Err(error) = connect(host, trust).await else { panic!("{host} is not who it says") };
        assert!(error.to_string().contains("cannot be connected to over TLS"), "{error}");
    }
    assert!(connect("localhost", Some("no certificate")).await.is_err());
}
