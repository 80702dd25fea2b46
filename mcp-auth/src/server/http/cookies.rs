//! Cookies of a browser's session.

use std::time::Duration;

/// A cookie by which a browser is known.
///
/// With `https` its name begins with `__Host-`, so that no other host, sub-domain or path can set it (RFC 6265bis, section 4.1.3.2).
#[derive(Clone, Debug)]
pub(crate) struct Cookie {
    name: String,
    secure: bool,
}

impl Cookie {
    /// The cookie of this name; `secure` unless the server is on loopback without TLS.
    pub(crate) fn new(name: &str, secure: bool) -> Self {
        Self { name: if secure { format!("__Host-{name}") } else { name.to_owned() }, secure }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// `Set-Cookie` with a value, for a time. `Lax`: it has to come along when another site leads here.
    pub(crate) fn set(&self, value: &str, lasts: Duration) -> String {
        let secure = if self.secure { "; Secure" } else { "" };
        format!("{}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}{secure}", self.name, lasts.as_secs())
    }

    /// `Set-Cookie` that removes it.
    pub(crate) fn clear(&self) -> String {
        self.set("", Duration::ZERO)
    }
}
