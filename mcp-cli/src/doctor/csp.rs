//! What a Content Security Policy lets a form lead to (CSP Level 3, "form-action").

use url::Url;

use super::seen::Seen;

/// The directive that keeps the answer of a form on this page from being led to `target`, if there is one.
///
/// Browsers on Chromium hold it against every redirect that follows the sending of a form, not only against the form's own address.
pub(crate) fn blocks(page: &Seen, target: &str) -> Option<String> {
    let (Ok(own), Ok(target)) = (Url::parse(&page.url), Url::parse(target)) else { return None };
    let headers = page.headers("content-security-policy").into_iter().map(str::to_owned);
    let policies: Vec<String> = headers.chain(in_page(page.body())).collect();
    let mut directives = policies
        .iter()
        .flat_map(|policies| policies.split(','))
        .filter_map(|policy| policy.split(';').map(str::trim).find(|directive| name_of(directive).eq_ignore_ascii_case("form-action")));
    let blocking = directives.find(|directive| !directive.split_whitespace().skip(1).any(|source| allows(source, &own, &target)));
    blocking.map(str::to_owned)
}

fn name_of(directive: &str) -> &str {
    directive.split_whitespace().next().unwrap_or_default()
}

/// Policies in `meta` elements, as far as they are written as everybody writes them.
fn in_page(body: &str) -> Vec<String> {
    let lower = body.to_ascii_lowercase();
    let mut found = Vec::new();
    for (at, _) in lower.match_indices("http-equiv=\"content-security-policy\"") {
        let start = lower[..at].rfind('<').unwrap_or(at);
        let end = lower[at..].find('>').map_or(lower.len(), |end| at + end);
        let element = &body[start..end];
        if let Some((_, value)) = element.split_once("content=\"") {
            found.push(value.split('"').next().unwrap_or_default().to_owned());
        }
    }
    found
}

fn allows(source: &str, own: &Url, target: &Url) -> bool {
    let source = source.to_ascii_lowercase();
    match source.as_str() {
        "'self'" => own.origin() == target.origin(),
        "'none'" => false,
        "*" => matches!(target.scheme(), "http" | "https"),
        scheme if scheme.ends_with(':') => scheme.trim_end_matches(':') == target.scheme(),
        host => matches_host(host, target),
    }
}

/// Whether a source as `https://*.example.com:443/path` is about a URL.
fn matches_host(source: &str, target: &Url) -> bool {
    let (scheme, rest) = source.split_once("://").map_or((None, source), |(scheme, rest)| (Some(scheme), rest));
    if scheme.is_some_and(|scheme| scheme != target.scheme() && (scheme, target.scheme()) != ("http", "https")) {
        return false;
    }
    // The path does not count after a redirect.
    let authority = rest.split('/').next().unwrap_or_default();
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let named = target.host_str().unwrap_or_default();
    let same_host = match host.strip_prefix("*.") {
        Some(parent) => named.strip_suffix(parent).is_some_and(|rest| rest.ends_with('.')),
        None => host == named,
    };
    let same_port = match port {
        Some("*") => true,
        Some(port) => target.port_or_known_default().is_some_and(|known| known.to_string() == port),
        None => target.port().is_none(),
    };
    same_host && same_port
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_says_where_forms_may_lead() {
        for (policy, target, blocked) in [
            ("default-src 'none'", "http://127.0.0.1:5000/callback", false),
            ("default-src 'none'; form-action 'self'", "http://127.0.0.1:5000/callback", true),
            ("form-action 'none'", "https://claude.ai/api/mcp/auth_callback", true),
            ("form-action 'self' http://127.0.0.1:*", "http://127.0.0.1:5000/callback", false),
            ("form-action 'self' http://127.0.0.1", "http://127.0.0.1:5000/callback", true),
            ("form-action 'self' https:", "https://claude.ai/api/mcp/auth_callback", false),
            ("form-action https://*.ai", "https://claude.ai/api/mcp/auth_callback", false),
            ("FORM-ACTION https://claude.ai/", "https://claude.ai/api/mcp/auth_callback", false),
            ("form-action *", "cursor://anysphere.cursor-mcp/oauth/callback", true),
            ("form-action *, form-action 'self'", "https://claude.ai/api/mcp/auth_callback", true),
            ("form-action cursor:", "cursor://anysphere.cursor-mcp/oauth/callback", false),
        ] {
            let page = Seen::made_up(200, &[("content-security-policy", policy)], "");
            assert_eq!(blocks(&page, target).is_some(), blocked, "{policy} {target}");
        }
        let page = Seen::made_up(200, &[], r#"<META http-equiv="Content-Security-Policy" content="form-action 'self'">"#);
        assert_eq!(blocks(&page, "https://claude.ai/"), Some("form-action 'self'".to_owned()));
    }
}
