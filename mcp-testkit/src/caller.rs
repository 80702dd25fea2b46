//! On whose behalf a server is called.

use async_trait::async_trait;
use mcp_parity::auth::{AuthError, Authenticate, Credentials};
use mcp_parity::{Principal, ScopeSet, Tier};

/// A principal under test, and what to call it in reports.
#[derive(Clone, Debug)]
pub struct Caller {
    label: String,
    principal: Principal,
    /// How a program of its own is told of this caller, if it can be: the value of `MCP_SCOPES`.
    local_scopes: Option<Option<String>>,
}

impl Caller {
    /// What to call it in reports.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Who it is.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// What to set `MCP_SCOPES` to so that a program takes whoever launches it for this caller;
    /// `None` if no setting does that.
    pub(crate) fn launch_scopes(&self) -> Option<Option<&str>> {
        self.local_scopes.as_ref().map(Option::as_deref)
    }
}

/// A caller who did not say who it is.
pub fn anonymous() -> Caller {
    principal("anonymous", Principal::anonymous())
}

/// Whoever launched the process: every scope, every tier.
pub fn local() -> Caller {
    Caller { local_scopes: Some(None), ..principal("local", Principal::local()) }
}

/// Whoever launched the process, narrowed to these scopes as with `MCP_SCOPES`.
pub fn local_with(scopes: &str) -> Caller {
    let narrowed = Principal::local().with_scopes(ScopeSet::parse(scopes));
    Caller { local_scopes: Some(Some(scopes.to_owned())), ..principal(&format!("local with {scopes}"), narrowed) }
}

/// Somebody who signed in and holds these scopes, separated by spaces.
pub fn scopes(list: &str) -> Caller {
    principal(&format!("scopes {list}"), Principal::new("tester").with_scopes(ScopeSet::parse(list)))
}

/// A service that signed in for itself and holds these scopes, separated by spaces.
pub fn service(list: &str) -> Caller {
    let scopes = ScopeSet::parse(list);
    principal(
        &format!("service with {list}"),
        Principal::new("nightly").with_client("nightly").with_tier(Tier::Service).with_scopes(scopes),
    )
}

/// Any other principal.
pub fn principal(label: &str, principal: Principal) -> Caller {
    Caller { label: label.to_owned(), principal, local_scopes: None }
}

/// The bearer token by which the caller at this place in the list is known over HTTP.
pub(crate) fn token(index: usize) -> String {
    format!("caller-{index}")
}

/// Tells callers apart by the tokens of [`token`].
pub(crate) struct Callers(pub(crate) Vec<Principal>);

#[async_trait]
impl Authenticate for Callers {
    async fn authenticate(&self, credentials: Credentials<'_>) -> Result<Principal, AuthError> {
        let token = credentials.bearer()?.ok_or(AuthError::Missing)?.expose();
        let index: Option<usize> = token.strip_prefix("caller-").and_then(|index| index.parse().ok());
        index.and_then(|index| self.0.get(index)).cloned().ok_or(AuthError::invalid("the token is unknown"))
    }
}
