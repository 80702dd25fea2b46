//! Deciding who a caller is.

use std::future::{Future as _, poll_fn};
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use mcp_core::Principal;

use crate::{AuthError, Credentials};

/// When to ask again a provider that panicked.
const AFTER_PANIC: Duration = Duration::from_secs(5);

/// Decides who a caller is. Implemented by identity providers, and by users for their own.
#[async_trait]
pub trait Authenticate: Send + Sync + 'static {
    /// Decides who the caller is.
    ///
    /// A request without credentials may be let in as [`Principal::anonymous`]; one with
    /// credentials that do not verify must be refused. A panic counts as [`AuthError::Unavailable`].
    ///
    /// # Errors
    /// Why the caller is refused.
    async fn authenticate(&self, credentials: Credentials<'_>) -> Result<Principal, AuthError>;

    /// The issuers of the tokens it takes, as protected resource metadata names them (RFC 9728, section 2).
    fn issuers(&self) -> Vec<String> {
        Vec::new()
    }
}

/// How an HTTP endpoint finds out who is calling.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Authenticator {
    /// It does not: everybody is anonymous. Only for servers whose items ask for nothing.
    #[default]
    Nobody,
    /// Every caller from a loopback address is the local developer with every scope;
    /// everybody else is refused.
    LocalDeveloper,
    /// By asking a provider.
    Provider(Arc<dyn Authenticate>),
}

impl std::fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Nobody => "Nobody",
            Self::LocalDeveloper => "LocalDeveloper",
            Self::Provider(_) => "Provider",
        })
    }
}

impl Authenticator {
    /// Whether callers can be told apart.
    pub fn identifies(&self) -> bool {
        !matches!(self, Self::Nobody)
    }

    /// Decides who the caller is.
    ///
    /// # Errors
    /// Why the caller is refused.
    pub async fn authenticate(&self, credentials: Credentials<'_>) -> Result<Principal, AuthError> {
        match self {
            Self::Nobody => Ok(Principal::anonymous()),
            Self::LocalDeveloper if credentials.peer().is_some_and(is_loopback) => Ok(Principal::local()),
            Self::LocalDeveloper => Err(AuthError::Missing),
            Self::Provider(provider) => ask(&**provider, credentials).await,
        }
    }
}

/// Asks a provider. One that panics has decided nothing; its caller is answered all the same, and so are the others.
async fn ask(provider: &dyn Authenticate, credentials: Credentials<'_>) -> Result<Principal, AuthError> {
    let mut asking = pin!(async { provider.authenticate(credentials).await });
    // What panicked is not polled again.
    poll_fn(|cx| {
        let polled = catch_unwind(AssertUnwindSafe(|| asking.as_mut().poll(cx)));
        polled.unwrap_or(Poll::Ready(Err(AuthError::Unavailable { retry_after: AFTER_PANIC })))
    })
    .await
}

/// Whether an address is this machine's own, IPv4 mapped into IPv6 included.
pub(crate) fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct NoHeaders;

    impl mcp_core::Headers for NoHeaders {
        fn get(&self, _name: &str) -> Option<&[u8]> {
            None
        }

        fn repeats(&self, _: &str) -> bool {
            false
        }
    }

    #[tokio::test]
    async fn only_loopback_is_the_local_developer() {
        let resource = crate::Resource::parse("http://localhost/mcp").expect("a URL");
        for (peer, granted) in
            [(Some("127.0.0.1"), true), (Some("::1"), true), (Some("::ffff:127.0.0.1"), true), (Some("192.0.2.1"), false), (None, false)]
        {
            let peer = peer.map(|text| text.parse().expect("an address"));
            let verdict = Authenticator::LocalDeveloper.authenticate(Credentials::new(&NoHeaders, peer, &resource)).await;
            assert_eq!(verdict.is_ok(), granted, "{peer:?}");
        }
    }
}
