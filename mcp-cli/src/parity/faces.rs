//! The faces of a server that can be compared.

use http::Uri;
use mcp_client::Error;
use mcp_testkit::black_box::{Endpoint, Face};
use mcp_testkit::http::Request;
use tokio::net::TcpStream;

use crate::connect::Connect;
use crate::failure::Failure;
use crate::login;
use crate::target::Target;

/// A first message, to find out what a server thinks of `Accept`.
const INITIALIZE: &str = concat!(
    r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","#,
    r#""capabilities":{},"clientInfo":{"name":"mcp","version":"1"}}}"#
);
/// The status of a server that sends nothing a client takes (RFC 9110, section 15.5.7).
const NOT_ACCEPTABLE: u16 = 406;

/// The face that is the reference, and those that shall say the same.
pub(super) struct Faces {
    pub(super) reference: Face,
    pub(super) others: Vec<Face>,
    /// What people should know of the choice.
    pub(super) remarks: Vec<String>,
}

impl Faces {
    /// The faces of a server that is started or listens, and may also listen at `url`.
    pub(super) async fn of(target: &Target, url: Option<&str>, connect: &Connect) -> Result<Self, Failure> {
        match (target, url) {
            (Target::Command { .. }, Some(url)) => {
                let endpoint = endpoint(url, &[], connect).await?;
                let mut faces = Self { reference: command(target), others: vec![Face::http(endpoint.clone())], remarks: Vec::new() };
                faces.add_variants(&endpoint).await;
                Ok(faces)
            }
            (Target::Command { .. }, None) => Ok(Self {
                reference: command(target),
                others: vec![command(target).labelled("stdio, another process")],
                remarks: vec![
                    "only one face is known, so the server is compared with another process of itself; name its HTTP endpoint with --url"
                        .to_owned(),
                ],
            }),
            (Target::Url { url, headers }, None) => {
                let endpoint = endpoint(url, headers, connect).await?;
                let mut faces = Self { reference: Face::http(endpoint.clone()), others: Vec::new(), remarks: Vec::new() };
                faces.add_variants(&endpoint).await;
                if faces.others.is_empty() {
                    let again = Face::http(endpoint).labelled("HTTP, once more");
                    faces.others.push(again);
                    faces.remarks.push(
                        "only one face is known, so the server is compared with itself; name the command that serves stdio after `--`"
                            .to_owned(),
                    );
                }
                Ok(faces)
            }
            (Target::Url { .. }, Some(_)) => {
                Err(Failure::usage("`--url` is the other face of a server that a command starts; name the command after `--`"))
            }
        }
    }

    /// Adds clients that take less than they should, where the server puts up with them.
    async fn add_variants(&mut self, endpoint: &Endpoint) {
        for (accept, face) in
            [("application/json", Face::http_json(endpoint.clone())), ("text/event-stream", Face::http_events(endpoint.clone()))]
        {
            if takes(endpoint, accept).await {
                self.others.push(face);
            } else {
                self.remarks.push(format!("the server does not answer clients that take {accept} only, so there is no such face"));
            }
        }
    }
}

fn command(target: &Target) -> Face {
    let Target::Command { program, arguments, environment, .. } = target else { return Face::command("", [""; 0]) };
    Face::command(program, arguments).environment(environment.clone())
}

async fn takes(endpoint: &Endpoint, accept: &str) -> bool {
    // Whatever else is wrong will show in the conversations.
    first_message(endpoint, accept).send().await.is_ok_and(|response| response.head.status != NOT_ACCEPTABLE)
}

fn first_message(endpoint: &Endpoint, accept: &str) -> Request {
    let mut headers = endpoint.headers.clone();
    for (name, value) in [("Host", endpoint.host.as_str()), ("Accept", accept), ("Content-Type", "application/json")] {
        headers.push((name.to_owned(), value.to_owned()));
    }
    let body = bytes::Bytes::from_static(INITIALIZE.as_bytes());
    Request { address: endpoint.address, method: "POST", path: endpoint.path.clone(), headers, body }
}

/// The endpoint of a URL, with the headers that say who is calling.
async fn endpoint(url: &str, of_entry: &[(String, String)], connect: &Connect) -> Result<Endpoint, Failure> {
    let mut headers: Vec<(String, String)> = of_entry.iter().chain(connect.headers()).cloned().collect();
    let token = match connect.token()? {
        None if !connect.tells_who(of_entry) => saved(url).await?,
        token => token,
    };
    headers.extend(token.map(|token| ("Authorization".to_owned(), format!("Bearer {token}"))));
    let (host, path) = split(url)?;
    let address = resolve(&host).await?;
    // A face that is not there would differ in everything.
    TcpStream::connect(address).await.map_err(|error| {
        let what = format!("{host} cannot be connected to");
        Failure::Client(Error::Transport { what, cause: Some(error.into()), sent: false })
    })?;
    let endpoint = Endpoint { address, host, path, headers };
    is_there(url, &endpoint).await?;
    Ok(endpoint)
}

/// Whether there is an endpoint at a URL, whatever it says.
async fn is_there(url: &str, endpoint: &Endpoint) -> Result<(), Failure> {
    let Ok(mut response) = first_message(endpoint, "application/json, text/event-stream").send().await else { return Ok(()) };
    let status = response.head.status;
    // A stateless server may not know `initialize`, and says so with the same status.
    let unknown_method = b"-32601";
    if !matches!(status, 404 | 405)
        || response.body().await.is_ok_and(|body| body.windows(unknown_method.len()).any(|part| part == unknown_method))
    {
        return Ok(());
    }
    Err(Failure::Client(Error::Transport { what: format!("there is no MCP endpoint at {url}: status {status}"), cause: None, sent: true }))
}

/// The token of the saved login, if there is one.
async fn saved(url: &str) -> Result<Option<String>, Failure> {
    match login::usable(url).await.and_then(|login| login.tokens) {
        Some(tokens) if tokens.bound => Err(Failure::usage(
            "the saved login is bound to a key, which cannot be shown in these conversations; pass another token with `--bearer-env`",
        )),
        tokens => Ok(tokens.filter(|tokens| !tokens.has_expired()).map(|tokens| tokens.access)),
    }
}

/// The authority and the path of an `http:` URL.
pub(super) fn split(url: &str) -> Result<(String, String), Failure> {
    let unfit = || Failure::usage(format!("`{url}` is not an `http:` URL, which is all that can be compared so far"));
    let parts = url.parse::<Uri>().map_err(|_| unfit())?.into_parts();
    match (parts.scheme.as_ref().map(http::uri::Scheme::as_str), parts.authority) {
        (Some("http"), Some(authority))
            if !authority.as_str().contains('@') && (authority.port_u16().is_some() || authority.as_str() == authority.host()) =>
        {
            Ok((authority.to_string(), parts.path_and_query.map_or_else(|| "/".to_owned(), |path| path.to_string())))
        }
        _ => Err(unfit()),
    }
}

/// The first address of an authority.
pub(super) async fn resolve(host: &str) -> Result<std::net::SocketAddr, Failure> {
    let authority: http::uri::Authority = host.parse().map_err(|_| Failure::usage(format!("`{host}` is not a host")))?;
    let name = authority.host().trim_start_matches('[').trim_end_matches(']');
    let mut addresses = tokio::net::lookup_host((name, authority.port_u16().unwrap_or(80)))
        .await
        .map_err(|error| Failure::Here(format!("the address of {host} cannot be found: {error}")))?;
    addresses.next().ok_or_else(|| Failure::Here(format!("{host} has no address")))
}
