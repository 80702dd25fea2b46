//! E-mail addresses, in the one writing in which they are compared.

use std::fmt;

use url::Host;

/// The most bytes of an address that a mail can be sent to (RFC 5321, section 4.5.3.1.3, without its angle brackets).
const MAX_BYTES: usize = 254;
/// The most bytes before the `@` (RFC 5321, section 4.5.3.1.1).
const MAX_LOCAL_BYTES: usize = 64;

/// An e-mail address: plain ASCII, in lower case, its domain as it is looked up in the DNS.
///
/// Two people could in theory have addresses that differ in case only; no provider gives such out, and people write theirs in
/// every case. Characters that look like others are visible in a domain, which is written in ASCII (RFC 5890, section 2.3.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EmailAddress(String);

impl EmailAddress {
    /// Reads an address: a dot-atom (RFC 5322, section 3.2.3), `@` and a domain. Quoted parts, comments, domain literals and domains
    /// of a single label are none. Spaces around it are left out, as of who pasted it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (local, domain) = text.trim_matches(' ').split_once('@')?;
        if local.len() > MAX_LOCAL_BYTES || !local.split('.').all(is_atom) {
            return None;
        }
        let address = format!("{}@{}", local.to_ascii_lowercase(), domain_to_ascii(domain)?);
        (address.len() <= MAX_BYTES).then_some(Self(address))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// The address without what stands after a `+`: most providers put mails to all of these into one mailbox.
    pub(super) fn mailbox(&self) -> String {
        let (local, domain) = self.0.split_once('@').unwrap_or((&self.0, ""));
        format!("{}@{domain}", local.split('+').next().unwrap_or_default())
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_atom(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte))
}

/// A domain by its labels of the DNS.
fn domain_to_ascii(domain: &str) -> Option<String> {
    // The parser is that of URLs, and would decode percent signs.
    if domain.contains('%') {
        return None;
    }
    let Ok(Host::Domain(ascii)) = Host::parse(domain) else { return None };
    let is_label = |label: &str| {
        let plain = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        plain && !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-')
    };
    (ascii.contains('.') && ascii.split('.').all(is_label)).then_some(ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_one_writing() {
        for (text, address) in [
            ("ann@example.com", "ann@example.com"),
            ("  Ann.B+Tag@EXAMPLE.com ", "ann.b+tag@example.com"),
            ("o'brien@example.co.uk", "o'brien@example.co.uk"),
            ("ann@bücher.example", "ann@xn--bcher-kva.example"),
            ("ann@BÜCHER.example", "ann@xn--bcher-kva.example"),
            ("ann@ｅxample.com", "ann@example.com"),
            ("ann@exam\u{ad}ple.com", "ann@example.com"),
            // A Cyrillic letter in the place of the `a` is another domain, and looks like one.
            ("ann@\u{430}pple.com", "ann@xn--pple-43d.com"),
        ] {
            assert_eq!(EmailAddress::parse(text).as_ref().map(EmailAddress::as_str), Some(address), "{text:?}");
        }
    }

    #[test]
    fn what_could_mean_two_things_is_no_address() {
        let long = format!("{}@example.com", "a".repeat(65));
        let longer = format!("ann@{}example.com", "a2345678901234567890123456789012345678901.".repeat(6));
        for text in [
            "",
            "ann",
            "@example.com",
            "ann@",
            "ann@example",
            "ann@example.com.",
            "ann@.example.com",
            "ann@example..com",
            "ann@-example.com",
            "ann@exa_mple.com",
            "ann@127.0.0.1",
            "ann@0x7f.1",
            "ann@[127.0.0.1]",
            "ann@[::1]",
            "ann@b@example.com",
            "ann@exam%70le.com",
            "ann @example.com",
            "ann@exam ple.com",
            "ann@example.com\r\nBcc: eve@example.com",
            "ann@example.com\nBcc: eve@example.com",
            "ann\r\n@example.com",
            "ann@example.com\r\n",
            "\tann@example.com",
            "ann\0@example.com",
            "ann@example.com,eve@example.com",
            "ann@example.com;eve@example.com",
            "Ann <ann@example.com>",
            "<ann@example.com>",
            "\"ann b\"@example.com",
            "\"ann\"@example.com",
            "ann(comment)@example.com",
            "a\\nn@example.com",
            ".ann@example.com",
            "ann.@example.com",
            "a..n@example.com",
            "änn@example.com",
            "\u{430}nn@example.com",
            "mailto:ann@example.com",
            "ann@example.com?bcc=eve@example.com",
            "ann@example.com/x",
            "ann@example.com:25",
            "ann@xn--a.example",
            &long,
            &longer,
        ] {
            assert_eq!(EmailAddress::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn tags_lead_to_one_mailbox() {
        for text in ["ann@example.com", "Ann+a@example.com", "ann+a+b@example.com"] {
            assert_eq!(EmailAddress::parse(text).expect("an address").mailbox(), "ann@example.com");
        }
    }
}
