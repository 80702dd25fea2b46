//! Putting an authorization server together.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use mcp_core::Audit;
use mcp_store::{Store, StoreError};
use url::{Host, Url};

use super::client::{ClientSettings, Clients};
use super::db::Db;
use super::factor::Factors;
use super::keys::Keys;
use super::login::{LoginHost, LoginMethod, MagicLink};
use super::pages::Brand;
use super::record::Records;
use super::revoked::Revoked;
use super::rules::{Rules, Served};
use super::secrets::MasterKey;
use super::session::Sessions;
use super::token::Issued;
use super::usage::Usage;
use super::{AuthServer, Catalog, Inner};
use crate::{Cached, Clock, Fetch, FetchPolicy, GuardedFetcher, Policy, Resource};

/// How long a token that was looked up is taken without looking again, on instances other than the one on which it is revoked.
const LOOKED_UP_FOR: Duration = Duration::from_secs(30);
/// How long a key signs.
const ROTATE_EVERY: Duration = Duration::from_secs(90 * 24 * 3_600);
/// Shorter, and clients that renew tokens five minutes before they end would do nothing else.
const SHORTEST_TOKEN: Duration = Duration::from_secs(10 * 60);

/// Why an authorization server cannot start, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CannotStart(String);

impl CannotStart {
    pub(super) fn by_store(error: &StoreError) -> Self {
        Self(match error {
            StoreError::Corrupt(_) => "its key is not the one that the store was written with. Set MCP_AUTH_KEY, or where else the key \
                is, to that one. If that key is lost, start with a new file: then everybody signs in and every client connects anew"
                .to_owned(),
            _ => error.to_string(),
        })
    }
}

impl fmt::Display for CannotStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CannotStart {}

/// Puts an [`AuthServer`] together.
#[must_use = "a builder does nothing until it is built"]
pub struct AuthServerBuilder {
    public_url: String,
    store: Option<Arc<dyn Store>>,
    key: Option<MasterKey>,
    methods: Vec<Box<dyn LoginMethod>>,
    policy: Policy,
    catalog: Catalog,
    resources: Vec<String>,
    aliases: Vec<String>,
    brand: Brand,
    audits: Vec<Arc<dyn Audit>>,
    clock: Clock,
    fetcher: Option<Arc<dyn Fetch>>,
    access_ttl: Duration,
    grant_max: Duration,
    elevated: BTreeSet<String>,
    elevated_for: Duration,
    second_factor_scope: String,
    baseline: Option<BTreeSet<String>>,
    registration: bool,
    documents: bool,
    max_clients: u64,
}

impl fmt::Debug for AuthServerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthServerBuilder").field("public_url", &self.public_url).finish_non_exhaustive()
    }
}

impl AuthServerBuilder {
    pub(super) fn new(public_url: String) -> Self {
        Self {
            public_url,
            store: None,
            key: None,
            methods: Vec::new(),
            policy: Policy::new(),
            catalog: Catalog::default(),
            resources: Vec::new(),
            aliases: Vec::new(),
            brand: Brand::default(),
            audits: Vec::new(),
            clock: Clock::default(),
            fetcher: None,
            access_ttl: Duration::from_secs(3_600),
            grant_max: Duration::from_secs(180 * 24 * 3_600),
            elevated: BTreeSet::new(),
            elevated_for: Duration::from_secs(15 * 60),
            second_factor_scope: "mfa".to_owned(),
            baseline: None,
            registration: true,
            documents: true,
            max_clients: 10_000,
        }
    }

    /// Keeps everything in this store.
    pub fn store(mut self, store: impl Store) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// Keeps everything in a store that others hold too.
    pub fn shared_store(mut self, store: Arc<dyn Store>) -> Self {
        self.store = Some(store);
        self
    }

    /// The key without which nothing in the store can be read or made. It stays the same for as long as the store does.
    pub fn key(mut self, key: MasterKey) -> Self {
        self.key = Some(key);
        self
    }

    /// Offers a way to sign in; several can be.
    pub fn login(mut self, method: impl LoginMethod) -> Self {
        self.methods.push(Box::new(method));
        self
    }

    /// Decides who may come in and have which scopes. By default everybody who can sign in may have what is asked for.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// What the scopes let clients do, as people are shown it. It also says which scopes there are.
    pub fn catalog(mut self, catalog: impl Into<Catalog>) -> Self {
        self.catalog = catalog.into();
        self
    }

    /// A resource that tokens are for: the URL of an MCP endpoint. The first one is meant where a client does not say; without
    /// any it is `/mcp` of the public URL.
    pub fn resource(mut self, url: impl Into<String>) -> Self {
        self.resources.push(url.into());
        self
    }

    /// Another URL of the first resource, as where its tools are served over HTTP+SSE. Clients may name it; their tokens are for the
    /// resource itself.
    pub fn alias(mut self, url: impl Into<String>) -> Self {
        self.aliases.push(url.into());
        self
    }

    /// How the pages look.
    pub fn brand(mut self, brand: Brand) -> Self {
        self.brand = brand;
        self
    }

    /// Has sign-ins, tokens and refusals recorded.
    pub fn audit(mut self, audit: Arc<dyn Audit>) -> Self {
        self.audits.push(audit);
        self
    }

    /// Replaces the clock.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// How documents and keys of clients, and upstream issuers, are reached; by default by a [`GuardedFetcher`].
    pub fn fetcher(mut self, fetcher: Arc<dyn Fetch>) -> Self {
        self.fetcher = Some(fetcher);
        self
    }

    /// How long access tokens live: an hour unless set, ten minutes at least.
    pub fn access_tokens_live(mut self, time: Duration) -> Self {
        self.access_ttl = time.max(SHORTEST_TOKEN);
        self
    }

    /// How long what a person gave lasts at most: 180 days unless set.
    pub fn grants_last(mut self, time: Duration) -> Self {
        self.grant_max = time;
        self
    }

    /// Gives these scopes only after a second factor, for a short time.
    pub fn elevated_scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.elevated.extend(scopes.into_iter().map(Into::into));
        self
    }

    /// How long elevated scopes last: 15 minutes unless set.
    pub fn elevated_for(mut self, time: Duration) -> Self {
        self.elevated_for = time;
        self
    }

    /// The scopes of a client that asks for none that there are: by default those of everything that is not above anybody's tier.
    pub fn baseline_scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.baseline = Some(scopes.into_iter().map(Into::into).collect());
        self
    }

    /// Whether clients may register themselves (RFC 7591). Yes unless set.
    pub fn registration(mut self, allowed: bool) -> Self {
        self.registration = allowed;
        self
    }

    /// Whether clients may be known by a document at their id. Yes unless set.
    pub fn documents(mut self, allowed: bool) -> Self {
        self.documents = allowed;
        self
    }

    /// How many clients are kept that registered themselves, and how many documents of clients: 10,000 of each unless set. Who
    /// comes when there is no room is told so until others have not been used for a while.
    pub fn max_clients(mut self, most: u64) -> Self {
        self.max_clients = most;
        self
    }

    /// Puts it together.
    ///
    /// # Errors
    /// When something is missing or does not fit, with what to do.
    pub fn build(self) -> Result<AuthServer, CannotStart> {
        let (issuer, loopback) = issuer(&self.public_url)?;
        let store =
            self.store.ok_or_else(|| CannotStart("the authorization server keeps what it knows in a store; name one".to_owned()))?;
        let key = self.key.ok_or_else(|| {
            CannotStart("the authorization server seals what it keeps with a key; set MCP_AUTH_KEY to 32 random bytes, as from `openssl rand -base64 32`".to_owned())
        })?;
        if self.methods.is_empty() {
            return Err(CannotStart("nobody could sign in; add a login method (`[auth.server.email]`, `[auth.server.github]` or `[[auth.server.oidc]]` in mcp.toml)".to_owned()));
        }
        if !loopback && let Some(method) = self.methods.iter().find(|method| method.loopback_only()) {
            let why = match method.magic_link() {
                Some(_) => "mails are only printed; say with `smtp_url_env` and `from` which mail server sends them",
                None => "whoever signs in can be anybody",
            };
            return Err(CannotStart(format!(
                "the login method `{}`, as it is set up, is for development and only for a public URL on loopback, which {issuer} is not: {why}",
                method.id()
            )));
        }
        let known = self.catalog.scopes();
        if let Some(unknown) = self.elevated.iter().find(|scope| !known.contains(*scope) && **scope != self.second_factor_scope) {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let known = known.join(" ");
            return Err(CannotStart(format!("`{unknown}` is to be elevated, and nothing asks for it; the scopes that there are: {known}")));
        }
        let fetcher = match self.fetcher {
            Some(fetcher) => fetcher,
            None => guarded(loopback)?,
        };
        let rules = Rules {
            resources: resources(&issuer, self.resources, self.aliases)?,
            scopes: self.catalog.scopes(),
            baseline: self.baseline.unwrap_or_else(|| self.catalog.public_scopes()),
            elevated: self.elevated,
            second_factor_scope: self.second_factor_scope,
            access_ttl: self.access_ttl,
            code_ttl: Duration::from_secs(60),
            refresh_idle: Duration::from_secs(30 * 24 * 3_600),
            grant_max: self.grant_max,
            elevated_for: self.elevated_for,
            grace: Duration::from_secs(60),
            issuer,
        }
        .with_second_factor(&self.catalog);
        let db = Db::new(store, key.derive(), self.clock.clone());
        let records = Arc::new(Records::new(&rules.issuer, self.clock.clone(), self.audits));
        let host = LoginHost::new(db.clone(), Arc::clone(&fetcher), self.clock.clone(), self.brand.name(), Arc::clone(&records));
        let methods = self.methods.into_iter().map(|mut method| {
            method.attach(&host);
            Arc::from(method)
        });
        let methods: Vec<Arc<dyn LoginMethod>> = methods.collect();
        let keys = Keys::new(db.clone(), ROTATE_EVERY, rules.access_ttl);
        let issued = Issued::new(keys.clone(), db.clone(), &rules.issuer, &self.policy, self.clock.clone())
            .map_err(|error| CannotStart(format!("`{}` cannot be an issuer: {error}", rules.issuer)))?;
        let settings = ClientSettings {
            registration: self.registration,
            documents: self.documents,
            max_rows: self.max_clients,
            ..ClientSettings::new(&rules.issuer)
        };
        Ok(AuthServer(Arc::new(Inner {
            clients: Clients::new(db.clone(), fetcher, settings),
            sessions: Sessions::new(db.clone(), !loopback),
            factors: Factors::new(db.clone()),
            notices: methods.iter().find_map(|method| method.magic_link()).map(MagicLink::mailer),
            methods,
            policy: self.policy,
            catalog: self.catalog,
            brand: self.brand,
            records,
            usage: Arc::new(Usage::default()),
            revoked: Revoked::default(),
            issued: Cached::new(issued).ttl(LOOKED_UP_FOR).clock(self.clock.clone()),
            clock: self.clock,
            keys,
            db,
            rules,
        })))
    }
}

impl Rules {
    /// The scope that stands for a second factor is one, if anything asks for a second factor, and is given for a short time.
    fn with_second_factor(mut self, catalog: &Catalog) -> Self {
        if catalog.asks_for_second_factor() {
            self.elevated.insert(self.second_factor_scope.clone());
        }
        // Whoever asks for nothing is not asked for a second factor.
        self.baseline.retain(|scope| !self.elevated.contains(scope));
        self.scopes.extend(self.elevated.iter().cloned());
        self
    }
}

/// The issuer that a public URL makes, and whether it is on loopback.
fn issuer(public_url: &str) -> Result<(String, bool), CannotStart> {
    let wrong = |why: &str| CannotStart(format!("`{public_url}` cannot be the public URL: {why}"));
    let url = Url::parse(public_url).map_err(|_| wrong("it is no URL; write it as `https://mcp.example.com`"))?;
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    if url.scheme() != "https" && !(url.scheme() == "http" && loopback) {
        return Err(wrong("people sign in there, so it has to begin with `https://`; `http://` is for loopback"));
    }
    if !matches!(url.path(), "" | "/")
        || url.query().is_some()
        || url.fragment().is_some()
        || !url.username().is_empty()
        || url.password().is_some()
    {
        return Err(wrong("it is scheme, host and port, and nothing else"));
    }
    Ok((url.origin().ascii_serialization(), loopback))
}

fn guarded(loopback: bool) -> Result<Arc<dyn Fetch>, CannotStart> {
    let policy = FetchPolicy { allow_loopback_http: loopback, ..FetchPolicy::default() };
    let fetcher = GuardedFetcher::new(policy).map_err(|error| CannotStart(format!("others cannot be asked: {error}")))?;
    Ok(Arc::new(fetcher))
}

/// What tokens are for. If that is one thing, clients may also name the server that it is on.
fn resources(issuer: &str, named: Vec<String>, aliases: Vec<String>) -> Result<Vec<Served>, CannotStart> {
    let named = if named.is_empty() { vec![format!("{issuer}/mcp")] } else { named };
    if let Some((url, error)) = named.iter().chain(&aliases).find_map(|url| Some((url, Resource::parse(url).err()?))) {
        return Err(CannotStart(format!("`{url}` cannot be what tokens are for: {error}")));
    }
    let only = named.len() == 1;
    let mut served: Vec<Served> = named.into_iter().map(|canonical| Served { canonical, aliases: Vec::new() }).collect();
    served[0].aliases = aliases;
    if only && served[0].canonical != issuer {
        served[0].aliases.push(issuer.to_owned());
    }
    Ok(served)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_an_origin_that_people_can_sign_in_at() {
        for (url, made) in [
            ("https://mcp.example.com", Some(("https://mcp.example.com", false))),
            ("https://MCP.example.com:443/", Some(("https://mcp.example.com", false))),
            ("https://mcp.example.com:8443", Some(("https://mcp.example.com:8443", false))),
            ("http://localhost:8080", Some(("http://localhost:8080", true))),
            ("http://127.0.0.1:8080/", Some(("http://127.0.0.1:8080", true))),
            ("http://[::1]:8080", Some(("http://[::1]:8080", true))),
            ("http://mcp.example.com", None),
            ("http://localhost.example.com", None),
            ("https://mcp.example.com/path", None),
            ("https://mcp.example.com/?a", None),
            ("https://user@mcp.example.com", None),
            ("ftp://localhost", None),
            ("mcp.example.com", None),
        ] {
            let found = issuer(url);
            assert_eq!(found.as_ref().ok().map(|(issuer, loopback)| (issuer.as_str(), *loopback)), made, "{url}");
        }
    }

    #[test]
    fn the_only_resource_is_known_by_its_host_too() {
        type Case = (&'static [&'static str], &'static [&'static str], &'static [(&'static str, &'static [&'static str])]);
        let cases: [Case; 3] = [
            (&[], &[], &[("https://a.example/mcp", &["https://a.example"])]),
            (&[], &["https://a.example/sse"], &[("https://a.example/mcp", &["https://a.example/sse", "https://a.example"])]),
            (
                &["https://a.example/a", "https://a.example/b"],
                &["https://a.example/sse"],
                &[("https://a.example/a", &["https://a.example/sse"]), ("https://a.example/b", &[])],
            ),
        ];
        let owned = |urls: &[&str]| urls.iter().map(|url| (*url).to_owned()).collect::<Vec<_>>();
        for (named, aliases, expected) in cases {
            let served = resources("https://a.example", owned(named), owned(aliases)).expect("resources");
            let expected: Vec<_> =
                expected.iter().map(|(url, also)| Served { canonical: (*url).to_owned(), aliases: owned(also) }).collect();
            assert_eq!(served, expected, "{named:?} {aliases:?}");
        }
        assert!(resources("https://a.example", Vec::new(), owned(&["/sse"])).is_err());
    }
}
