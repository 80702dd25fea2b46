//! One cookie, from the line that sets it.

use std::time::{Duration, SystemTime};

use url::{Host, Url};

use crate::browser::site::is_trustworthy;

/// Most octets of name and value.
const LONGEST: usize = 4_096;
/// Most octets of an attribute; longer ones are ignored.
const LONGEST_ATTRIBUTE: usize = 1_024;
/// The longest that a cookie is kept.
const LONGEST_LIFE: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// A cookie that a server has set.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cookie {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// The host that set it, or the domain that it named.
    pub domain: String,
    /// Whether it goes to that host only.
    pub host_only: bool,
    /// The paths it goes to.
    pub path: String,
    /// Whether it goes only where nobody can listen.
    pub secure: bool,
    /// Whether it is hidden from scripts.
    pub http_only: bool,
    /// What it takes for it to be sent.
    pub same_site: SameSite,
    /// Until when it is kept; otherwise until the browser ends.
    pub expires: Option<SystemTime>,
    /// When it was set first.
    pub created: SystemTime,
}

/// Whether a cookie goes along when another site caused the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameSite {
    /// Never.
    Strict,
    /// When a link was followed.
    Lax,
    /// Always.
    None,
    /// The server did not say: as [`Lax`](Self::Lax), and with posted forms in the first two minutes.
    Unset,
}

impl Cookie {
    /// Reads a `Set-Cookie` that came from a URL, or says why browsers ignore it.
    pub(super) fn parse(line: &str, url: &Url, now: SystemTime) -> Result<Self, &'static str> {
        if line.chars().any(|char| char.is_control() && char != '\t') {
            return Err("it holds control characters");
        }
        let mut parts = line.split(';').map(str::trim);
        let pair = parts.next().unwrap_or_default();
        let (name, value) = pair.split_once('=').map_or(("", pair), |(name, value)| (name.trim(), value.trim()));
        if name.is_empty() && value.is_empty() {
            return Err("it has neither name nor value");
        }
        if name.len() + value.len() > LONGEST {
            return Err("name and value are longer than 4096 octets");
        }
        let host = url.host_str().ok_or("it comes from no host")?;
        let mut cookie = Self {
            name: name.to_owned(),
            value: value.to_owned(),
            domain: host.to_owned(),
            host_only: true,
            path: default_path(url),
            secure: false,
            http_only: false,
            same_site: SameSite::Unset,
            expires: None,
            created: now,
        };
        let (mut named_domain, mut max_age) = (false, None);
        for part in parts.filter(|part| part.len() <= LONGEST_ATTRIBUTE) {
            let (attribute, value) = part.split_once('=').map_or((part, ""), |(name, value)| (name.trim(), value.trim()));
            match attribute.to_ascii_lowercase().as_str() {
                "secure" => cookie.secure = true,
                "httponly" => cookie.http_only = true,
                "path" if value.starts_with('/') => cookie.path = value.to_owned(),
                "path" => cookie.path = default_path(url),
                "domain" if !value.is_empty() => {
                    named_domain = true;
                    cookie.take_domain(value, url)?;
                }
                "expires" => cookie.expires = httpdate::parse_http_date(value).ok().or(cookie.expires),
                "max-age" => max_age = value.parse::<i64>().ok().or(max_age),
                "samesite" => {
                    cookie.same_site = match value.to_ascii_lowercase().as_str() {
                        "strict" => SameSite::Strict,
                        "lax" => SameSite::Lax,
                        "none" => SameSite::None,
                        _ => SameSite::Unset,
                    }
                }
                _ => {}
            }
        }
        if let Some(seconds) = max_age {
            cookie.expires = Some(now + Duration::from_secs(u64::try_from(seconds).unwrap_or(0)).min(LONGEST_LIFE));
        }
        cookie.expires = cookie.expires.map(|expires| expires.min(now + LONGEST_LIFE));
        cookie.check(url, named_domain)?;
        Ok(cookie)
    }

    fn take_domain(&mut self, value: &str, url: &Url) -> Result<(), &'static str> {
        let domain = value.strip_prefix('.').unwrap_or(value).to_ascii_lowercase();
        let host = url.host_str().unwrap_or_default();
        // Nobody may set cookies for all of `com`; for a host without a dot, or an address, the name is the host.
        let is_name = matches!(url.host(), Some(Host::Domain(_)));
        self.host_only = !is_name || !domain.contains('.');
        let allowed = host == domain || (!self.host_only && is_below(host, &domain));
        self.domain = domain;
        if allowed { Ok(()) } else { Err("its Domain is not one of the host's") }
    }

    fn check(&self, url: &Url, named_domain: bool) -> Result<(), &'static str> {
        let starts = |text: &str, prefix: &str| text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
        if self.secure && !is_trustworthy(url) {
            return Err("it is Secure, and the URL is not");
        }
        if self.same_site == SameSite::None && !self.secure {
            return Err("it is SameSite=None without Secure");
        }
        if self.name.is_empty() && (starts(&self.value, "__Secure-") || starts(&self.value, "__Host-")) {
            return Err("it has no name and poses as one with a prefix");
        }
        if starts(&self.name, "__Secure-") && !self.secure {
            return Err("it is named __Secure- without Secure");
        }
        if starts(&self.name, "__Host-") && !(self.secure && self.path == "/" && !named_domain) {
            return Err("it is named __Host- without Secure and Path=/, or with Domain");
        }
        Ok(())
    }
}

/// Whether a host is below a domain.
pub(super) fn is_below(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

/// The directory of a path (RFC 6265, section 5.1.4).
fn default_path(url: &Url) -> String {
    match url.path().rsplit_once('/') {
        Some((directory, _)) if !directory.is_empty() => directory.to_owned(),
        _ => "/".to_owned(),
    }
}
