//! Which hosts and origins are answered, against DNS rebinding
//! (2026-07-28, basic/transports/streamable-http, "Security & Endpoint").

use http::HeaderMap;
use http::header::{HOST, ORIGIN};
use http::uri::Authority;
use mcp_core::{Outcome, Reply, RpcError, code};

use crate::config::HttpConfig;

/// The accepted hosts and origins.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    hosts: Vec<String>,
    origins: Vec<String>,
    allow_loopback: bool,
}

impl Guard {
    pub(crate) fn new(config: &HttpConfig) -> Self {
        let mut hosts: Vec<String> = config.allowed_hosts.iter().map(|host| host.to_ascii_lowercase()).collect();
        let mut origins: Vec<String> = config.allowed_origins.iter().map(|origin| normal_origin(origin)).collect();
        if let Some(url) = &config.public_url {
            if let Some(authority) = url.parse::<http::Uri>().ok().and_then(|uri| uri.into_parts().authority) {
                for host in [authority.as_str(), authority.host()].map(str::to_ascii_lowercase) {
                    if !hosts.contains(&host) {
                        hosts.push(host);
                    }
                }
            }
            origins.push(normal_origin(url));
        }
        Self { hosts, origins, allow_loopback: config.allow_loopback }
    }

    /// The accepted hosts, for people.
    pub(crate) fn describe(&self) -> String {
        let loopback = if self.allow_loopback { &["localhost", "127.0.0.1", "[::1]"][..] } else { &[] };
        // The public URL may be one of those.
        let others = self.hosts.iter().map(String::as_str).filter(|host| !(self.allow_loopback && is_loopback(name_of(host))));
        loopback.iter().copied().chain(others).collect::<Vec<_>>().join(", ")
    }

    /// Refuses a request with a foreign `Host` or `Origin`.
    pub(crate) fn check(&self, headers: &HeaderMap, authority: Option<&Authority>) -> Result<(), Reply> {
        self.check_host(headers, authority)?;
        let mut origins = headers.get_all(ORIGIN).iter();
        match (origins.next(), origins.next()) {
            (None, _) => Ok(()),
            (Some(origin), None) if origin.to_str().is_ok_and(|origin| self.accepts_origin(origin)) => Ok(()),
            (Some(origin), _) => {
                let shown = printable(origin.to_str().unwrap_or_default());
                Err(forbidden(format!("the origin `{shown}` may not call this server; allow it in the server's configuration")))
            }
        }
    }

    /// Refuses a request with a foreign `Host`.
    pub(crate) fn check_host(&self, headers: &HeaderMap, authority: Option<&Authority>) -> Result<(), Reply> {
        let mut named = headers.get_all(HOST).iter();
        let host = match (named.next(), named.next(), authority) {
            // RFC 9112, section 3.2.
            (_, Some(_), _) => return Err(malformed("the request has more than one Host header; it must have one")),
            (Some(host), None, _) => host.to_str().ok().map(str::to_owned),
            (None, None, authority) => authority.map(|authority| authority.as_str().to_owned()),
        };
        match host {
            Some(host) if self.accepts_host(&host) => {}
            Some(host) => {
                return Err(forbidden(format!("the host `{}` is not served here; accepted are {}", printable(&host), self.describe())));
            }
            None => return Err(malformed("the request names no host; it must have a Host header")),
        }
        if let Some(named) = authority.map(Authority::as_str).filter(|named| !self.accepts_host(named)) {
            return Err(forbidden(format!("the host `{}` is not served here; accepted are {}", printable(named), self.describe())));
        }
        Ok(())
    }

    fn accepts_host(&self, host: &str) -> bool {
        if self.allow_loopback && is_loopback(name_of(host)) {
            return true;
        }
        self.hosts.iter().any(|accepted| accepted.eq_ignore_ascii_case(host) || accepted.eq_ignore_ascii_case(name_of(host)))
    }

    pub(crate) fn accepts_origin(&self, origin: &str) -> bool {
        let host = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        if self.allow_loopback && host.is_some_and(|host| is_loopback(name_of(host))) {
            return true;
        }
        self.origins.contains(&origin.to_ascii_lowercase())
    }
}

/// Scheme and authority of a URL, in lower case.
fn normal_origin(url: &str) -> String {
    match url.parse::<http::Uri>().map(http::Uri::into_parts) {
        Ok(parts) => match (parts.scheme, parts.authority) {
            (Some(scheme), Some(authority)) => format!("{scheme}://{authority}").to_ascii_lowercase(),
            _ => url.to_ascii_lowercase(),
        },
        Err(_) => url.to_ascii_lowercase(),
    }
}

/// A host without its port.
fn name_of(host: &str) -> &str {
    if let Some(rest) = host.strip_prefix('[') {
        // What follows the address is a port or nothing; anything else makes it another name.
        return match rest.split_once(']') {
            Some((address, "")) => &host[..address.len() + 2],
            Some((address, port)) if port.strip_prefix(':').is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit())) => {
                &host[..address.len() + 2]
            }
            _ => host,
        };
    }
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

fn is_loopback(name: &str) -> bool {
    name.eq_ignore_ascii_case("localhost") || name == "127.0.0.1" || name == "[::1]"
}

/// A foreign value, made fit for a message.
fn printable(value: &str) -> String {
    value.chars().filter(|character| character.is_ascii_graphic()).take(100).collect()
}

fn malformed(message: &'static str) -> Reply {
    Reply::refusal(&RpcError::invalid_request(message), Outcome::Malformed)
}

fn forbidden(message: String) -> Reply {
    Reply::refusal(&RpcError::new(code::FORBIDDEN, message), Outcome::Forbidden(mcp_core::Challenge::default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(host: &str, origin: Option<&str>, accepted: bool) {
        let config = HttpConfig {
            public_url: Some("https://MCP.example.com".to_owned()),
            allowed_origins: vec!["https://app.example.com".to_owned()],
            ..HttpConfig::default()
        };
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().expect("a header value"));
        if let Some(origin) = origin {
            headers.insert(ORIGIN, origin.parse().expect("a header value"));
        }
        assert_eq!(Guard::new(&config).check(&headers, None).is_ok(), accepted, "{host} {origin:?}");
    }

    #[test]
    fn every_host_is_told_once() {
        let told = |url: &str, allow_loopback| {
            Guard::new(&HttpConfig { public_url: Some(url.to_owned()), allow_loopback, ..HttpConfig::default() }).describe()
        };
        assert_eq!(told("http://127.0.0.1:8080", true), "localhost, 127.0.0.1, [::1]");
        assert_eq!(told("http://127.0.0.1:8080", false), "127.0.0.1:8080, 127.0.0.1");
        assert_eq!(told("https://mcp.example.com", true), "localhost, 127.0.0.1, [::1], mcp.example.com");
    }

    #[test]
    fn only_the_servers_own_names_are_answered() {
        check("localhost:3001", None, true);
        check("127.0.0.1", None, true);
        check("[::1]:80", None, true);
        check("mcp.example.com", None, true);
        check("MCP.example.com:443", None, true);
        check("evil.example.com", None, false);
        check("localhost.evil.example.com", None, false);
        check("[::1]evil.example.com", None, false);
        check("[::1].evil.example.com:80", None, false);
        check("[::1]:80@evil.example.com", None, false);
        check("127.0.0.1.evil.example.com", None, false);
        check("mcp.example.com@evil.example.com", None, false);
    }

    #[test]
    fn only_accepted_origins_call() {
        check("localhost", Some("http://localhost:5173"), true);
        check("localhost", Some("https://mcp.example.com"), true);
        check("localhost", Some("https://app.example.com"), true);
        check("localhost", Some("https://evil.example.com"), false);
        check("localhost", Some("http://localhost.evil.example.com"), false);
        check("localhost", Some("null"), false);
        check("localhost", Some("http://[::1]:5173"), true);
        check("localhost", Some("http://[::1].evil.example.com"), false);
        check("localhost", Some("http://127.0.0.1.evil.example.com"), false);
    }
}
