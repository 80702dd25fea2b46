//! How the HTTP transports are set up.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use mcp_auth::{AuthMode, Authenticator, Resource, Site};

/// How the HTTP transports are set up.
#[derive(Clone, Debug)]
pub struct HttpConfig {
    /// Path of the MCP endpoint; `/` is allowed. Default `/mcp`.
    pub path: String,
    /// Paths of the deprecated HTTP+SSE transport; empty turns it off. Default `/sse` and `/v1/sse`.
    pub sse_paths: Vec<String>,
    /// Whether the plain-HTTP adapter is served below the endpoint. Default yes.
    pub plain: bool,
    /// The URL by which clients reach the server, as `https://mcp.example.com`. Its host is
    /// accepted in `Host`, its origin in `Origin`.
    pub public_url: Option<String>,
    /// Further hosts to accept in `Host`, with or without a port.
    pub allowed_hosts: Vec<String>,
    /// Further origins of browsers to accept in `Origin`, as `https://app.example.com`.
    pub allowed_origins: Vec<String>,
    /// Whether loopback names are accepted in `Host` and `Origin`. Default yes.
    pub allow_loopback: bool,
    /// How callers are identified.
    pub authenticator: Authenticator,
    /// What to do with a caller who presents no credentials. Only asked where callers are identified by a provider. Default: refuse.
    pub auth_mode: AuthMode,
    /// The scopes that clients are told to ask for at first; by default those of everything that is not above anybody's tier.
    pub baseline_scopes: Option<Vec<String>>,
    /// Finds the address of the client behind a proxy; by default the address of the connection.
    pub client_address: ClientAddress,
    /// What else is served, where nothing of MCP is: the pages and endpoints of an authorization server.
    pub site: Beside,
    /// The scope to ask for where a second factor is missing, for an authorization server that gives it to who presents one. Clients know
    /// how to ask for a scope; few know how to ask for a second factor. None unless set.
    pub second_factor_scope: Option<String>,
    /// Where the process says that it lives and that it takes new calls, to anybody who asks. Default `/healthz` and `/readyz`.
    pub health_paths: Option<(String, String)>,
    /// How often a silent stream is kept alive. Default 15 s.
    pub keep_alive: Duration,
    /// How long a client may take to send a request. Default 30 s.
    pub read_timeout: Duration,
    /// How long a client may leave what it is sent unread. Default 60 s.
    pub write_timeout: Duration,
    /// How long calls that run may take after a shutdown was asked for. Default 10 s.
    pub drain: Duration,
    /// Most connections open at once. Default 10,000.
    pub max_connections: usize,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            path: "/mcp".to_owned(),
            sse_paths: vec!["/sse".to_owned(), "/v1/sse".to_owned()],
            plain: true,
            public_url: None,
            allowed_hosts: Vec::new(),
            allowed_origins: Vec::new(),
            allow_loopback: true,
            authenticator: Authenticator::default(),
            auth_mode: AuthMode::default(),
            baseline_scopes: None,
            client_address: ClientAddress::default(),
            site: Beside::default(),
            second_factor_scope: None,
            health_paths: Some(("/healthz".to_owned(), "/readyz".to_owned())),
            keep_alive: Duration::from_secs(15),
            read_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(60),
            drain: Duration::from_secs(10),
            max_connections: 10_000,
        }
    }
}

/// Finds the address of the client behind a proxy, from the address of the connection and `X-Forwarded-For`.
///
/// The header may be believed only if the connection comes from a proxy of one's own: anybody can send it.
#[derive(Clone, Default)]
pub struct ClientAddress(Option<Arc<FindAddress>>);

type FindAddress = dyn Fn(IpAddr, Option<&str>) -> IpAddr + Send + Sync;

impl ClientAddress {
    /// The address is found by `find`.
    pub fn by(find: impl Fn(IpAddr, Option<&str>) -> IpAddr + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(find)))
    }

    pub(crate) fn finder(&self) -> Option<&FindAddress> {
        self.0.as_deref()
    }
}

impl std::fmt::Debug for ClientAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "ClientAddress::by(..)" } else { "ClientAddress::default()" })
    }
}

/// What is served beside the MCP endpoint.
#[derive(Clone, Default)]
pub struct Beside(pub(crate) Option<Arc<dyn Site>>);

impl Beside {
    /// Serves this site.
    pub fn site(site: impl Site) -> Self {
        Self(Some(Arc::new(site)))
    }
}

impl std::fmt::Debug for Beside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "Beside::site(..)" } else { "Beside::default()" })
    }
}

/// Why a configuration cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError(pub(crate) String);

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

impl HttpConfig {
    /// Finds what is wrong with the configuration.
    ///
    /// # Errors
    /// Names the setting and what it expects.
    pub fn check(&self) -> Result<(), ConfigError> {
        let health = self.health_paths.iter().flat_map(|(live, ready)| [live, ready]);
        let paths = std::iter::once(&self.path).chain(&self.sse_paths).chain(health);
        if let Some(path) = paths.into_iter().find(|path| !path.starts_with('/') || path.contains(['?', '#', ' '])) {
            return Err(ConfigError(format!("`{path}` is not a path; it must start with `/`, as `/mcp`")));
        }
        if self.sse_paths.contains(&self.path) {
            return Err(ConfigError(format!(
                "`{}` is the path of both the MCP endpoint and HTTP+SSE; they need different ones",
                self.path
            )));
        }
        let urls = self.public_url.iter().chain(&self.allowed_origins);
        for url in urls {
            let valid = url.parse::<http::Uri>().is_ok_and(|uri| uri.scheme().is_some() && uri.authority().is_some());
            if !valid {
                return Err(ConfigError(format!("`{url}` is not a URL with scheme and host, as `https://mcp.example.com`")));
            }
        }
        if self.path != "/" && self.public_url.as_ref().is_some_and(|url| url.trim_end_matches('/').ends_with(&self.path)) {
            return Err(ConfigError(format!(
                "`public_url` ends with the path of the endpoint, which is added to it; leave `{}` out there",
                self.path
            )));
        }
        if matches!(&self.authenticator, Authenticator::Provider(provider) if !provider.issuers().is_empty()) && self.public_url.is_none() {
            return Err(ConfigError(
                "tokens are checked for the URL they are meant for, which is not known; set `public_url`, as `https://mcp.example.com`"
                    .to_owned(),
            ));
        }
        Ok(())
    }

    /// The URL of the endpoint, which tokens must be meant for.
    pub fn endpoint_url(&self) -> String {
        self.url_of(&self.path)
    }

    /// The URLs at which HTTP+SSE is served. Tokens that are meant for the endpoint are good there too.
    pub fn sse_urls(&self) -> Vec<String> {
        self.sse_paths.iter().map(|path| self.url_of(path)).collect()
    }

    fn url_of(&self, path: &str) -> String {
        let base = self.public_url.as_deref().unwrap_or("http://localhost").trim_end_matches('/');
        format!("{base}{}", if path == "/" { "" } else { path })
    }

    /// What tokens must be meant for at the endpoint, and at each of the paths of HTTP+SSE.
    ///
    /// Clients compare what the metadata is about with the URL that they were given (RFC 9728, section 3.3), so HTTP+SSE is a resource of
    /// its own. Its tokens are not good at the endpoint.
    pub(crate) fn resources(&self) -> Result<(Resource, Vec<Resource>), ConfigError> {
        let parse =
            |url: &String| Resource::parse(url).map_err(|error| ConfigError(format!("`{url}` cannot be the URL of an endpoint: {error}")));
        let endpoint = parse(&self.endpoint_url())?;
        let sse = self.sse_urls().iter().map(|url| Ok(parse(url)?.or(&endpoint))).collect::<Result<_, ConfigError>>()?;
        Ok((endpoint, sse))
    }
}
