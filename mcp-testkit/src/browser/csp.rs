//! Content Security Policy (Level 3), as far as forms are concerned.

use url::Url;

/// One policy.
#[derive(Clone, Debug, Default)]
pub(super) struct Policy {
    directives: Vec<(String, Vec<String>)>,
}

/// The policies of one header's value, which separates them by commas.
pub(super) fn parse(value: &str) -> impl Iterator<Item = Policy> {
    value.split(',').map(Policy::parse).filter(|policy| !policy.directives.is_empty())
}

impl Policy {
    fn parse(text: &str) -> Self {
        let mut policy = Self::default();
        for directive in text.split(';') {
            let mut words = directive.split_ascii_whitespace();
            let Some(name) = words.next().map(str::to_ascii_lowercase) else { continue };
            // Of two directives with one name the first counts.
            if policy.directive(&name).is_none() {
                policy.directives.push((name, words.map(str::to_owned).collect()));
            }
        }
        policy
    }

    /// The policy as it counts in a `meta` element, where some directives do not (section 3.3).
    pub(super) fn in_document(mut self) -> Self {
        self.directives.retain(|(name, _)| !matches!(name.as_str(), "sandbox" | "frame-ancestors"));
        self
    }

    /// What a directive lists, if it is there.
    pub(super) fn directive(&self, name: &str) -> Option<&[String]> {
        self.directives.iter().find(|(given, _)| given == name).map(|(_, values)| values.as_slice())
    }

    /// Why a form of the page `own` may not go to a URL, either at once or after redirects, if it may not.
    pub(super) fn forbids_form(&self, own: &Url, target: &Url, redirected: bool) -> Option<String> {
        if let Some(flags) = self.directive("sandbox")
            && !flags.iter().any(|flag| flag.eq_ignore_ascii_case("allow-forms"))
        {
            return Some("sandbox".to_owned());
        }
        let sources = self.directive("form-action")?;
        let allowed = sources.iter().any(|source| matches(source, own, target, redirected));
        (!allowed).then(|| format!("form-action {}", sources.join(" ")))
    }
}

/// Section 6.7.2: does a URL match a source expression?
fn matches(source: &str, own: &Url, target: &Url, redirected: bool) -> bool {
    let source_lower = source.to_ascii_lowercase();
    match source_lower.as_str() {
        "*" => matches!(target.scheme(), "http" | "https" | "ws" | "wss") || target.scheme() == own.scheme(),
        "'self'" => is_self(own, target),
        _ if source.starts_with('\'') => false,
        scheme if scheme.ends_with(':') => scheme_matches(scheme.trim_end_matches(':'), target.scheme()),
        _ => host_source_matches(source, own, target, redirected),
    }
}

fn is_self(own: &Url, target: &Url) -> bool {
    let ports = own.port() == target.port();
    own.origin() == target.origin() || (own.host() == target.host() && ports && scheme_matches(own.scheme(), target.scheme()))
}

/// A plain scheme allows its secure form, too.
fn scheme_matches(allowed: &str, scheme: &str) -> bool {
    allowed == scheme || matches!((allowed, scheme), ("http", "https" | "ws" | "wss") | ("ws", "wss" | "http" | "https") | ("wss", "https"))
}

fn host_source_matches(source: &str, own: &Url, target: &Url, redirected: bool) -> bool {
    let (scheme, rest) = source.split_once("://").map_or((own.scheme(), source), |(scheme, rest)| (scheme, rest));
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let (host, port) = authority.rsplit_once(':').map_or((authority, None), |(host, port)| (host, Some(port)));
    scheme_matches(&scheme.to_ascii_lowercase(), target.scheme())
        && host_matches(&host.to_ascii_lowercase(), target.host_str().unwrap_or_default())
        && port_matches(port, target)
        // A redirect must not tell a page where it led to (section 7.6).
        && (redirected || path_matches(path, target.path()))
}

fn host_matches(allowed: &str, host: &str) -> bool {
    match allowed.strip_prefix('*') {
        Some(suffix) => suffix.is_empty() || (suffix.starts_with('.') && host.len() > suffix.len() && host.ends_with(suffix)),
        None => allowed == host,
    }
}

fn port_matches(allowed: Option<&str>, target: &Url) -> bool {
    match allowed {
        None => target.port().is_none(),
        Some("*") => true,
        Some(port) => {
            let actual = target.port_or_known_default();
            port.parse().ok() == actual || (port == "80" && actual == Some(443))
        }
    }
}

fn path_matches(allowed: &str, path: &str) -> bool {
    if allowed.ends_with('/') { path.starts_with(allowed) } else { allowed.is_empty() || path == allowed }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_go_where_the_policy_lets_them() {
        for (policy, target, redirected, allowed) in [
            ("default-src 'none'", "https://x.example/", false, true),
            ("form-action 'none'", "http://localhost:8000/", false, false),
            ("form-action", "http://localhost:8000/", false, false),
            ("form-action 'self'", "http://localhost:8000/x", false, true),
            ("form-action 'self'", "http://localhost:8001/x", false, false),
            ("form-action 'self'", "http://localhost:8001/x", true, false),
            ("form-action 'self'", "cursor://x", true, false),
            ("form-action *", "http://localhost:1/", true, true),
            ("form-action *", "cursor://x", true, false),
            ("form-action https:", "https://claude.ai/x", true, true),
            ("form-action https:", "http://localhost:1/", true, false),
            ("form-action http:", "https://claude.ai/", true, true),
            ("form-action cursor:", "cursor://anything/x", true, true),
            ("form-action http://localhost:*", "http://localhost:51234/callback", true, true),
            ("form-action http://localhost", "http://localhost:51234/callback", true, false),
            ("form-action http://localhost", "http://localhost/callback", true, true),
            ("form-action localhost:51234", "http://localhost:51234/callback", false, true),
            ("form-action https://claude.ai/api/", "https://claude.ai/api/x", false, true),
            ("form-action https://claude.ai/api", "https://claude.ai/api/x", false, false),
            ("form-action https://claude.ai/api", "https://claude.ai/api/x", true, true),
            ("form-action https://*.claude.ai", "https://claude.ai/", true, false),
            ("form-action https://*.claude.ai", "https://x.claude.ai/", true, true),
            ("form-action 'none'; form-action *", "http://localhost:8000/", false, false),
            ("FORM-ACTION 'SELF'", "http://localhost:8000/", false, true),
            ("sandbox allow-scripts", "http://localhost:8000/", false, false),
            ("sandbox allow-forms", "http://localhost:8000/", false, true),
        ] {
            let own = Url::parse("http://localhost:8000/consent").expect("a URL");
            let target = Url::parse(target).expect("a URL");
            let forbidden = parse(policy).find_map(|policy| policy.forbids_form(&own, &target, redirected));
            assert_eq!(forbidden.is_none(), allowed, "{policy} {target} {forbidden:?}");
        }
    }
}
