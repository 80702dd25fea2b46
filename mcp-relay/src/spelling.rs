//! Spellings of URIs that mean the same.

/// Whether a URI is spelled in the normal way, so that no other spelling of it is (RFC 3986, section 6.2.2): lower case where case
/// does not count, nothing encoded that need not be, and no segments that lead nowhere. Servers that take further
/// spellings for the same, as of file systems that ignore case, have to be given rules for all of them.
pub(crate) fn is_normal(uri: &str) -> bool {
    let Some((scheme, rest)) = uri.split_once(':') else { return false };
    let (authority, path) = match rest.strip_prefix("//") {
        Some(rest) => rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len())),
        None => ("", rest),
    };
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let leads_nowhere = |segment: &str| matches!(segment, "." | "..");
    let is_lower = |text: &str| !text.bytes().any(|byte| byte.is_ascii_uppercase());
    is_lower(scheme)
        && is_lower(&without_escapes(authority))
        && !path.split('/').any(leads_nowhere)
        && !path.contains("//")
        && uri.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
        && escapes(uri).all(is_needed)
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
    // An encoded separator may be taken for one.
    byte.is_some_and(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/' | b'\\' | 0))
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
            "https://host:1/a?b=//./#..",
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
        ] {
            assert!(!is_normal(uri), "{uri}");
        }
    }
}
