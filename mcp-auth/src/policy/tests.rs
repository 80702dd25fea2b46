//! Policies, by table.

use std::sync::Arc;

use async_trait::async_trait;
use mcp_core::{Headers, Tier};

use super::*;
use crate::{Authenticate, Credentials, Resource};

/// Checks who comes in with which scopes and tier; `None` is not admitted.
fn check(policy: &Policy, principal: &Principal, expected: Option<(&str, Tier)>) {
    match (policy.apply(principal.clone()), expected) {
        (Ok(found), Some((scopes, tier))) => {
            assert_eq!((found.scopes(), found.tier()), (&ScopeSet::parse(scopes), tier), "{principal:?}");
        }
        (Err(error), None) => assert_eq!(error, AuthError::NotAdmitted),
        (found, _) => panic!("{principal:?} became {found:?}, not {expected:?}"),
    }
}

fn caller(subject: &str, scopes: &str) -> Principal {
    let claims = serde_json::json!({"email": format!("{subject}@example.com"), "email_verified": true, "groups": ["staff"]});
    Principal::new(subject)
        .with_issuer("https://issuer.example")
        .with_scopes(ScopeSet::parse(scopes))
        .with_claims(claims.as_object().expect("an object").clone())
}

fn members(list: &[&str]) -> Vec<Member> {
    list.iter().map(|text| text.parse().expect("a member")).collect()
}

/// What the proxy of recorded connections is configured as: `admin` for listed users, `user mcp` for everybody.
fn proxy(grant: Grant) -> Policy {
    Policy::new()
        .role("admin", Role::of(members(&["alice@example.com"])).giving_scopes(["admin"]).giving_tier(Tier::Admin))
        .role("everybody", Role::of([Member::Everybody]).giving_scopes(["user", "mcp"]))
        .grant(grant)
}

#[test]
fn without_roles_callers_hold_what_their_tokens_give() {
    let policy = Policy::new();
    check(&policy, &caller("alice", "a b"), Some(("a b", Tier::Public)));
    check(&policy, &caller("alice", "a").with_tier(Tier::Service), Some(("a", Tier::Service)));
    check(&policy, &Principal::anonymous(), Some(("", Tier::Public)));
}

#[test]
fn roles_give_no_more_than_the_token() {
    let policy = proxy(Grant::Intersect);
    check(&policy, &caller("alice", "admin user mcp"), Some(("admin user mcp", Tier::Admin)));
    check(&policy, &caller("alice", "mcp"), Some(("mcp", Tier::Admin)));
    check(&policy, &caller("alice", "openid email"), Some(("", Tier::Admin)));
    check(&policy, &caller("bob", "admin user mcp"), Some(("user mcp", Tier::Public)));
    check(&policy, &caller("alice", "").with_scopes(ScopeSet::All), Some(("admin user mcp", Tier::Admin)));
}

#[test]
fn roles_give_everything_only_if_told_to() {
    let policy = proxy(Grant::Role);
    check(&policy, &caller("alice", "openid"), Some(("admin user mcp", Tier::Admin)));
    check(&policy, &caller("bob", "admin"), Some(("user mcp", Tier::Public)));
    check(&policy, &Principal::anonymous(), Some(("", Tier::Public)));
}

#[test]
fn roles_without_scopes_leave_scopes_alone() {
    let policy = Policy::new().role("developer", Role::of(members(&["group:staff"])).giving_tier(Tier::Developer)).grant(Grant::Role);
    check(&policy, &caller("alice", "a"), Some(("a", Tier::Developer)));
    check(&policy, &Principal::new("nobody").with_scopes(ScopeSet::parse("a")), Some(("a", Tier::Public)));
}

#[test]
fn admission_comes_before_roles() {
    let policy = proxy(Grant::Role).admit(members(&["@example.com", "robot"]));
    check(&policy, &caller("bob", ""), Some(("user mcp", Tier::Public)));
    check(&policy, &Principal::new("robot"), Some(("user mcp", Tier::Public)));
    check(&policy, &Principal::new("mallory"), None);
    check(&Policy::new().admit([]), &caller("alice", "a"), None);
    check(&Policy::new().admit([]), &Principal::anonymous(), Some(("", Tier::Public)));
}

#[test]
fn hierarchy_and_limit_apply_to_tokens_and_roles() {
    let hierarchy = ScopeHierarchy::new().implies("admin", ["write"]).implies("write", ["read"]);
    let policy = Policy::new()
        .role("staff", Role::of(members(&["group:staff"])).giving_scopes(["write"]))
        .role("root", Role::of(members(&["root"])).giving_scopes(["admin"]))
        .hierarchy(hierarchy);
    check(&policy, &caller("alice", "admin"), Some(("write read", Tier::Public)));
    check(&policy, &caller("alice", "read"), Some(("read", Tier::Public)));
    check(&policy, &caller("root", "admin"), Some(("admin write read", Tier::Public)));
    let limited = policy.allowed_scopes(["write"]);
    check(&limited, &caller("root", "admin"), Some(("write read", Tier::Public)));
    check(&limited.grant(Grant::Role), &caller("root", ""), Some(("write read", Tier::Public)));
}

#[test]
fn a_role_may_be_kept_to_issuers() {
    let role = |issuer: &str| Role::of(members(&["alice"])).from_issuers([issuer]).giving_tier(Tier::Admin);
    let alice = caller("alice", "");
    check(&Policy::new().role("admin", role("https://issuer.example")), &alice, Some(("", Tier::Admin)));
    check(&Policy::new().role("admin", role("https://issuer.example/")), &alice, Some(("", Tier::Public)));
    check(&Policy::new().role("admin", role("https://issuer.example")), &Principal::new("alice"), Some(("", Tier::Public)));
}

#[test]
fn policies_are_read_from_toml() {
    let policy: Policy = toml::from_str(
        r#"
        admit = ["@example.com", "subject:robot"]
        allowed_scopes = ["admin"]
        grant = "role"
        groups_claim = "teams"
        [hierarchy]
        admin = ["user", "mcp"]
        [roles.admin]
        members = ["alice@example.com"]
        issuers = ["https://issuer.example"]
        scopes = ["admin", "other"]
        tier = "admin"
        [roles.service]
        members = ["robot"]
        tier = "service"
        "#,
    )
    .expect("a policy");
    check(&policy, &caller("alice", ""), Some(("admin user mcp", Tier::Admin)));
    check(&policy, &caller("bob", "admin"), Some(("", Tier::Public)));
    check(&policy, &Principal::new("robot"), Some(("", Tier::Service)));
    check(&policy, &Principal::new("mallory"), None);
    for wrong in ["admit = [\"\"]", "roles.a = {}", "roles.a = { members = [], tier = \"root\" }", "grants = \"role\"", "grant = \"both\""]
    {
        assert!(toml::from_str::<Policy>(wrong).is_err(), "{wrong}");
    }
}

struct Known(Result<Principal, AuthError>);

#[async_trait]
impl Authenticate for Known {
    async fn authenticate(&self, _: Credentials<'_>) -> Result<Principal, AuthError> {
        self.0.clone()
    }

    fn issuers(&self) -> Vec<String> {
        vec!["https://issuer.example".to_owned()]
    }
}

struct NoHeaders;

impl Headers for NoHeaders {
    fn get(&self, _: &str) -> Option<&[u8]> {
        None
    }

    fn repeats(&self, _: &str) -> bool {
        false
    }
}

#[tokio::test]
async fn a_guarded_provider_applies_the_policy() {
    let resource = Resource::parse("http://localhost/mcp").expect("a URL");
    for (identified, expected) in [
        (Ok(caller("bob", "user")), Ok("user")),
        (Ok(Principal::new("mallory")), Err(AuthError::NotAdmitted)),
        (Err(AuthError::Missing), Err(AuthError::Missing)),
    ] {
        let guarded = proxy(Grant::Intersect).admit(members(&["@example.com"])).guarding(Arc::new(Known(identified)));
        let found = guarded.authenticate(Credentials::new(&NoHeaders, None, &resource)).await;
        assert_eq!(found.map(|principal| principal.scopes().to_string()), expected.map(str::to_owned));
        assert_eq!(Authenticate::issuers(&guarded), ["https://issuer.example"]);
    }
}
