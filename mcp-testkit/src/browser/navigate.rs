//! From a click to where it leads.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use tokio::net::TcpStream;
use url::{Position, Url};

use super::cookies::Sending;
use super::csp;
use super::page::Page;
use super::referrer::Policy;
use super::site::{is_loopback, is_trustworthy, same_origin, same_site};
use super::{BrowseError, Browser, Landing, Step};
use crate::http::{Head, Request};
use crate::loopback::lock;

const MOST_REDIRECTS: usize = 10;
/// How long a page may take. Longer than any server under test does on purpose.
const PATIENCE: Duration = Duration::from_secs(30);
const FORM: &str = "application/x-www-form-urlencoded";

/// A page that causes a navigation.
#[derive(Clone, Debug)]
pub(super) struct Initiator {
    pub(super) url: Url,
    pub(super) referrer: Policy,
}

/// A request for a page.
#[derive(Debug)]
pub(super) struct Navigation {
    pub(super) url: Url,
    /// What to post; without it the page is got.
    pub(super) body: Option<String>,
    /// Nobody, if the user typed the URL.
    pub(super) initiator: Option<Initiator>,
    /// What the page of the form that is sent says about forms.
    pub(super) policies: Vec<csp::Policy>,
}

impl Navigation {
    pub(super) fn typed(url: Url) -> Self {
        Self { url, body: None, initiator: None, policies: Vec::new() }
    }
}

impl Browser {
    pub(super) async fn go(&self, navigation: Navigation) -> Result<Landing, BrowseError> {
        let Navigation { mut url, mut body, mut initiator, policies } = navigation;
        let mut passed: Vec<Url> = Vec::new();
        loop {
            check_form(&policies, initiator.as_ref(), &url, !passed.is_empty())?;
            let Some(addresses) = self.addresses(&url) else { return Ok(Landing::External(url)) };
            passed.push(url.clone());
            let headers = self.headers(&passed, body.is_some(), initiator.as_ref());
            let (head, bytes) = fetch(addresses, &url, headers, body.as_deref())
                .await
                .map_err(|cause| BrowseError::Unreachable { url: url.to_string(), cause })?;
            self.remember(&url, body.is_some(), &head);
            let Some(next) = redirect(&head, &url) else { return Ok(Landing::Page(Page::new(self.clone(), url, head, bytes))) };
            if passed.len() > MOST_REDIRECTS {
                return Err(BrowseError::TooManyRedirects(MOST_REDIRECTS, next.to_string()));
            }
            if !matches!(head.status, 307 | 308) {
                body = None;
            }
            if let (Some(initiator), Some(policy)) = (&mut initiator, head.header("referrer-policy").and_then(Policy::parse)) {
                initiator.referrer = policy;
            }
            url = next;
        }
    }

    /// Where the server of a URL listens; nothing if it is not to be asked.
    fn addresses(&self, url: &Url) -> Option<Vec<SocketAddr>> {
        if lock(&self.0.stops).iter().any(|prefix| url.as_str().starts_with(prefix)) {
            return None;
        }
        if let Some(address) = lock(&self.0.routes).get(&url.origin().ascii_serialization()) {
            return Some(vec![*address]);
        }
        if url.scheme() != "http" || !is_loopback(url) {
            return None;
        }
        let port = url.port_or_known_default()?;
        let addresses = match url.host()? {
            url::Host::Domain(_) => vec![IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)],
            url::Host::Ipv4(address) => vec![address.into()],
            url::Host::Ipv6(address) => vec![address.into()],
        };
        Some(addresses.into_iter().map(|address| SocketAddr::new(address, port)).collect())
    }

    /// The headers of a request for the last of these URLs, to which the others have led.
    fn headers(&self, passed: &[Url], posts: bool, initiator: Option<&Initiator>) -> Vec<(String, String)> {
        let url = &passed[passed.len() - 1];
        let mut headers = Vec::new();
        let mut add = |name: &str, value: &str| headers.push((name.to_owned(), value.to_owned()));
        add("Host", &url[Position::BeforeHost..Position::AfterPort]);
        add("User-Agent", "Mozilla/5.0 (mcp-testkit)");
        add("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
        add("Accept-Language", "en-US,en;q=0.9");
        add("Upgrade-Insecure-Requests", "1");
        if is_trustworthy(url) {
            add("Sec-Fetch-Site", fetch_site(passed, initiator));
            add("Sec-Fetch-Mode", "navigate");
            add("Sec-Fetch-User", "?1");
            add("Sec-Fetch-Dest", "document");
        }
        if posts {
            add("Content-Type", FORM);
            let origin = initiator.filter(|initiator| !is_tainted(passed, &initiator.url));
            add("Origin", &origin.map_or("null".to_owned(), |initiator| initiator.referrer.origin(&initiator.url, url)));
        }
        if let Some(referer) = initiator.and_then(|initiator| initiator.referrer.referer(&initiator.url, url)) {
            add("Referer", &referer);
        }
        // Which redirects led here does not matter, as in Chromium.
        let sending = match initiator {
            Some(initiator) if !same_site(&initiator.url, url) && posts => Sending::CrossSitePost,
            Some(initiator) if !same_site(&initiator.url, url) => Sending::CrossSiteLink,
            _ => Sending::SameSite,
        };
        if let Some(cookies) = lock(&self.0.jar).header(url, sending, self.0.clock.now()) {
            add("Cookie", &cookies);
        }
        headers
    }

    fn remember(&self, url: &Url, posted: bool, head: &Head) {
        let mut jar = lock(&self.0.jar);
        for (_, line) in head.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie")) {
            jar.store(line, url, self.0.clock.now());
        }
        let method = if posted { "POST" } else { "GET" };
        lock(&self.0.history).push(Step { method, url: url.clone(), status: head.status, headers: head.headers.clone() });
    }
}

fn check_form(policies: &[csp::Policy], initiator: Option<&Initiator>, target: &Url, redirected: bool) -> Result<(), BrowseError> {
    let Some(own) = initiator else { return Ok(()) };
    match policies.iter().find_map(|policy| policy.forbids_form(&own.url, target, redirected)) {
        Some(directive) => Err(BrowseError::Blocked { directive, target: Box::new(target.clone()) }),
        None => Ok(()),
    }
}

/// W3C Fetch Metadata, section 2.3: the most distant of all steps counts.
fn fetch_site(passed: &[Url], initiator: Option<&Initiator>) -> &'static str {
    let Some(Initiator { url: from, .. }) = initiator else { return "none" };
    if passed.iter().all(|url| same_origin(from, url)) {
        "same-origin"
    } else if passed.iter().all(|url| same_site(from, url)) {
        "same-site"
    } else {
        "cross-site"
    }
}

/// Whether another origin has passed a request on to a third (Fetch, "redirect-tainted").
fn is_tainted(passed: &[Url], from: &Url) -> bool {
    passed.windows(2).any(|pair| !same_origin(&pair[0], &pair[1]) && !same_origin(from, &pair[0]))
}

/// Where a response sends the browser. What is after `#` stays, unless the new URL has its own.
fn redirect(head: &Head, from: &Url) -> Option<Url> {
    if !matches!(head.status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let mut next = from.join(head.header("location")?).ok()?;
    if next.fragment().is_none() {
        next.set_fragment(from.fragment());
    }
    Some(next)
}

async fn fetch(addresses: Vec<SocketAddr>, url: &Url, headers: Vec<(String, String)>, body: Option<&str>) -> io::Result<(Head, Vec<u8>)> {
    let answered = async {
        let stream = TcpStream::connect(&addresses[..]).await?;
        let request = Request {
            address: stream.peer_addr()?,
            method: if body.is_some() { "POST" } else { "GET" },
            path: url[Position::BeforePath..Position::AfterQuery].to_owned(),
            headers,
            body: body.map(|body| Bytes::copy_from_slice(body.as_bytes())).unwrap_or_default(),
        };
        let mut response = request.send_on(stream).await?;
        let body = response.body().await?;
        Ok((response.head.clone(), body))
    };
    tokio::time::timeout(PATIENCE, answered).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}
