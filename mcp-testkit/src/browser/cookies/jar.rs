//! All cookies of a browser.

use std::time::{Duration, SystemTime};

use url::Url;

use super::cookie::{Cookie, SameSite, is_below};
use crate::browser::site::is_trustworthy;

/// How long a cookie without SameSite goes along with forms that other sites post.
const LAX_AND_POST: Duration = Duration::from_secs(120);

/// Who caused a request, for the rules of SameSite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::browser) enum Sending {
    /// The user or the same site.
    SameSite,
    /// A link on another site.
    CrossSiteLink,
    /// A form on another site.
    CrossSitePost,
}

#[derive(Debug, Default)]
pub(in crate::browser) struct Jar {
    pub(in crate::browser) cookies: Vec<Cookie>,
    /// What was not kept, and why.
    pub(in crate::browser) refused: Vec<String>,
}

impl Jar {
    /// Keeps what a `Set-Cookie` from a URL says, if browsers would.
    pub(in crate::browser) fn store(&mut self, line: &str, url: &Url, now: SystemTime) {
        if let Err(why) = self.try_store(line, url, now) {
            self.refused.push(format!("{line}: {why}"));
        }
    }

    /// The cookies that go along with a request, as a header's value.
    pub(in crate::browser) fn header(&mut self, url: &Url, sending: Sending, now: SystemTime) -> Option<String> {
        self.drop_expired(now);
        let mut sent: Vec<&Cookie> = self.cookies.iter().filter(|cookie| goes_to(cookie, url) && goes_when(cookie, sending, now)).collect();
        sent.sort_by(|one, other| other.path.len().cmp(&one.path.len()).then(one.created.cmp(&other.created)));
        let pairs = sent.iter().map(|cookie| match cookie.name.as_str() {
            "" => cookie.value.clone(),
            name => format!("{name}={}", cookie.value),
        });
        let pairs: Vec<String> = pairs.collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    pub(in crate::browser) fn drop_expired(&mut self, now: SystemTime) {
        self.cookies.retain(|cookie| cookie.expires.is_none_or(|expires| expires > now));
    }

    fn try_store(&mut self, line: &str, url: &Url, now: SystemTime) -> Result<(), &'static str> {
        let mut cookie = Cookie::parse(line, url, now)?;
        let shadows = |old: &Cookie| {
            let related = old.domain == cookie.domain || is_below(&old.domain, &cookie.domain) || is_below(&cookie.domain, &old.domain);
            old.secure && old.name == cookie.name && related && path_matches(&cookie.path, &old.path)
        };
        if !is_trustworthy(url) && self.cookies.iter().any(shadows) {
            return Err("it would hide one that is Secure");
        }
        let same = |old: &Cookie| {
            (&old.name, &old.domain, old.host_only, &old.path) == (&cookie.name, &cookie.domain, cookie.host_only, &cookie.path)
        };
        if let Some(at) = self.cookies.iter().position(same) {
            cookie.created = self.cookies.remove(at).created;
        }
        self.cookies.push(cookie);
        self.drop_expired(now);
        Ok(())
    }
}

fn goes_to(cookie: &Cookie, url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let hosted = host == cookie.domain || (!cookie.host_only && is_below(host, &cookie.domain));
    hosted && path_matches(url.path(), &cookie.path) && (!cookie.secure || is_trustworthy(url))
}

fn goes_when(cookie: &Cookie, sending: Sending, now: SystemTime) -> bool {
    match (sending, cookie.same_site) {
        (Sending::SameSite, _) | (_, SameSite::None) => true,
        (_, SameSite::Strict) | (Sending::CrossSitePost, SameSite::Lax) => false,
        (Sending::CrossSiteLink, SameSite::Lax | SameSite::Unset) => true,
        (Sending::CrossSitePost, SameSite::Unset) => now.duration_since(cookie.created).is_ok_and(|age| age < LAX_AND_POST),
    }
}

/// RFC 6265, section 5.1.4.
fn path_matches(path: &str, cookie: &str) -> bool {
    path.strip_prefix(cookie).is_some_and(|rest| rest.is_empty() || cookie.ends_with('/') || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("a URL")
    }

    fn later(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn cookies_go_where_they_belong() {
        for (line, from, to, sent) in [
            ("a=1", "http://localhost:1/x/y", "http://localhost:2/x", true),
            ("a=1", "http://localhost:1/x/y", "http://localhost:1/", false),
            ("a=1", "http://localhost:1/x", "http://localhost:1/z", true),
            ("a=1; Path=/x", "http://localhost/", "http://localhost/xy", false),
            ("a=1; Path=/x", "http://localhost/", "http://localhost/x/y", true),
            ("a=1; Path=x", "http://localhost/q/r", "http://localhost/q", true),
            ("a=1; Secure", "http://127.0.0.1/", "http://127.0.0.1/", true),
            ("a=1; Secure", "http://example.com/", "https://example.com/", false),
            ("a=1; Secure", "https://example.com/", "http://example.com/", false),
            ("a=1", "http://localhost/", "http://127.0.0.1/", false),
            ("a=1", "https://a.example.com/", "https://b.example.com/", false),
            ("a=1; Domain=.example.com", "https://a.example.com/", "https://b.example.com/", true),
            ("a=1; Domain=example.com", "https://a.example.com/", "https://badexample.com/", false),
            ("a=1; Domain=b.example.com", "https://a.example.com/", "https://b.example.com/", false),
            ("a=1; Domain=com", "https://example.com/", "https://example.com/", false),
            ("a=1; Domain=localhost", "http://localhost/", "http://localhost/", true),
            ("a=1; Max-Age=0", "http://localhost/", "http://localhost/", false),
            ("a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "http://localhost/", "http://localhost/", true),
            ("a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "http://localhost/", "http://localhost/", false),
            ("__Host-a=1; Secure; Path=/", "http://localhost/", "http://localhost/", true),
            ("__Host-a=1; Secure", "http://localhost/x/y", "http://localhost/x/y", false),
            ("__host-a=1; Path=/", "http://localhost/", "http://localhost/", false),
            ("__Host-a=1; Secure; Path=/; Domain=example.com", "https://example.com/", "https://example.com/", false),
            ("__Secure-a=1", "https://example.com/", "https://example.com/", false),
            ("__Secure-a=1; Secure", "https://example.com/", "https://example.com/", true),
            ("=__Host-a=1; Secure; Path=/", "http://localhost/", "http://localhost/", false),
            ("a=1; SameSite=None", "http://localhost/", "http://localhost/", false),
            ("a=\u{1}", "http://localhost/", "http://localhost/", false),
        ] {
            let mut jar = Jar::default();
            jar.store(line, &url(from), later(1_000));
            assert_eq!(
                jar.header(&url(to), Sending::SameSite, later(1_001)).is_some(),
                sent,
                "{line} from {from} to {to}: {:?}",
                jar.refused
            );
        }
    }

    #[test]
    fn other_sites_cause_only_what_same_site_allows() {
        let at = url("http://localhost/");
        for (line, link, post, late_post) in [
            ("a=1; SameSite=Strict", false, false, false),
            ("a=1; SameSite=Lax", true, false, false),
            ("a=1; SameSite=None; Secure", true, true, true),
            ("a=1", true, true, false),
        ] {
            let mut jar = Jar::default();
            jar.store(line, &at, later(0));
            let mut sent = |sending, seconds| jar.header(&at, sending, later(seconds)).is_some();
            assert!(sent(Sending::SameSite, 1), "{line}");
            assert_eq!(sent(Sending::CrossSiteLink, 1), link, "{line}");
            assert_eq!((sent(Sending::CrossSitePost, 1), sent(Sending::CrossSitePost, 121)), (post, late_post), "{line}");
        }
    }

    #[test]
    fn newer_cookies_replace_older_ones_and_longer_paths_come_first() {
        let (at, mut jar) = (url("http://localhost/x"), Jar::default());
        for (line, seconds) in [("a=1; Path=/", 1), ("b=2; Path=/x", 2), ("c=3; Path=/", 3), ("a=4; Path=/; Max-Age=10", 4)] {
            jar.store(line, &at, later(seconds));
        }
        assert_eq!(jar.header(&at, Sending::SameSite, later(5)).as_deref(), Some("b=2; a=4; c=3"));
        assert_eq!(jar.header(&at, Sending::SameSite, later(14)).as_deref(), Some("b=2; c=3"));
    }

    #[test]
    fn insecure_pages_cannot_hide_secure_cookies() {
        let mut jar = Jar::default();
        jar.store("a=1; Secure", &url("https://example.com/"), later(0));
        jar.store("a=2; Domain=example.com", &url("http://x.example.com/"), later(1));
        assert_eq!(jar.refused, ["a=2; Domain=example.com: it would hide one that is Secure"]);
    }
}
