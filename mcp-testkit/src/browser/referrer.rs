//! What a request says about where it comes from: `Referer` and `Origin` (W3C Referrer Policy; Fetch, section 3.2).

use url::Url;

use super::site::{is_trustworthy, same_origin};

/// A referrer policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Policy {
    NoReferrer,
    NoReferrerWhenDowngrade,
    SameOrigin,
    Origin,
    StrictOrigin,
    OriginWhenCrossOrigin,
    StrictOriginWhenCrossOrigin,
    UnsafeUrl,
}

impl Policy {
    /// What browsers do when nobody says anything.
    pub(super) const DEFAULT: Self = Self::StrictOriginWhenCrossOrigin;

    /// The last policy of a list that is known.
    pub(super) fn parse(list: &str) -> Option<Self> {
        let known = |token: &str| match token.trim().to_ascii_lowercase().as_str() {
            "no-referrer" => Some(Self::NoReferrer),
            "no-referrer-when-downgrade" => Some(Self::NoReferrerWhenDowngrade),
            "same-origin" => Some(Self::SameOrigin),
            "origin" => Some(Self::Origin),
            "strict-origin" => Some(Self::StrictOrigin),
            "origin-when-cross-origin" => Some(Self::OriginWhenCrossOrigin),
            "strict-origin-when-cross-origin" => Some(Self::StrictOriginWhenCrossOrigin),
            "unsafe-url" => Some(Self::UnsafeUrl),
            _ => None,
        };
        list.split(',').filter_map(known).next_back()
    }

    /// The `Referer` of a request from one page to another URL.
    pub(super) fn referer(self, from: &Url, to: &Url) -> Option<String> {
        if !matches!(from.scheme(), "http" | "https") {
            return None;
        }
        let mut full = from.clone();
        full.set_fragment(None);
        // Neither fails on a URL with a host.
        let _ = (full.set_username(""), full.set_password(None));
        let (full, origin) = (full.to_string(), format!("{}/", from.origin().ascii_serialization()));
        let (same, downgrade) = (same_origin(from, to), is_downgrade(from, to));
        match self {
            Self::NoReferrer => None,
            Self::NoReferrerWhenDowngrade => (!downgrade).then_some(full),
            Self::SameOrigin => same.then_some(full),
            Self::Origin => Some(origin),
            Self::StrictOrigin => (!downgrade).then_some(origin),
            Self::OriginWhenCrossOrigin => Some(if same { full } else { origin }),
            Self::StrictOriginWhenCrossOrigin if same => Some(full),
            Self::StrictOriginWhenCrossOrigin => (!downgrade).then_some(origin),
            Self::UnsafeUrl => Some(full),
        }
    }

    /// The `Origin` of a form that a page posts to a URL. A page that wants no referrer posts from nowhere.
    pub(super) fn origin(self, from: &Url, to: &Url) -> String {
        let hidden = match self {
            Self::NoReferrer => true,
            Self::NoReferrerWhenDowngrade | Self::StrictOrigin | Self::StrictOriginWhenCrossOrigin => is_downgrade(from, to),
            Self::SameOrigin => !same_origin(from, to),
            Self::Origin | Self::OriginWhenCrossOrigin | Self::UnsafeUrl => false,
        };
        if hidden { "null".to_owned() } else { from.origin().ascii_serialization() }
    }
}

/// A server on loopback stands for one behind HTTPS, so going there is none.
fn is_downgrade(from: &Url, to: &Url) -> bool {
    is_trustworthy(from) && !is_trustworthy(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_say_as_much_as_their_policy_lets_them() {
        let own = "http://localhost:1/a?b";
        let (other, plain) = ("https://claude.ai/x", "http://example.com/");
        for (policy, to, referer, origin) in [
            ("no-referrer", own, None, "null"),
            ("same-origin", own, Some(own), "http://localhost:1"),
            ("same-origin", other, None, "null"),
            ("origin", plain, Some("http://localhost:1/"), "http://localhost:1"),
            ("strict-origin", plain, None, "null"),
            ("no-referrer-when-downgrade", other, Some(own), "http://localhost:1"),
            ("unsafe-url", plain, Some(own), "http://localhost:1"),
            ("origin-when-cross-origin", other, Some("http://localhost:1/"), "http://localhost:1"),
            ("no-referrer, strict-origin-when-cross-origin", own, Some(own), "http://localhost:1"),
            ("strict-origin-when-cross-origin, new-policy", other, Some("http://localhost:1/"), "http://localhost:1"),
        ] {
            let from = Url::parse("http://u:p@localhost:1/a?b#c").expect("a URL");
            let to = Url::parse(to).expect("a URL");
            let policy = Policy::parse(policy).expect("it is known");
            assert_eq!((policy.referer(&from, &to).as_deref(), &*policy.origin(&from, &to)), (referer, origin), "{policy:?} {to}");
        }
        assert_eq!(Policy::parse("never"), None);
    }
}
