//! Where clients may be led back to (OAuth 2.1, sections 2.3.1 and 4.1.3; RFC 8252, sections 7 and 8.4).

use url::{Host, Position, Url};

/// The longest redirect URI, in bytes.
const MAX_BYTES: usize = 2 * 1_024;

/// Schemes that mean something else than a program of that name: what follows is run, shown, sent or fetched. Those that
/// begin with one of [`FOREIGN_PREFIXES`] are refused, too.
const FOREIGN: &str = "about acap admin blob brave callto cid data dict dns edge facetime feed file filesystem firefox ftp ftps git gopher \
    hcp help imap intent irc itms jar javascript ldap ldaps livescript magnet mailto market microsoft-edge mid mocha news \
    nfs nntp opera rdp res resource rtsp search sftp shell sip sips smb sms ssh svn tel telnet vbscript vivaldi vnc webcal \
    ws wss wyciwyg";

/// What schemes of browsers and operating systems begin with.
const FOREIGN_PREFIXES: [&str; 8] = ["android", "chrome", "itms-", "moz-", "ms-", "search-ms", "view-source", "x-apple"];

/// Whether a client may register a redirect URI; `public` if it keeps no secret.
///
/// Allowed is `https` to any host, `http` to the literals of this computer, and for public clients a scheme of the
/// program's own. A URI has to say what it means: it is written as it is sent, so that what is compared, what is shown and
/// where a browser goes are the same.
///
/// # Errors
/// What is wrong with it, in words for the client's developer.
pub(crate) fn check(uri: &str, public: bool) -> Result<(), &'static str> {
    if uri.len() > MAX_BYTES {
        return Err("a redirect URI is longer than 2 KiB");
    }
    if !uri.bytes().all(|byte| byte.is_ascii_graphic() && !br##""<>\^`{|}"##.contains(&byte)) {
        return Err("a redirect URI holds a character that must be percent-encoded, or a backslash");
    }
    if uri.contains('#') {
        return Err("a redirect URI has a fragment");
    }
    let (scheme, rest) = uri.split_once(':').ok_or("a redirect URI is not absolute")?;
    let url = Url::parse(uri).map_err(|_| "a redirect URI is malformed")?;
    if url.scheme() != scheme {
        return Err("the scheme of a redirect URI is not in lower case");
    }
    if !url.username().is_empty() || url.password().is_some() || authority(rest).is_some_and(|authority| authority.contains('@')) {
        return Err("a redirect URI names a user");
    }
    match scheme {
        "https" => web(&url, rest),
        "http" if is_loopback(&url) => web(&url, rest),
        "http" => Err("a redirect URI with http does not lead to 127.0.0.1, [::1] or localhost"),
        _ => program(scheme, rest, public),
    }
}

/// Whether a client that registered these may be led back to this URI.
///
/// It is one of them to the letter. Only on this computer the port is free, because programs take what they get (RFC 8252,
/// section 7.3); `localhost` is as good as an address here, because that is what programs register.
pub(crate) fn allows(registered: &[String], requested: &str) -> bool {
    if check(requested, true).is_err() {
        return false;
    }
    let portless = without_loopback_port(requested);
    registered.iter().any(|known| known == requested || portless.is_some() && without_loopback_port(known) == portless)
}

/// A URI as it is compared: one that leads to this computer has no port.
pub(super) fn comparable(uri: &str) -> String {
    without_loopback_port(uri).map_or_else(|| uri.to_owned(), |(host, rest)| format!("http://{host}{rest}"))
}

/// What a redirect URI is shown as: the host, with a port that is not the usual one, or the scheme of a program; and
/// whether it leads to this computer, where any program can be the one.
pub(crate) fn host_for_display(uri: &str) -> (String, bool) {
    let Ok(url) = Url::parse(uri) else { return ("an unreadable address".to_owned(), false) };
    match url.scheme() {
        "https" => (url[Position::BeforeHost..Position::AfterPort].to_owned(), is_loopback(&url)),
        "http" => (url.host_str().unwrap_or_default().to_owned(), true),
        scheme => (scheme.to_owned(), true),
    }
}

/// Whether a URI means what it says: the host that a browser asks is the one that is written, and so is the path.
fn web(url: &Url, rest: &str) -> Result<(), &'static str> {
    let authority = authority(rest).ok_or("a redirect URI names no host")?;
    let path = &rest[2 + authority.len()..];
    let (host, port) = split_port(authority);
    if !url.host_str().is_some_and(|parsed| parsed.eq_ignore_ascii_case(host)) {
        return Err("the host of a redirect URI is not written as it is asked");
    }
    let plain = |label: &str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if matches!(url.host(), Some(Host::Domain(name)) if !name.split('.').all(plain)) {
        return Err("the host of a redirect URI is not a plain name");
    }
    if port.is_some_and(|port| port.parse::<u16>().is_err() || port.starts_with(['0', '+'])) {
        return Err("the port of a redirect URI is malformed");
    }
    let written = path.split('?').next().unwrap_or_default();
    if url.path() != if written.is_empty() { "/" } else { written } {
        return Err("the path of a redirect URI is not written as it is asked");
    }
    Ok(())
}

/// Whether a scheme is one of a program's own: a domain turned round (RFC 8252, section 7.1), or a name as programs have them.
fn program(scheme: &str, rest: &str, public: bool) -> Result<(), &'static str> {
    let foreign = FOREIGN.split(' ').any(|name| name == scheme) || FOREIGN_PREFIXES.iter().any(|prefix| scheme.starts_with(prefix));
    if foreign || scheme.len() < 2 {
        return Err("the scheme of a redirect URI is not allowed");
    }
    if !public {
        return Err("only clients without a secret have redirect URIs with a scheme of their own");
    }
    let named = authority(rest).is_some_and(|authority| !authority.is_empty());
    let path = scheme.contains('.') && rest.starts_with('/');
    if named || path { Ok(()) } else { Err("a redirect URI with a scheme of a program's own is written as `scheme://host/path`") }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The host of a URI that leads to this computer, and all that follows host and port.
fn without_loopback_port(uri: &str) -> Option<(&str, &str)> {
    let rest = uri.strip_prefix("http:")?;
    if !Url::parse(uri).is_ok_and(|url| is_loopback(&url)) {
        return None;
    }
    let authority = authority(rest)?;
    Some((split_port(authority).0, &rest[2 + authority.len()..]))
}

/// What is between `//` and the path or query.
fn authority(rest: &str) -> Option<&str> {
    rest.strip_prefix("//")?.split(['/', '?']).next()
}

/// Host and port of an authority without a user.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

#[cfg(test)]
#[path = "redirect_tests.rs"]
mod tests;
