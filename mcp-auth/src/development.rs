//! A caller for development.

use async_trait::async_trait;
use mcp_core::Principal;

use crate::authenticator::is_loopback;
use crate::{AuthError, Authenticate, Credentials};

/// Takes every caller from a loopback address for one principal, to try out what that one may do; everybody else is refused.
///
/// Credentials are not looked at. Behind a proxy on the same host every caller comes from a loopback
/// address: it is for development only.
#[derive(Clone, Debug)]
pub struct Development(Principal);

impl Development {
    /// Takes every caller from a loopback address for `principal`.
    #[must_use]
    pub fn new(principal: Principal) -> Self {
        Self(principal)
    }
}

#[async_trait]
impl Authenticate for Development {
    async fn authenticate(&self, credentials: Credentials<'_>) -> Result<Principal, AuthError> {
        if credentials.peer().is_some_and(is_loopback) { Ok(self.0.clone()) } else { Err(AuthError::Missing) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Resource;
    use crate::fakes::Sent;

    #[tokio::test]
    async fn only_loopback_callers_are_the_developer() {
        let resource = Resource::parse("http://localhost/mcp").expect("a URL");
        let alice = Principal::new("alice");
        for (peer, granted) in [
            (Some("127.0.0.1"), true),
            (Some("127.8.9.1"), true),
            (Some("::1"), true),
            (Some("::ffff:127.0.0.1"), true),
            (Some("10.0.0.1"), false),
            (Some("::ffff:10.0.0.1"), false),
            (Some("0.0.0.0"), false),
            (None, false),
        ] {
            let headers = Sent::new(&[("x-forwarded-for", "127.0.0.1")]);
            let credentials = Credentials::new(&headers, peer.map(|peer| peer.parse().expect("an address")), &resource);
            let verdict = Development::new(alice.clone()).authenticate(credentials).await;
            assert_eq!(verdict, granted.then(|| alice.clone()).ok_or(AuthError::Missing), "{peer:?}");
        }
    }
}
