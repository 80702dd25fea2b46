//! The protocol: JSON over HTTP (W3C WebDriver, section 6).

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use bytes::Bytes;
use mcp_testkit::http::Request;
use serde_json::Value;

use crate::protected::Answer;

/// How long the browser may take to end.
const FAREWELL: Duration = Duration::from_secs(10);

/// A driver that listens.
#[derive(Debug)]
pub(super) struct Wire(SocketAddr);

impl Wire {
    pub(super) fn to(port: u16) -> Self {
        Self((Ipv4Addr::LOCALHOST, port).into())
    }

    pub(super) async fn get(&self, path: &str) -> Result<Value, String> {
        self.ask("GET", path, Bytes::new()).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value, String> {
        self.ask("POST", path, body.to_string().into()).await
    }

    /// Waits until there is an answer, so that the browser has ended when the driver is. It is asked while a value is dropped, where
    /// nothing can be awaited.
    pub(super) fn delete(&self, path: &str) {
        let ask = || -> std::io::Result<()> {
            let mut stream = TcpStream::connect(self.0)?;
            stream.set_read_timeout(Some(FAREWELL))?;
            stream.write_all(format!("DELETE {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.0).as_bytes())?;
            stream.read(&mut [0]).map(drop)
        };
        // A driver that has died can end nothing.
        let _ = ask();
    }

    async fn ask(&self, method: &'static str, path: &str, body: Bytes) -> Result<Value, String> {
        let headers = vec![("Content-Type".to_owned(), "application/json; charset=utf-8".to_owned())];
        let answer = Answer::of(Request { address: self.0, method, path: path.to_owned(), headers, body }).await;
        let mut said = answer.json();
        let value = said["value"].take();
        if answer.status == 200 { Ok(value) } else { Err(format!("{}: {}", value["error"], value["message"])) }
    }
}
