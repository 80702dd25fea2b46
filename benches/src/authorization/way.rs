//! Asking the token endpoint, in this process or over a connection that is kept.

use std::net::SocketAddr;

use bytes::Bytes;
use http::Request;
use mcp_auth::Site as _;
use mcp_auth::server::AuthServer;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::http::parse;

/// A way to the token endpoint.
#[derive(Debug)]
pub enum Way {
    /// Without a socket.
    InProcess(AuthServer),
    /// Over a connection, which is used for one request after another.
    Http {
        /// The other end.
        address: SocketAddr,
        /// The connection.
        stream: TcpStream,
    },
}

impl Way {
    /// Over a connection of its own.
    ///
    /// # Panics
    /// When nobody listens.
    pub async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("the server listens");
        stream.set_nodelay(true).expect("a socket can be told");
        Self::Http { address, stream }
    }

    /// Sends a form and answers the refresh token that it gets.
    pub(super) async fn tokens(&mut self, form: &str) -> String {
        let answer = match self {
            Self::InProcess(auth) => {
                let request = Request::post("/token").header("content-type", "application/x-www-form-urlencoded");
                let request = request.body(Bytes::copy_from_slice(form.as_bytes())).expect("a request");
                auth.answer(request, None).await.into_body().to_vec()
            }
            Self::Http { address, stream } => ask(*address, stream, form).await,
        };
        let tokens: Value = serde_json::from_slice(&answer).expect("JSON");
        tokens["refresh_token"].as_str().unwrap_or_else(|| panic!("no tokens: {tokens}")).to_owned()
    }
}

async fn ask(address: SocketAddr, stream: &mut TcpStream, form: &str) -> Vec<u8> {
    let head = format!(
        "POST /token HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
        form.len()
    );
    stream.write_all(&[head.as_bytes(), form.as_bytes()].concat()).await.expect("the server reads");
    let mut buffer = Vec::with_capacity(4_096);
    loop {
        if let Some(response) = parse(&buffer).expect("HTTP") {
            return response.body.into_owned();
        }
        assert!(stream.read_buf(&mut buffer).await.expect("the server answers") > 0, "the server closed the connection");
    }
}
