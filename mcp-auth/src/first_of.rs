//! Several providers, asked one after the other.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use mcp_core::Principal;

use crate::{AuthError, Authenticate, Credentials};

/// Asks several providers in order until one knows the caller.
///
/// Only [`AuthError::NotMine`] and [`AuthError::Missing`] let the next one answer. Who refuses a token
/// has the last word, and so has who cannot decide now: what a later provider makes of a token that is
/// not its own would send the client away with a refusal that nobody meant.
#[derive(Clone)]
pub struct FirstOf(Vec<Arc<dyn Authenticate>>);

impl fmt::Debug for FirstOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FirstOf").field("providers", &self.0.len()).finish()
    }
}

impl FirstOf {
    /// Asks these providers, the first one first.
    #[must_use]
    pub fn new(providers: Vec<Arc<dyn Authenticate>>) -> Self {
        Self(providers)
    }
}

#[async_trait]
impl Authenticate for FirstOf {
    async fn authenticate(&self, credentials: Credentials<'_>) -> Result<Principal, AuthError> {
        let mut verdict = AuthError::Missing;
        for provider in &self.0 {
            match provider.authenticate(credentials).await {
                Err(AuthError::NotMine) => verdict = AuthError::invalid("no provider knows this token"),
                Err(AuthError::Missing) => {}
                decided => return decided,
            }
        }
        Err(verdict)
    }

    fn issuers(&self) -> Vec<String> {
        let mut issuers: Vec<String> = Vec::new();
        for issuer in self.0.iter().flat_map(|provider| provider.issuers()) {
            if !issuers.contains(&issuer) {
                issuers.push(issuer);
            }
        }
        issuers
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::Resource;
    use crate::fakes::Sent;

    struct Always(Result<&'static str, AuthError>, &'static [&'static str]);

    #[async_trait]
    impl Authenticate for Always {
        async fn authenticate(&self, _: Credentials<'_>) -> Result<Principal, AuthError> {
            self.0.clone().map(Principal::new)
        }

        fn issuers(&self) -> Vec<String> {
            self.1.iter().map(|issuer| (*issuer).to_owned()).collect()
        }
    }

    fn first_of(verdicts: Vec<Always>) -> FirstOf {
        FirstOf::new(verdicts.into_iter().map(|verdict| Arc::new(verdict) as Arc<dyn Authenticate>).collect())
    }

    #[tokio::test]
    async fn only_not_mine_and_missing_fall_through() {
        let (missing, not_mine, wrong) = (AuthError::Missing, AuthError::NotMine, AuthError::invalid("wrong"));
        let unknown = AuthError::invalid("no provider knows this token");
        let away = AuthError::Unavailable { retry_after: Duration::from_secs(5) };
        for (verdicts, decided) in [
            (vec![], Err(&missing)),
            (vec![Err(&missing), Err(&missing)], Err(&missing)),
            (vec![Err(&not_mine), Err(&missing)], Err(&unknown)),
            (vec![Err(&missing), Err(&not_mine)], Err(&unknown)),
            (vec![Err(&not_mine), Err(&missing), Ok("alice"), Ok("bob")], Ok("alice")),
            (vec![Err(&wrong), Ok("alice")], Err(&wrong)),
            (vec![Err(&away), Ok("alice")], Err(&away)),
            (vec![Err(&not_mine), Err(&away), Err(&wrong)], Err(&away)),
            (vec![Err(&AuthError::NotAdmitted), Ok("alice")], Err(&AuthError::NotAdmitted)),
        ] {
            let providers = first_of(verdicts.iter().map(|verdict| Always(verdict.map_err(Clone::clone), &[])).collect());
            let resource = Resource::parse("http://localhost/mcp").expect("a URL");
            let found = providers.authenticate(Credentials::new(&Sent::new(&[]), None, &resource)).await;
            assert_eq!(found.as_ref().map(|principal| principal.subject().unwrap_or_default()), decided, "{verdicts:?}");
        }
    }

    #[test]
    fn issuers_are_named_once() {
        let providers = first_of(vec![Always(Ok("a"), &["one", "two"]), Always(Ok("b"), &[]), Always(Ok("c"), &["two", "three"])]);
        assert_eq!(providers.issuers(), ["one", "two", "three"]);
    }
}
