//! A provider whose callers a policy is applied to.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use mcp_core::Principal;

use super::Policy;
use crate::{AuthError, Authenticate, Credentials};

/// Identifies callers as another provider does, then applies a policy to them.
pub struct WithPolicy {
    provider: Arc<dyn Authenticate>,
    policy: Policy,
}

impl fmt::Debug for WithPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WithPolicy").field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl Policy {
    /// A provider that identifies callers as `provider` does, then applies this policy.
    pub fn guarding(self, provider: Arc<dyn Authenticate>) -> WithPolicy {
        WithPolicy { provider, policy: self }
    }
}

#[async_trait]
impl Authenticate for WithPolicy {
    async fn authenticate(&self, credentials: Credentials<'_>) -> Result<Principal, AuthError> {
        self.policy.apply(self.provider.authenticate(credentials).await?)
    }

    fn issuers(&self) -> Vec<String> {
        self.provider.issuers()
    }
}
