//! Spellings of URIs that mean the same.

use url::Url;

use crate::location::family;

/// The one way in which a URI is written that has many: by it rules are looked up, whatever spelling is passed on. `None` for what has no such form,
/// or may be taken for something else by somebody who reads it less strictly.
///
/// Escapes of what needs none are read, and the case of scheme and host does not count (RFC 3986, section 6.2). A URI has none of these: a fragment, a user,
/// segments that lead nowhere, nothing between two slashes, an encoded separator, what is encoded twice, what may not stand in a URI. And it is one that a parser
/// of the URL Standard would write just so.
pub(crate) fn normal(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once(':')?;
    let (authority, path) = match rest.strip_prefix("//") {
        Some(rest) => {
            let (authority, path) = split(rest);
            (Some(authority), path)
        }
        None => (None, rest),
    };
    let mut written = format!("{}:", scheme.to_ascii_lowercase());
    if let Some(authority) = authority {
        let authority = written_authority(authority)?;
        let is_odd = |escape: &str| escape.as_bytes()[0] < b'8' && !matches!(escape, "40" | "3a");
        let has_odd_escapes = authority.split('%').skip(1).any(|rest| is_odd(&rest[..2]));
        if authority.contains('@') || authority.split(':').any(|part| part.ends_with('.')) || has_odd_escapes {
            return None;
        }
        written += "//";
        written += &authority;
    }
    let path = unescaped(path, |_| true)?;
    let leads_nowhere = |segment: &str| matches!(segment, "." | "..");
    let before_query = path.split('?').next().unwrap_or_default();
    if path.split(['/', '?']).any(leads_nowhere) || before_query.contains("//") || path.contains(['[', ']']) {
        return None;
    }
    written += &path;
    let is_fit = written.bytes().all(is_allowed) && Url::parse(&written).is_ok_and(|parsed| parsed.as_str() == written);
    is_fit.then_some(written)
}

/// The same for a URI that is in a list, and so is what it is: how it would be written, as far as that can be said.
pub(crate) fn nearest(uri: &str) -> String {
    let parsed = Url::parse(uri).map_or_else(|_| uri.to_owned(), String::from);
    normal(&parsed).unwrap_or(parsed)
}

/// The authority after `//` and what follows it, also in a template.
pub(crate) fn split(rest: &str) -> (&str, &str) {
    rest.split_at(rest.find(['/', '?', '{']).unwrap_or(rest.len()))
}

/// An authority as it is compared: `@` and `:` in a name are not those around it.
fn written_authority(authority: &str) -> Option<String> {
    Some(unescaped(authority, |byte| !matches!(byte, b'@' | b':'))?.to_ascii_lowercase())
}

/// A text without the escapes of what may be there as it is; `None` where there are escapes that nobody should need.
fn unescaped(text: &str, may_be_read: impl Fn(u8) -> bool) -> Option<String> {
    let mut parts = text.split('%');
    let mut read = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let byte = part.get(..2).and_then(|escape| u8::from_str_radix(escape, 16).ok())?;
        // An encoded separator may be taken for one, and so may what is decoded twice.
        let twice = byte == b'%' && part.as_bytes()[2..].first_chunk::<2>().is_some_and(|next| next.iter().all(u8::is_ascii_hexdigit));
        if byte.is_ascii_control() || matches!(byte, b'/' | b'\\') || twice {
            return None;
        }
        if is_allowed(byte) && !matches!(byte, b'?' | b'[' | b']' | b'%') && may_be_read(byte) {
            read.push(char::from(byte));
        } else {
            read += &format!("%{byte:02X}");
        }
        read += &part[2..];
    }
    Some(read)
}

/// The name of a rule, which is a URI, a template or a pattern, as it is compared; `None` if no URI in its normal spelling fits it.
pub(crate) fn rule(name: &str) -> Option<String> {
    let pattern = family(name).unwrap_or_else(|| name.to_owned());
    // What stands for any text may be a host, a port, a name or a scheme and more.
    let fits = ["x", "1", "x:y", "x://y/"].iter().any(|text| {
        let uri = pattern.replace('*', text);
        normal(&uri).is_some() || normal(&format!("{uri}/")).is_some()
    });
    if !fits {
        return None;
    }
    let (start, rest) = match name.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, rest) = split(rest);
            (format!("{}://{}", scheme.to_ascii_lowercase(), written_authority(authority)?), rest)
        }
        None => match name.split_once(':') {
            Some((scheme, rest)) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
                (format!("{}:", scheme.to_ascii_lowercase()), rest)
            }
            _ => (String::new(), name),
        },
    };
    Some(start + &unescaped(rest, |_| true)?)
}

/// Whether a character may stand in a URI as it is, somewhere (RFC 3986, section 2); no fragment has a place in the name of a resource.
fn is_allowed(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?[]@!$&'()*+,;=%".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_has_one_normal_spelling() {
        for (uri, expected) in [
            ("a:1", "a:1"),
            ("file:///a/b.txt", "file:///a/b.txt"),
            ("file:///A", "file:///A"),
            ("https://host:1/a?b=c/d", "https://host:1/a?b=c/d"),
            ("https://[::1]:8443/a", "https://[::1]:8443/a"),
            ("file:///a%20b%C3%A9", "file:///a%20b%C3%A9"),
            ("file:///a%20b%c3%a9", "file:///a%20b%C3%A9"),
            ("file:///a(1),b;c=d@e!$&'*+.txt", "file:///a(1),b;c=d@e!$&'*+.txt"),
            ("file:///a%281%29%2Cb%3Bc%3Dd%40e%21%24%26%27%2A%2B%2Etxt", "file:///a(1),b;c=d@e!$&'*+.txt"),
            ("file:///%73ecret", "file:///secret"),
            ("file:///C%3A/a", "file:///C:/a"),
            ("file:///a%25b%3F%5B1%5D.txt", "file:///a%25b%3F%5B1%5D.txt"),
            ("note://Team/Payroll", "note://team/Payroll"),
            ("NOTE://team/payroll", "note://team/payroll"),
            ("user://ann%40corp.com", "user://ann%40corp.com"),
            ("user://c%3Aann", "user://c%3aann"),
            ("https://ho%73t/a", "https://host/a"),
            ("mailto:ann@example.com", "mailto:ann@example.com"),
            ("skill://x", "skill://x"),
            ("skill://x/", "skill://x/"),
            ("urn:x:Y", "urn:x:Y"),
            ("fetch://page?url=https://host/a", "fetch://page?url=https://host/a"),
        ] {
            assert_eq!(normal(uri).as_deref(), Some(expected), "{uri}");
            assert_eq!(normal(expected).as_deref(), Some(expected), "{uri} twice");
        }
    }

    #[test]
    fn what_may_be_taken_for_something_else_has_none() {
        for uri in [
            "no scheme",
            "",
            "file:///a/./b",
            "file:///a/..",
            "file:///a/%2e%2E/b",
            "file:////a",
            "file:///a//b",
            "file:///a%2Fb",
            "file:///a%5Cb",
            "file:///é",
            "file:///a b",
            "file:///a\\b",
            "file:///%",
            "file:///%4",
            "file:///%zz",
            "file:///%00",
            "file:///a%0Ab",
            "file:///a#",
            "file:///a#b",
            "file:///a[1]",
            "file:///C|/a",
            "file:///a%2573ecret",
            "file:///a?/../b",
            "file:///a?..",
            "file://localhost/a",
            "file:/a",
            "note://@team/payroll",
            "note://ann@team/payroll",
            "note://team:/payroll",
            "note://./team/payroll",
            "note://../payroll",
            "note://team./payroll",
            "note://team%2E/payroll",
            "note://%2e/team/payroll",
            "note://%20/team/payroll",
            "https://host:443/a",
            "https://host",
            "https:/host/a",
            "https://127.1/a",
            "https://intra%C2%AD/a",
        ] {
            assert_eq!(normal(uri), None, "{uri}");
        }
    }

    #[test]
    fn what_is_listed_has_a_spelling_as_near_as_can_be() {
        for (uri, expected) in [
            ("file:///a b.txt", "file:///a%20b.txt"),
            ("note://Team/payroll", "note://team/payroll"),
            ("https://HOST", "https://host/"),
            ("file:///a/../b", "file:///b"),
            ("no scheme", "no scheme"),
        ] {
            assert_eq!(nearest(uri), expected);
        }
    }

    #[test]
    fn a_rule_has_to_fit_something_and_is_compared_as_uris_are() {
        for (name, expected) in [
            ("*", "*"),
            ("*secret*", "*secret*"),
            ("*.txt", "*.txt"),
            ("file:///*", "file:///*"),
            ("file:///a%20b", "file:///a%20b"),
            ("file:///a%28*", "file:///a(*"),
            ("file:///%61*", "file:///a*"),
            ("skill://*", "skill://*"),
            ("URN:x:Y", "urn:x:Y"),
            ("https://host", "https://host"),
            ("https://HOST/A*", "https://host/A*"),
            ("https://host*", "https://host*"),
            ("https://*/a", "https://*/a"),
            ("https://host:*/a", "https://host:*/a"),
            ("note://team:*", "note://team:*"),
            ("file:///{+path}", "file:///{+path}"),
            ("user://{Name}/mail{?box,page}", "user://{Name}/mail{?box,page}"),
        ] {
            assert_eq!(rule(name).as_deref(), Some(expected), "{name}");
        }
        for name in ["file:///a b", "file:///é", "https://host:443/*", "file:///a#*", "file:///a/../*", "no scheme", ""] {
            assert_eq!(rule(name), None, "{name}");
        }
    }
}
