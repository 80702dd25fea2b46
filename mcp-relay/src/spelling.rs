//! Spellings of URIs that mean the same.

use url::Url;

use crate::location::family;

/// Whether a URI is spelled in the normal way, so that no other spelling of it is (RFC 3986, section 6.2): lower case where case
/// does not count, everything as it is that may be and nothing encoded twice, no segments that lead nowhere, no user, no port or slash that is understood,
/// no fragment, which is no part of what is asked for. What a parser of the URL Standard would write otherwise is not normal either: servers
/// use those. Servers that take further spellings for the same, as of file systems that ignore case, have to be given rules for all of them.
pub(crate) fn is_normal(uri: &str) -> bool {
    let Some((scheme, rest)) = uri.split_once(':') else { return false };
    let (authority, path) = match rest.strip_prefix("//") {
        Some(rest) => rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len())),
        None => ("", rest),
    };
    let path = path.split('?').next().unwrap_or_default();
    let leads_nowhere = |segment: &str| matches!(segment, "." | "..");
    let is_lower = |text: &str| !text.bytes().any(|byte| byte.is_ascii_uppercase());
    is_lower(scheme)
        && is_lower(&without_escapes(authority))
        && !authority.contains('@')
        && !path.split('/').any(leads_nowhere)
        && !path.contains("//")
        && !path.contains(['[', ']'])
        && uri.bytes().all(is_allowed)
        && escapes(uri).all(is_needed)
        && !is_encoded_twice(uri)
        && Url::parse(uri).is_ok_and(|parsed| parsed.as_str() == uri)
}

/// Whether some URI in the normal spelling fits a rule's name, which is one, a template or a pattern.
pub(crate) fn can_fit(name: &str) -> bool {
    let pattern = family(name).unwrap_or_else(|| name.to_owned());
    // What stands for any text may be a host, a port, a name or a scheme and more.
    ["x", "1", "x:y", "x://y/"].iter().any(|text| {
        let uri = pattern.replace('*', text);
        is_normal(&uri) || is_normal(&format!("{uri}/"))
    })
}

/// Whether a character may stand in a URI as it is, somewhere (RFC 3986, section 2); no fragment has a place in the name of a resource.
fn is_allowed(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?[]@!$&'()*+,;=%".contains(&byte)
}

/// Whether what is decoded could be decoded once more.
fn is_encoded_twice(uri: &str) -> bool {
    uri.match_indices("%25")
        .any(|(at, _)| uri.as_bytes()[at + 3..].first_chunk::<2>().is_some_and(|next| next.iter().all(u8::is_ascii_hexdigit)))
}

/// What follows each `%`.
fn escapes(uri: &str) -> impl Iterator<Item = &str> {
    uri.split('%').skip(1).map(|rest| rest.get(..2).unwrap_or(rest))
}

fn without_escapes(text: &str) -> String {
    let mut parts = text.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.get(2..).unwrap_or_default())
}

/// Whether something is encoded that has to be, in upper case.
fn is_needed(escape: &str) -> bool {
    let is_upper = escape.len() == 2 && escape.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'A'..=b'F'));
    let byte = u8::from_str_radix(escape, 16).ok().filter(|_| is_upper);
    // An encoded separator may be taken for one, and who encodes what need not be has two spellings.
    byte.is_some_and(|byte| !byte.is_ascii_control() && byte != b'\\' && (!is_allowed(byte) || matches!(byte, b'?' | b'[' | b']' | b'%')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_of_a_uri_is_normal() {
        for uri in [
            "a:1",
            "file:///a/b.txt",
            "file:///A",
            "https://host:1/a?b=//./..",
            "https://[::1]:8443/a",
            "file:///a(1),b;c=d@e!$&'*+.txt",
            "file:///a%25b%3F%5B1%5D.txt",
            "note://team/payroll",
            "mailto:ann@example.com",
            "file:///a%20b%C3%A9",
            "skill://x",
            "skill://x/",
            "urn:x:Y",
        ] {
            assert!(is_normal(uri), "{uri}");
        }
        for uri in [
            "A:1",
            "no scheme",
            "",
            "https://HOST/",
            "file:///a/./b",
            "file:///a/..",
            "file:////a",
            "file:///a//b",
            "file:///%61",
            "file:///%2e",
            "file:///a%2Fb",
            "file:///%c3%a9",
            "file:///é",
            "file:///a b",
            "file:///a\\b",
            "file:///%",
            "file:///%4",
            "file:///%zz",
            "file:///%00",
            "file:///a%5Cb",
            "file:///a#",
            "file:///a#b",
            "file:///a%23b%0A",
            "file:///a%28",
            "file:///C%3A/a",
            "file:///C|/a",
            "file:///a[1]",
            "file:///a%2573ecret",
            "file://localhost/a",
            "file:/a",
            "note://@team/payroll",
            "note://ann@team/payroll",
            "note://team:/payroll",
            "https://host:443/a",
            "https://host",
            "https:/host/a",
            "https://127.1/a",
            "https://ho%73t/a",
        ] {
            assert!(!is_normal(uri), "{uri}");
        }
    }

    #[test]
    fn a_rule_has_to_fit_something() {
        for name in [
            "*",
            "*secret*",
            "*.txt",
            "file:///*",
            "file:///a%20b",
            "skill://*",
            "https://host",
            "https://host*",
            "https://*/a",
            "https://host:*/a",
            "note://team:*",
            "file:///{+path}",
            "user://{name}/mail{?box,page}",
        ] {
            assert!(can_fit(name), "{name}");
        }
        for name in ["file:///a b", "file:///é", "https://HOST/*", "https://host:443/*", "file:///%61*", "file:///a#*", "no scheme", ""] {
            assert!(!can_fit(name), "{name}");
        }
    }
}
