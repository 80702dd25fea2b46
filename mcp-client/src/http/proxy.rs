//! Proxies through which servers are reached (RFC 9110, sections 3.7 and 9.3.6).

mod exception;

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{HeaderValue, PROXY_AUTHORIZATION};
use http::uri::{Authority, Uri};
use http::{Request, StatusCode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use self::exception::Exception;
use super::url::Url;
use crate::error::{Error, Result};

/// Most bytes of what a proxy says before the tunnel is open.
const LARGEST: usize = 16 * 1_024;

/// What is said of an answer that no proxy gives.
const NO_PROXY: &str = "it does not answer as a proxy does";

/// Through which proxies servers are reached; by default those that the environment names.
///
/// For `https:` URLs that is `https_proxy` or `HTTPS_PROXY`, for `http:` URLs `http_proxy` or `HTTP_PROXY`, for both else `all_proxy` or `ALL_PROXY`: an
/// `http:` URL, with a user and a password if the proxy wants to know. `no_proxy` or `NO_PROXY` lists, with commas, what is reached without:
/// domains with all below them, addresses, networks as `10.0.0.0/8`, each with a port or for all; `*` is everything. This machine is never
/// reached through a proxy.
#[derive(Clone)]
pub struct Proxies(Arc<Inner>);

struct Inner {
    http: Option<Named>,
    https: Option<Named>,
    except: Vec<Exception>,
}

/// A proxy, or the name of the variable in which there is none. What is in it may be a secret.
type Named = std::result::Result<Proxy, String>;

/// One proxy.
struct Proxy {
    authority: Authority,
    authorization: Option<HeaderValue>,
}

impl fmt::Debug for Proxies {
    /// Shows no passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |named: &Option<Named>| named.as_ref().map(|named| named.as_ref().map(|proxy| proxy.authority.to_string()).ok());
        f.debug_struct("Proxies").field("http", &name(&self.0.http)).field("https", &name(&self.0.https)).finish_non_exhaustive()
    }
}

impl Default for Proxies {
    fn default() -> Self {
        Self::from_environment()
    }
}

impl Proxies {
    /// Those that the environment names.
    pub fn from_environment() -> Self {
        Self::read(|name| std::env::var(name).ok())
    }

    /// None: every server is reached without.
    pub fn none() -> Self {
        Self::read(|_| None)
    }

    /// One proxy for everything that is not of this machine: an `http:` URL.
    ///
    /// # Errors
    /// When it is none.
    pub fn through(url: &str) -> Result<Self> {
        if Proxy::parse(url).is_none() {
            return Err(Error::Configuration("a proxy is named by an `http:` URL".to_owned()));
        }
        Ok(Self::read(|name| (name == "all_proxy").then(|| url.to_owned())))
    }

    fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let found = |name: &str| variable(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let named = |name: &str| found(name).map(|value| Proxy::parse(&value).ok_or_else(|| name.to_owned()));
        let all = || named("all_proxy").or_else(|| named("ALL_PROXY"));
        // Behind CGI, `HTTP_PROXY` is a header that the caller of the script sent.
        let upper = || if found("REQUEST_METHOD").is_some() { None } else { named("HTTP_PROXY") };
        let except = found("no_proxy").or_else(|| found("NO_PROXY")).unwrap_or_default();
        Self(Arc::new(Inner {
            http: named("http_proxy").or_else(upper).or_else(all),
            https: named("https_proxy").or_else(|| named("HTTPS_PROXY")).or_else(all),
            except: except.split(',').filter_map(Exception::parse).collect(),
        }))
    }

    /// The way to the server of a URL, if it is not reached directly.
    ///
    /// # Errors
    /// When the environment names what is no proxy.
    pub(super) fn way(&self, url: &Url) -> Result<Option<Way<'_>>> {
        if exception::is_this_machine(url.host()) || self.0.except.iter().any(|except| except.holds_for(url.host(), url.port())) {
            return Ok(None);
        }
        let named = if url.is_secure() { &self.0.https } else { &self.0.http };
        match named {
            None => Ok(None),
            Some(Ok(proxy)) => Ok(Some(Way { proxy, url: url.clone() })),
            Some(Err(name)) => {
                Err(Error::Configuration(format!("the environment variable `{name}` is no `http:` URL of a proxy; correct or unset it")))
            }
        }
    }

    /// Whether the server of a URL is reached through one.
    pub(crate) fn stand_before(&self, url: &Url) -> bool {
        !matches!(self.way(url), Ok(None))
    }
}

/// The way to a server through a proxy.
pub(super) struct Way<'p> {
    proxy: &'p Proxy,
    url: Url,
}

impl Way<'_> {
    /// Connects to the proxy and, for what is to be protected on the whole way, has it open a tunnel.
    ///
    /// # Errors
    /// When the proxy is not there or refuses.
    pub(super) async fn connect(&self) -> Result<TcpStream> {
        let host = self.proxy.authority.host().trim_start_matches('[').trim_end_matches(']');
        let connected = TcpStream::connect((host, self.proxy.authority.port_u16().unwrap_or(80))).await;
        let mut stream = connected.map_err(|error| Error::unreachable(self.cannot("it cannot be connected to"), error))?;
        if self.url.is_secure() {
            self.tunnel(&mut stream).await?;
        }
        Ok(stream)
    }

    /// Makes of a request one that the proxy passes on, where there is no tunnel (RFC 9112, section 3.2.2).
    pub(super) fn address<B>(&self, request: &mut Request<B>) {
        if self.url.is_secure() {
            return;
        }
        let path = request.uri().path_and_query().cloned();
        let absolute = Uri::builder()
            .scheme("http")
            .authority(self.url.authority())
            .path_and_query(path.map_or_else(|| "/".to_owned(), |path| path.to_string()));
        *request.uri_mut() = absolute.build().expect("its parts come from URLs");
        if let Some(authorization) = &self.proxy.authorization {
            request.headers_mut().insert(PROXY_AUTHORIZATION, authorization.clone());
        }
    }

    /// # Errors
    /// When a response is one of the proxy, which does not let the client in.
    pub(super) fn check(&self, status: StatusCode) -> Result<()> {
        if status == StatusCode::PROXY_AUTHENTICATION_REQUIRED { Err(self.refused(status.as_u16())) } else { Ok(()) }
    }

    async fn tunnel(&self, stream: &mut TcpStream) -> Result<()> {
        let broke = |error: std::io::Error| Error::unreachable(self.cannot("the connection broke"), error);
        let host = if self.url.host().contains(':') { format!("[{}]", self.url.host()) } else { self.url.host().to_owned() };
        let target = format!("{host}:{}", self.url.port());
        let mut head = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n").into_bytes();
        if let Some(authorization) = &self.proxy.authorization {
            head.extend_from_slice(&[&b"Proxy-Authorization: "[..], authorization.as_bytes(), b"\r\n"].concat());
        }
        head.extend_from_slice(b"\r\n");
        stream.write_all(&head).await.map_err(broke)?;
        let mut answer = Vec::<u8>::new();
        let end = loop {
            if let Some(end) = answer.windows(4).position(|end| end == b"\r\n\r\n") {
                break end + 4;
            }
            if answer.len() >= LARGEST || stream.read_buf(&mut answer).await.map_err(broke)? == 0 {
                return Err(self.failed(NO_PROXY));
            }
        };
        let status = answer.get(..12).and_then(|start| std::str::from_utf8(start).ok());
        let status = status.and_then(|start| start.strip_prefix("HTTP/1.")?.get(2..)?.parse::<u16>().ok());
        match status {
            // The server says nothing before this client does.
            Some(200..=299) if end == answer.len() => Ok(()),
            Some(200..=299) => Err(self.failed(NO_PROXY)),
            Some(status) => Err(self.refused(status)),
            None => Err(self.failed(NO_PROXY)),
        }
    }

    fn refused(&self, status: u16) -> Error {
        let wants = if status == 407 { "it wants to know who is calling" } else { "it refuses" };
        self.failed(&format!("{wants} (status {status})"))
    }

    fn failed(&self, why: &str) -> Error {
        Error::Transport { what: self.cannot(why), cause: None, sent: false }
    }

    fn cannot(&self, why: &str) -> String {
        format!("{} cannot be reached through the proxy {}: {why}", self.url.authority(), self.proxy.authority)
    }
}

impl Proxy {
    fn parse(text: &str) -> Option<Self> {
        let rest = match text.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
            Some(_) => return None,
            None => text,
        };
        let rest = rest.split(['/', '?', '#']).next()?;
        let (user, authority) = rest.rsplit_once('@').map_or((None, rest), |(user, authority)| (Some(user), authority));
        let authority: Authority = authority.parse().ok().filter(|authority: &Authority| !authority.host().is_empty())?;
        let authorization = match user {
            Some(user) => {
                let (name, password) = user.split_once(':').unwrap_or((user, ""));
                let known = [decoded(name)?, b":".to_vec(), decoded(password)?].concat();
                let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(known))).ok()?;
                value.set_sensitive(true);
                Some(value)
            }
            None => None,
        };
        Some(Self { authority, authorization })
    }
}

/// A text of a URL without its percent-encoding (RFC 3986, section 2.1).
fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which proxy stands before a URL, and as whom it is asked; `!` for an error.
    fn way(variables: &[(&str, &str)], url: &str) -> String {
        let proxies = Proxies::read(|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()));
        assert!(!format!("{proxies:?}").contains("pass"), "{proxies:?}");
        match proxies.way(&Url::parse(url).expect("a URL")) {
            Ok(None) => "-".to_owned(),
            Ok(Some(way)) => {
                let known = way.proxy.authorization.as_ref().map(|value| value.to_str().expect("ASCII").trim_start_matches("Basic "));
                let known = known.map(|known| String::from_utf8(STANDARD.decode(known).expect("Base64")).expect("text"));
                [known.as_deref(), Some(way.proxy.authority.as_str())].into_iter().flatten().collect::<Vec<_>>().join("@")
            }
            Err(error) => format!("! {error}"),
        }
    }

    #[test]
    fn the_environment_says_which_proxy() {
        let unfit = "! the environment variable `http_proxy` is no `http:` URL of a proxy; correct or unset it";
        for (variables, expected) in [
            (&[("http_proxy", "http://p:3128")][..], "p:3128"),
            (&[("HTTP_PROXY", "p:3128/")], "p:3128"),
            (&[("http_proxy", "a:1"), ("HTTP_PROXY", "b:2"), ("all_proxy", "c:3")], "a:1"),
            (&[("HTTPS_PROXY", "b:2"), ("ALL_PROXY", "HTTP://c:3")], "c:3"),
            (&[("HTTP_PROXY", "p:3128"), ("REQUEST_METHOD", "GET")], "-"),
            (&[("http_proxy", "http://ann:pass%40%3A@p:1")], "ann:pass@:@p:1"),
            (&[("http_proxy", "")], "-"),
            (&[("http_proxy", "https://ann:pass@p:1")], unfit),
            (&[("http_proxy", "socks5://p:1")], unfit),
            (&[("http_proxy", "http://ann:pa%ss@p:1")], unfit),
            (&[("http_proxy", "p:1"), ("NO_PROXY", "other.example, example.com")], "-"),
            (&[("http_proxy", "p:1"), ("no_proxy", "other.example"), ("NO_PROXY", "*")], "p:1"),
        ] {
            assert_eq!(way(variables, "http://mcp.example.com/mcp"), expected, "{variables:?}");
        }
        #[cfg(feature = "tls")]
        for (variables, expected) in [
            (&[("https_proxy", "p:1")][..], "p:1"),
            (&[("http_proxy", "p:1")], "-"),
            (&[("HTTPS_PROXY", "p:1"), ("REQUEST_METHOD", "GET")], "p:1"),
        ] {
            assert_eq!(way(variables, "https://mcp.example.com/mcp"), expected, "{variables:?}");
        }
    }

    #[test]
    fn this_machine_is_reached_without() {
        for host in ["localhost", "a.localhost.", "127.0.0.1", "127.8.0.1:99", "[::1]:8080", "0.0.0.0"] {
            assert_eq!(way(&[("http_proxy", "p:1")], &format!("http://{host}/mcp")), "-", "{host}");
        }
        assert_eq!(way(&[("http_proxy", "p:1")], "http://localhost.example/mcp"), "p:1");
    }
}
