//! Where the browser comes back to: a port on this machine that takes one answer (RFC 8252, section 7.3).

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use url::Url;

use super::authorize::single;
use super::error::{OAuthError, Result};
use super::random;

/// Longest head of a request.
const LONGEST_HEAD: u64 = 16 * 1_024;
/// How long a browser may take to send one.
const PATIENCE: Duration = Duration::from_secs(10);
/// Most connections that are read at once.
const MOST: usize = 16;

/// A port that waits for the browser.
#[derive(Debug)]
pub(crate) struct Loopback {
    socket: TcpListener,
    redirect_uri: Url,
}

impl Loopback {
    /// Opens the port of a redirect URI, or any if that has none or it is taken and `exactly` is not set.
    ///
    /// # Errors
    /// When the URI does not lead to this machine, or there is no port.
    pub(crate) async fn open(redirect_uri: &str, exactly: bool) -> Result<Self> {
        let unfit = |why| OAuthError::UnfitUrl { url: redirect_uri.to_owned(), why };
        let mut redirect_uri = Url::parse(redirect_uri).map_err(|_| unfit("it is no URL"))?;
        let is_here = matches!(redirect_uri.host_str(), Some("127.0.0.1" | "localhost"));
        if redirect_uri.scheme() != "http" || !is_here || redirect_uri.query().is_some() || redirect_uri.fragment().is_some() {
            return Err(unfit("a redirect URI has to be `http://127.0.0.1` or `http://localhost`, with a port and a path at most"));
        }
        let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let wanted = redirect_uri.port().unwrap_or(0);
        let socket = match TcpListener::bind(at(wanted)).await {
            Err(_) if wanted != 0 && !exactly => TcpListener::bind(at(0)).await,
            socket => socket,
        };
        let socket = socket.map_err(OAuthError::Listener)?;
        let port = socket.local_addr().map_err(OAuthError::Listener)?.port();
        redirect_uri.set_port(Some(port)).map_err(|()| unfit("it can have no port"))?;
        Ok(Self { socket, redirect_uri })
    }

    /// The redirect URI, with the port that was opened.
    pub(crate) fn redirect_uri(&self) -> &str {
        self.redirect_uri.as_str()
    }

    /// Waits for the answer with this `state`, and returns its query. Whatever else comes is refused.
    ///
    /// # Errors
    /// When no more connections can be taken.
    pub(crate) async fn answer(&self, state: &str) -> Result<String> {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.socket.accept(), if connections.len() < MOST => {
                    let (stream, _) = accepted.map_err(OAuthError::Listener)?;
                    let (path, state) = (self.redirect_uri.path().to_owned(), state.to_owned());
                    connections.spawn(timeout(PATIENCE, converse(stream, path, state)));
                }
                Some(ended) = connections.join_next() => {
                    if let Ok(Ok(Ok(Some(query)))) = ended {
                        return Ok(query);
                    }
                }
            }
        }
    }
}

async fn converse(stream: TcpStream, path: String, state: String) -> std::io::Result<Option<String>> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    let mut head = (&mut stream).take(LONGEST_HEAD);
    head.read_line(&mut line).await?;
    let mut rest = String::new();
    while head.read_line(&mut rest).await? > 2 {
        rest.clear();
    }
    let (status, query) = judge(&line, &path, &state);
    stream.get_mut().write_all(page(status).as_bytes()).await?;
    stream.get_mut().shutdown().await?;
    Ok(query)
}

/// The status of the answer to a request, and the query if it is the one that is waited for.
fn judge(line: &str, path: &str, state: &str) -> (u16, Option<String>) {
    let mut words = line.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (asked, query) = target.split_once('?').unwrap_or((target, ""));
    match (method, single(query, "state")) {
        _ if asked != path => (404, None),
        ("GET", Ok(Some(given))) if random::equal(&given, state) => (200, Some(query.to_owned())),
        ("GET", _) => (400, None),
        _ => (405, None),
    }
}

/// A page that says nothing of what came: nobody knows yet whether to believe it.
fn page(status: u16) -> String {
    let (reason, text) = match status {
        200 => ("OK", "You can close this tab and go back to where you came from."),
        400 => ("Bad Request", "This is not the answer that is waited for."),
        404 => ("Not Found", "There is nothing here."),
        _ => ("Method Not Allowed", "There is nothing here."),
    };
    let body = format!("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Sign-in</title><p>{text}</p></html>");
    let length = body.len();
    format!(
        "HTTP/1.1 {status} {reason}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {length}\r\nConnection: close\r\n\
         Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n\
         Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n\r\n{body}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_answer_that_is_waited_for_is_taken() {
        for (line, expected) in [
            ("GET /callback?code=c&state=s HTTP/1.1\r\n", (200, Some("code=c&state=s"))),
            ("GET /callback?code=c&state=other HTTP/1.1\r\n", (400, None)),
            ("GET /callback?code=c HTTP/1.1\r\n", (400, None)),
            ("GET /callback?code=c&state=s&state=s HTTP/1.1\r\n", (400, None)),
            ("POST /callback?code=c&state=s HTTP/1.1\r\n", (405, None)),
            ("GET /callback/?code=c&state=s HTTP/1.1\r\n", (404, None)),
            ("GET /favicon.ico HTTP/1.1\r\n", (404, None)),
            ("", (404, None)),
        ] {
            let (status, query) = judge(line, "/callback", "s");
            assert_eq!((status, query.as_deref()), expected, "{line}");
        }
    }
}
